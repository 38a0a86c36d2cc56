"""Apple Music's public page of a playlist: the whole list, without ISRCs.

The page is requested as what we are, and only with the operator's consent; Apple's terms restrict automated reading. Of the
page only the list is kept, cut to what `page_formats.py` reads.
"""

import json
from typing import Any, ClassVar
from urllib.parse import urlsplit

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.services.apple_music import page_formats as page
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.page_client import PageClient


class AppleMusicPageClient(PageClient):
    """Apple Music's page of a genre's playlist."""

    page: ClassVar[str] = "apple_music_page"

    def path(self, playlist: Playlist) -> str:
        return urlsplit(playlist.url).path

    def state(self, text: str) -> Any:
        return page.state_in(text)

    def read_state(self, state: Any, playlist: Playlist) -> FetchedPlaylist:  # noqa: ARG002
        body = page.list_in(state)
        page.PLAYLIST.read(body)
        return FetchedPlaylist(json.dumps(body, ensure_ascii=False), (body,))
