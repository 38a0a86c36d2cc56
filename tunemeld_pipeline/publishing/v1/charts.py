"""`/v1/charts/{genre}`: the chart of a genre, in one shape for today and for every past day.

A past day's chart is put together again from what is kept of it: its order, positions, scores, movement and counts are those of that day,
names and addresses those last known.
"""

from collections.abc import Mapping
from itertools import chain

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import (
    AggregateTrack,
    Chart,
    ChartTrack,
    DatedCount,
    Ranking,
    RowReadings,
    ServiceOutcome,
    Upstream,
    shortfalls,
)
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.past_charts import with_unknown
from tunemeld_pipeline.publishing.forms import Content, Link
from tunemeld_pipeline.publishing.past_days import last_change, read_past_chart
from tunemeld_pipeline.publishing.reading import Documents
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.genres import ListState, list_state
from tunemeld_pipeline.publishing.v1.values import Address, Day, Moment, Row, Share, Value, json_text
from tunemeld_pipeline.storage.store import Store


class Place(Value):
    """Where a recording stands on one service's list."""

    rank: int = Field(description="Its position on the service's list, from 1.")
    url: Address | None = Field(description="Its address on the service; null if unknown.")
    contribution: Share | None = Field(
        description="The service's share of the recording's score, from 0 to 1; 0 where its list, or the row, does not count."
    )


class Count(Value):
    """How often a recording had been played or viewed."""

    count: int = Field(description="The total, as the source gives it.")
    counted_at: Moment = Field(description="When it was read.")


class Counts(Value):
    """What one source counted of a recording. A chart week begins on Saturday 00:00 UTC."""

    last: Count | None = Field(description="The last count; null if the source never counted the recording.")
    first_of_week: Count | None = Field(description="The first count of the chart week; null if there is none.")
    gain_of_week: int | None = Field(description="What was gained between these two; null if one of them is missing.")
    gain_7d: int | None = Field(
        description="What was gained in the seven days up to this day; null if a count is missing."
    )


class HowMatched(Value):
    """How the recording's rows on the services' lists were found to be one recording."""

    method: str = Field(
        description="`isrc`, `text` (names, versions and lengths), `override` (a rule of the operator's), `isrc_lookup`, `alone`,"
        " or `unknown`."
    )
    confidence: Share = Field(description="How sure that is, from 0 to 1.")


class ChartRow(Row):
    """One recording on a chart. Movement compares with the chart of seven days before, or the nearest earlier one."""

    rank: int = Field(description="Its rank on the chart, from 1. A gap is a recording that is withheld.")
    track_id: str = Field(description="What the recording is known by: its ISRC, or `Service:id` while none is known.")
    title: str | None = Field(description="The recording's title; null if unknown.")
    artist: str | None = Field(description="The artists as the service credits them; null if unknown.")
    isrc: str | None = Field(description="Its ISRC; null while none is known.")
    isrcs: list[str] = Field(description="All of its ISRCs, where it has several.")
    duration_ms: int | None = Field(description="Its length in milliseconds; null if unknown.")
    cover_url: Address | None = Field(description="A picture of the album's cover; null if unknown.")
    video_url: Address | None = Field(description="Its video; null if unknown.")
    score: float = Field(description="What the chart is ordered by: the sum of what each list gives to its position.")
    services: dict[str, Place] = Field(description="By service, where it stands on the service's list.")
    status: str | None = Field(
        description="`new`, `re` (on the chart again), `up`, `down` or `same`; null if no earlier chart is known."
    )
    movement: int | None = Field(description="The ranks it gained, negative if it lost some; null if it was not there.")
    previous_rank: int | None = Field(
        description="Its rank on the chart that is compared with; null if it was not there."
    )
    peak_rank: int | None = Field(description="Its best rank up to this day; null if unknown.")
    peak_date: Day | None = Field(description="The first day on which it had that rank; null if unknown.")
    days_on_chart: int | None = Field(
        description="The days on which it was on the chart, this one included; null if unknown."
    )
    weeks_on_chart: int | None = Field(
        description="The chart weeks in which it was, this one included; null if unknown."
    )
    counts: dict[str, Counts] = Field(description="By source of counts, how often it was played or viewed.")
    match: HowMatched = Field(description="How the services' rows were found to be one recording.")


class RankingRules(Value):
    """How the services' lists were weighed against each other."""

    rule: str = Field(
        description="`centroids` (rank-biased centroids, Bailey et al. 2017), or an older rule: `priority`, `sum`."
    )
    phi: float = Field(description="The chance that an imagined reader goes on to the next row of a list.")
    weights: dict[str, float] = Field(description="By service, the weight of its list.")
    stale_discount: float = Field(description="What the weight of a list is multiplied by while the list is stale.")
    counting_rows: dict[str, int] = Field(
        description="By service, how many rows of its list count, where its source shows more than could be seen before: the others count"
        " from the list's next edit on. Of a list that is not named here all count."
    )


