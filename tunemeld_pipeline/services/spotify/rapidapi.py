"""Spotify: playlists, look-ups and play counts.

Its paths are those of spotify23 on RapidAPI, of Spotify's own Web API (used for look-ups where its credentials are set) and of oEmbed; the
formats of their answers are in `formats.py`.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from math import ceil
from typing import Any

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    QuotaExhausted,
    UpstreamError,
    UpstreamUnavailable,
)
from tunemeld_pipeline.plugins.contract import RAPIDAPI_KEY, Purpose
from tunemeld_pipeline.services.spotify import ACCOUNTS, CLIENT_ID, CLIENT_SECRET, GATEWAY, OEMBED, SERVICE, WEB_API
from tunemeld_pipeline.services.spotify import formats as spotify
from tunemeld_pipeline.services.spotify.counts import (
    CACHE,
    look_up_tracks,
    on_own_list,
    play_counts,
    together,
    track_and_album,
)
from tunemeld_pipeline.upstream.answers import FetchedPlaylist, SearchHit
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.client_credentials import ClientCredentials
from tunemeld_pipeline.upstream.counts import Charted, Counted, or_lookup_error
from tunemeld_pipeline.upstream.expected import ExpectedCalls
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.listed_counts import counts_on_list
from tunemeld_pipeline.upstream.lookups import BATCH_SIZE, Wanted, note_presence, sorted_out
from tunemeld_pipeline.upstream.oembed import read_oembed
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import CountClient, IsrcClient, ListClient
from tunemeld_pipeline.wire_formats.reading import ReadItems, by_id

PAGE_SIZE = 100
ALBUM_PAGE_SIZE = 300
TRACKS_PER_CALL = 50
SEARCH_RESULTS = 10
"""The Web API answers 400 to more in development mode since February 2026."""

A_TRACK = "4cOdK2wGLETKBW3PvgPWqT"
"""Where it is missing, as in the sandbox, the answer says so, and the key is accepted anyway."""


class SpotifyClient(ListClient, CountClient, IsrcClient):
    """Spotify: a genre's playlist, recordings by words or by id, and an album's play counts."""

    describes = True
    description_is_paid = True
    rows_per_call = PAGE_SIZE

    _credentials: ClientCredentials

    @property
    def client(self) -> HttpClient:
        """The client whose threads concurrent look-ups and counts run on."""
        return self._clients[GATEWAY.key]

    def _make_clients(self) -> dict[str, HttpClient]:
        clients = {GATEWAY.key: self._rapidapi_client(GATEWAY.key), OEMBED.key: self._client(OEMBED.key)}
        if self.is_set(CLIENT_ID.name):
            for host in (WEB_API, ACCOUNTS):
                clients[host.key] = self._client(host.key, read_error=_read_web_api_error)
            named = self.setting(CLIENT_ID.name), self.setting(CLIENT_SECRET.name)
            self._credentials = ClientCredentials(clients[ACCOUNTS.key], "/api/token", *named)
        return clients

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """One track, which has been there for a decade; a search by the Web API's client, where there is one."""
        web_api = [("SPOTIFY_CLIENT_ID and _SECRET", partial(self.search, "Believe", "Cher"))]
        return [(RAPIDAPI_KEY.name, partial(self.isrcs, [A_TRACK])), *(web_api if self.is_set(CLIENT_ID.name) else [])]

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        playlist_id = SERVICE.playlist_id(playlist.url)
        client, budget = self._clients[GATEWAY.key], self._pay("spotify", Purpose.COUNTS)

        def fetch(offset: int) -> Page:
            params: dict[str, str | int] = {"id": playlist_id, "offset": offset, "limit": PAGE_SIZE}
            return client.get("/playlist_tracks/", params, lambda answer: read_page(answer, offset), budget=budget)

        return all_pages(self.label, fetch)

    def description(self, playlist: Playlist) -> PlaylistDescription:
        """The playlist's name, description and cover; by oEmbed, which has no description, where the gateway has none.

        Raises:
            UpstreamError: nothing usable came from either.
        """
        try:
            reading = self._clients[GATEWAY.key].get(
                "/playlist/",
                {"id": SERVICE.playlist_id(playlist.url)},
                read_description,
                budget=self._pay("spotify", Purpose.COUNTS),
            )
            return self._noted("description", reading)[0]
        except UpstreamError:
            reading = self._clients[OEMBED.key].get("", {"url": playlist.url}, read_oembed, budget=UnlimitedBudget())
            return self._noted("oembed", reading)[0]

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        """At most ten tracks that Spotify finds for these words, its best first.

        Args:
            again: whether the same was asked before and not found, so that others go first.

        Raises:
            UpstreamError: no list came.
        """
        if WEB_API.key in self._clients:
            reading = self._clients[WEB_API.key].request(
                "GET",
                "/search",
                read_web_api_search,
                params={"q": f"track:{title} artist:{artist}", "type": "track", "limit": SEARCH_RESULTS},
                headers={"Authorization": f"Bearer {self._credentials.token()}"},
                budget=UnlimitedBudget(),
            )
            return self._noted("search", reading)
        reading = self._clients[GATEWAY.key].get(
            "/search/",
            {
                "q": f"{title} {artist}",
                "type": "tracks",
                "offset": 0,
                "limit": SEARCH_RESULTS,
                "numberOfTopResults": 5,
            },
            read_search,
            # What is found is worth nothing without the next call, which fetches its ISRC or its plays.
            budget=self._pay("spotify", Purpose.REST if again else Purpose.LOOKUPS, leaving=1),
        )
        return self._noted("search", reading)

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """The ISRCs of tracks by their ids, fifty ids a call; tracks without one are left out.

        Raises:
            UpstreamError: a call gave no list.
        """
        found: dict[str, str] = {}
        for start in range(0, len(track_ids), TRACKS_PER_CALL):
            reading = self._clients[GATEWAY.key].get(
                "/tracks/",
                {"ids": ",".join(track_ids[start : start + TRACKS_PER_CALL])},
                read_isrcs,
                budget=self._pay("spotify", Purpose.LOOKUPS),
            )
            found |= {track: isrc for track, isrc in self._noted("tracks", reading) if isrc}
        return found

    def keep_found(self, found: Mapping[str, Mapping[str, str]], at: datetime) -> None:
        """What was found names the track and album too: play counts need no further look-up."""
        self.store.lookups.remember(CACHE, {isrc: dict(facts) for isrc, facts in found.items()}, "isrc_lookup", at)

    def expected_isrcs(self, searches: int) -> list[ExpectedCalls]:
        """A search each; the gateway's searches bring no ISRC, which takes a call for each batch."""
        if self.is_set(CLIENT_ID.name):
            return [ExpectedCalls(None, searches, "ISRC look-ups")]
        return [
            ExpectedCalls("spotify", searches, "ISRC look-ups"),
            ExpectedCalls("spotify", ceil(searches / BATCH_SIZE), "ISRCs of what is found"),
        ]

    def expected_counts(self, charted: Charted) -> list[ExpectedCalls]:
        """A call an album, and a search for each track that is not known yet."""
        known, unknown, _ = self._known(charted)
        shown = counts_on_list(self.key, charted).counts
        albums = {album for track, (_, album) in charted.in_order(known).items() if track not in shown}
        searches = None if self.is_set(CLIENT_ID.name) else "spotify"
        return [
            ExpectedCalls("spotify", len(albums), "counts of albums"),
            ExpectedCalls(searches, len(unknown), "track look-ups"),
        ]

    def _known(self, charted: Charted) -> tuple[dict[str, tuple[str, str]], list[Wanted], list[Wanted]]:
        """The tracks and albums known already, what a look-up would need a call for, and all that is not on Spotify's own list."""
        listed = on_own_list(self.key, charted.lists)
        missing = [want for want in charted.wanted() if want.key not in listed]
        found, unknown = sorted_out(self.store, CACHE, missing, charted.at)
        return listed | track_and_album(found), unknown, missing

    def count(self, charted: Charted) -> Counted:
        """Today's plays: of the tracks already known first; look-ups use the remaining budget, and what they find is counted after them.

        What the list itself shows, where it was read from Spotify's page, is the same number, and takes no call.
        """
        known, _, missing = self._known(charted)
        shown = counts_on_list(self.key, charted)
        asked = {key: found for key, found in charted.in_order(known).items() if key not in shown.counts}
        counted = together(shown, play_counts(self, asked))
        self.settle("spotify", Purpose.COUNTS, waiting=counted.unanswered)
        report = look_up_tracks(self.store, self, missing, charted.at)
        new = {key: found for key, found in track_and_album(report.facts).items() if key not in known}
        counts = together(counted, play_counts(self, charted.in_order(new)))
        self.settle("spotify", Purpose.COUNTS, waiting=counts.unanswered)
        self.settle("spotify", Purpose.LOOKUPS, waiting=report.deferred)
        note_presence(self.store, CACHE, missing, report, counts, charted.at)
        return Counted(
            or_lookup_error(counts, report),
            covers={key: facts["cover_url"] for key, facts in report.facts.items() if "cover_url" in facts},
            numbers={
                "track_lookups/asked": report.asked,
                "track_lookups/deferred": report.deferred,
                "track_lookups/verified": report.verified,
                "tracks_left_out": len(counts.left_out),
            },
        )

    def play_counts(self, album_id: str, track_ids: Sequence[str] = ()) -> dict[str, int | None]:
        """The plays of each track of an album, by track id, None where they are not shown; one call, or one for each 300 tracks.

        Of `track_ids` those that the album does not have are left out, unless it could not be read to its end.

        Raises:
            UpstreamError: a call gave no list.
        """
        counts: dict[str, int | None] = {}
        offset, whole = 0, True
        while True:
            try:
                page = self._album_page(album_id, offset)
            except (NotFound, MalformedResponse):
                if offset == 0:
                    raise
                whole = False
                break
            read = self._noted("album_tracks", page.plays)
            new = {track for track, _ in read} - counts.keys()
            counts = by_id([*counts.items(), *read])
            more = page.says_more(offset)
            # Which track an entry without a readable id is cannot be known: then none is taken for gone.
            whole = whole and not page.plays.irregular
            if not new and (more or offset):  # the same page again, or an empty one
                whole = False
            if not (new and more):
                break
            offset += page.entries
        return counts if whole else {**dict.fromkeys(track_ids), **counts}

    def _album_page(self, album_id: str, offset: int) -> "AlbumPage":
        params: dict[str, str | int] = {"id": album_id, "offset": offset, "limit": ALBUM_PAGE_SIZE}
        return self._clients[GATEWAY.key].get(
            "/album_tracks/", params, read_album, budget=self._pay("spotify", Purpose.COUNTS)
        )


