"""Calling several services at once, above all for one genre's playlists.

One service's failure does not touch the others, and a body is checked before it counts as fetched. The services' formats are in
`wire_formats/`; `assets/raw_playlists.py` decides what becomes of a service that failed.
"""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Protocol, TypeVar

from structlog.contextvars import bound_contextvars

from tunemeld_pipeline.charts.catalog import Genre, Service
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.playlists import ParsedPlaylist, read_playlist
from tunemeld_pipeline.errors import UpstreamError
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import FetchedPlaylist

T = TypeVar("T")


class PlaylistSource(Protocol):
    """A service that has playlists."""

    def playlist(self, genre: Genre) -> FetchedPlaylist:
        """The genre's playlist, followed to its end, or an UpstreamError."""


@dataclass(frozen=True, slots=True)
class CheckedPlaylist:
    """A fetched playlist and the rows that were read from it."""

    fetched: FetchedPlaylist
    parsed: ParsedPlaylist


def fetch_playlists(
    genre: Genre, sources: Mapping[Service, PlaylistSource]
) -> dict[Service, CheckedPlaylist | UpstreamError]:
    """What each service answers, all called at the same time: a whole and readable playlist, or the error."""

    def fetch(service: Service) -> CheckedPlaylist | UpstreamError:
        with bound_contextvars(service=service.value):
            try:
                fetched = sources[service].playlist(genre)
                return CheckedPlaylist(fetched, read_playlist(service, fetched.pages, fetched.data_json))
            except UpstreamError as error:
                return error

    return dict(zip(sources, at_once(*(partial(fetch, service) for service in sources)), strict=True))


def at_once(*works: Callable[[], T]) -> list[T]:
    """The results of all, done at the same time on threads; the first error is raised, when all have ended."""
    with ThreadPoolExecutor(len(works), thread_name_prefix="at_once") as pool:
        futures = [pool.submit(copy_context().run, work) for work in works]
        return [future.result() for future in futures]


def describe_playlist(
    store: Store, genre: Genre, service: Service, at: datetime, ask: Callable[[Genre], PlaylistDescription] | None
) -> PlaylistDescription:
    """A playlist's name, cover and description: fetched once a week, else as last known. Its failure never loses a playlist."""
    key = f"{service}/{genre.playlist(service).url}"
    if ask is None:
        return PlaylistDescription()
    known = store.lookups.playlist_description(key, at)
    if known is not None:
        return known
    with suppress(UpstreamError):
        store.lookups.put_playlist_description(key, ask(genre), at)
    return store.lookups.last_playlist_description(key)
