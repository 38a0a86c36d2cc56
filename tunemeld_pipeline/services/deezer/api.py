"""Deezer's playlists and tracks, through its public API, which takes no key.

A playlist comes in one call with its first 400 rows, the others page by page. Rows that are not licensed where we are do not come at all,
and many come without an ISRC, which the track itself has. The formats are in `formats.py`.
"""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import CredentialsRefused, NotFound, UpstreamError, UpstreamUnavailable
from tunemeld_pipeline.services.deezer import SERVICE
from tunemeld_pipeline.services.deezer import formats as deezer
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import TrackClient
from tunemeld_pipeline.wire_formats.reading import ReadItems

PAGE_SIZE = 100
QUOTA_SECONDS = 5.0
"""The period that Deezer counts requests in."""

QUOTA, BUSY, NO_DATA = 4, 700, 800
REFUSALS = frozenset({200, 300, 901})
"""A missing permission, an invalid token, an account that may not call."""


class DeezerClient(TrackClient):
    """Deezer: a genre's playlist, and the recording behind a track."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {"deezer": self._client("deezer", read_error=read_error)}

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""
        return self._clients["deezer"]

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        path = f"/playlist/{quote(SERVICE.playlist_id(playlist.url), safe='')}"

        def fetch(index: int) -> Page:
            if index == 0:
                return self.client.get(path, {}, read_playlist, budget=UnlimitedBudget())
            params: dict[str, str | int] = {"limit": PAGE_SIZE, "index": index}
            return self.client.get(f"{path}/tracks", params, read_page, budget=UnlimitedBudget())

        return all_pages(self.label, fetch)

    def recording(self, track_id: str) -> Row | None:
        """What Deezer says of a track, above all its ISRC; None where it has no such track.

        Raises:
            UpstreamError: nothing usable came.
        """
        try:
            reading = self.client.get(f"/track/{quote(track_id, safe='')}", {}, read_track, budget=UnlimitedBudget())
        except NotFound:
            return None
        return self._noted("track", reading)[0]


def read_playlist(answer: Answer) -> Page:
    """A playlist with its first rows; only one with more rows than come at once has further pages."""
    read = deezer.PLAYLIST.read(answer.data)
    more = (read["rows_total"] or 0) > deezer.INLINE_ROWS
    return Page(answer, len(read["rows"]), deezer.INLINE_ROWS if more else None)


def read_page(answer: Answer) -> Page:
    """A further page of a playlist's rows."""
    unreadable = Counter[str]()
    read = deezer.PLAYLIST.read(answer.data, unreadable)
    return page_of(answer, len(read["rows"]), PAGE_SIZE, read["next_index"], unreadable="next" in unreadable)


def read_track(answer: Answer) -> ReadItems[Row]:
    """A track as a row that can be compared."""
    return deezer.TRACK.read_one(answer.data, lambda values: Row(**values))


def read_error(service: str, _status: int, _headers: Mapping[str, str], data: Any) -> UpstreamError | None:
    """Deezer's `{"error": {"type", "message", "code"}}`, which comes with status 200."""
    error = data.get("error") if isinstance(data, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    if code == QUOTA:
        return UpstreamUnavailable(service, "its limit of 50 requests in 5 seconds was hit", retry_after=QUOTA_SECONDS)
    if code == BUSY:
        return UpstreamUnavailable(service, "it says that it is busy")
    if code == NO_DATA:
        return NotFound(service, "it has nothing under that number")
    if code in REFUSALS:
        return CredentialsRefused(
            service,
            f"it does not let us in (its code {code})",
            remedy="ask Deezer whether this address may call its API",
        )
    return None