class GenreChart(Value):
    """The recordings on which the services' editors agree, of one genre and day."""

    genre: str = Field(description="The genre's key.", examples=["pop"])
    name: str = Field(description="The genre's name for people.", examples=["Pop"])
    market: str | None = Field(
        description="The market that its lists are made for, as two letters (ISO 3166-1); null if it names none.",
        examples=["US"],
    )
    date: Day = Field(description="The UTC day of the chart.")
    observed_at: Moment = Field(description="When the services' lists were read.")
    upstream: Upstream = Field(
        description="Where the data come from: `live`, or for trying things out `sandbox` (invented) or `replay` (recorded)."
    )
    rolled_back: bool = Field(
        description="Whether an operator withdrew a newer chart, so that this older one is shown again."
    )
    held: bool = Field(description="Whether an operator holds this chart, so that no run replaces it.")
    previous_date: Day | None = Field(description="The nearest day before that has a chart; null if there is none.")
    next_date: Day | None = Field(description="The nearest day after that has a chart; null if there is none.")
    ranking: RankingRules = Field(description="How the lists were weighed.")
    only_service: str | None = Field(
        description="The service whose list this is, in its order, because no second one counts here: this is no consensus;"
        " null where it is one."
    )
    lists: dict[str, ListState] = Field(description="By service, what was seen of its list.")
    coverage: dict[str, Share] = Field(description="By source of counts, the share of the recordings that it counted.")
    degraded: dict[str, str] = Field(description="What the chart lacks, each with the reason; empty if all was fresh.")
    tracks: list[ChartRow] = Field(description="The recordings, best first.")


def genre_chart(chart: Chart, described: Genre, previous_date: str | None, next_date: str | None) -> GenreChart:
    """The chart as it is answered; `described` is the genre in the catalogue."""
    return GenreChart(
        genre=described.key,
        name=described.display_name,
        market=described.market,
        date=utc_day(chart.shown_as_of),
        observed_at=chart.shown_as_of,
        upstream=chart.upstream,
        rolled_back=chart.rolled_back_to is not None,
        held=chart.held,
        previous_date=previous_date,
        next_date=next_date,
        ranking=_rules(chart.ranking),
        only_service=chart.only_service,
        lists=list_states(chart.outcomes, chart.matched_share),
        coverage=chart.coverage,
        degraded=shortfalls(chart),
        tracks=[chart_row(track) for track in chart.tracks],
    )


def list_states(outcomes: Mapping[str, ServiceOutcome], matched_share: Mapping[str, float]) -> dict[str, ListState]:
    """By service, what was seen of its list."""
    return {service: list_state(one, matched_share.get(service)) for service, one in outcomes.items()}


def chart_row(track: ChartTrack) -> ChartRow:
    """A row of a chart as it is answered."""
    return ChartRow(
        rank=track.rank,
        track_id=track.track_id,
        title=track.track_name or None,
        artist=track.artist_name or None,
        isrc=track.isrc,
        isrcs=track.isrcs or ([track.isrc] if track.isrc else []),
        duration_ms=track.duration_ms,
        cover_url=track.album_cover_url or None,
        video_url=track.youtube_url or None,
        score=track.score,
        services={
            service: Place(
                rank=rank, url=service_address(track, service), contribution=track.contributions.get(service)
            )
            for service, rank in track.sources.items()
        },
        status=track.status,
        movement=track.movement,
        previous_rank=track.previous_rank,
        peak_rank=track.peak_rank,
        peak_date=track.peak_date,
        days_on_chart=track.days_on_chart,
        weeks_on_chart=track.weeks_on_chart,
        counts={
            source: _counts(track.readings.get(source), track.gain_7d.get(source))
            for source in dict.fromkeys([*track.readings, *track.gain_7d])
        },
        match=HowMatched(method=track.match.method, confidence=track.match.confidence),
    )


def service_address(track: AggregateTrack, service: str) -> str | None:
    """The address of the recording on a service; None where it is unknown."""
    return (track.track_url if service == track.source_name else track.additional_sources.get(service)) or None


def _counts(kept: RowReadings | None, gain_7d: int | None) -> Counts:
    last, first = _count(kept.last if kept else None), _count(kept.first_of_week if kept else None)
    return Counts(
        last=last,
        first_of_week=first,
        gain_of_week=last.count - first.count if last and first else None,
        gain_7d=gain_7d,
    )


def _count(dated: DatedCount | None) -> Count | None:
    return Count(count=dated.view_count, counted_at=dated.current_timestamp) if dated else None


def _rules(ranking: Ranking) -> RankingRules:
    return RankingRules(
        rule=ranking.rule.value,
        phi=ranking.phi,
        weights={str(service): weight for service, weight in ranking.weights.items()},
        stale_discount=ranking.stale_discount,
        counting_rows={str(service): rows for service, rows in ranking.counting_rows.items()},
    )


def todays_chart(documents: Documents, described: Genre) -> Content:
    """The answer with a genre's current chart."""
    genre = described.key
    previous, _ = links.days_beside(utc_day(documents.chart.shown_as_of), documents.dates)
    chart = genre_chart(documents.chart, described, previous, None)
    found = links.described(links.chart(genre), GenreChart, _beside(genre, previous, None))
    return Content(json_text(chart), documents.materialization.finished_at, links=found)


def past_chart_of(store: Store, described: Genre, date: str) -> Content | None:
    """The answer with the chart of a past UTC day; None if that day has none, or it was withdrawn.

    Raises:
        NothingStored: positions of the day are not kept.
        StoreError: it cannot be read.
    """
    genre = described.key
    day = store.charts.chart_day(genre, date)
    if day is None or day.withdrawn:
        return None
    recordings = with_unknown(day, store.recordings.known(day.track_ids))
    ids = [*day.track_ids, *chain.from_iterable(day.other_ids.values())]
    past = store.charts.past(genre, date, ids, day.services)
    previous, following = links.days_beside(date, store.charts.chart_dates(genre))
    chart = genre_chart(read_past_chart(store, day, recordings, past), described, previous, following)
    found = links.described(links.chart(genre, date), GenreChart, _beside(genre, previous, following))
    return Content(json_text(chart), last_change(store, day, recordings), links=found)


def _beside(genre: str, previous: str | None, following: str | None) -> list[Link]:
    beside = (("prev", previous), ("next", following))
    return [Link(links.chart(genre, date), relation) for relation, date in beside if date is not None]
