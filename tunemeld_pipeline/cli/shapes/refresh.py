"""What refreshes the charts: runs and plans of runs, quotas, sources of lists, logs."""

from typing import Literal

from typing_extensions import TypedDict

from tunemeld_pipeline.cli.shapes.values import Moment, Share
from tunemeld_pipeline.settings.choices import Upstreams


class GenreRun(TypedDict):
    """The outcome of one genre's run."""

    genre: str
    run_id: str
    url: str | None
    """Its page in Dagster's UI, where that runs."""
    success: bool
    interrupted: bool
    """Whether Ctrl-C came meanwhile."""
    degraded: list[str]
    """What was stale, absent or not counted."""
    reasons: dict[str, str]
    """Each of `degraded`, and why."""
    error: str | None
    seconds: float
    calls: int
    """On all upstreams."""
    assets: dict[str, dict[str, int | float | bool]]
    """Asset → the numbers that its run recorded."""


class Runs(TypedDict):
    """`tunemeld etl run`."""

    stage: str
    as_of: str | None
    """As --as-of was given."""
    upstreams: Upstreams
    database: str
    runs: list[GenreRun]


class QuotaPlan(TypedDict):
    """What an upstream last said of its plan."""

    limit: int
    remaining: int
    resets_at: Moment


class Quota(TypedDict):
    """One quota today."""

    name: str
    service: str
    used: int
    limit: int
    """The daily budget of the settings."""
    left: int
    """What may still be spent today."""
    kept: int
    """How much of `left` is kept for genres that are not counted yet."""
    exhausted: bool
    resets_at: Moment
    plan: QuotaPlan | None


class ExpectedCalls(TypedDict):
    """Calls that a run would make on one upstream."""

    bucket: str | None
    """The quota that pays; null where nobody counts them."""
    units: int
    purpose: str
    waiting: int
    """How many more it would make, had the quota units left."""


class GenrePlan(TypedDict):
    """What a run of one genre would do."""

    genre: str
    assets: list[str]
    calls: list[ExpectedCalls]
    unknown: str | None
    """What nobody can know before an earlier stage has run."""


class Plan(TypedDict):
    """`tunemeld etl run --dry-run`."""

    dry_run: Literal[True]
    stage: str
    as_of: Moment
    database: str
    genres: list[GenrePlan]
    quotas: list[Quota]


class AssetRun(TypedDict):
    """The last time that an asset was made, or failed to be."""

    asset: str
    state: str
    """success, failure, running or skipped."""
    at: Moment | None
    run_id: str


class Source(TypedDict):
    """A service's list as it is kept."""

    service: str
    at: Moment
    """When it was observed."""
    stale: bool
    error: str | None
    """Why it could not be read again."""


class GenreInFull(TypedDict):
    """One genre's runs, chart and lists."""

    assets: list[AssetRun]
    tracks: int
    shown_as_of: Moment | None
    coverage: dict[str, Share]
    degraded: list[str]
    reasons: dict[str, str]
    sources: list[Source]


class OpenIncident(TypedDict):
    """Something that is wrong."""

    key: str
    genre: str | None
    since: Moment


class EtlStatus(TypedDict):
    """`tunemeld etl status`."""

    at: Moment
    genres: dict[str, GenreInFull]
    scheduled: bool
    """Whether the daily refresh is switched on."""
    daemon_runs: bool
    daemon_seen: Moment | None
    parts: dict[str, str]
    """Part of `tunemeld start` → up, down or hangs."""
    workers: dict[str, str]
    """What was seen of each worker of a cluster, for people; empty where the daemon starts runs itself."""
    next_run: Moment | None
    quotas: list[Quota]
    incidents: list[OpenIncident]
    failures: list[str]
    """Why the exit status is 1."""
    warnings: list[str]
    """Why it is 3."""
    notes: list[str]


class CoveredList(TypedDict):
    """What a source last showed of one genre's list."""

    outcome: str
    rows: int | None
    rows_total: int | None
    """How many the list has, where the source says so."""


class Look(TypedDict):
    """What the last probe, or the canary, saw of a source's list."""

    at: Moment
    url: str
    name: str | None
    rows: int | None
    rows_before: int | None
    unlike: list[str]
    """What is not as it was, or as the source declares."""
    body: str | None
    """The file with an answer that has changed."""


class SourceStanding(TypedDict):
    """A source of lists, and what its last tries came to."""

    service: str
    source: str
    format: int
    place: int | None
    """As which it is asked; null where it is not."""
    enabled: bool
    why_not: str | None
    needs: list[str]
    """The settings without which it cannot be read."""
    last_ok_at: Moment | None
    last_tried_at: Moment | None
    last_outcome: str | None
    reason: str | None
    failures: int
    """In a row."""
    look: Look | None
    rests_until: Moment | None
    lists: dict[str, CoveredList]
    """Genre → its list."""


class SourceStandings(TypedDict):
    """`tunemeld etl sources`."""

    at: Moment
    sources: list[SourceStanding]


class Rollback(TypedDict):
    """`tunemeld etl rollback`."""

    genre: str
    shown_as_of: Moment
    version: int
    tracks: int
    held: bool


class LogLine(TypedDict):
    """One line of a log; docs/logs.md says which other members it may have."""

    timestamp: Moment
    level: Literal["debug", "info", "warning", "error", "critical"]
    event: str
    logger: str


class Run(TypedDict):
    """A run in a line."""

    run_id: str
    genre: str
    stage: str
    state: str
    """Dagster's status in lower case."""
    began: Moment
    seconds: float | None
    """null while it is under way."""
    degraded: list[str]


class RunStep(TypedDict):
    """An asset in a run."""

    asset: str
    state: str
    seconds: float | None


class RunInFull(Run):
    """`tunemeld runs show`."""

    assets: list[RunStep]
    error: str | None
    """Why it failed."""
