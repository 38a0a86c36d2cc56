"""The ladder of a service's sources: what one try of a source comes to, when the next source is asked, and when one rests.

Pure judgement: `fetching.py` asks the sources, and `storage/sources.py` keeps what is known of each. The reasons are in
docs/adr/0015-a-ladder-of-sources.md.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from tunemeld_pipeline.charts.chart_days import PastOutcomes
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.services import ListKind, Service
from tunemeld_pipeline.charts.source_states import ListCoverage, SourceOutcome, SourceState
from tunemeld_pipeline.errors import (
    CredentialsRefused,
    MalformedResponse,
    NotFound,
    QuotaExhausted,
    SourceGone,
    SourceResting,
    UpstreamError,
)
from tunemeld_pipeline.limits import LEAST_READABLE_ROWS, LEAST_ROWS_OF_USUAL
from tunemeld_pipeline.plugins.contract import Source

GOES_ON = frozenset({SourceOutcome.REFUSED, SourceOutcome.QUOTA, SourceOutcome.DRIFT, SourceOutcome.DOWN})
"""After these the next source is asked. After `not_found` it is not: the list is gone, and another reader would hide that."""

FAILURES = frozenset({SourceOutcome.REFUSED, SourceOutcome.DRIFT, SourceOutcome.DOWN})
"""What counts towards a rest. A quota has its own end, the quota day's, and a list that is gone says nothing of its source."""

GOOD = frozenset({SourceOutcome.OK, SourceOutcome.PARTIAL})

FAILURES_BEFORE_REST = 3
FIRST_REST = timedelta(hours=1)
LONGEST_REST = timedelta(hours=23)
"""A day, less the time by which the next day's refresh may begin earlier in its day than this one did: it asks again."""


@dataclass(frozen=True, slots=True)
class Usual:
    """The medians of a list's rows in the last days: as the service gave or announced them, and as this source gave them."""

    of_list: float | None = None
    of_source: float | None = None


NOTHING_USUAL = Usual()


@dataclass(frozen=True, slots=True)
class Try:
    """One try of one source: how it ended, why, and how many rows of how many it gave."""

    source: str
    outcome: SourceOutcome
    reason: str | None = None
    rows: int | None = None
    rows_total: int | None = None


def outcome_of(error: UpstreamError) -> SourceOutcome:
    """How a try ended that gave an error. Where the source itself is gone, another one may have the list."""
    match error:
        case SourceGone():
            return SourceOutcome.DOWN
        case NotFound():
            return SourceOutcome.NOT_FOUND
        case CredentialsRefused():
            return SourceOutcome.REFUSED
        case QuotaExhausted():
            return SourceOutcome.QUOTA
        case MalformedResponse():
            return SourceOutcome.DRIFT
    return SourceOutcome.DOWN


def usual_rows(source: str, service: str, days: Iterable[PastOutcomes]) -> Usual:
    """What is usual for a service's list and for this source of it, from the days on which it was read."""
    read = [one for day in days if (one := day.outcomes.get(service)) and one.state == "fresh"]
    sizes = [max(one.rows + one.kept, one.rows_total or 0) for one in read]
    own = [one.rows for one in read if one.source == source]
    return Usual(median(sizes) if sizes else None, median(own) if own else None)


def refuse_drift(service: Service, listing: Listing, usual: Usual) -> None:
    """Refuses a list that cannot be the one that is meant.

    An empty list never takes a good one's place; nor does one of which fewer than half of the rows can be read, one of an editorial
    service that is not its editors', or one with under half of its usual rows.

    Raises:
        MalformedResponse: the list is one of these.
    """
    rows, length = len(listing.rows), listing.length
    size = max(rows, listing.rows_total or 0)
    if rows == 0:
        raise MalformedResponse(service.name, "its list has no rows", remedy=_SEE_THE_LIST)
    if rows < length * LEAST_READABLE_ROWS:
        raise MalformedResponse(service.name, f"only {rows} of its {length} rows can be read")
    if service.kind is ListKind.EDITORIAL and listing.editorial is False:
        raise MalformedResponse(
            service.name, "its list does not belong to the service's editors any more", remedy=_SEE_THE_LIST
        )
    for now, before in ((size, usual.of_list), (rows, usual.of_source)):
        if before is not None and now < before * LEAST_ROWS_OF_USUAL:
            raise MalformedResponse(
                service.name,
                f"its list has collapsed: {now} rows, usually {before:g}",
                remedy="look at it on the service; a list that stays as short is taken as it is after two weeks",
            )


