"""What `--json` prints: the shape of every command's data, from which docs/json/ is written.

The commands build these dictionaries, and mypy compares them; `reference.py` writes the JSON Schemas. Moments are ISO 8601 in UTC. A later
release may add members, and takes none away within a major version.
"""

from types import GenericAlias
from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema
from typing_extensions import TypedDict

from tunemeld_pipeline.charts.matching.judge import Verdict
from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.health import State
from tunemeld_pipeline.settings.choices import CacheBackend, Environment, Upstreams

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Share = Annotated[float, Field(ge=0, le=1)]
Movement = Literal["new", "re", "up", "down", "same", "gone"]


class Part(TypedDict):
    """One part of the installation."""

    part: str
    """Its name: settings, database, disk, …, or a genre."""
    state: State
    seen: str
    """What was found, for people."""
    action: str
    """What to do where it is not good; else empty."""


class Parts(TypedDict):
    """How each part is."""

    state: State
    """The worst of all parts."""
    parts: list[Part]


class GenreStatus(TypedDict):
    """What a genre shows."""

    genre: str
    state: State
    shown_as_of: Moment | None
    """When what visitors see was observed; null where it has no chart."""
    tracks: int
    coverage: dict[str, Share]
    """Source of counts → the share of the chart that it has counted."""
    lacking: list[str]
    """What is missing or old."""


class Status(TypedDict):
    """`tunemeld status`."""

    at: Moment
    state: State
    """The worst of all parts and genres."""
    parts: list[Part]
    genres: list[GenreStatus]


class ChartRow(TypedDict):
    """One recording on a genre's chart."""

    rank: int
    isrc: str | None
    title: str
    artist: str
    status: Movement | None
    """What became of it since a week before; null where there is no chart of then."""
    movement: int | None
    """Ranks gained since then."""
    peak_rank: int | None
    days_on_chart: int | None
    positions: dict[str, int]
    """Service → its position there."""
    counts: dict[str, int]
    """Source of counts → the last count."""
    gains_7d: dict[str, int | None]
    """Source of counts → what the last seven days added; null where that is not known."""


class Chart(TypedDict):
    """`tunemeld chart`."""

    genre: str
    shown_as_of: Moment
    length: int
    """Rows of the whole chart; `tracks` has as many as --top asks for."""
    only_service: str | None
    """The service whose list this is; null where it is a consensus of several."""
    tracks: list[ChartRow]


class Reading(TypedDict):
    """One count."""

    at: Moment
    count: int


class Track(TypedDict):
    """`tunemeld track`."""

    isrc: str
    title: str | None
    artist: str | None
    urls: dict[str, str]
    """Service → its page there."""
    charts: dict[str, ChartRow]
    """Genre → its row on today's chart."""
    counts: dict[str, list[Reading]]
    """Source of counts → all its readings, oldest first."""


class Change(TypedDict):
    """A recording on one or both of two days' charts."""

    track_id: str
    name: str
    status: Movement | None
    """null where a source that shows more rows than the day before is why it is there."""
    rank: int | None
    """On the later day; null where it is gone."""
    previous_rank: int | None
    movement: int | None


class Changes(TypedDict):
    """`tunemeld changes`."""

    genre: str
    since: Day
    until: Day
    services_joined: list[str]
    """Services that count on the later day alone."""
    services_left: list[str]
    """Services that counted on the earlier day alone."""
    changes: list[Change]


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


class AskedPath(TypedDict):
    """One path of the API."""

    path: str
    status: int | None
    """null where there was no answer."""
    milliseconds: float
    problem: str | None


class ApiHealth(TypedDict):
    """`tunemeld api health`."""

    asked: list[AskedPath]
    unwell: list[str]
    """The parts that `/health` calls unwell."""


class Incident(TypedDict):
    """Something that is or was wrong."""

    incident_id: str
    key: str
    """Names the trouble; of the incidents with one key at most one is open."""
    kind: str
    """The alarm's name in docs/alarms.md."""
    genre: str | None
    subject: str
    """What is affected besides the genre: a list, a source of counts, a quota, a check."""
    detail: str
    run_id: str | None
    opened_at: Moment
    last_seen: Moment
    closed_at: Moment | None
    reopened: int
    """How often it came back within an hour."""
    told_at: Moment | None
    """When the message that it began was sent."""
    reminded_at: Moment | None
    over_told_at: Moment | None
    """When the message that it is over was sent."""
    tries: int
    """Of the message that is under way."""
    next_try_at: Moment | None
    telling_since: Moment | None


