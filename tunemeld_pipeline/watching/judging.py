"""What counts as wrong: the pure judgement of charts, runs, checks, quotas and processes.

`orchestration/alarm_sensor.py` and `operations/part_watch.py` read the facts, `alarms.py` has the texts, `incidents.py` knows how long a
trouble lasts, and `delivery.py` sends the messages.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from statistics import median
from typing import Literal

from tunemeld_pipeline.charts.documents import Materialization, missing_sources
from tunemeld_pipeline.charts.source_states import Look
from tunemeld_pipeline.errors import NewerDocument, UnreadableDocument
from tunemeld_pipeline.limits import BACKUP_TOO_OLD
from tunemeld_pipeline.watching.alarms import AlarmKind

NEARLY_GONE = 0.1
"""The share of a quota below which it counts as nearly gone."""

NAMED_DOCUMENTS = 3
"""How many unreadable documents of a collection a message names."""

SLOW_FACTOR = 3
RUNS_COMPARED = 14
FEWEST_RUNS = 5
LEAST_SLOW = timedelta(seconds=10)
"""A run that takes less time is not worth an alarm, even if earlier ones were faster."""

CHECKS_WITH_ALARMS: Mapping[str, AlarmKind | None] = {
    "matched_share_as_usual": AlarmKind.MATCHED_SHARE_LOW,
    "counts_cover_the_chart": AlarmKind.COVERAGE_LOW,
    # The findings of these two are reported as `degraded` and `stale_data`, from what was published.
    "services_fresh": None,
    "every_genre_is_recent": None,
}
"""Checks that have their own alarm; every other one is reported as `check_failed`."""


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong now. `since` is when it began, as far as is known."""

    kind: AlarmKind
    genre: str | None
    subject: str
    detail: str
    since: datetime
    run_id: str | None = None

    @property
    def key(self) -> str:
        """Two findings with the same key are the same trouble."""
        return f"{self.kind}/{self.genre or ''}/{self.subject}"


@dataclass(slots=True)
class Examination:
    """What is wrong, and what was examined at all: the kinds and genres."""

    looked_at: set[tuple[str, str | None]] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def note(self, kind: AlarmKind, genre: str | None, findings: Iterable[Finding]) -> None:
        """Adds the findings of this kind and genre; none means that all is well there."""
        self.looked_at.add((kind, genre))
        self.findings += findings


@dataclass(frozen=True, slots=True)
class RunFacts:
    """A run of a genre's daily job. `ended` is None while it runs; `error` says why it failed."""

    run_id: str
    state: Literal["running", "success", "failure"]
    started: datetime
    ended: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class CheckFacts:
    """The result of an asset check: `low` names the services or sources that were too low, if it names any."""

    name: str
    passed: bool
    low: tuple[str, ...] = ()
    detail: str = ""


@dataclass(frozen=True, slots=True)
class QuotaFacts:
    """A budget's use on one quota day; `left` is less than the rest of the budget if the service's plan has less."""

    name: str
    used: int
    limit: int
    left: int
    exhausted: bool = False

    @property
    def nearly_gone(self) -> bool:
        """Whether a tenth or less is left; a budget of zero is a decision, not a trouble."""
        return self.limit > 0 and (self.exhausted or self.left <= self.limit * NEARLY_GONE)


@dataclass(frozen=True, slots=True)
class PutAsideFacts:
    """A document that could not be read and was put aside: by which run, and why."""

    collection: str
    key: str
    why: str
    by: str


@dataclass(frozen=True, slots=True)
class PartFacts:
    """A part of the installation that hung: why it counted as hanging, and when it was killed."""

    name: str
    reason: str
    hung_at: datetime


@dataclass(frozen=True, slots=True)
class LadderFacts:
    """The sources of a service's lists that may be asked, in their order, why some of them fail, and whose quota is used up."""

    service: str
    sources: tuple[str, ...]
    failing: Mapping[str, str]
    used_up: Mapping[str, str] = field(default_factory=dict)

    @property
    def working(self) -> list[str]:
        """Those of which nobody knows that they fail."""
        return [source for source in self.sources if source not in self.failing]


def judge_switches(
    judgement: Examination, genre: str, published: Materialization | None, ladders: Mapping[str, LadderFacts]
) -> None:
    """Which lists of the published chart were read from another source than the first one; `ladders` is by service."""
    if published is None:
        return
    findings = []
    for service, outcome in published.outcomes.items():
        ladder = ladders.get(service)
        if ladder is None or outcome.source not in ladder.sources[1:] or outcome.state != "fresh":
            continue
        first = ladder.sources[0]
        reason = ladder.failing.get(first) or ladder.used_up.get(first)
        why = f"{outcome.source} instead of {first}" + (f" ({reason})" if reason else "")
        findings.append(
            Finding(
                AlarmKind.SOURCE_SWITCHED,
                genre,
                service,
                f"it was read from {why}",
                published.finished_at,
                published.run_id,
            )
        )
    judgement.note(AlarmKind.SOURCE_SWITCHED, genre, findings)


