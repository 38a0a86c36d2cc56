"""Spotify, as a Dagster resource: playlists, look-ups and play counts.

What belongs here: the paths of spotify23 on RapidAPI, of Spotify's own Web API (used for look-ups where its credentials are set)
and of oEmbed, and how their bodies are checked. What does not: which answer is the recording that was asked for (`upstream/lookups.py`).
The formats are those of captured responses and of Spotify's documentation.
"""

import base64
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from pydantic import PrivateAttr

from tunemeld_pipeline.charts.catalog import Genre, Service
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.playlists import spotify_entries, well_formed_isrc
from tunemeld_pipeline.charts.received import count, count_from_text, id_of, optional_text, text_of, web_address
from tunemeld_pipeline.errors import CredentialsRefused, QuotaExhausted, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.local.credentials import SPOTIFY_CLIENT_ID, SPOTIFY_CLIENT_SECRET
from tunemeld_pipeline.resources.paging import Page, all_pages
from tunemeld_pipeline.resources.soundcloud import read_oembed
from tunemeld_pipeline.resources.upstream import (
    Endpoint,
    UpstreamResource,
    no_known_error,
)
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.storage.budgets import Purpose
from tunemeld_pipeline.upstream.answers import FetchedPlaylist, SpotifyTrack
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.headers import retry_after

PAGE_SIZE = 100
ALBUM_PAGE_SIZE = 300
TRACKS_PER_CALL = 50
SEARCH_RESULTS = 10
"""The Web API answers 400 to more in development mode since February 2026."""

TOKEN_SPARE_SECONDS = 60.0