class Mongod(TypedDict):
    """The local MongoDB server."""

    running: bool
    pid: int | None
    version: str | None
    socket: str
    data: str
    log: str
    binary: str | None


class Sandbox(TypedDict):
    """A sandbox service in the background."""

    url: str
    pid: int
    seed: int | None
    replay_dir: str | None


class LocalServers(TypedDict):
    """`tunemeld db status`."""

    mongodb_url_is_set: bool
    """Then that server is used, and no local one is needed."""
    mongod: Mongod
    sandbox: list[Sandbox]


class Connection(TypedDict):
    """`tunemeld db test-connection`."""

    version: str
    replica_set: str | None
    milliseconds: float
    database: str


class Index(TypedDict):
    """One index."""

    collection: str
    name: str
    state: Literal["ok", "missing", "foreign"]


class Collection(TypedDict):
    """One collection."""

    name: str
    documents: int
    data_bytes: int
    storage_bytes: int
    newest: Moment | None


class Unreadable(TypedDict):
    """A stored document that cannot be read."""

    collection: str
    document_id: str
    key: str
    field: str
    """The first part that does not fit."""
    why: str
    harm: str
    repair: str
    is_newer: bool
    """Whether a newer release wrote it, so that nothing changes it here."""


class DocumentCheck(TypedDict):
    """`tunemeld db check`."""

    repaired: bool
    """Whether --repair was given."""
    unreadable: list[Unreadable]


class Backup(TypedDict):
    """`tunemeld db backup`."""

    database: str
    folder: str
    tried_out: bool
    """Whether it was restored into a scratch database."""
    documents: int


class CacheEntry(TypedDict):
    """A response in the shared cache."""

    version: int
    age_seconds: int


class CacheStatus(TypedDict):
    """`tunemeld cache status`."""

    backend: CacheBackend
    genres: dict[str, dict[str, CacheEntry | None]]
    """Genre → path → what is held, or null; empty where each process keeps its own."""


class SettingShown(TypedDict):
    """A setting as it counts now."""

    value: Any
    """null where it is not set, `(hidden)` for a secret."""
    origin: str
    """default, environment file, variable, option, or refused."""


class NamedSetting(SettingShown):
    """`tunemeld config get`."""

    name: str


class SettingsCheck(TypedDict):
    """`tunemeld config validate`."""

    usable: bool
    environment: Environment
    upstreams: Upstreams
    env_file: str | None
    problems: dict[str, str]
    """Setting → what is wrong with it."""
    warnings: list[str]
    not_configured: dict[str, str]
    """Service → what is not set, so that it is left out."""
    left_out: dict[str, str]
    """Installed package of a service → why it is left out."""
    readable_by_others: list[str]
    """Files of ours that others on this machine can read."""


TakenSetting = TypedDict("TakenSetting", {"from": str, "place": str})
"""The older system's name of a setting, and where its value stands."""


class EnvironmentMigration(TypedDict):
    """`tunemeld config migrate-env`: names and sentences, no values."""

    environment: str
    settings: dict[str, TakenSetting]
    conflicts: list[str]
    unknown: list[str]
    left_out: list[str]
    missing: list[str]
    notes: list[str]


class Judged(TypedDict):
    """A judgement of two rows."""

    verdict: Verdict
    confidence: Share
    evidence: str


class Row(TypedDict):
    """What a service says of a recording."""

    title: str
    artist: str
    duration_ms: int | None
    isrc: str | None
    uploader: str | None
    service: str | None
    key: str
    """Unique in stored lists; empty where it was typed."""


class ExplainedPair(Judged):
    """Two rows, and whether they are one recording."""

    a: Row
    b: Row


class ListedRow(TypedDict):
    """A row of a stored list."""

    service: str
    position: int
    title: str
    artist: str
    isrc: str | None
    key: str


class Candidate(ListedRow, Judged):
    """A row of another list, and why it is not the same."""


class UnmatchedRow(ListedRow):
    """A row that is on one service only."""

    unsure: bool
    candidates: list[Candidate]
    """The rows of other services that are most like it."""


