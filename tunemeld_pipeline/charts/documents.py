"""What a document in MongoDB is: lists, charts, histories and what is published, with units, and the one rule of how one may be read.

`playlists.py`, `ranking.py` and `history.py` make documents, and `storage/` keeps them. Past days, incidents and the states of sources have
modules of their own. Times are aware and in UTC; counts are whole numbers of plays or views.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

SCHEMA_VERSION = 1
"""The version of every kind of document that names no other. 0 means the older system's documents, which give no version."""

CHART_SCHEMA_VERSION = 2
"""In version 1 a row of a chart kept its readings in the shape in which the older page shows them."""

HISTORY_SCHEMA_VERSION = 3
"""In version 1 a recording's history was one document, which grew by a reading a day; 2 was never used."""

AGGREGATE = "Aggregate"
"""The `service_name` of the consensus."""

VIDEOS = "Youtube"
"""The source of counts whose videos a recording's `youtube_url` leads to."""

Upstream = Literal["live", "sandbox", "replay"]
Phi = Annotated[float, Field(ge=0.5, le=0.999)]
StaleDiscount = Annotated[float, Field(gt=0, le=1)]
Lookup = Literal["isrc_cache", "youtube_cache", "spotify_cache"]


def in_utc(moment: datetime) -> datetime:
    """The moment in UTC; one without a zone is meant in UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Moment = Annotated[datetime, AfterValidator(in_utc)]
ServiceName = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,31}$")]
"""A service's key. Which services there are is judged where settings and registry meet: documents outlive a service."""


class Model(BaseModel):
    """A part of a document. Unknown fields are let through: a later release may add some.

    Nothing is converted: a time as text would be read here and missed by every query. Numbers are finite, as JSON's are.
    """

    model_config = ConfigDict(extra="ignore", strict=True, allow_inf_nan=False, defer_build=True)


class Document(Model):
    """What every document carries."""

    insert_timestamp: Moment
    run_id: str
    upstream: Upstream
    schema_version: int = SCHEMA_VERSION


class ServiceOutcome(Model):
    """What the last run saw of one upstream. `state`: fresh, stale (the last good data stays), absent (none was ever there).

    `source`, `country`, `rows_total` and `edited_at` are those of the list that was read, as in `RawPlaylist`; None where its source does
    not say, or an older release wrote this. `rows` came with it; `kept` more stay from an earlier read, since its source cannot show them.
    """

    state: Literal["fresh", "stale", "absent"]
    rows: int = 0
    kept: int = 0
    observed_at: Moment | None = None
    error: str | None = None
    source: str | None = None
    country: str | None = None
    rows_total: int | None = None
    edited_at: Moment | None = None


class RawPlaylist(Document):
    """`raw_playlists`: one service's playlist of one genre, as received.

    `insert_timestamp` is when the data was observed, also where later fetches failed: then `stale` is true, `stale_since` is the
    observation time of the first fetch that failed, and `error` says why the last one did.

    `source` and `format` say how `data_json` is read; without a source it came from `SERVICE.rapidapi`. `country` is the
    market that the list was read for, `rows_total` how many rows the service says it has, `edited_at` when its editors last changed it, as
    in `Listing`; each is None where the source does not say. `rows` is how many rows the body has, readable or not; None from an
    earlier release.

    `wider_lists` has documents of this shape too: each showed more rows than the one that took its place.
    """

    genre_name: str
    service_name: ServiceName
    playlist_url: str
    playlist_name: str | None = None
    playlist_cover_url: str | None = None
    playlist_cover_description_text: str | None = None
    data_json: str
    stale: bool = False
    stale_since: Moment | None = None
    error: str | None = None
    incomplete: str | None = None
    source: str | None = None
    format: int = 1
    kind: str = "editorial"
    country: str | None = None
    rows: int | None = None
    rows_total: int | None = None
    edited_at: Moment | None = None


class Match(Model):
    """How a row was matched: `method` is isrc, text, override, alone, or isrc_lookup where its ISRC had to be looked up."""

    method: str
    confidence: float = Field(ge=0, le=1)


class Track(Model):
    """One row of a playlist. `service_track_id` is the service's own id, `album_id` Spotify's, `play_count` SoundCloud's.

    `last_seen_at` is None on a row of the last read; a row that its source cannot show bears the time of the earlier read that did.
    """

    rank: int = Field(ge=1)
    isrc: str | None
    track_id: str
    track_name: str
    artist_name: str
    track_url: str
    album_cover_url: str | None = None
    youtube_url: str | None = None
    duration_ms: int | None = None
    source_name: str
    genre_name: str
    match: Match
    service_track_id: str | None = None
    album_id: str | None = None
    play_count: int | None = None
    last_seen_at: Moment | None = None


class RankingRule(StrEnum):
    """What a consensus is ordered by; see `ranking.py`. `priority` and `sum` are older rules, kept for comparison."""

    CENTROIDS = "centroids"
    PRIORITY = "priority"
    SUM = "sum"


