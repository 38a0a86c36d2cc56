"""A chart with its counts: a pure function from a consensus and what was counted.

A count that could not be read is absent, never 0. `upstream/counts.py` fetches the counts, and `history.py` has the rules of a history.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tunemeld_pipeline.charts.documents import (
    AggregatePlaylist,
    AggregateTrack,
    Chart,
    ChartTrack,
    Reading,
    RowReadings,
    ServicePlaylist,
    Upstream,
)
from tunemeld_pipeline.charts.history import row_readings, trailing_gain, with_reading
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamError, degrading


@dataclass
class Counts:
    """What one source counted, by our track id.

    `error` says why some or all of it is missing, `unanswered` how many calls were not made or brought nothing for that reason.
    `there` are the tracks that the source has, counted or not, `left_out` those that we looked for and it does not have.
    """

    counts: dict[str, int] = field(default_factory=dict)
    error: UpstreamError | None = None
    unanswered: int = 0
    there: frozenset[str] = frozenset()
    left_out: frozenset[str] = frozenset()


def listed_counts(service: str, playlists: Sequence[ServicePlaylist]) -> Counts:
    """Plays per track id, from a service's own list; none from a stale one, whose counts are not today's."""
    counts: dict[str, int] = {}
    for playlist in playlists:
        if playlist.service_name == service and not playlist.stale:
            for track in playlist.tracks:
                if track.play_count is not None:
                    counts.setdefault(track.track_id, track.play_count)
    return Counts(counts)


def chart_of(
    aggregate: AggregatePlaylist,
    counts: Mapping[str, Counts],
    readings: Mapping[str, Mapping[str, Sequence[Reading]]],
    previous: Chart | None,
    videos: Mapping[str, str],
    covers: Mapping[str, str],
    *,
    quota: Mapping[str, int],
    run_id: str,
    as_of: datetime,
) -> Chart:
    """The consensus with counts.

    Args:
        counts: per source, what was read now.
        readings: per ISRC and source, earlier readings, oldest first.
        previous: the chart before, whose counts go on for tracks that have no ISRC and hence no history.
        videos: per track id, the address of its video.
        covers: per track id, a cover for tracks whose services showed none.
        quota: what is left of each budget after the counting.
    """
    before = {track.track_id: track for track in previous.tracks} if previous else {}

    def earlier(track: AggregateTrack, source: str) -> Sequence[Reading]:
        if track.isrc is not None:
            return readings.get(track.isrc, {}).get(source, ())
        last = before.get(track.track_id)
        return _as_history(last.readings.get(source)) if last else ()

    tracks = []
    uncounted: set[str] = set()
    for track in aggregate.tracks:
        known: dict[str, Sequence[Reading]] = {}
        for source in counts:
            past = earlier(track, source)
            now = counts[source].counts.get(track.track_id)
            known[source] = past if now is None else with_reading(past, as_of, now)
            if past and now is None:
                uncounted.add(source)
        tracks.append(
            ChartTrack(
                **{
                    **track.model_dump(),
                    "youtube_url": videos.get(track.track_id),
                    "album_cover_url": track.album_cover_url or covers.get(track.track_id),
                },
                readings=kept_readings(known, as_of),
                # Without a history only two readings are known, and a day that is run again has lost the older one.
                gain_7d={source: trailing_gain(known[source], as_of) if track.isrc else None for source in counts},
            )
        )
    return Chart(
        insert_timestamp=as_of,
        run_id=run_id,
        upstream=aggregate.upstream,
        genre_name=aggregate.genre_name,
        tracks=tracks,
        ranking=aggregate.ranking,
        coverage=coverage(aggregate.tracks, counts),
        count_errors={
            source: error.explained
            for source in counts
            if (error := _missing(counts[source].error, aggregate.upstream, counted_before=source in uncounted))
        },
        matched_share=aggregate.matched_share,
        outcomes=aggregate.outcomes,
        quota=dict(quota),
        only_service=aggregate.only_service,
    )


def _missing(error: UpstreamError | None, upstream: Upstream, *, counted_before: bool) -> UpstreamError | None:
    """Why counts are missing; a quota that ran out is a reason only where tracks were counted before and are not today."""
    return error if isinstance(error, QuotaExhausted) and counted_before else degrading(error, upstream)


def coverage(tracks: Sequence[AggregateTrack], counts: Mapping[str, Counts]) -> dict[str, float]:
    """Per source, the share of the tracks that were counted now; 0 for an empty chart."""
    return {
        source: sum(track.track_id in counts[source].counts for track in tracks) / len(tracks) if tracks else 0.0
        for source in counts
    }


def kept_readings(readings: Mapping[str, Sequence[Reading]], at: datetime) -> dict[str, RowReadings]:
    """What the row of one track keeps of each source's readings up to `at`; a source without any is left out."""
    kept = {source: row_readings(of_source, at) for source, of_source in readings.items()}
    return {source: one for source, one in kept.items() if one is not None}


def readings_taken(chart: Chart) -> dict[str, dict[str, int]]:
    """Per ISRC, what each source counted at the chart's own observation time."""
    taken: dict[str, dict[str, int]] = {}
    for track in chart.tracks:
        now = {
            source: kept.last.view_count
            for source, kept in track.readings.items()
            if kept.last.current_timestamp == chart.insert_timestamp
        }
        if track.isrc is not None and now:
            taken.setdefault(track.isrc, {}).update(now)
    return taken


def _as_history(kept: RowReadings | None) -> list[Reading]:
    """The readings of a track without a history, oldest first, as far as the row of an earlier chart kept them."""
    dated = {one.current_timestamp: one.view_count for one in (kept.first_of_week, kept.last) if one} if kept else {}
    return [Reading(moment, count) for moment, count in sorted(dated.items())]
