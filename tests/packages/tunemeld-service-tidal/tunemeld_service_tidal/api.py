"""Tidal's API: a playlist's items from page to page, with a token for the operator's own application."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import CredentialsRefused, UpstreamError
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.client_credentials import ClientCredentials
from tunemeld_pipeline.upstream.paging import Page, all_pages
from tunemeld_pipeline.upstream.service_client import ListClient
from tunemeld_service_tidal import SERVICE
from tunemeld_service_tidal.reading import parameter

CURSOR = "page[cursor]"
REMEDY = "check TIDAL_CLIENT_ID and TIDAL_CLIENT_SECRET"


class TidalClient(ListClient):
    """Fetches Tidal's lists."""

    def _make_clients(self) -> dict[str, HttpClient]:
        clients = {key: self._client(key, {}, read_error) for key in ("tidal", "tidal_auth")}
        named = self.setting("TIDAL_CLIENT_ID"), self.setting("TIDAL_CLIENT_SECRET")
        self._application = ClientCredentials(clients["tidal_auth"], "/oauth2/token", *named)
        return clients

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end."""
        path = f"/playlists/{quote(SERVICE.playlist_id(playlist.url), safe='')}/relationships/items"
        asked = {"countryCode": self.setting("TIDAL_COUNTRY"), "include": "items,items.artists"}

        def fetch(offset: int) -> Page:
            page = self._clients["tidal"].request(
                "GET",
                path,
                lambda answer: read_page(answer, offset),
                params=asked,
                headers={"Authorization": f"Bearer {self._application.token()}"},
                budget=UnlimitedBudget(),
            )
            asked[CURSOR] = parameter(page.answer.data, "next", CURSOR) or ""
            return page

        return all_pages(self.label, fetch)


def read_page(answer: Answer, offset: int) -> Page:
    """A page; another follows where it names a cursor."""
    rows = len(answer.data["data"])
    return Page(answer, rows, offset + rows if parameter(answer.data, "next", CURSOR) and rows else None)


def read_error(service: str, status: int, _headers: Mapping[str, str], _data: Any) -> UpstreamError | None:
    """A refusal, which JSON:API and OAuth word differently, and with status 400 where the application is unknown."""
    if status in (400, 401, 403):
        return CredentialsRefused(service, "it refused the application", remedy=REMEDY)
    return None
