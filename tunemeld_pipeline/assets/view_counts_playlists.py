"""The third stage: the chart with today's counts.

This module asks every source of counts that is installed and configured. Each counts in its own folder of `services/`, and
`charts/counting.py` makes the chart.
"""

from collections import ChainMap
from collections.abc import Sequence
from functools import partial

import dagster as dg

from tunemeld_pipeline.assets.partitions import catalog, genres
from tunemeld_pipeline.assets.steps import (
    SHOWN_FRESHNESS,
    UPSTREAM_RETRY,
    give_back_memory,
    left_out_documents,
    lists_of,
    mark_degraded,
    markdown_table,
    refuse_rolled_back,
    shares,
    step,
)
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.charts.counting import chart_of
from tunemeld_pipeline.charts.documents import Chart, RowReadings, shortfalls
from tunemeld_pipeline.charts.identity import refuse_repeated_ids
from tunemeld_pipeline.errors import NothingToPublish
from tunemeld_pipeline.plugins.registry import counted_by, name_of
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.configured import used_counting
from tunemeld_pipeline.upstream.counts import Charted
from tunemeld_pipeline.upstream.fetching import at_once
from tunemeld_pipeline.upstream.service_client import begin_step, call_metadata, quota_left


@dg.asset(
    partitions_def=genres,
    group_name="charts",
    kinds={"mongodb"},
    deps=[track_playlist],
    retry_policy=UPSTREAM_RETRY,
    freshness_policy=SHOWN_FRESHNESS,
)
def view_counts_playlists(
    context: dg.AssetExecutionContext,
    observation: ObservationResource,
    mongo: MongoResource,
    clients: ClientsResource,
) -> dg.MaterializeResult:
    """One genre's consensus with today's views and plays; a count that could not be read is absent, never 0."""
    genre, store, as_of = context.partition_key, mongo.store, observation.as_of
    give_back_memory()
    with step(context) as measured:
        store.rollbacks.refuse(genre, as_of)
        ways = {one.counts.key: used_counting(observation.settings, one) for one in counted_by()}
        # What calls nothing counts on the list of its own service.
        listed = catalog.genre(genre).services
        asked = {key: clients.of(way) for key, way in ways.items() if way and (way.hosts or key in listed)}
        calling = [client for client in asked.values() if client.access.hosts]
        begin_step(store, genre, *asked.values())
        aggregate = store.playlists.aggregate(genre, as_of)
        refuse_rolled_back(aggregate)
        read_at = {service: one.observed_at for service, one in aggregate.outcomes.items() if one.observed_at}
        charted = Charted(aggregate.tracks, lists_of(store, genre, as_of), as_of, read_at)
        counted = dict(zip(asked, at_once(*(partial(one.count, charted) for one in asked.values())), strict=True))
        chart = chart_of(
            aggregate,
            {source: one.counts for source, one in counted.items()},
            store.histories.recent_readings((track.isrc for track in aggregate.tracks if track.isrc), as_of),
            store.charts.last_chart(genre, as_of),
            ChainMap(*(dict(one.videos) for one in counted.values())),
            ChainMap(*(dict(one.covers) for one in counted.values())),
            quota=quota_left(*calling),
            run_id=observation.run_id,
            as_of=as_of,
        )
        if not chart.tracks:
            raise NothingToPublish(
                f"the consensus of {genre} is empty, so that nothing was counted; run all four assets",
                next_command=f"tunemeld etl run full --genre {genre}",
            )
        refuse_repeated_ids(genre, chart.tracks)
        store.charts.put_chart(chart)
        reasons = mark_degraded(context, shortfalls(chart) | left_out_documents(context, store))
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": len(chart.tracks),
            **shares("coverage", chart.coverage),
            **{name: number for one in counted.values() for name, number in one.numbers.items()},
            **reasons,
            "missing_counts": "; ".join(chart.count_errors.values()) or "none",
            **call_metadata(*calling),
            **measured.metadata(),
            "preview": _preview(chart, list(asked)),
        }
    )


def _preview(chart: Chart, sources: Sequence[str]) -> dg.MarkdownMetadataValue:
    return markdown_table(
        ("rank", "title", "artist", *map(name_of, sources)),
        (
            (
                track.rank,
                track.track_name,
                track.artist_name,
                *(_shown(track.readings.get(source)) for source in sources),
            )
            for track in chart.tracks[:10]
        ),
    )


def _shown(kept: RowReadings | None) -> str:
    return f"{kept.last.view_count:,}" if kept else "–"
