"""Spotify's public page of a playlist: the first 30 rows, with their play counts.

The page is requested as what we are, without a session or a token, and only where the operator has named this source; Spotify's guidelines
forbid scraping. Of the page only the list is kept, cut to what `page_formats.py` reads.
"""

import json
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import NotFound
from tunemeld_pipeline.services.spotify import SERVICE
from tunemeld_pipeline.services.spotify import page_formats as page
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.service_client import ListClient


class SpotifyPageClient(ListClient):
    """Spotify's page of a genre's playlist."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {"spotify_page": self._client("spotify_page", {"Accept": "text/html"})}

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist's first rows.

        Raises:
            UpstreamError: no list came.
        """
        identity = SERVICE.playlist_id(playlist.url)
        return self._clients["spotify_page"].request(
            "GET",
            f"/playlist/{quote(identity, safe='')}",
            lambda answer: read_page(answer, identity),
            budget=UnlimitedBudget(),
            expect_json=False,
        )


def read_page(answer: Answer, playlist_id: str) -> FetchedPlaylist:
    """The list of a page; NotFound where the page says that there is none."""
    body = page.list_in(answer.text, playlist_id)
    if body is None:
        raise NotFound(SERVICE.name, "its page says that there is no such playlist")
    page.PLAYLIST.read(body)
    return FetchedPlaylist(json.dumps(body, ensure_ascii=False), (body,))