class GenreMatches(TypedDict):
    """One genre in `tunemeld match report`."""

    genre: str
    matched_shares: dict[str, Share]
    """Service → the share of its rows that are on another list too."""
    unmatched: list[UnmatchedRow]


class Score(TypedDict):
    """How good judgements are."""

    pairs: int
    precision: Share
    recall: Share
    true_matches: int
    false_matches: int
    missed: int
    true_others: int


class WrongPair(ExplainedPair):
    """A labelled pair that was judged otherwise."""

    same: bool
    label: str


class Evaluation(TypedDict):
    """`tunemeld match evaluate`."""

    overall: Score
    by_label: dict[str, Score]
    anchor: Score
    """Of the rule of one line that the judgement has to beat."""
    anchor_by_label: dict[str, Score]
    unsure: int
    wrong: list[WrongPair]


class ServiceSource(TypedDict):
    """A source of a service's lists."""

    key: str
    """The service's."""
    name: str
    kind: str
    source: str
    format: int
    needs: list[str]
    """The settings without which it cannot be read."""
    gives: list[str]
    """What its rows say besides names."""
    documented: bool | None
    consent: bool | None
    """Whether somebody has to agree to its terms by naming it in the settings."""
    terms: str | None
    hosts: list[str]
    bodies: int
    """How many contract bodies it has."""
    module: str


class Services(TypedDict):
    """`tunemeld service list`."""

    sources: list[ServiceSource]
    left_out: dict[str, str]
    """Package that cannot be used → why."""


class ServiceTest(TypedDict):
    """A test that a service has to pass."""

    test: str
    of: str
    passed: bool
    why: str


class ServiceTests(TypedDict):
    """`tunemeld service test`."""

    passed: bool
    tests: list[ServiceTest]


class Fault(TypedDict):
    """A fault that a sandbox still has to play."""

    upstream: str
    endpoint: str | None
    """Part of an endpoint's name; null for the whole upstream."""
    fault: str
    times: int | None
    """How many more requests meet it; null for all."""
    seconds: float | None
    status: int | None


PRINTED: dict[str, Any] = {
    "status": Status,
    "chart": Chart,
    "track": Track,
    "changes": Changes,
    "etl run": Runs | Plan,
    "etl status": EtlStatus,
    "etl sources": SourceStandings,
    "etl validate": Parts,
    "etl logs": LogLine,
    "etl rollback": Rollback,
    "runs": list[Run],
    "runs show": RunInFull,
    "api health": ApiHealth,
    "api logs": LogLine,
    "alarms list": list[Incident],
    "db status": LocalServers,
    "db test-connection": Connection,
    "db indexes": list[Index],
    "db stats": list[Collection],
    "db check": DocumentCheck,
    "db backup": Backup,
    "db withhold list": list[Withholding],
    "cache status": CacheStatus,
    "config show": dict[str, SettingShown],
    "config get": NamedSetting,
    "config validate": SettingsCheck,
    "config migrate-env": EnvironmentMigration,
    "system health": Parts,
    "system info": dict[str, str],
    "system logs": LogLine,
    "match explain": list[ExplainedPair],
    "match report": list[GenreMatches],
    "match evaluate": Evaluation,
    "service list": Services,
    "service test": ServiceTests,
    "sandbox faults": list[Fault],
}
"""Command → what it prints with `--json`; the commands that show logs print one such object a line."""


class _Untitled(GenerateJsonSchema):
    """Without a title for each member, which would only be its name again."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema  # the signature is pydantic's own
        return False


def schema_of(command: str) -> dict[str, Any]:
    """The JSON Schema of what `tunemeld COMMAND --json` prints."""
    # As a list's member, since a type of its own takes no configuration from here.
    config = ConfigDict(use_attribute_docstrings=True, json_schema_serialization_defaults_required=True)
    listed: Any = GenericAlias(list, (PRINTED[command],))
    adapter: TypeAdapter[Any] = TypeAdapter(listed, config=config)
    whole = adapter.json_schema(mode="serialization", schema_generator=_Untitled)
    shared = {"$defs": whole["$defs"]} if "$defs" in whole else {}
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        "title": f"tunemeld {command} --json",
        **whole["items"],
        **shared,
    }
