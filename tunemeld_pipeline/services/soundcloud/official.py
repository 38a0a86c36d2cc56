"""SoundCloud's playlists through its documented API, with the operator's own application.

An access token lasts an hour, and an application gets 50 of them in twelve hours: it is kept for a run and reused. A playlist's address is
resolved to its number, its facts come with one call, and its tracks page by page. The formats are in `official_formats.py`.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, TypeVar
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import CredentialsRefused, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.services.soundcloud import official_formats as api
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.client_credentials import ClientCredentials
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import ListClient

T = TypeVar("T")

PAGE_SIZE = 50
FOUND = frozenset({302})


class SoundCloudOfficialClient(ListClient):
    """SoundCloud's own API: a genre's playlist, page by page."""

    _credentials: ClientCredentials

    def _make_clients(self) -> dict[str, HttpClient]:
        hosts = ("soundcloud_api", "soundcloud_accounts")
        clients = {host: self._client(host, read_error=read_error) for host in hosts}
        named = self.setting("SOUNDCLOUD_CLIENT_ID"), self.setting("SOUNDCLOUD_CLIENT_SECRET")
        self._credentials = ClientCredentials(clients["soundcloud_accounts"], "/oauth/token", *named)
        return clients

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        identity = self._get("/resolve", {"url": playlist.url}, read_resolved, also=FOUND)
        path = f"/playlists/{quote(identity, safe=':')}"
        described = self._get(path, {"show_tracks": "false"}, read_facts)
        following: dict[str, str | int] = {"limit": PAGE_SIZE, "linked_partitioning": "true"}

        def fetch(offset: int) -> Page:
            nonlocal following
            facts = None if offset else described
            page, query = self._get(f"{path}/tracks", following, lambda answer: read_page(answer, offset, facts))
            following = {**query}
            return page

        return all_pages(self.label, fetch)

    def _get(
        self,
        path: str,
        params: Mapping[str, str | int],
        parse: Callable[[Answer], T],
        also: frozenset[int] = frozenset(),
    ) -> T:
        return self._clients["soundcloud_api"].request(
            "GET",
            path,
            parse,
            params=params,
            headers={"Authorization": f"OAuth {self._credentials.token()}"},
            budget=UnlimitedBudget(),
            also=also,
        )


def read_resolved(answer: Answer) -> str:
    """The id of the playlist behind an address."""
    return api.playlist_in(api.RESOLVED.read(answer.data)["location"])


def read_facts(answer: Answer) -> dict[str, Any]:
    """What a playlist says of itself, without its tracks."""
    return {name: value for name, value in answer.data.items() if name != "tracks"}


def read_page(answer: Answer, offset: int, facts: dict[str, Any] | None) -> tuple[Page, dict[str, str]]:
    """A page of a playlist's tracks, requested from `offset` on, and the parameters of the next one.

    The first page is kept with what the playlist says of itself, as `playlist`.
    """
    unreadable = Counter[str]()
    read = api.PAGE.read(answer.data, unreadable)
    if facts is not None:
        data = {"playlist": facts, **answer.data}
        answer = Answer(json.dumps(data, ensure_ascii=False), data)
    rows, query = len(read["rows"]), read["following"]
    following = offset + rows if query else None
    return page_of(answer, rows, PAGE_SIZE, following, unreadable="next_href" in unreadable), query or {}


def read_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """The API's `{"code", "message", "status"}`, and the accounts service's `{"error": "invalid_client"}`."""
    error = data.get("error") if isinstance(data, dict) else None
    code = data.get("code") if isinstance(data, dict) else None
    if status == 429 or code == 429:
        return UpstreamUnavailable(service, "its API's rate limit was hit", retry_after=retry_after(headers))
    if status in (401, 403) or code in (401, 403) or error in ("invalid_client", "unauthorized_client"):
        return CredentialsRefused(
            service,
            "its API refused the application",
            remedy="check SOUNDCLOUD_CLIENT_ID and SOUNDCLOUD_CLIENT_SECRET",
        )
    return None
