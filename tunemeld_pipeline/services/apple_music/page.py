"""Apple Music's public page of a playlist: the whole list, without ISRCs.

The page is requested as what we are, and only where the operator has named this source; Apple's terms restrict automated reading. Of the
page only the list is kept, cut to what `page_formats.py` reads.
"""

import json
from urllib.parse import urlsplit

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.services.apple_music import page_formats as page
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.service_client import ListClient


class AppleMusicPageClient(ListClient):
    """Apple Music's page of a genre's playlist."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {"apple_music_page": self._client("apple_music_page", {"Accept": "text/html"})}

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist.

        Raises:
            UpstreamError: no list came.
        """
        return self._clients["apple_music_page"].request(
            "GET", urlsplit(playlist.url).path, read_page, budget=UnlimitedBudget(), expect_json=False
        )


def read_page(answer: Answer) -> FetchedPlaylist:
    """The list of a page."""
    body = page.list_in(answer.text)
    page.PLAYLIST.read(body)
    return FetchedPlaylist(json.dumps(body, ensure_ascii=False), (body,))
