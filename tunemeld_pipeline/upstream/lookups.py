"""Look-ups that need a call: which ISRC, which track, which video is this recording?

This module looks up only what is not known yet, new ones first and best-ranked first, until the budget is used up, and believes an answer
only if the matching (`charts/matching/`) judges it to be the same recording. The calls themselves are in the folders of `services/`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol

from tunemeld_pipeline.charts.counting import Counts
from tunemeld_pipeline.charts.documents import AggregateTrack, LookedUp, Lookup, Track
from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import MalformedResponse, UpstreamError
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import SearchHit
from tunemeld_pipeline.upstream.client import HttpClient

BATCH_SIZE = 20
"""How many look-ups are remembered, and completed by one call, at a time."""

VERIFIED_AFTER = timedelta(days=30)
VERIFIED_SHARE = 30
"""An answer not confirmed for so many days is looked up again; each day at most one in thirty of a genre's remembered answers."""

Facts = dict[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One recording to look up: the key to remember the answer by, older keys it may be known by, and what is known of it.

    `again` is whether it was looked up before, so that others go first; `remembered` is the answer that is to be verified.
    """

    key: str
    row: Row
    other_keys: tuple[str, ...] = ()
    again: bool = False
    remembered: Facts | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """All keys that an answer may be remembered by, its own first."""
        return (self.key, *self.other_keys)


@dataclass
class LookupReport:
    """The outcome of one step's look-ups.

    `facts` holds what was known and what was found, `new` only the latter. `missing` are the keys whose answers the service left out when
    it was last called. `verified` is how many remembered answers were looked up again.
    """

    known: int = 0
    asked: int = 0
    found: int = 0
    deferred: int = 0
    verified: int = 0
    error: UpstreamError | None = None
    facts: dict[str, Facts] = field(default_factory=dict)
    new: dict[str, Facts] = field(default_factory=dict)
    missing: set[str] = field(default_factory=set)


class TrackSearch(Protocol):
    """The calls to a service that finds tracks by words."""

    @property
    def key(self) -> str:
        """The service's key."""

    @property
    def client(self) -> HttpClient:
        """The threads to ask on."""

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        """Tracks by words."""


class IsrcSearch(TrackSearch, Protocol):
    """The calls to one that has ISRCs too."""

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """ISRCs by track id."""


def look_up_isrcs(store: Store, searched: IsrcSearch, wanted: Sequence[Wanted], at: datetime) -> LookupReport:
    """The ISRC of each recording, and the facts of the track that has it, by key: from `isrc_cache` or from the service."""

    def with_isrcs(found: Mapping[str, Facts]) -> dict[str, Facts | None]:
        unknown = [facts["track_id"] for facts in found.values() if "isrc" not in facts]
        isrcs = searched.isrcs(unknown) if unknown else {}
        complete: dict[str, Facts | None] = {}
        for key, facts in found.items():
            isrc = facts.get("isrc") or isrcs.get(facts["track_id"])
            complete[key] = {**facts, "isrc": isrc} if isrc else None
        return complete

    return look_up(store, "isrc_cache", wanted, by_words(searched), searched.client, at, with_isrcs)


def note_presence(
    store: Store, cache: Lookup, wanted: Sequence[Wanted], report: LookupReport, counted: Counts, at: datetime
) -> None:
    """Remembers which looked-up answers the service has left out when it counted, and which of those missing before are there again."""
    known = [want for want in wanted if want.key in report.facts]
    left_out = {key: report.facts[want.key] for want in known if want.key in counted.left_out for key in want.keys}
    back = [key for want in known if want.key in report.missing & counted.there for key in want.keys]
    if left_out:
        store.lookups.note_left_out(cache, left_out, at)
    if back:
        store.lookups.note_there(cache, back, at)


def shown(report: LookupReport, counted: Counts) -> dict[str, Facts]:
    """What may be linked: not what the service has left out today, or when it was last called."""
    hidden = counted.left_out | (report.missing - counted.there)
    return {key: facts for key, facts in report.facts.items() if key not in hidden}


Outcome = dict[str, Facts | None]
Complete = Callable[[Mapping[str, Facts]], Mapping[str, Facts | None]]


def look_up(
    store: Store,
    cache: Lookup,
    wanted: Sequence[Wanted],
    search: Callable[[Wanted], Facts | None],
    client: HttpClient,
    at: datetime,
    complete: Complete | None = None,
) -> LookupReport:
    """What is known, and then what is found; `complete` turns what a batch found into the facts to keep."""
    report = LookupReport()
    waiting, due = _known(store, cache, wanted, at, report)
    report.deferred = len(waiting)
    for batch in client.in_batches(search, waiting, BATCH_SIZE):
        outcome, error = _outcome(batch, complete)
        # Kept batch by batch: a run that is killed does not pay twice.
        store.lookups.remember(cache, outcome, "search", at)
        _take_in(report, outcome)
        report.asked += len(outcome)
        report.found += sum(facts is not None for facts in outcome.values())
        report.deferred -= len(outcome)
        report.error = report.error or error
    if report.error is None:
        for batch in client.in_batches(search, due, BATCH_SIZE):
            outcome, _ = _outcome(batch, complete)
            refused = {want.key for want, facts in batch if isinstance(facts, MalformedResponse)}
            answered = [want for want, _ in batch if want.key in outcome.keys() | refused]
            _verify(store, cache, answered, outcome, at, report)
    return report


def _outcome(
    batch: Sequence[tuple[Wanted, Facts | UpstreamError | None]], complete: Complete | None
) -> tuple[Outcome, UpstreamError | None]:
    """The outcome of a batch by key, None where nothing was found, and the first error; what failed has no entry."""
    found = {want.key: facts for want, facts in batch if isinstance(facts, dict)}
    outcome: Outcome = {want.key: None for want, facts in batch if facts is None}
    errors = [error for _, error in batch if isinstance(error, UpstreamError)]
    try:
        outcome |= complete(found) if complete and found else found
    except UpstreamError as error:
        errors.append(error)
    return outcome, next(iter(errors), None)


def _take_in(report: LookupReport, outcome: Outcome) -> None:
    new = {key: facts for key, facts in outcome.items() if facts is not None}
    report.facts |= new
    report.new |= new
    report.missing -= new.keys()


def _verify(
    store: Store, cache: Lookup, answered: Sequence[Wanted], outcome: Outcome, at: datetime, report: LookupReport
) -> None:
    """Keeps what was confirmed, and replaces what was not where something else was found instead; finding nothing proves nothing.

    Nothing waits for this: a failed call does not trouble the run, and is due again on the next day. An answer that cannot be read counts
    as looked at; it would otherwise come again day after day, before all others.
    """
    changed: Outcome = {}
    for want in answered:
        facts, before = outcome.get(want.key), want.remembered or {}
        if facts is None:
            continue
        same = all(facts.get(name) == before.get(name) for name in ("track_id", "video_id"))
        now = {**before, **facts} if same else facts
        if now != before:
            changed[want.key] = now
    store.lookups.remember(cache, changed, "verification", at)
    store.lookups.note_verified(cache, [key for want in answered for key in want.keys], at)
    _take_in(report, changed)
    report.verified += len(answered)


def _known(
    store: Store, cache: Lookup, wanted: Sequence[Wanted], at: datetime, report: LookupReport
) -> tuple[list[Wanted], list[Wanted]]:
    """Fills in what needs no call, and returns what needs one, and what is to be verified.

    What was never looked up comes first, then what was not found or is lost, each in the order wanted. What is to be verified is ordered
    with the longest unconfirmed first.
    """
    known = store.lookups.looked_up(cache, {key for want in wanted for key in want.keys})
    unsettled: list[Wanted] = []
    tried: list[Wanted] = []
    standing: list[tuple[Wanted, LookedUp]] = []
    for want in wanted:
        answers = [known[key] for key in want.keys if key in known]
        answer = next((answer for answer in answers if answer.stands), None)
        if answer is not None and answer.value is not None:
            report.facts[want.key] = answer.value
            report.known += 1
            if answer.missing_since is not None:
                report.missing.add(want.key)
            standing.append((replace(want, again=True, remembered=answer.value), answer))
        elif want.key not in known and not any(answer.lost for answer in answers):
            unsettled.append(want)
        elif want.key not in known or not known[want.key].is_settled(at):
            tried.append(replace(want, again=True))
    return [*unsettled, *tried], _due(standing, at)


def _due(standing: Sequence[tuple[Wanted, LookedUp]], at: datetime) -> list[Wanted]:
    """What of the remembered answers is to be verified in a run at `at`."""
    today = sum(one.verified_at is not None and utc_day(one.verified_at) == utc_day(at) for _, one in standing)
    old = [(want, one) for want, one in standing if one.last_looked_up + VERIFIED_AFTER <= at]
    old.sort(key=lambda pair: pair[1].last_looked_up)
    return [want for want, _ in old[: max(0, ceil(len(standing) / VERIFIED_SHARE) - today)]]


def sorted_out(
    store: Store, cache: Lookup, wanted: Sequence[Wanted], at: datetime
) -> tuple[dict[str, Facts], list[Wanted]]:
    """What is known already, by key, and what a look-up at `at` would need a call for; without calling."""
    report = LookupReport()
    waiting, due = _known(store, cache, wanted, at, report)
    return report.facts, [*waiting, *due]


def wanted_of(track: Track) -> Wanted:
    """The recording behind a row of a playlist or of the consensus, ready to be looked up."""
    row = Row(track.track_name, track.artist_name, track.duration_ms, track.isrc, key=track.track_id)
    isrcs = track.isrcs if isinstance(track, AggregateTrack) else []
    return Wanted(track.track_id, row, tuple(isrc for isrc in isrcs if isrc != track.track_id))


def by_words(searched: TrackSearch) -> Callable[[Wanted], Facts | None]:
    """Looks one recording up by its words: the facts of the track that is judged to be the same."""

    def search(want: Wanted) -> Facts | None:
        found = searched.search(want.row.title, want.row.artist, again=want.again)
        kept = [track for track in found if want.remembered and track.track_id == want.remembered.get("track_id")]
        track = _believed(want.row, kept, searched.key) or _believed(want.row, found, searched.key)
        return _facts(track) if track else None

    return search


def _believed(row: Row, tracks: Sequence[SearchHit], service: str) -> SearchHit | None:
    """The track that is judged to be the same recording, the surest first, then the service's order."""
    judged = [
        (judge(row, Row(track.name, track.artist_name, track.duration_ms, track.isrc, service=service)), track)
        for track in tracks
    ]
    same = [(judgement.confidence, track) for judgement, track in judged if judgement.verdict is Verdict.SAME]
    return max(same, key=lambda pair: pair[0])[1] if same else None


def _facts(track: SearchHit) -> Facts:
    facts = {
        "track_id": track.track_id,
        "album_id": track.album_id,
        "cover_url": track.cover_url,
        "isrc": track.isrc,
    }
    return {name: value for name, value in facts.items() if value}
