"""The last stage: today's readings in each track's history, and a new version for the readers.

It makes the run's one final write, and publishes rendered responses. `charts/history.py` adds a reading to a history, and
`publishing/responses.py` renders a response.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import chain, groupby

import dagster as dg

from tunemeld_pipeline.assets.partitions import catalog, genres
from tunemeld_pipeline.assets.steps import (
    SHOWN_FRESHNESS,
    give_back_memory,
    left_out_documents,
    lists_of,
    mark_degraded,
    refuse_rolled_back,
    step,
)
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.charts.chart_days import ChartDay, KeptRows
from tunemeld_pipeline.charts.counting import readings_taken
from tunemeld_pipeline.charts.documents import Chart, Materialization, ServicePlaylist, Track
from tunemeld_pipeline.charts.identity import refuse_repeated_ids
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.recordings import recordings_of_day
from tunemeld_pipeline.logs.measuring import run_tally
from tunemeld_pipeline.plugins.registry import count_sources
from tunemeld_pipeline.publishing.publication import publish
from tunemeld_pipeline.resources.cache import CacheResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.choices import CacheBackend


@dg.asset(
    partitions_def=genres,
    group_name="charts",
    kinds={"mongodb"},
    deps=[view_counts_playlists],
    freshness_policy=SHOWN_FRESHNESS,
)
def historical_track_views(
    context: dg.AssetExecutionContext,
    observation: ObservationResource,
    mongo: MongoResource,
    cache: CacheResource,
) -> dg.MaterializeResult:
    """One genre's readings of the day in its tracks' histories: once per track, source and day, however often it runs."""
    genre, store, as_of = context.partition_key, mongo.store, observation.as_of
    give_back_memory()
    with step(context) as measured:
        chart = store.charts.chart(genre, as_of)
        refuse_rolled_back(chart)
        refuse_repeated_ids(genre, chart.tracks)
        readings = readings_taken(chart)
        lists = lists_of(store, genre, as_of)
        store.withholdings.follow(chain(chart.tracks, *(one.tracks for one in lists)))
        published = store.charts.finish(
            readings, _day(chart, lists), _materialization(chart, observation), recordings_of_day(chart, lists)
        )
        problem = ""
        give_back_memory()
        if published.run_id == observation.run_id:
            problem = publish(store, cache.cache, cache.settings, catalog, genre)
        if problem:
            context.log.warning("%s: the shared cache was not refreshed: %s", genre, problem)
        reasons = mark_degraded(context, left_out_documents(context, store))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": len(readings),
            **{
                f"readings/{source.key}": sum(source.key in counts for counts in readings.values())
                for source in count_sources()
            },
            "without_isrc": sum(track.isrc is None for track in chart.tracks),
            "version": published.version,
            **reasons,
            "older_than_published": published.as_of > as_of,
            "shared_cache": problem or ("none" if cache.settings.cache is CacheBackend.MEMORY else "refreshed"),
            **measured.metadata(),
        }
    )


def _materialization(chart: Chart, observation: ObservationResource) -> Materialization:
    run = run_tally(observation.run_id)
    return Materialization(
        genre_name=chart.genre_name,
        version=1,
        as_of=observation.as_of,
        finished_at=datetime.now(UTC),
        run_id=observation.run_id,
        upstream=observation.upstream,
        degraded=chart.degraded,
        outcomes=chart.outcomes,
        coverage=chart.coverage,
        count_errors=chart.count_errors,
        matched_share=chart.matched_share,
        chart_length=len(chart.tracks),
        quota=chart.quota,
        only_service=chart.only_service,
        seconds=round(run.seconds, 3),
        calls=run.calls,
    )


def _day(chart: Chart, services: list[ServicePlaylist]) -> ChartDay:
    lists: dict[str, list[str | None]] = {}
    for playlist in services:
        positions: list[str | None] = [None] * max((track.rank for track in playlist.tracks), default=0)
        for track in playlist.tracks:
            positions[track.rank - 1] = track.track_id
        lists[playlist.service_name] = positions
    return ChartDay(
        insert_timestamp=chart.insert_timestamp,
        run_id=chart.run_id,
        upstream=chart.upstream,
        genre_name=chart.genre_name,
        date=utc_day(chart.insert_timestamp),
        chart=[track.track_id for track in chart.tracks],
        other_ids={track.track_id: track.other_ids for track in chart.tracks if track.other_ids},
        uncovered=_uncovered(chart),
        lists=lists,
        kept={one.service_name: kept for one in services if (kept := _kept(one.tracks))},
        ranking=chart.ranking,
        count_errors=chart.count_errors,
        outcomes=chart.outcomes,
        matched_share=chart.matched_share,
        coverage=chart.coverage,
        only_service=chart.only_service,
    )


def _kept(tracks: Sequence[Track]) -> list[KeptRows]:
    """The rows that stay from earlier reads, those of one read together."""
    found: list[KeptRows] = []
    for seen_at, rows in groupby(tracks, key=lambda track: track.last_seen_at):
        ranks = [row.rank for row in rows]
        if seen_at is not None:
            found.append(KeptRows(first=ranks[0], last=ranks[-1], seen_at=seen_at))
    return found


def _uncovered(chart: Chart) -> list[str]:
    """The recordings that were compared and nobody knows whether they are new; none where the chart was compared with none."""
    if all(track.status is None for track in chart.tracks):
        return []
    return [track.track_id for track in chart.tracks if track.status is None and track.previous_rank is None]
