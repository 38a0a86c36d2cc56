"""The chart that counts make: absent is never 0, and a failed reading keeps the last."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from tests.documents import MONDAY, aggregate, aggregate_track, isrc, service_playlist, track
from tunemeld_pipeline.charts.counting import Counts, chart_of, coverage, listed_counts, readings_taken
from tunemeld_pipeline.charts.documents import AggregatePlaylist, Chart, DatedCount, Ranking, Reading, ServiceOutcome
from tunemeld_pipeline.charts.history import with_reading
from tunemeld_pipeline.errors import QuotaExhausted, UpstreamUnavailable

DAY = timedelta(days=1)
SATURDAY = MONDAY - 2 * DAY


def read_now(youtube: Mapping[int, int], spotify: Mapping[int, int] | None = None) -> dict[str, Counts]:
    return {
        "Youtube": Counts({isrc(number): count for number, count in youtube.items()}),
        "Spotify": Counts({isrc(number): count for number, count in (spotify or {}).items()}),
        "SoundCloud": Counts(),
    }


def history(*written: tuple[datetime, int]) -> list[Reading]:
    readings: list[Reading] = []
    for moment, count in written:
        readings = with_reading(readings, moment, count)
    return readings


def charted(
    consensus: AggregatePlaylist,
    counts: Mapping[str, Counts],
    readings: Mapping[str, Mapping[str, Sequence[Reading]]] | None = None,
    previous: Chart | None = None,
    *,
    at: datetime = MONDAY,
) -> Chart:
    return chart_of(
        consensus,
        counts,
        readings or {},
        previous,
        {isrc(1): "https://www.youtube.com/watch?v=video-1"},
        {isrc(2): "https://images.example.org/2"},
        quota={"youtube": 9_999},
        run_id="a-run",
        as_of=at,
    )


def test_soundclouds_counts_come_with_its_list_unless_that_is_an_old_one() -> None:
    fresh = service_playlist("SoundCloud", (1, 2, 3), play_counts={1: 900, 2: 0})

    assert listed_counts("SoundCloud", [service_playlist("Spotify", play_counts={1: 5}), fresh]).counts == {
        isrc(1): 900,
        isrc(2): 0,
    }
    assert listed_counts("SoundCloud", [fresh.model_copy(update={"stale": True})]).counts == {}


def test_a_recording_twice_on_soundclouds_list_is_counted_by_its_better_row() -> None:
    once, again = (track(1, rank, "SoundCloud", play_count=plays) for rank, plays in ((1, 900), (2, 40)))
    listed = service_playlist("SoundCloud", ()).model_copy(update={"tracks": [once, again]})

    assert listed_counts("SoundCloud", [listed]).counts == {isrc(1): 900}
    uncounted = once.model_copy(update={"play_count": None})
    assert listed_counts("SoundCloud", [listed.model_copy(update={"tracks": [uncounted, again]})]).counts == {
        isrc(1): 40
    }


def test_a_chart_is_the_consensus_with_counts_videos_and_covers() -> None:
    chart = charted(aggregate(), read_now({1: 1_000, 2: 2_000}, {1: 3_600_000_000}))

    first, second, third = chart.tracks
    assert (first.rank, first.isrc, first.youtube_url) == (1, isrc(1), "https://www.youtube.com/watch?v=video-1")
    assert first.readings["Youtube"].last.view_count == 1_000
    assert first.readings["Spotify"].last.view_count == 3_600_000_000
    assert (second.youtube_url, second.album_cover_url) == (None, "https://images.example.org/2")
    assert "Youtube" not in third.readings
    assert chart.coverage == {"Youtube": 2 / 3, "Spotify": 1 / 3, "SoundCloud": 0.0}
    assert chart.quota == {"youtube": 9_999}


def test_a_source_that_never_counted_a_track_is_absent() -> None:
    chart = charted(aggregate([1]), read_now({}))

    assert chart.tracks[0].readings == {}


def test_a_count_of_zero_is_a_count() -> None:
    chart = charted(aggregate([1]), read_now({1: 0}))

    assert chart.tracks[0].readings["Youtube"].last.view_count == 0
    assert chart.coverage["Youtube"] == 1.0


def test_the_initial_count_is_the_weeks_first_and_the_gain_is_over_seven_days() -> None:
    past = {isrc(1): {"Youtube": history((MONDAY - 7 * DAY, 100), (SATURDAY, 400), (MONDAY - DAY, 450))}}

    (track,) = charted(aggregate([1]), read_now({1: 500}), past).tracks

    kept = track.readings["Youtube"]
    assert kept.first_of_week == DatedCount(current_timestamp=SATURDAY, view_count=400)
    assert kept.last == DatedCount(current_timestamp=MONDAY, view_count=500)
    assert track.gain_7d == {"Youtube": 400, "Spotify": None, "SoundCloud": None}


def test_a_failed_reading_keeps_the_last_one_with_its_own_time_and_says_so() -> None:
    past = {isrc(1): {"Youtube": history((MONDAY - DAY, 450))}}
    counts = read_now({}) | {"Youtube": Counts({}, UpstreamUnavailable("YouTube", "does not answer"))}

    chart = charted(aggregate([1]), counts, past)

    assert chart.tracks[0].readings["Youtube"].last == DatedCount(current_timestamp=MONDAY - DAY, view_count=450)
    assert chart.count_errors == {"Youtube": "YouTube: does not answer; the next run tries again"}
    assert chart.degraded == ["Youtube counts"]
    assert chart.coverage["Youtube"] == 0.0


def test_a_quota_makes_counts_missing_only_where_there_were_some() -> None:
    counts = read_now({2: 70})
    counts["Youtube"].error = QuotaExhausted("YouTube", "the day's quota is used up", remedy="it resets at midnight")
    counted_before = {isrc(1): {"Youtube": history((MONDAY - DAY, 450))}}

    assert charted(aggregate([1, 2]), counts).degraded == []
    chart = charted(aggregate([1, 2]), counts, counted_before)
    assert chart.count_errors == {"Youtube": "YouTube: the day's quota is used up; it resets at midnight"}
    assert charted(aggregate([2]), counts, counted_before).degraded == []


def test_only_what_was_read_now_becomes_a_reading() -> None:
    past = {isrc(2): {"Youtube": history((MONDAY - DAY, 450))}}

    chart = charted(aggregate([1, 2]), read_now({1: 500}, {2: 70}), past)

    assert readings_taken(chart) == {isrc(1): {"Youtube": 500}, isrc(2): {"Spotify": 70}}


def without_isrc(at: datetime) -> AggregatePlaylist:
    return aggregate([], at=at).model_copy(update={"tracks": [aggregate_track(1, 1, has_isrc=False)]})


def counted(count: int) -> dict[str, Counts]:
    return read_now({}) | {"Youtube": Counts({"Spotify:1": count})}


def test_a_track_without_an_isrc_carries_its_counts_on_from_the_chart_before() -> None:
    first = charted(without_isrc(SATURDAY), counted(100), at=SATURDAY)
    second = charted(without_isrc(MONDAY), counted(130), previous=first)
    third = charted(without_isrc(MONDAY + DAY), read_now({}), previous=second, at=MONDAY + DAY)

    kept = third.tracks[0].readings["Youtube"]
    assert kept.first_of_week == DatedCount(current_timestamp=SATURDAY, view_count=100)
    assert kept.last == DatedCount(current_timestamp=MONDAY, view_count=130)
    assert readings_taken(second) == {}


def test_a_track_without_an_isrc_is_the_same_when_its_day_is_run_again() -> None:
    """The week's first reading is seven days old on the next Saturday, but only until that day's chart has replaced it."""
    before = charted(without_isrc(SATURDAY), counted(100), at=SATURDAY)
    once = charted(without_isrc(SATURDAY + 7 * DAY), counted(170), previous=before, at=SATURDAY + 7 * DAY)
    twice = charted(without_isrc(SATURDAY + 7 * DAY), counted(170), previous=once, at=SATURDAY + 7 * DAY)

    assert twice == once


def test_the_coverage_of_an_empty_chart_is_nothing() -> None:
    assert coverage([], read_now({})) == {"Spotify": 0.0, "Youtube": 0.0, "SoundCloud": 0.0}


def test_what_the_consensus_says_of_its_lists_is_on_the_chart() -> None:
    said = {
        "ranking": Ranking(phi=0.9),
        "matched_share": {"Spotify": 0.5},
        "outcomes": {"Spotify": ServiceOutcome(state="fresh", rows=3)},
        "only_service": "Spotify",
    }
    chart = charted(aggregate().model_copy(update=said), read_now({}))
    assert {name: getattr(chart, name) for name in said} == said