def _read_web_api_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """The Web API's `{"error": {"status", "message", "reason"?}}`, and the accounts service's `{"error": "invalid_client"}`."""
    error = data.get("error") if isinstance(data, dict) else None
    code = error.get("status") if isinstance(error, dict) else status
    if isinstance(error, dict) and error.get("reason") == "QUOTA_EXCEEDED":
        return QuotaExhausted.of_the_upstream(service, "Web API's quota", "without our doing")
    if code == 429:
        return UpstreamUnavailable(service, "the Web API's rate limit was hit", retry_after=retry_after(headers))
    if code in (401, 403) or error in ("invalid_client", "unauthorized_client"):
        return CredentialsRefused(
            service, "the Web API refused the client", remedy="check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
        )
    return None


def read_page(answer: Answer, offset: int) -> Page:
    """A page of a playlist, requested from `offset` on."""
    unreadable = Counter[str]()
    read = spotify.PLAYLIST_PAGE.read(answer.data, unreadable)
    rows = len(read["items"])
    # A service may send shorter pages than requested, and says so.
    limit = read["limit"] if read["limit"] and read["limit"] <= PAGE_SIZE else None
    step = min(PAGE_SIZE, max(limit or PAGE_SIZE, rows))
    following = None
    if read["more"]:
        said = read["next_offset"]
        plausible = said is not None and offset + rows <= said <= offset + PAGE_SIZE
        following = said if plausible else offset + (step if limit else rows)
    return page_of(answer, rows, step, following, unreadable="next" in unreadable)


