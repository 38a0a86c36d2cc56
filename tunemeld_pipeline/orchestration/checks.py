"""The asset checks that run after each write.

None of them blocks, since the document is already written; validation before a write is in the assets. ERROR means that something is wrong
with our data or code, WARN that something is wrong with an upstream.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from statistics import median

import dagster as dg

from tunemeld_pipeline.assets.historical_track_views import historical_track_views
from tunemeld_pipeline.assets.partitions import catalog, genres
from tunemeld_pipeline.assets.raw_playlists import raw_playlists
from tunemeld_pipeline.assets.steps import markdown_table
from tunemeld_pipeline.assets.track_playlist import track_playlist
from tunemeld_pipeline.assets.view_counts_playlists import view_counts_playlists
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import comparable
from tunemeld_pipeline.charts.documents import AggregatePlaylist, ServicePlaylist, counting_services
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.limits import CHART_TOO_OLD, LEAST_MATCHED_OF_USUAL
from tunemeld_pipeline.plugins.registry import counted_by, name_of, slug_of
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.configured import used_counting

HISTORY_DAYS = 28
FEWEST_DAYS = 3


def _genre(context: dg.AssetCheckExecutionContext) -> str:
    return context.op_execution_context.partition_key


@dg.asset_check(asset=raw_playlists)
def services_fresh(
    context: dg.AssetCheckExecutionContext, mongo: MongoResource, observation: ObservationResource
) -> dg.AssetCheckResult:
    """Every service's playlist exists and was fetched in this run."""
    playlists = mongo.store.playlists.playlist_headers(_genre(context), observation.as_of)
    old = {playlist.service_name: playlist.error or "" for playlist in playlists if playlist.stale}
    missing = set(catalog.genre(_genre(context)).services) - {playlist.service_name for playlist in playlists}
    return dg.AssetCheckResult(
        passed=not old and not missing,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            **{f"stale/{slug_of(service)}": why for service, why in old.items()},
            "missing": ", ".join(sorted(missing)) or "none",
        },
    )


ISRCS = dg.AssetCheckSpec(
    "isrcs_well_formed_and_unique",
    asset=track_playlist,
    description="Every ISRC has its twelve characters, and no recording is on the consensus twice.",
)
RANKS = dg.AssetCheckSpec(
    "ranks_without_gaps",
    asset=track_playlist,
    description="The consensus is ranked 1..n, and no service has two rows at one position.",
)
MATCHED_SHARE = dg.AssetCheckSpec(
    "matched_share_as_usual",
    asset=track_playlist,
    description="The share of each service's rows that another service has too is not under half of its median of the last four weeks,"
    " as far as the chart was made of the same services.",
)


# One step for the three: a step takes Dagster a tenth of a second, a hundred times as long as a chart's checks.
@dg.multi_asset_check(specs=[ISRCS, RANKS, MATCHED_SHARE])
def track_playlist_checks(
    context: dg.AssetCheckExecutionContext, mongo: MongoResource, observation: ObservationResource
) -> Iterator[dg.AssetCheckResult]:
    """The checks of the matching and of the consensus."""
    genre, as_of = _genre(context), observation.as_of
    aggregate = mongo.store.playlists.aggregate(genre, as_of)
    yield _isrcs_well_formed_and_unique(aggregate)
    yield _ranks_without_gaps(aggregate, mongo.store.playlists.service_playlists(genre, as_of))
    yield _matched_share_as_usual(aggregate, mongo.store.charts.chart_days(genre, utc_day(as_of), HISTORY_DAYS))


def _isrcs_well_formed_and_unique(aggregate: AggregatePlaylist) -> dg.AssetCheckResult:
    tracks = aggregate.tracks
    malformed = [
        track.isrc for track in tracks if track.isrc is not None and well_formed_isrc(track.isrc) != track.isrc
    ]
    twice = [track_id for track_id, times in Counter(track.track_id for track in tracks).items() if times > 1]
    return dg.AssetCheckResult(
        check_name=ISRCS.name,
        passed=not malformed and not twice,
        metadata={"malformed": ", ".join(malformed) or "none", "twice": ", ".join(twice) or "none"},
    )