class Ranking(Model):
    """How lists are weighed against each other; each consensus says how its lists were.

    `phi` is the persistence of the imagined reader: at 0.95 the first 20 rows hold about two thirds of a list's weight. A list of a
    stale service counts with its weight times `stale_discount`. A service that `weights` does not name weighs 1.

    `counting_rows` says, of lists whose source shows more than could be seen before, how many rows count until the list is edited
    (`tails.py`); of a list that it does not name all do.
    """

    model_config = ConfigDict(frozen=True)

    rule: Annotated[RankingRule, Field(strict=False)] = RankingRule.CENTROIDS
    phi: Phi = 0.95
    weights: dict[str, float] = {}
    stale_discount: StaleDiscount = 0.8
    counting_rows: dict[str, int] = {}

    def weight_of(self, service: str) -> float:
        """What a service's list weighs; 0 where it is shown and counts nowhere."""
        return self.weights.get(service, 1.0)

    def counts(self, service: str, rank: int) -> bool:
        """Whether the row at this position of a service's list is among those that count."""
        return rank <= self.counting_rows.get(service, rank)


class Memory(Model):
    """What the charts before this one show of a recording, see `movement.py`; None in documents older than this memory.

    `movement` counts ranks gained, `peak_date` is the first day (YYYY-MM-DD) at `peak_rank`; today counts with the days and weeks.
    """

    previous_rank: int | None = None
    movement: int | None = None
    status: Literal["new", "re", "up", "down", "same"] | None = None
    peak_rank: int | None = None
    peak_date: str | None = None
    days_on_chart: int | None = None
    weeks_on_chart: int | None = None


class AggregateTrack(Track, Memory):
    """One recording on which at least two services agree; `score` and its shares are those of `ranking.py`.

    `isrcs` lists all of them where it has several; `other_ids` what else it may be known by on another day: ISRCs, and the keys of rows
    whose service gave none.
    """

    sources: dict[str, int]
    additional_sources: dict[str, str]
    score: float
    contributions: dict[str, float]
    raw_aggregate_rank: int
    aggregate_service_name: str
    isrcs: list[str] = []
    other_ids: list[str] = []


class ServicePlaylist(Document):
    """`track_playlist`: one service's rows of one genre, in the service's order."""

    genre_name: str
    service_name: ServiceName
    playlist_url: str
    stale: bool = False
    tracks: list[Track]


class AggregatePlaylist(Document):
    """`track_playlist` with `service_name: "Aggregate"`: the consensus of one genre.

    `matched_share` is, per service, the share of its rows that another service's list has too. `rolled_back_to` and `only_service` as in
    `Chart`.
    """

    genre_name: str
    service_name: Literal["Aggregate"] = "Aggregate"
    playlist_url: str = ""
    tracks: list[AggregateTrack]
    ranking: Ranking = Ranking()
    matched_share: dict[str, float] = {}
    outcomes: dict[str, ServiceOutcome] = {}
    only_service: str | None = None
    rolled_back_to: Moment | None = None


class DatedCount(Model):
    """A count, and when it was read."""

    current_timestamp: Moment
    view_count: int


class RowReadings(Model):
    """What a row of the chart keeps of one source's readings: the first of the chart week, None before there is one, and the last."""

    first_of_week: DatedCount | None = None
    last: DatedCount


class ChartTrack(AggregateTrack):
    """A row of the chart with its readings, by source; a source that never counted the track is absent.

    `gain_7d` is null per source where a reading is missing, or the track has no ISRC.
    """

    readings: dict[str, RowReadings]
    gain_7d: dict[str, int | None]


class Chart(Document):
    """`view_counts_playlists`: the consensus of one genre with counts; `coverage` is the share of tracks counted now, per source.

    `only_service` is the service whose list this is, in its order, where the genre has no second one to agree with; None for a consensus.
    After a rollback `rolled_back_to` is when what is shown was observed, while `insert_timestamp` is that of the chart that it replaces.
    While it is `held`, no run replaces it.
    """

    schema_version: int = CHART_SCHEMA_VERSION
    genre_name: str
    service_name: Literal["Aggregate"] = "Aggregate"
    tracks: list[ChartTrack]
    ranking: Ranking = Ranking()
    coverage: dict[str, float]
    count_errors: dict[str, str] = {}
    matched_share: dict[str, float] = {}
    outcomes: dict[str, ServiceOutcome] = {}
    quota: dict[str, int] = {}
    only_service: str | None = None
    rolled_back_to: Moment | None = None
    held: bool = False

    @property
    def shown_as_of(self) -> datetime:
        """When what visitors see was observed: `insert_timestamp`, but for a rollback."""
        return self.rolled_back_to or self.insert_timestamp

    @property
    def degraded(self) -> list[str]:
        """What `shortfalls` explains."""
        return list(shortfalls(self))


class Reading(NamedTuple):
    """One count on one UTC day, as a history is read; `delta_count` is the gain on the reading before, 0 for the first."""

    current_timestamp: datetime
    view_count: int
    delta_count: int = 0


