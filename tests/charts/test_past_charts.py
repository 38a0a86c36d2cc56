"""A past day's chart from what is kept for ever."""

from datetime import timedelta

import pytest

from tests.documents import MONDAY, RUN, chart_day, isrc
from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay
from tunemeld_pipeline.charts.charted_tracks import ChartedPast, past_of
from tunemeld_pipeline.charts.documents import Match, Ranking, Reading, ServiceOutcome
from tunemeld_pipeline.charts.past_charts import past_chart, with_unknown
from tunemeld_pipeline.charts.ranking import standing
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored

NO_PAST = ChartedPast(None, {})
RECORDED = Match(method="text", confidence=0.98)


def facts(number: int, *, known: str | None = None) -> RecordingFacts:
    return RecordingFacts(
        insert_timestamp=MONDAY,
        run_id=RUN,
        upstream="sandbox",
        track_id=known or isrc(number),
        isrc=None if known else isrc(number),
        track_name=f"Song {number}",
        artist_name=f"Singer {number}",
        track_url=f"https://example.org/Spotify/{number}",
        track_urls={service: f"https://example.org/{service}/{number}" for service in ("Spotify", "SoundCloud")},
        match=RECORDED,
    )


def day() -> ChartDay:
    """Song 2 is second on Spotify and first on SoundCloud, song 1 third on each; song 9 is on one list only."""
    return chart_day(numbers=(2, 1)).model_copy(
        update={
            "lists": {
                "Spotify": [isrc(9), isrc(2), isrc(1), isrc(2)],
                "SoundCloud": [isrc(2), None, isrc(1)],
            },
            "other_ids": {isrc(1): ["AppleMusic:7", isrc(5)]},
            "coverage": {"Youtube": 0.5},
        }
    )


KNOWN = {isrc(number): facts(number) for number in (1, 2)}


def test_it_works() -> None:
    readings = {
        isrc(2): {
            "Youtube": [
                Reading(current_timestamp=MONDAY - timedelta(days=7), view_count=100),
                Reading(current_timestamp=MONDAY, view_count=130, delta_count=30),
            ]
        }
    }

    chart = past_chart(
        day(), KNOWN, readings, past_of([ChartedDay(date="2026-02-23", chart=[isrc(1), isrc(2)])], day().date)
    )

    first, second = chart.tracks
    assert [(track.rank, track.track_name) for track in chart.tracks] == [(1, "Song 2"), (2, "Song 1")]
    assert first.sources == {"SoundCloud": 1, "Spotify": 2}
    assert (first.source_name, first.track_url) == ("Spotify", "https://example.org/Spotify/2")
    assert first.additional_sources == {"SoundCloud": "https://example.org/SoundCloud/2"}
    assert (first.status, first.previous_rank, second.status) == ("up", 2, "down")
    assert (first.gain_7d["Youtube"], first.readings["Youtube"].last.view_count) == (30, 130)
    assert second.isrcs == [isrc(1), isrc(5)]
    assert (chart.insert_timestamp, chart.coverage) == (MONDAY, {"Youtube": 0.5})


def test_scores_are_those_of_the_rule_of_that_day_and_its_stale_services() -> None:
    then = day().model_copy(
        update={"ranking": Ranking(phi=0.9), "outcomes": {"SoundCloud": ServiceOutcome(state="stale")}}
    )

    first = past_chart(then, KNOWN, {}, NO_PAST).tracks[0]

    expected = standing({"Spotify": 2, "SoundCloud": 1}, Ranking(phi=0.9), {"SoundCloud"})
    assert (first.score, first.contributions) == (expected.score, expected.contributions)


def test_a_recording_without_an_isrc_has_no_counts() -> None:
    known = "Spotify:1"
    then = day().model_copy(update={"chart": [known], "lists": {"Spotify": [known], "SoundCloud": [known]}})

    (track,) = past_chart(then, {known: facts(1, known=known)}, {}, NO_PAST).tracks

    assert (track.isrc, track.isrcs) == (None, [])
    assert track.readings == {}
    assert set(track.gain_7d.values()) == {None}


def test_a_recording_of_which_nothing_is_kept_has_its_place_all_the_same() -> None:
    first, second = past_chart(day(), with_unknown(day(), {isrc(2): facts(2)}), {}, NO_PAST).tracks

    assert (first.track_name, second.track_name, second.artist_name, second.track_url) == ("Song 2", "", "", "")
    assert (second.rank, second.isrc, second.sources) == (2, isrc(1), {"SoundCloud": 3, "Spotify": 3})


def test_what_is_not_kept_is_named() -> None:
    with pytest.raises(NothingStored, match=f"dance of 2026-03-02 cannot be shown: nothing is kept of {isrc(1)};"):
        past_chart(day(), {isrc(2): facts(2)}, {}, NO_PAST)


def test_a_track_shows_what_is_kept_of_its_recording() -> None:
    known = {
        isrc(2): facts(2).model_copy(
            update={
                "album_cover_url": "https://images.example.org/2",
                "youtube_url": "https://youtube.example.org/2",
                "duration_ms": 201_000,
                "track_urls": {"SoundCloud": "https://example.org/SoundCloud/2"},
            }
        ),
        isrc(1): facts(1),
    }
    then = day().model_copy(
        update={
            "ranking": Ranking(phi=0.9),
            "count_errors": {"Youtube": "down"},
            "matched_share": {"Spotify": 0.5},
            "outcomes": {"SoundCloud": ServiceOutcome(state="stale")},
        }
    )

    chart = past_chart(then, known, {}, NO_PAST)

    first, second = chart.tracks
    assert (first.album_cover_url, first.duration_ms) == ("https://images.example.org/2", 201_000)
    assert (first.youtube_url, first.track_url) == ("https://youtube.example.org/2", "https://example.org/Spotify/2")
    assert (first.isrcs, first.other_ids, second.other_ids) == ([], [], ["AppleMusic:7", isrc(5)])
    assert (chart.ranking, chart.count_errors) == (then.ranking, then.count_errors)
    assert (chart.matched_share, chart.outcomes) == (then.matched_share, then.outcomes)


def test_all_that_is_not_kept_is_named_with_what_to_do() -> None:
    with pytest.raises(NothingStored, match=rf"nothing is kept of {isrc(2)}, {isrc(1)}; choose another day$"):
        past_chart(day(), {}, {}, NO_PAST)