class SpotifyResource(UpstreamResource):
    """Spotify: a genre's playlist, recordings by words or by id, and an album's play counts."""

    bucket_names: ClassVar = ("spotify",)

    _token: str = PrivateAttr(default="")
    _token_ends: float = PrivateAttr(default=0.0)
    _token_lock: Any = PrivateAttr(default_factory=threading.Lock)

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

    def playlist(self, genre: Genre) -> FetchedPlaylist:
        """The genre's playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        playlist_id = genre.playlist(Service.SPOTIFY).spotify_id
        client, budget = self._clients[Endpoint.SPOTIFY], self._pay("spotify", Purpose.COUNTS)

        def fetch(offset: int) -> Page:
            params: dict[str, str | int] = {"id": playlist_id, "offset": offset, "limit": PAGE_SIZE}
            return client.get("/playlist_tracks/", params, lambda answer: _page(answer, offset), budget=budget)

        return all_pages(self.label, fetch)

    def description(self, genre: Genre) -> PlaylistDescription:
        """The playlist's name, description and cover; by oEmbed, which has no description, where the gateway has none.

        Raises:
            UpstreamError: nothing usable came from either.
        """
        playlist = genre.playlist(Service.SPOTIFY)
        try:
            return self._clients[Endpoint.SPOTIFY].get(
                "/playlist/", {"id": playlist.spotify_id}, _description, budget=self._pay("spotify", Purpose.COUNTS)
            )
        except UpstreamError:
            return self._clients[Endpoint.SPOTIFY_OEMBED].get(
                "", {"url": playlist.url}, read_oembed, budget=UnlimitedBudget()
            )

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SpotifyTrack]:
        """At most ten tracks that Spotify finds for these words, its best first.

        Args:
            again: whether the same was asked before and not found, so that others go first.

        Raises:
            UpstreamError: no list came.
        """
        if Endpoint.SPOTIFY_WEB_API in self._clients:
            return self._clients[Endpoint.SPOTIFY_WEB_API].request(
                "GET",
                "/search",
                _web_api_results,
                params={"q": f"track:{title} artist:{artist}", "type": "track", "limit": SEARCH_RESULTS},
                headers={"Authorization": f"Bearer {self._access_token()}"},
                budget=UnlimitedBudget(),
            )
        return self._clients[Endpoint.SPOTIFY].get(
            "/search/",
            {
                "q": f"{title} {artist}",
                "type": "tracks",
                "offset": 0,
                "limit": SEARCH_RESULTS,
                "numberOfTopResults": 5,
            },
            _search_results,
            # What is found is worth nothing without the next call, which asks for its ISRC or its plays.
            budget=self._pay("spotify", Purpose.REST if again else Purpose.LOOKUPS, leaving=1),
        )

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """The ISRCs of tracks by their ids, fifty ids a call; tracks without one are left out.

        Raises:
            UpstreamError: a call gave no list.
        """
        found: dict[str, str] = {}
        for start in range(0, len(track_ids), TRACKS_PER_CALL):
            found |= self._clients[Endpoint.SPOTIFY].get(
                "/tracks/",
                {"ids": ",".join(track_ids[start : start + TRACKS_PER_CALL])},
                _isrcs,
                budget=self._pay("spotify", Purpose.LOOKUPS),
            )
        return found

    def play_counts(self, album_id: str) -> dict[str, int]:
        """The plays of each track of an album, by track id; one call, or one for each 300 tracks.

        Raises:
            UpstreamError: a call gave no list.
        """
        counts: dict[str, int] = {}
        offset = 0
        while True:
            params: dict[str, str | int] = {"id": album_id, "offset": offset, "limit": ALBUM_PAGE_SIZE}
            total, seen, page = self._clients[Endpoint.SPOTIFY].get(
                "/album_tracks/", params, _play_counts, budget=self._pay("spotify", Purpose.COUNTS)
            )
            counts |= page
            offset += seen
            if seen == 0 or offset >= total:
                return counts

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
                    _access,
                    form={"grant_type": "client_credentials"},
                    headers={"Authorization": f"Basic {basic}"},
                    budget=UnlimitedBudget(),
                )
                self._token_ends = time.monotonic() + lasts - TOKEN_SPARE_SECONDS
            return self._token


def _read_web_api_error(service: str, status: int, headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """The Web API's `{"error": {"status", "message", "reason"?}}`, and the accounts service's `{"error": "invalid_client"}`."""
    error = data.get("error") if isinstance(data, dict) else None
    told = error.get("status") if isinstance(error, dict) else status
    if isinstance(error, dict) and error.get("reason") == "QUOTA_EXCEEDED":
        return QuotaExhausted(service, "the Web API's quota is used up; it resets by itself")
    if told == 429:
        return UpstreamUnavailable(service, "the Web API's rate limit was hit", retry_after=retry_after(headers))
    if told in (401, 403) or error in ("invalid_client", "unauthorized_client"):
        return CredentialsRefused(
            service, "the Web API refused the client; check SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET"
        )
    return None


def _access(answer: Answer) -> tuple[str, float]:
    """The access token, and the seconds that it lasts."""
    seconds = float(answer.data["expires_in"])
    if not 0 < seconds < float("inf"):
        raise ValueError("a token lasts for some time")
    return text_of(answer.data["access_token"]), seconds


def _page(answer: Answer, offset: int) -> Page:
    rows = len(spotify_entries(answer.data))
    given = answer.data.get("limit")
    # A service may give shorter pages than it was asked for, and says so.
    step = given if isinstance(given, int) and given is not True and 0 < given < PAGE_SIZE else PAGE_SIZE
    # `next` is true or null, never an address.
    return Page(answer.text, rows, offset + step if answer.data.get("next") else None)


def _description(answer: Answer) -> PlaylistDescription:
    data = answer.data
    images = data.get("images") or []
    return PlaylistDescription(
        name=text_of(data["name"]),
        description=optional_text(data.get("description")),
        cover_url=web_address(images[0]["url"]) if images else None,
    )


def _search_results(answer: Answer) -> list[SpotifyTrack]:
    found = []
    for item in filter(None, answer.data["tracks"]["items"]):
        data = item["data"]
        album = data.get("albumOfTrack") or {}
        covers = sorted((album.get("coverArt") or {}).get("sources") or [], key=lambda s: -(s.get("width") or 0))
        found.append(
            SpotifyTrack(
                track_id=id_of(data["id"]),
                name=text_of(data["name"]),
                artist_name=", ".join(text_of(artist["profile"]["name"]) for artist in data["artists"]["items"]),
                duration_ms=count((data.get("duration") or {}).get("totalMilliseconds")),
                album_id=id_of(album["id"]) if album.get("id") else None,
                cover_url=web_address(covers[0]["url"]) if covers else None,
                isrc=None,
            )
        )
    return found


def _web_api_results(answer: Answer) -> list[SpotifyTrack]:
    found = []
    for track in filter(None, answer.data["tracks"]["items"]):
        images = track["album"].get("images") or []
        found.append(
            SpotifyTrack(
                track_id=id_of(track["id"]),
                name=text_of(track["name"]),
                artist_name=", ".join(text_of(artist["name"]) for artist in track["artists"]),
                duration_ms=count(track.get("duration_ms")),
                album_id=id_of(track["album"]["id"]) if track["album"].get("id") else None,
                cover_url=web_address(images[0]["url"]) if images else None,
                isrc=well_formed_isrc((track.get("external_ids") or {}).get("isrc")),
            )
        )
    return found


def _isrcs(answer: Answer) -> dict[str, str]:
    found = {}
    for track in answer.data["tracks"]:
        isrc = well_formed_isrc((track.get("external_ids") or {}).get("isrc")) if track else None
        if isrc:
            found[id_of(track["id"])] = isrc
    return found


def _play_counts(answer: Answer) -> tuple[int, int, dict[str, int]]:
    tracks = answer.data["data"]["album"]["tracks"]
    counts: dict[str, int] = {}
    for item in tracks["items"]:
        track = item["track"]
        plays = count_from_text(track.get("playcount"))
        if plays is not None:
            counts[id_of(track["uri"].rpartition(":")[2])] = plays
    total = count_from_text(tracks["totalCount"])
    if total is None:
        raise ValueError("an album has a number of tracks")
    return total, len(tracks["items"]), counts
