"""Calling several services at once, above all for one genre's playlists.

One service's failure does not touch the others, and a body is checked before it counts as fetched. The services' formats are in
`wire_formats/`; `assets/raw_playlists.py` decides what becomes of a service that failed.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import copy_context
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar

from structlog.contextvars import bound_contextvars

from tunemeld_pipeline.charts.catalog import Genre, Playlist
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.errors import MalformedResponse, UpstreamError
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import MAX_BODY_BYTES
from tunemeld_pipeline.upstream.service_client import ListClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CheckedPlaylist:
    """A fetched playlist, the rows that were read from it, and the source that it came from."""

    fetched: FetchedPlaylist
    parsed: Listing
    source: Source


def fetch_playlists(
    genre: Genre, sources: Mapping[str, Source], clients: Mapping[str, ListClient]
) -> dict[str, CheckedPlaylist | UpstreamError]:
    """What each service's source answers, all called at the same time: a whole and readable playlist, or the error."""

    def fetch(service: str) -> CheckedPlaylist | UpstreamError:
        with bound_contextvars(service=service):
            try:
                fetched = joined([clients[service].playlist(one) for one in genre.playlists[service]])
                source = sources[service]
                return CheckedPlaylist(fetched, source.read(fetched.pages, fetched.data_json), source)
            except UpstreamError as error:
                return error

    return dict(zip(clients, at_once(*(partial(fetch, service) for service in clients)), strict=True))


def joined(lists: Sequence[FetchedPlaylist]) -> FetchedPlaylist:
    """Several playlists of one service as one: the rows of each follow those of the one before.

    Raises:
        MalformedResponse: together they are too large to be stored.
    """
    if len(lists) == 1:
        return lists[0]
    bodies = [one.data_json[1:-1] if len(one.pages) > 1 else one.data_json for one in lists]
    data_json = f"[{','.join(bodies)}]"
    if len(data_json.encode()) > MAX_BODY_BYTES:
        raise MalformedResponse(
            "the catalogue",
            f"its {len(lists)} playlists of one service have more than {MAX_BODY_BYTES // 1_000_000} MB together",
        )
    return FetchedPlaylist(
        data_json,
        tuple(page for one in lists for page in one.pages),
        "; ".join(one.incomplete for one in lists if one.incomplete) or None,
    )


def at_once(*works: Callable[[], T]) -> list[T]:
    """The results of all, done at the same time on threads; the first error is raised, when all have ended."""
    with ThreadPoolExecutor(max(1, len(works)), thread_name_prefix="at_once") as pool:
        futures = [pool.submit(copy_context().run, work) for work in works]
        return [future.result() for future in futures]


def describe_playlist(
    store: Store, playlist: Playlist, service: str, at: datetime, client: ListClient
) -> PlaylistDescription:
    """A playlist's name, cover and description: fetched once a week, else as last known. Its failure never loses a playlist."""
    key = f"{service}/{playlist.url}"
    if not client.describes:
        return PlaylistDescription()
    known = store.lookups.playlist_description(key, at)
    if known is not None:
        return known
    with suppress(UpstreamError):
        store.lookups.put_playlist_description(key, client.description(playlist), at)
    return store.lookups.last_playlist_description(key)