class HistoryPeriod(Document):
    """`historical_track_views`: one recording's counts in one calendar month, by source and day of the month (`"01"` to `"31"`).

    `first_seen` is when the recording was first seen in that month; in its oldest document, when it was first seen at all.
    """

    schema_version: int = HISTORY_SCHEMA_VERSION
    isrc: str
    period: str = Field(pattern=r"^\d{4}-\d{2}$")
    first_seen: Moment
    view_counts: dict[str, dict[str, DatedCount]]


@dataclass(frozen=True, slots=True)
class TrackHistory:
    """All counts of one recording, put together from its months, oldest first per source."""

    isrc: str
    first_seen: datetime
    view_counts: dict[str, list[Reading]]


class PlaylistDescription(Model):
    """What people see of a playlist besides its tracks; each part may be unknown."""

    name: str | None = None
    cover_url: str | None = None
    description: str | None = None


class LookedUp(Model):
    """A look-up already paid for: `value` None means that nothing was found, and that we try again from `retry_after` on.

    The service has left the value out since `missing_since`; on the third day it is `lost`, and looked up again. `verified_at` is when a
    valid value was last looked up again.
    """

    value: dict[str, str] | None
    method: str
    decided_at: Moment
    retry_after: Moment | None = None
    attempts: int = 1
    missing_since: Moment | None = None
    lost: bool = False
    verified_at: Moment | None = None

    @property
    def stands(self) -> bool:
        """Whether there is a value, and the service has it as far as is known."""
        return self.value is not None and not self.lost

    @property
    def last_looked_up(self) -> datetime:
        """When the service last confirmed the value, or first named it."""
        return self.verified_at or self.decided_at

    def is_settled(self, at: Moment) -> bool:
        """Whether there is nothing to ask at this time."""
        return self.stands or (self.retry_after is not None and at < self.retry_after)


class Publication(Model):
    """What became of a bulk write of rendered responses to the shared cache; `error` None means that the cache took them."""

    at: Moment
    entries: int
    error: str | None = None


class PublishedVersion(Model):
    """The part of a materialization that shows readers whether to read on."""

    version: int
    publication: Publication | None = None


class Materialization(Model):
    """`materializations`: what readers may trust of one genre. `version` rises with every change of what is served.

    `seconds` and `calls` are what the run had taken until it wrote this, retried calls included; None where an older release did.
    `only_service`, `rolled_back_to` and `held` as in `Chart`; the next run of the genre clears the last two, and `rolled_back_at`, when
    somebody rolled back. A run never replaces what is held.
    """

    genre_name: str
    version: int
    as_of: Moment
    finished_at: Moment
    run_id: str
    upstream: Upstream
    schema_version: int = SCHEMA_VERSION
    degraded: list[str] = []
    outcomes: dict[str, ServiceOutcome] = {}
    coverage: dict[str, float] = {}
    count_errors: dict[str, str] = {}
    matched_share: dict[str, float] = {}
    chart_length: int = 0
    quota: dict[str, int] = {}
    seconds: float | None = None
    calls: int | None = None
    only_service: str | None = None
    rolled_back_to: Moment | None = None
    rolled_back_at: Moment | None = None
    held: bool = False
    previous: dict[str, object] | None = None
    publication: Publication | None = None

    @property
    def shown_as_of(self) -> datetime:
        """When what visitors see was observed: `as_of`, but for a rollback."""
        return self.rolled_back_to or self.as_of

    @property
    def summary(self) -> dict[str, object]:
        """What the next one says of it as its `previous`."""
        return {"version": self.version, "as_of": self.as_of, "run_id": self.run_id}


def shortfalls(made: Chart | Materialization) -> dict[str, str]:
    """What a chart lacks, each with the reason and the next step; empty when all is fresh.

    A rollback, the services that are stale or absent, the sources that could not be counted.
    """
    chosen = made.rolled_back_to
    rollback = {}
    if chosen and made.held:
        why = f"somebody holds that day, and no run replaces it until: tunemeld etl release --genre {made.genre_name}"
        rollback = {f"held at {chosen:%Y-%m-%d}": why}
    elif chosen:
        rollback = {f"rolled back to {chosen:%Y-%m-%d}": "somebody chose that day; the next run replaces it"}
    return rollback | missing_sources(made)


def missing_sources(made: Chart | Materialization) -> dict[str, str]:
    """The same without a rollback, which misses nothing."""
    lists = {
        f"{name} playlist": outcome.error or f"its list is {outcome.state}"
        for name, outcome in made.outcomes.items()
        if outcome.state != "fresh"
    }
    return lists | {f"{source} counts": error for source, error in made.count_errors.items()}


def counting_services(outcomes: Mapping[str, ServiceOutcome], ranking: Ranking) -> frozenset[str]:
    """The services of which a chart is made: those with a list that weighs something."""
    return frozenset(
        service for service, outcome in outcomes.items() if outcome.state != "absent" and ranking.weight_of(service) > 0
    )
