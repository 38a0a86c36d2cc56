"""Spotify: playlists, look-ups and play counts.

Its paths are those of spotify23 on RapidAPI, of Spotify's own Web API (used for look-ups where its credentials are set) and of oEmbed; the
formats of their answers are in `formats.py`.
"""

import base64
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

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
from tunemeld_pipeline.local.credentials import SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET
from tunemeld_pipeline.services.spotify import SERVICE
from tunemeld_pipeline.services.spotify import formats as spotify
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import Purpose
from tunemeld_pipeline.upstream.answers import FetchedPlaylist, SpotifyTrack
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.headers import retry_after
from tunemeld_pipeline.upstream.oembed import read_oembed
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import (
    Endpoint,
    ListClient,
    no_known_error,
)
from tunemeld_pipeline.wire_formats.reading import Reading, by_id

PAGE_SIZE = 100
ALBUM_PAGE_SIZE = 300
TRACKS_PER_CALL = 50
SEARCH_RESULTS = 10
"""The Web API answers 400 to more in development mode since February 2026."""

TOKEN_SPARE_SECONDS = 60.0


class SpotifyClient(ListClient):
    """Spotify: a genre's playlist, recordings by words or by id, and an album's play counts."""

    bucket_names: ClassVar = ("spotify",)
    describes = True

    def __init__(self, settings: Settings, as_of: datetime) -> None:
        super().__init__(settings, as_of)
        self._token = ""
        self._token_ends = 0.0
        self._token_lock = threading.Lock()

    @property
    def label(self) -> str:
        """The name that people and errors use."""
        return "Spotify"

    @property
    def client(self) -> HttpClient:
        """The client whose threads concurrent look-ups and counts run on."""
        return self._clients[Endpoint.SPOTIFY]

    def _make_clients(self) -> dict[Endpoint, HttpClient]:
        rate = self.settings.spotify_rate_limit
        clients = {
            Endpoint.SPOTIFY: self._rapidapi_client(Endpoint.SPOTIFY, rate),
            Endpoint.SPOTIFY_OEMBED: self._client(Endpoint.SPOTIFY_OEMBED, {}, rate, no_known_error),
        }
        if self.settings.spotify_client_id is not None:
            for endpoint in (Endpoint.SPOTIFY_WEB_API, Endpoint.SPOTIFY_ACCOUNTS):
                clients[endpoint] = self._client(endpoint, {}, rate, _read_web_api_error)
        return clients

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        playlist_id = SERVICE.playlist_id(playlist.url)
        client, budget = self._clients[Endpoint.SPOTIFY], self._pay("spotify", Purpose.COUNTS)

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
            reading = self._clients[Endpoint.SPOTIFY].get(
                "/playlist/",
                {"id": SERVICE.playlist_id(playlist.url)},
                read_description,
                budget=self._pay("spotify", Purpose.COUNTS),
            )
            return self._noted("description", reading)[0]
        except UpstreamError:
            reading = self._clients[Endpoint.SPOTIFY_OEMBED].get(
                "", {"url": playlist.url}, read_oembed, budget=UnlimitedBudget()
            )
            return self._noted("oembed", reading)[0]

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SpotifyTrack]:
        """At most ten tracks that Spotify finds for these words, its best first.

        Args:
            again: whether the same was asked before and not found, so that others go first.

        Raises:
            UpstreamError: no list came.
        """
        if Endpoint.SPOTIFY_WEB_API in self._clients:
            reading = self._clients[Endpoint.SPOTIFY_WEB_API].request(
                "GET",
                "/search",
                read_web_api_search,
                params={"q": f"track:{title} artist:{artist}", "type": "track", "limit": SEARCH_RESULTS},
                headers={"Authorization": f"Bearer {self._access_token()}"},
                budget=UnlimitedBudget(),
            )
            return self._noted("search", reading)
        reading = self._clients[Endpoint.SPOTIFY].get(
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
            reading = self._clients[Endpoint.SPOTIFY].get(
                "/tracks/",
                {"ids": ",".join(track_ids[start : start + TRACKS_PER_CALL])},
                read_isrcs,
                budget=self._pay("spotify", Purpose.LOOKUPS),
            )
            found |= {track: isrc for track, isrc in self._noted("tracks", reading) if isrc}
        return found

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
        return self._clients[Endpoint.SPOTIFY].get(
            "/album_tracks/", params, read_album, budget=self._pay("spotify", Purpose.COUNTS)
        )

    def _access_token(self) -> str:
        with self._token_lock:
            if time.monotonic() >= self._token_ends:
                live = self.settings.upstreams is Upstreams.LIVE
                client_id = self.settings.spotify_client_id if live else SPOTIFY_CLIENT_ID
                secret = self._key(self.settings.spotify_client_secret, SPOTIFY_CLIENT_SECRET)
                basic = base64.b64encode(f"{client_id}:{secret}".encode()).decode()
                self._token, lasts = self._clients[Endpoint.SPOTIFY_ACCOUNTS].request(
                    "POST",
                    "/api/token",
                    read_access,
                    form={"grant_type": "client_credentials"},
                    headers={"Authorization": f"Basic {basic}"},
                    budget=UnlimitedBudget(),
                )
                self._token_ends = time.monotonic() + lasts - TOKEN_SPARE_SECONDS
            return self._token


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


def read_access(answer: Answer) -> tuple[str, float]:
    """The access token, and how many seconds it lasts."""
    read = spotify.WEB_API_TOKEN.read(answer.data)
    return read["token"], float(read["lasts"])


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


def read_description(answer: Answer) -> Reading[PlaylistDescription]:
    """A playlist's name, cover and description."""
    return spotify.PLAYLIST.read_one(answer.data, lambda values: PlaylistDescription(**values))


def read_search(answer: Answer) -> Reading[SpotifyTrack]:
    """The tracks that the gateway's search found; it gives no ISRC."""
    return spotify.SEARCH_ITEM.read_answer(
        spotify.SEARCH.read(answer.data)["items"], lambda values: SpotifyTrack(**values, isrc=None)
    )


def read_web_api_search(answer: Answer) -> Reading[SpotifyTrack]:
    """The tracks that the Web API's search found."""
    return spotify.WEB_API_TRACK.read_answer(
        spotify.WEB_API_SEARCH.read(answer.data)["items"], lambda values: SpotifyTrack(**values)
    )


def read_isrcs(answer: Answer) -> Reading[tuple[str, str | None]]:
    """Each track's id and ISRC, None where it has none."""
    return spotify.TRACKS_ITEM.read_answer(
        spotify.TRACKS.read(answer.data)["tracks"], lambda values: (values["track_id"], values["isrc"])
    )


@dataclass(frozen=True, slots=True)
class AlbumPage:
    """A page of an album: each track's id and plays, None where none are shown; its entries; how many the album has, where it says so."""

    plays: Reading[tuple[str, int | None]]
    entries: int
    total: int | None

    def says_more(self, offset: int) -> bool:
        """Whether the album goes on after this page, the one at `offset`; a total of fewer than came tells nothing."""
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
