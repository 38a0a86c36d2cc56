"""The client of a source that reads a service's public pages: what robots.txt forbids is not read, and what is unchanged is not sent again.

A service's own page is in its folder. As all sources that need no key, pages are read once in 20 hours (`reading_once.py`), one request
after the other (`manners.py`).
"""

import json
from abc import abstractmethod
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import urlsplit

from protego import Protego

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound
from tunemeld_pipeline.storage.kept_reads import KeptRead
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.reading_once import read_once, unchanged
from tunemeld_pipeline.upstream.service_client import ListClient
from tunemeld_pipeline.wire_formats.pages import impersonal
from tunemeld_pipeline.wire_formats.reading import Irregular
from tunemeld_pipeline.wire_formats.received import loads

ROBOTS = "/robots.txt"
RULES_KEPT = timedelta(hours=24)
MOST_RULES = 500 * 1024
"""Characters of a file of rules that are read; RFC 9309 asks for 500 KiB at least."""

NO_RULES = frozenset({404, 410})


class PageClient(ListClient):
    """A service's public pages of playlists."""

    page: ClassVar[str]
    """The key of the pages' host."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {self.page: self._client(self.page, {"Accept": "text/html"})}

    @abstractmethod
    def path(self, playlist: Playlist) -> str:
        """The path of a playlist's page."""

    @abstractmethod
    def state(self, text: str) -> Any:
        """What the page's script holds.

        Raises:
            Irregular: the page has no such script.
        """

    @abstractmethod
    def read_state(self, state: Any, playlist: Playlist) -> FetchedPlaylist:
        """The list in it, cut to what its format reads.

        Raises:
            Irregular: the page has another format.
            NotFound: it says that there is no such list.
        """

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist.

        Raises:
            UpstreamError: no list came.
        """
        return self._asked(playlist, None)

    def _asked(self, playlist: Playlist, known: KeptRead | None) -> FetchedPlaylist:
        path = self.path(playlist)
        if self.is_polite:
            self._refuse_forbidden(path)

        states: list[Any] = []

        def parsed(answer: Answer) -> FetchedPlaylist:
            if answer.status == 304 and known is not None:
                return unchanged(known, self.label)
            states[:] = [self.state(answer.text)]
            return replace(self.read_state(states[0], playlist), etag=answer.etag)

        etag = known.etag if known is not None and known.body is not None else None
        try:
            return self._clients[self.page].request(
                "GET",
                path,
                parsed,
                budget=UnlimitedBudget(),
                expect_json=False,
                headers={"If-None-Match": etag} if etag else None,
                also=frozenset({304}) if etag else frozenset(),
            )
        except MalformedResponse as error:
            if states:
                error.body = json.dumps(impersonal(states[0]), ensure_ascii=False)
            raise

    def _reread(self, playlist: Playlist, earlier: KeptRead) -> FetchedPlaylist | None:
        if earlier.refused is None:
            return super()._reread(playlist, earlier)
        try:
            return self.read_state(loads(earlier.refused), playlist)
        except (Irregular, NotFound):
            return None

    def _refuse_forbidden(self, path: str) -> None:
        """Goes on where the host's robots.txt lets us read this path. It is read once a day; without its answer nothing is read.

        Raises:
            CredentialsRefused: it does not.
            UpstreamError: nobody knows, since it was not answered.
        """
        rules = read_once(
            self.store.kept_reads,
            f"{ROBOTS.strip('/')}/{self.page}",
            RULES_KEPT,
            self._rules,
            service=self.label,
            seconds=self.settings.etl_call_deadline,
        )
        # protego reads the path of an address alone, and so needs some host.
        if not Protego.parse(rules.body or "").can_fetch(f"https://{self.page}{path}", self.settings.app_name):
            host = urlsplit(self._host(self.page).address).netloc
            raise CredentialsRefused(
                self.label,
                f"the robots.txt of {host} does not let us read {path}",
                remedy="take another source of its lists; it is looked at again after a day",
            )

    def _rules(self, _: KeptRead | None) -> KeptRead:
        def text(answer: Answer) -> str:
            return "" if answer.status in NO_RULES else answer.text[:MOST_RULES]

        rules = self._clients[self.page].request(
            "GET", ROBOTS, text, budget=UnlimitedBudget(), expect_json=False, also=NO_RULES
        )
        return KeptRead(datetime.now(UTC), rules)
