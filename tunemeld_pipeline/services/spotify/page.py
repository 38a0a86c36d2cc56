"""Spotify's public page of a playlist: the first 30 rows, with their play counts.

The page is requested as what we are, without a session or a token, and only with the operator's consent; Spotify's guidelines forbid
scraping. Of the page only the list is kept, cut to what `page_formats.py` reads.
"""

import json
from typing import Any, ClassVar
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import NotFound
from tunemeld_pipeline.services.spotify import SERVICE
from tunemeld_pipeline.services.spotify import page_formats as page
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.page_client import PageClient


class SpotifyPageClient(PageClient):
    """Spotify's page of a genre's playlist."""

    page: ClassVar[str] = "spotify_page"

    def path(self, playlist: Playlist) -> str:
        return f"/playlist/{quote(SERVICE.playlist_id(playlist.url), safe='')}"

    def state(self, text: str) -> Any:
        return page.state_in(text)

    def read_state(self, state: Any, playlist: Playlist) -> FetchedPlaylist:
        body = page.list_in(state, SERVICE.playlist_id(playlist.url))
        if body is None:
            raise NotFound(SERVICE.name, "its page says that there is no such playlist")
        page.PLAYLIST.read(body)
        return FetchedPlaylist(json.dumps(body, ensure_ascii=False), (body,))
