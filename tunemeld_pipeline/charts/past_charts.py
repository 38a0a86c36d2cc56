"""The chart of a past day, put together again from what is kept for ever.

A pure function makes it from that day's positions, the recordings' names and their histories. `storage/charts.py` reads these, and
`operations/rollback.py` puts such a chart back in front of visitors.
"""

from collections.abc import Mapping, Sequence

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import ChartedPast
from tunemeld_pipeline.charts.counting import kept_readings
from tunemeld_pipeline.charts.documents import Chart, ChartTrack, Reading
from tunemeld_pipeline.charts.history import trailing_gain
from tunemeld_pipeline.charts.movement import with_memory
from tunemeld_pipeline.charts.ranking import standing
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.isrc import well_formed_isrc


def past_chart(
    day: ChartDay,
    recordings: Mapping[str, RecordingFacts],
    readings: Mapping[str, Mapping[str, Sequence[Reading]]],
    past: ChartedPast,
) -> Chart:
    """The chart of `day`: its order, positions, scores, movement and counts of that time; names and covers as last known.

    Counts of recordings without an ISRC are not known any more, since they have no history.

    Args:
        day: with its lists in the services' order: the first one that has a recording is whose address people get.
        recordings: by track id, what is known of every recording of that chart.
        readings: per ISRC and source, readings up to the end of that day, oldest first.
        past: what the chart of `day` is compared with.

    Raises:
        NothingStored: a recording's names or positions are not kept.
    """
    positions = _positions(day)
    missing = [track_id for track_id in day.track_ids if track_id not in recordings or track_id not in positions]
    if missing:
        raise NothingStored(
            f"the chart of {day.genre_name} of {day.date} cannot be shown: nothing is kept of {', '.join(missing)};"
            " choose another day"
        )
    tracks = [
        _track(day, rank, positions[track_id], recordings[track_id], readings.get(recordings[track_id].isrc or "", {}))
        for rank, track_id in day.ranked
    ]
    return Chart(
        insert_timestamp=day.insert_timestamp,
        run_id=day.run_id,
        upstream=day.upstream,
        genre_name=day.genre_name,
        tracks=with_memory(tracks, day.date, past),
        ranking=day.ranking,
        coverage=day.coverage,
        count_errors=day.count_errors,
        matched_share=day.matched_share,
        outcomes=day.outcomes,
        only_service=day.only_service,
    )


def with_unknown(day: ChartDay, recordings: Mapping[str, RecordingFacts]) -> dict[str, RecordingFacts]:
    """What is known of every recording of that chart, where one of which nothing is kept has neither names nor addresses."""
    return {
        track_id: recordings.get(track_id)
        or RecordingFacts(
            insert_timestamp=day.insert_timestamp,
            run_id=day.run_id,
            upstream=day.upstream,
            track_id=track_id,
            isrc=well_formed_isrc(track_id),
            track_name="",
            artist_name="",
            track_url="",
        )
        for track_id in day.track_ids
    }


def _positions(day: ChartDay) -> dict[str, dict[str, int]]:
    """The best position of each recording on each list of that day."""
    found: dict[str, dict[str, int]] = {}
    for service, track_ids in day.lists.items():
        for rank, track_id in enumerate(track_ids, start=1):
            if track_id is not None:
                found.setdefault(track_id, {}).setdefault(service, rank)
    return found


def _track(
    day: ChartDay,
    rank: int,
    ranks: Mapping[str, int],
    facts: RecordingFacts,
    readings: Mapping[str, Sequence[Reading]],
) -> ChartTrack:
    stale = {service for service, outcome in day.outcomes.items() if outcome.state == "stale"}
    stood = standing(ranks, day.ranking, stale)
    main, *others = list(ranks)
    other_ids = day.other_ids.get(facts.track_id, [])
    isrcs = sorted(filter(None, {facts.isrc, *map(well_formed_isrc, other_ids)}))
    return ChartTrack(
        rank=rank,
        isrc=facts.isrc,
        track_id=facts.track_id,
        track_name=facts.track_name,
        artist_name=facts.artist_name,
        track_url=facts.track_urls.get(main, facts.track_url),
        album_cover_url=facts.album_cover_url,
        youtube_url=facts.youtube_url,
        duration_ms=facts.duration_ms,
        source_name=main,
        genre_name=day.genre_name,
        match=facts.match,
        sources={service: ranks[service] for service in sorted(ranks)},
        additional_sources={service: facts.track_urls[service] for service in others if service in facts.track_urls},
        score=stood.score,
        contributions=stood.contributions,
        raw_aggregate_rank=stood.priority_rank,
        aggregate_service_name=stood.priority_service,
        isrcs=isrcs if len(isrcs) > 1 else [],
        other_ids=other_ids,
        readings=kept_readings(readings, day.insert_timestamp),
        gain_7d={source: trailing_gain(readings.get(source, ()), day.insert_timestamp) for source in day.coverage},
    )