def judge_last_sources(judgement: Examination, ladders: Iterable[LadderFacts], at: datetime) -> None:
    """Which services had several sources and are down to one: the warning before the list gets old."""
    judgement.note(
        AlarmKind.SERVICE_ON_LAST_SOURCE,
        None,
        [
            Finding(
                AlarmKind.SERVICE_ON_LAST_SOURCE,
                None,
                ladder.service,
                f"{f'only {ladder.working[0]} is left' if ladder.working else 'none is left'}: "
                + "; ".join(f"{source}: {why}" for source, why in ladder.failing.items()),
                at,
            )
            for ladder in ladders
            if len(ladder.sources) > 1 and len(ladder.working) < 2
        ],
    )


def judge_looks(judgement: Examination, looks: Mapping[str, Look]) -> None:
    """Which sources are not as they were at the canary's last look; `looks` is by source, of those that may be asked."""
    judgement.note(
        AlarmKind.SOURCE_CHANGED,
        None,
        [
            Finding(AlarmKind.SOURCE_CHANGED, None, source, "; ".join(look.unlike), look.at)
            for source, look in looks.items()
            if look.unlike
        ],
    )


def judge_daemon(judgement: Examination, last_beat: datetime | None, *, is_silent: bool, at: datetime) -> None:
    """Whether Dagster's daemon is alive: the finding, if it is silent, and when it was last heard of."""
    when = f"of {last_beat:%Y-%m-%d %H:%M:%S} UTC" if last_beat else "still to come"
    found = [Finding(AlarmKind.DAEMON_SILENT, None, "", f"its last sign of life is {when}", last_beat or at)]
    judgement.note(AlarmKind.DAEMON_SILENT, None, found if is_silent else [])


def judge_parts(judgement: Examination, hung: Iterable[PartFacts]) -> None:
    """Which parts hung lately."""
    judgement.note(
        AlarmKind.PART_HUNG,
        None,
        [Finding(AlarmKind.PART_HUNG, None, part.name, part.reason, part.hung_at) for part in hung],
    )


def judge_published(
    judgement: Examination, genre: str, published: Materialization | None, late_after: timedelta, at: datetime
) -> None:
    """Whether the published chart is too old, and what it is missing."""
    if published is None:
        return
    age = at - published.as_of
    judgement.note(
        AlarmKind.STALE_DATA,
        genre,
        [
            Finding(
                AlarmKind.STALE_DATA,
                genre,
                "",
                f"the last chart was observed on {published.as_of:%Y-%m-%d %H:%M} UTC, {age.total_seconds() / 3600:.0f} hours ago",
                published.as_of + late_after,
                published.run_id,
            )
        ]
        # What somebody holds is old because they want it so.
        if age > late_after and not published.held
        else [],
    )
    reasons = missing_sources(published)
    judgement.note(
        AlarmKind.DEGRADED,
        genre,
        [
            Finding(AlarmKind.DEGRADED, genre, subject, reason, published.finished_at, published.run_id)
            for subject, reason in reasons.items()
        ],
    )


def judge_runs(
    judgement: Examination, genre: str, runs: Sequence[RunFacts], published: Materialization | None, at: datetime
) -> None:
    """Whether the last run failed, and whether the current one takes too long. `runs` is newest first."""
    done = [run for run in runs if run.state != "running"]
    if done:
        # A run's own chart is recognised by the run's id: its `as_of` is the run's start in whole milliseconds, so it is before that.
        published_since = published is not None and (
            published.run_id == done[0].run_id or published.as_of >= done[0].started
        )
        failed = done[0].state == "failure" and not published_since
        judgement.note(AlarmKind.RUN_FAILED, genre, [_failure(genre, done)] if failed else [])
    if runs:
        _judge_time(judgement, genre, runs[0], [run for run in runs[1:] if run.state == "success"], at)


def judge_checks(judgement: Examination, genre: str, checks: Iterable[CheckFacts], published: Materialization) -> None:
    """What the checks said about the published chart; only kinds that have a check are examined.

    A count that could not be read, or a playlist that never existed, is reported as `degraded`, and its consequences are not.
    """
    absent = any(outcome.state == "absent" for outcome in published.outcomes.values())
    failed: list[Finding] = []
    for check in checks:
        kind = CHECKS_WITH_ALARMS.get(check.name, AlarmKind.CHECK_FAILED)
        if kind is None or (kind is AlarmKind.MATCHED_SHARE_LOW and absent):
            continue
        subjects = [check.name] if kind is AlarmKind.CHECK_FAILED else list(check.low)
        if kind is AlarmKind.COVERAGE_LOW:
            subjects = [source for source in subjects if source not in published.count_errors]
        judgement.looked_at.add((kind, genre))
        if not check.passed:
            failed += [
                Finding(kind, genre, subject, check.detail, published.finished_at, published.run_id)
                for subject in subjects
            ]
    judgement.findings += failed