_SEE_THE_LIST = "look at it on the service, and set another address in the catalogue if it is gone"


def outcome_of_list(listing: Listing, incomplete: str | None) -> SourceOutcome:
    """How a try ended that gave a list: `partial` where the service has more rows than came."""
    is_partial = incomplete or (listing.rows_total is not None and listing.rows_total > listing.length)
    return SourceOutcome.PARTIAL if is_partial else SourceOutcome.OK


def rests_until(state: SourceState | None, at: datetime) -> datetime | None:
    """Until when the source lets others go first; None where it does not.

    What an older observation asks is not held back by what was learned after it.
    """
    if state is None or state.rests_until is None or at < state.last_tried_at or at >= state.rests_until:
        return None
    return state.rests_until


def has_refused_us(state: SourceState | None, source: Source) -> bool:
    """Whether a source that needs no key has refused us, and is left alone."""
    return state is not None and state.last_outcome is SourceOutcome.REFUSED and not source.needs


def resting(service: Service, state: SourceState, until: datetime, *, keyless: bool) -> SourceResting:
    """Why a source is not asked."""
    why = (state.last_reason or state.last_outcome).removeprefix(f"{service.name}: ")
    refused = keyless and state.last_outcome is SourceOutcome.REFUSED
    return SourceResting(
        service.name,
        f"{state.source} is not asked until {until:%Y-%m-%d %H:%M} UTC ({why})",
        remedy="it has refused us, so it is left alone until then" if refused else None,
    )


def after(
    state: SourceState | None, tried: Try, *, service: str, genre: str, keyless: bool, at: datetime
) -> SourceState:
    """What is known of a source after one more try.

    Three failures in a row make it rest for an hour; each that follows a rest doubles the rest, up to a day. A refusal by a source that
    needs no key is its last word for a day. A try that is older than what is known changes nothing.

    Args:
        keyless: whether the source needs no key, so that a refusal is meant for us as such.
    """
    if state is not None and at < state.last_tried_at:
        return state
    before = state or SourceState(
        source=tried.source, service_name=service, last_tried_at=at, last_outcome=tried.outcome
    )
    is_good = tried.outcome in GOOD
    seen = before.lists.get(genre)
    covered = ListCoverage(
        at=at,
        outcome=tried.outcome,
        rows=tried.rows if is_good else seen.rows if seen else None,
        rows_total=tried.rows_total if is_good else seen.rows_total if seen else None,
    )
    known = before.model_copy(
        update={
            "last_tried_at": at,
            "last_outcome": tried.outcome,
            "last_reason": tried.reason,
            "lists": {**before.lists, genre: covered},
        }
    )
    if is_good:
        return known.model_copy(update={"last_ok_at": at, "failures": 0, "rests": 0, "rests_until": None})
    if tried.outcome not in FAILURES:
        return known
    failures = before.failures + 1
    is_resting = before.rests_until is not None and at < before.rests_until
    if keyless and tried.outcome is SourceOutcome.REFUSED:
        rest = LONGEST_REST
    elif failures < FAILURES_BEFORE_REST or is_resting:
        # Runs of several genres at once fail together: that is one rest, not four.
        return known.model_copy(update={"failures": failures})
    else:
        rest = min(FIRST_REST * 2**before.rests, LONGEST_REST)
    return known.model_copy(update={"failures": failures, "rests": before.rests + 1, "rests_until": at + rest})


def is_failing(state: SourceState | None, at: datetime) -> bool:
    """Whether the source's last try failed, or it rests."""
    return state is not None and (state.failures > 0 or rests_until(state, at) is not None)


def standing(names: Iterable[str], states: Mapping[str, SourceState], at: datetime) -> list[str]:
    """Which of these sources are not known to fail, in their order."""
    return [name for name in names if not is_failing(states.get(name), at)]
