"""Fetching how often a chart's tracks were played: what a source of counts gets and gives, and what its answers say together.

Which calls it takes is the source's own, in its folder of `services/`.
"""

from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Generic, TypeVar

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.charts.documents import AggregateTrack, ServicePlaylist
from tunemeld_pipeline.errors import NotFound, QuotaExhausted, UpstreamError
from tunemeld_pipeline.upstream.client import HttpClient
from tunemeld_pipeline.upstream.lookups import LookupReport, Wanted, wanted_of
from tunemeld_pipeline.wire_formats.reading import by_id

KNOWS_NONE = 5
"""A source that has none of at least this many is out of order; nothing is concluded from what it leaves out."""

A = TypeVar("A")


@dataclass(frozen=True, slots=True)
class Charted:
    """What is to be counted: a genre's consensus, best-ranked first, the lists that it is made of, and when.

    `read_at` says when a service's list was read, where that was not `at`.
    """

    tracks: Sequence[AggregateTrack]
    lists: Sequence[ServicePlaylist]
    at: datetime
    read_at: Mapping[str, datetime] = field(default_factory=dict)

    def wanted(self) -> list[Wanted]:
        """The same, ready to be looked up."""
        return [wanted_of(track) for track in self.tracks]

    def in_order(self, found: Mapping[str, A]) -> dict[str, A]:
        """What was found by track id, best-ranked first, and only what the chart holds."""
        return {track.track_id: found[track.track_id] for track in self.tracks if track.track_id in found}


@dataclass(frozen=True, slots=True)
class Counted:
    """What a source gives for a chart, by track id.

    Attributes:
        videos: the addresses of the videos whose views are counted.
        covers: pictures for tracks whose services showed none.
        numbers: of its look-ups, for Dagster.
    """

    counts: Counts
    videos: Mapping[str, str] = field(default_factory=dict)
    covers: Mapping[str, str] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)


def or_lookup_error(counts: Counts, report: LookupReport) -> Counts:
    """The counts, missing too where a look-up failed; look-ups that wait for their quota make no count missing."""
    return counts if isinstance(report.error, QuotaExhausted) else replace(counts, error=counts.error or report.error)


@dataclass
class Answers(Generic[A]):
    """What the answers say together, which calls they answered, why some are missing, and how many are."""

    found: dict[str, int | None] = field(default_factory=dict)
    answered: list[A] = field(default_factory=list)
    error: UpstreamError | None = None
    unanswered: int = 0

    def counts(self, own_ids: Mapping[str, str], asked: Set[str]) -> Counts:
        """The same by our track id: `own_ids` names each one's id at the source, `asked` are those whose calls were answered."""
        there = {track for track, own in own_ids.items() if own in self.found}
        left_out = asked - there
        if not there and len(left_out) >= KNOWS_NONE:
            left_out = set()
        counted = {track: count for track, own in own_ids.items() if (count := self.found.get(own)) is not None}
        return Counts(counted, self.error, self.unanswered, frozenset(there), frozenset(left_out))


def gather(client: HttpClient, ask: Callable[[A], Mapping[str, int | None]], items: Sequence[A]) -> Answers[A]:
    """What `ask` answers for the items, on the client's threads, best-ranked first."""
    answers: Answers[A] = Answers(unanswered=len(items))
    failed: UpstreamError | None = None
    missing: NotFound | None = None
    for batch in client.in_batches(ask, items, client.threads):
        for item, outcome in batch:
            if isinstance(outcome, UpstreamError) and not isinstance(outcome, NotFound):
                failed = failed or outcome
                continue
            answers.unanswered -= 1
            answers.answered.append(item)
            if isinstance(outcome, NotFound):
                missing = missing or outcome
            else:
                answers.found = by_id([*answers.found.items(), *outcome.items()])
    # An album that is gone means one count less; a service that knows none of them is at fault.
    answers.error = failed or (None if answers.found else missing)
    return answers