def _ranks_without_gaps(aggregate: AggregatePlaylist, services: Sequence[ServicePlaylist]) -> dg.AssetCheckResult:
    ranks = [track.rank for track in aggregate.tracks]
    shared = [
        f"{name_of(playlist.service_name)} {rank}"
        for playlist in services
        for rank, times in Counter(track.rank for track in playlist.tracks).items()
        if times > 1
    ]
    return dg.AssetCheckResult(
        check_name=RANKS.name,
        passed=ranks == list(range(1, len(ranks) + 1)) and not shared,
        metadata={"tracks": len(ranks), "shared_positions": ", ".join(shared) or "none"},
    )


def _matched_share_as_usual(aggregate: AggregatePlaylist, days: Sequence[ChartDay]) -> dg.AssetCheckResult:
    now = aggregate.matched_share
    services = counting_services(aggregate.outcomes, aggregate.ranking)
    alike = [day for day in days if comparable(day.services, services)]
    usual = {
        service: median(shares)
        for service in now
        if len(shares := [day.matched_share[service] for day in alike if service in day.matched_share]) >= FEWEST_DAYS
    }
    low = [service for service, share in usual.items() if now[service] < share * LEAST_MATCHED_OF_USUAL]
    return dg.AssetCheckResult(
        check_name=MATCHED_SHARE.name,
        passed=not low,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "low": ", ".join(low) or "none",
            **{f"matched_share/{service.lower()}": round(share, 4) for service, share in now.items()},
            **{f"usual/{service.lower()}": round(share, 4) for service, share in usual.items()},
        },
    )


@dg.asset_check(asset=view_counts_playlists)
def counts_cover_the_chart(
    context: dg.AssetCheckExecutionContext, mongo: MongoResource, observation: ObservationResource
) -> dg.AssetCheckResult:
    """At least half of the chart has counts from each source that usually has them."""
    coverage = mongo.store.charts.chart(_genre(context), observation.as_of).coverage
    ways = {one.counts.key: used_counting(observation.settings, one) for one in counted_by()}
    least = {key: way.least_coverage for key, way in ways.items() if way and way.least_coverage is not None}
    low = [key for key, share in least.items() if coverage.get(key, share) < share]
    return dg.AssetCheckResult(
        passed=not low,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "low": ", ".join(low) or "none",
            **{f"coverage/{source.lower()}": round(share, 4) for source, share in coverage.items()},
        },
    )


@dg.asset_check(asset=historical_track_views)
def every_genre_is_recent(mongo: MongoResource, observation: ObservationResource) -> dg.AssetCheckResult:
    """No genre's chart is rolled back, or older than a day and a half.

    A freshness policy would look only at the asset's last run, of any genre.
    """
    published = mongo.store.charts.materializations()
    shown = {genre: one.shown_as_of for genre, one in published.items()}
    ages = {genre: observation.as_of - moment for genre, moment in shown.items() if moment < observation.as_of}
    rolled_back = sorted(genre for genre, one in published.items() if one.rolled_back_to)
    old = sorted(genre for genre, age in ages.items() if age > CHART_TOO_OLD)
    never = sorted(set(genres.get_partition_keys()) - set(published))
    return dg.AssetCheckResult(
        passed=not old and not rolled_back,
        severity=dg.AssetCheckSeverity.WARN,
        metadata={
            "old": ", ".join(old) or "none",
            "rolled_back": ", ".join(rolled_back) or "none",
            "never_published": ", ".join(never) or "none",
            "ages": markdown_table(
                ("genre", "age in hours"),
                ((genre, f"{age.total_seconds() / 3600:.1f}") for genre, age in sorted(ages.items())),
            ),
        },
    )