def read_description(answer: Answer) -> ReadItems[PlaylistDescription]:
    """A playlist's name, cover and description."""
    return spotify.PLAYLIST.read_one(answer.data, lambda values: PlaylistDescription(**values))


def read_search(answer: Answer) -> ReadItems[SearchHit]:
    """The tracks that the gateway's search found; it gives no ISRC."""
    return spotify.SEARCH_ITEM.read_answer(
        spotify.SEARCH.read(answer.data)["items"], lambda values: SearchHit(**values, isrc=None)
    )


def read_web_api_search(answer: Answer) -> ReadItems[SearchHit]:
    """The tracks that the Web API's search found."""
    return spotify.WEB_API_TRACK.read_answer(
        spotify.WEB_API_SEARCH.read(answer.data)["items"], lambda values: SearchHit(**values)
    )


def read_isrcs(answer: Answer) -> ReadItems[tuple[str, str | None]]:
    """Each track's id and ISRC, None where it has none."""
    return spotify.TRACKS_ITEM.read_answer(
        spotify.TRACKS.read(answer.data)["tracks"], lambda values: (values["track_id"], values["isrc"])
    )


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """A page of an album: each track's id and plays, None where none are shown; its entries; how many the album has, where it says so."""

    plays: ReadItems[tuple[str, int | None]]
    entries: int
    total: int | None

    def says_more(self, offset: int) -> bool:
        """Whether the album goes on after this page, the one at `offset`; a total smaller than what came means nothing."""
        seen = offset + self.entries
        return self.entries >= ALBUM_PAGE_SIZE if self.total is None or self.total < seen else seen < self.total


def read_album(answer: Answer) -> AlbumPage:
    """A page of an album's play counts."""
    if spotify.is_no_album(answer.data):
        raise NotFound("Spotify", "/album_tracks/ knows no such album")
    unreadable = Counter[str]()
    read = spotify.ALBUM.read(answer.data, unreadable)
    items, total = read["items"], read["total"]
    if not items and total is None:
        raise ValueError("an album has a number of tracks")
    plays = spotify.ALBUM_ITEM.read_answer(items, lambda values: (values["track_id"], values["plays"]))
    plays.unreadable += unreadable
    return AlbumPage(plays, len(items), total)
