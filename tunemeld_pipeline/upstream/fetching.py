"""Calling several services at once, above all for one genre's playlists.

One service's failure does not touch the others, and a body is checked before it counts as fetched. Each service's sources are asked one
after the other, as `ladder.py` judges; `assets/raw_playlists.py` decides what becomes of a service of which none answered.
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
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.charts.source_states import SourceOutcome, SourceState
from tunemeld_pipeline.errors import MalformedResponse, NoSourceAnswered, UpstreamError
from tunemeld_pipeline.limits import LIST_TOO_OLD
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import installed
from tunemeld_pipeline.plugins.registry import service as service_of
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import MAX_BODY_BYTES
from tunemeld_pipeline.upstream.ladder import (
    GOES_ON,
    NOTHING_USUAL,
    Try,
    Usual,
    after,
    has_refused_us,
    outcome_of,
    outcome_of_list,
    refuse_drift,
    resting,
    rests_until,
    usual_rows,
)
from tunemeld_pipeline.upstream.service_client import ListClient

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CheckedPlaylist:
    """A fetched playlist, the rows that were read from it, and the source that it came from."""

    fetched: FetchedPlaylist
    parsed: Listing
    source: Source

    @property
    def outcome(self) -> SourceOutcome:
        """Whether the whole list came."""
        return outcome_of_list(self.parsed, self.fetched.incomplete)


@dataclass(frozen=True, slots=True)
class Rung:
    """A source of a service's list, what is known of it, and how many rows are usual."""

    source: Source
    state: SourceState | None = None
    usual: Usual = NOTHING_USUAL


@dataclass(frozen=True, slots=True)
class Climb:
    """What came of asking a service's sources one after the other.

    Attributes:
        answer: the list of the first source that gave it, or why none did.
        tries: the sources that were asked.
        passed: why each source before the one that answered did not give the list, by name; of all, where none did.
    """

    answer: CheckedPlaylist | UpstreamError
    tries: tuple[Try, ...]
    passed: Mapping[str, UpstreamError]


def fetch_playlists(
    genre: Genre, ladders: Mapping[str, Sequence[Rung]], client_of: Callable[[Source], ListClient], at: datetime
) -> dict[str, Climb]:
    """What each service's sources give, all services at the same time.

    Args:
        ladders: by service, its sources in the order in which they are asked.
        client_of: opens a source's client, only when it is asked.
    """

    def fetch(service: str) -> Climb:
        with bound_contextvars(service=service):
            return climb(service_of(service), genre.playlists[service], ladders[service], client_of, at)

    return dict(zip(ladders, at_once(*(partial(fetch, service) for service in ladders)), strict=True))


def climb(
    service: Service,
    playlists: Sequence[Playlist],
    ladder: Sequence[Rung],
    client_of: Callable[[Source], ListClient],
    at: datetime,
) -> Climb:
    """Asks the sources one after the other, until one gives the list or says that it does not exist.

    One that rests lets the others go first, and is asked after them, since it may be well again; one that has refused us is not.
    """
    tries: list[Try] = []
    passed: dict[str, UpstreamError] = {
        rung.source.name: resting(service, rung.state, until, keyless=not rung.source.needs)
        for rung in ladder
        if rung.state is not None and (until := rests_until(rung.state, at))
    }
    rested = [rung for rung in ladder if rung.source.name in passed and not has_refused_us(rung.state, rung.source)]
    for rung in [*(rung for rung in ladder if rung.source.name not in passed), *rested]:
        name = rung.source.name
        try:
            answer = _asked(service, playlists, rung, client_of)
        except UpstreamError as error:
            outcome, passed[name] = outcome_of(error), error
            tries.append(Try(name, outcome, str(error)))
            if outcome not in GOES_ON:
                break
            continue
        rows, total = len(answer.parsed.rows), answer.parsed.rows_total
        tries.append(Try(name, answer.outcome, answer.fetched.incomplete, rows, total))
        before = [one.source.name for one in ladder[: ladder.index(rung)]]
        return Climb(answer, tuple(tries), {one: passed[one] for one in before})
    why = next(iter(passed.values())) if len(passed) == 1 else NoSourceAnswered(service.name, passed)
    return Climb(why, tuple(tries), passed)


def _asked(
    service: Service, playlists: Sequence[Playlist], rung: Rung, client_of: Callable[[Source], ListClient]
) -> CheckedPlaylist:
    client, source = client_of(rung.source), rung.source
    fetched = joined([client.read_once(one) for one in playlists])
    try:
        listing = source.read(fetched.pages, fetched.data_json)
        refuse_drift(service, listing, rung.usual)
    except MalformedResponse as error:
        error.body = fetched.data_json
        raise
    return CheckedPlaylist(fetched, listing, source)


def ladder(store: Store, genre: str, sources: Mapping[str, Sequence[Source]], at: datetime) -> dict[str, list[Rung]]:
    """By service, the sources of its list with what the store knows of them.

    Args:
        sources: by service, those that may be asked, in their order.
    """
    states = store.sources.states(source.name for named in sources.values() for source in named)
    days = store.charts.past_outcomes(genre, utc_day(at - LIST_TOO_OLD), utc_day(at))
    return {
        service: [Rung(one, states.get(one.name), usual_rows(one.name, service, days)) for one in named]
        for service, named in sources.items()
    }


def note_tries(store: Store, genre: str, climbs: Mapping[str, Climb], at: datetime, run_id: str) -> None:
    """Keeps what each try says of its source."""
    changes: dict[str, Callable[[SourceState | None], SourceState]] = {}
    for service, found in climbs.items():
        keyless = {source.name for source in installed(service).sources if not source.needs}
        for tried in found.tries:
            changes[tried.source] = partial(
                after, tried=tried, service=service, genre=genre, keyless=tried.source in keyless, at=at
            )
    store.sources.change(changes, run_id)


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
        read_at=min((one.read_at for one in lists if one.read_at), default=None),
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