def judge_documents(
    judgement: Examination,
    unreadable: Mapping[str, Sequence[UnreadableDocument]],
    put_aside: Iterable[PutAsideFacts],
    at: datetime,
) -> None:
    """Which collections hold documents that cannot be read, or held some until a run put them aside.

    Args:
        unreadable: by collection.
        put_aside: what runs have put aside since the last look.
    """
    details: dict[str, list[str]] = {name: [_sentence(one) for one in found] for name, found in unreadable.items()}
    for one in put_aside:
        details.setdefault(one.collection, []).append(f"{one.key} ({one.why}); {one.by} has put it aside")
    judgement.note(
        AlarmKind.UNREADABLE_DOCUMENT,
        None,
        [
            Finding(AlarmKind.UNREADABLE_DOCUMENT, None, collection, _first(sentences), at)
            for collection, sentences in details.items()
            if sentences
        ],
    )


def _sentence(error: UnreadableDocument) -> str:
    newer = "written by a newer release: " if isinstance(error, NewerDocument) else ""
    return f"{error.key} ({newer}{error.field} {error.why}; _id {error.document_id})"


def _first(sentences: Sequence[str]) -> str:
    more = len(sentences) - NAMED_DOCUMENTS
    return "; ".join([*sentences[:NAMED_DOCUMENTS], *([f"and {more} more"] if more > 0 else [])])


def judge_quotas(
    judgement: Examination, today: Iterable[QuotaFacts], yesterday: Iterable[QuotaFacts], at: datetime
) -> None:
    """Which budgets are nearly gone, or were on the previous quota day.

    A budget is full again every day: if only today counted, a week in which it runs out daily would give seven incidents.
    """
    before = {quota.name for quota in yesterday if quota.nearly_gone}
    judgement.note(
        AlarmKind.QUOTA_LOW,
        None,
        [
            Finding(
                AlarmKind.QUOTA_LOW,
                None,
                quota.name,
                f"{quota.used:,} of {quota.limit:,} used today"
                + (", and the service says that nothing is left" if quota.exhausted else "")
                + ("" if quota.nearly_gone else "; it ran out the day before"),
                at,
            )
            for quota in today
            if quota.nearly_gone or quota.name in before
        ],
    )


def judge_backups(judgement: Examination, newest: datetime | None, last: RunFacts | None, at: datetime) -> None:
    """Whether the newest backup in BACKUP_DIR is of today, and the last attempt at one did not fail after it."""
    failed = last is not None and last.state == "failure" and (newest is None or (last.ended or last.started) > newest)
    findings = []
    if last is not None and failed:
        findings = [Finding(AlarmKind.BACKUP_MISSING, None, "", last.error, last.ended or last.started, last.run_id)]
    elif newest is None:
        findings = [Finding(AlarmKind.BACKUP_MISSING, None, "", "BACKUP_DIR holds no backup of this database", at)]
    elif at - newest > BACKUP_TOO_OLD:
        hours = (at - newest).total_seconds() / 3600
        why = f"the newest backup was made on {newest:%Y-%m-%d %H:%M} UTC, {hours:.0f} hours ago"
        findings = [Finding(AlarmKind.BACKUP_MISSING, None, "", why, newest + BACKUP_TOO_OLD)]
    judgement.note(AlarmKind.BACKUP_MISSING, None, findings)


def judge_background(judgement: Examination, last: RunFacts | None) -> None:
    """Whether the look-ups between the runs got an answer at the last try."""
    found = []
    if last is not None and last.state == "failure":
        when = last.ended or last.started
        found = [Finding(AlarmKind.DEGRADED, None, "slow ISRC look-ups", last.error, when, last.run_id)]
    judgement.note(AlarmKind.DEGRADED, None, found)


def _failure(genre: str, done: Sequence[RunFacts]) -> Finding:
    first = done[0]
    for run in done[1:]:
        if run.state != "failure":
            break
        first = run
    return Finding(AlarmKind.RUN_FAILED, genre, "", done[0].error, first.ended or first.started, done[0].run_id)


def _judge_time(judgement: Examination, genre: str, run: RunFacts, before: Sequence[RunFacts], at: datetime) -> None:
    times = [(one.ended - one.started).total_seconds() for one in before if one.ended is not None][:RUNS_COMPARED]
    if len(times) < FEWEST_RUNS or run.state == "failure":
        return
    usual = median(times)
    took = (run.ended or at) - run.started
    slow = took > max(timedelta(seconds=SLOW_FACTOR * usual), LEAST_SLOW)
    if run.state == "running" and not slow:
        return  # the verdict on the run before it still holds
    what = "has taken" if run.state == "running" else "took"
    detail = f"it {what} {took.total_seconds():.0f} s; the median of the {len(times)} before is {usual:.0f} s"
    judgement.note(
        AlarmKind.SLOW_RUN,
        genre,
        [Finding(AlarmKind.SLOW_RUN, genre, "", detail, run.started, run.run_id)] if slow else [],
    )
