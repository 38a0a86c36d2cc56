"""The third stage: the chart with today's counts.

This module decides which counts are read, and what becomes of those that cannot be. `resources/` makes the calls, `upstream/lookups.py`
the look-ups, and `charts/counting.py` the chart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import dagster as dg

from tunemeld_pipeline.assets.partitions import genres
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
from tunemeld_pipeline.charts.counting import Counts, chart_of, soundcloud_counts
from tunemeld_pipeline.charts.documents import AggregateTrack, Chart, RowReadings, ServicePlaylist, shortfalls
from tunemeld_pipeline.charts.identity import refuse_repeated_ids
from tunemeld_pipeline.errors import NotFound, NothingToPublish, QuotaExhausted
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.services.spotify.rapidapi import SpotifyClient
from tunemeld_pipeline.services.youtube.data_api import YouTubeClient
from tunemeld_pipeline.storage.budgets import Purpose
from tunemeld_pipeline.upstream.counts import spotify_counts, youtube_counts
from tunemeld_pipeline.upstream.fetching import at_once
from tunemeld_pipeline.upstream.lookups import (
    LookupReport,
    Wanted,
    look_up_spotify_tracks,
    look_up_videos,
    note_presence,
    shown,
    sorted_out,
    wanted_of,
)
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
        spotify, youtube = clients.of(SpotifyClient), clients.of(YouTubeClient)
        begin_step(store, genre, spotify, youtube)
        aggregate = store.playlists.aggregate(genre, as_of)
        refuse_rolled_back(aggregate)
        services = lists_of(store, genre, as_of)
        wanted = [wanted_of(track) for track in aggregate.tracks]
        (videos, views), (albums, plays) = at_once(
            lambda: _views(mongo, youtube, wanted, observation),
            lambda: _plays(mongo, spotify, aggregate.tracks, services, wanted, observation),
        )
        chart = chart_of(
            aggregate,
            {"Youtube": views, "Spotify": plays, "SoundCloud": soundcloud_counts(services)},
            store.histories.recent_readings((track.isrc for track in aggregate.tracks if track.isrc), as_of),
            store.charts.last_chart(genre, as_of),
            _video_ids(shown(videos, views)),
            {key: facts["cover_url"] for key, facts in albums.facts.items() if "cover_url" in facts},
            quota=quota_left(spotify, youtube),
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
            "video_lookups/asked": videos.asked,
            "video_lookups/deferred": videos.deferred,
            "video_lookups/verified": videos.verified,
            "videos_left_out": len(views.left_out),
            "track_lookups/asked": albums.asked,
            "track_lookups/deferred": albums.deferred,
            "track_lookups/verified": albums.verified,
            "tracks_left_out": len(plays.left_out),
            **reasons,
            "missing_counts": "; ".join(chart.count_errors.values()) or "none",
            **call_metadata(spotify, youtube),
            **measured.metadata(),
            "preview": _preview(chart),
        }
    )


def _views(
    mongo: MongoResource, youtube: YouTubeClient, wanted: Sequence[Wanted], observation: ObservationResource
) -> tuple[LookupReport, Counts]:
    report = look_up_videos(mongo.store, youtube, wanted, observation.as_of)
    youtube.settle("youtube_search", Purpose.LOOKUPS, waiting=report.deferred)
    counts = youtube_counts(youtube, _video_ids(report.facts))
    note_presence(mongo.store, "youtube_cache", wanted, report, counts, observation.as_of)
    return report, _or_lookup_error(counts, report)


def _video_ids(facts: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {key: one["video_id"] for key, one in facts.items()}


def _plays(
    mongo: MongoResource,
    spotify: SpotifyClient,
    tracks: Sequence[AggregateTrack],
    services: Iterable[ServicePlaylist],
    wanted: Sequence[Wanted],
    observation: ObservationResource,
) -> tuple[LookupReport, Counts]:
    """Today's counts: of the tracks already known first; look-ups use the remaining budget, and what they find is counted after them."""
    listed = _on_spotifys_list(services)
    missing = [want for want in wanted if want.key not in listed]
    known = listed | _track_and_album(sorted_out(mongo.store, "spotify_cache", missing, observation.as_of)[0])
    counted = spotify_counts(spotify, _in_order(tracks, known))
    spotify.settle("spotify", Purpose.COUNTS, waiting=counted.unanswered)
    report = look_up_spotify_tracks(mongo.store, spotify, missing, observation.as_of)
    new = {key: found for key, found in _track_and_album(report.facts).items() if key not in known}
    counts = _together(counted, spotify_counts(spotify, _in_order(tracks, new)))
    spotify.settle("spotify", Purpose.COUNTS, waiting=counts.unanswered)
    spotify.settle("spotify", Purpose.LOOKUPS, waiting=report.deferred)
    note_presence(mongo.store, "spotify_cache", missing, report, counts, observation.as_of)
    return report, _or_lookup_error(counts, report)


def _on_spotifys_list(services: Iterable[ServicePlaylist]) -> dict[str, tuple[str, str]]:
    """Per track id, the Spotify track and album that Spotify's own list names."""
    listed: dict[str, tuple[str, str]] = {}
    for playlist in services:
        if playlist.service_name == "Spotify":
            for row in playlist.tracks:
                if row.service_track_id and row.album_id:
                    listed.setdefault(row.track_id, (row.service_track_id, row.album_id))
    return listed


def _in_order(tracks: Sequence[AggregateTrack], found: Mapping[str, tuple[str, str]]) -> dict[str, tuple[str, str]]:
    """The same, best-ranked first, and only what the chart holds."""
    return {track.track_id: found[track.track_id] for track in tracks if track.track_id in found}


def _track_and_album(facts: Mapping[str, Mapping[str, str]]) -> dict[str, tuple[str, str]]:
    return {key: (one["track_id"], one["album_id"]) for key, one in facts.items() if "album_id" in one}


def _together(known: Counts, new: Counts) -> Counts:
    counts = known.counts | new.counts
    errors = [error for error in (known.error, new.error) if error and not (counts and isinstance(error, NotFound))]
    return Counts(
        counts,
        next(iter(errors), None),
        known.unanswered + new.unanswered,
        known.there | new.there,
        known.left_out | new.left_out,
    )


def _or_lookup_error(counts: Counts, report: LookupReport) -> Counts:
    """The counts, missing too where a look-up failed; look-ups that wait for their quota make no count missing."""
    return counts if isinstance(report.error, QuotaExhausted) else replace(counts, error=counts.error or report.error)


def _preview(chart: Chart) -> dg.MarkdownMetadataValue:
    return markdown_table(
        ("rank", "title", "artist", "YouTube", "Spotify", "SoundCloud"),
        (
            (
                track.rank,
                track.track_name,
                track.artist_name,
                *(_shown(track.readings.get(source)) for source in ("Youtube", "Spotify", "SoundCloud")),
            )
            for track in chart.tracks[:10]
        ),
    )


def _shown(kept: RowReadings | None) -> str:
    return f"{kept.last.view_count:,}" if kept else "–"
