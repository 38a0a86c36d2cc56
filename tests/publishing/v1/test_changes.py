"""The answer of `/v1/charts/{genre}/changes`."""

from tests.publishing.v1.days import day, facts, on
from tunemeld_pipeline.charts.charted_tracks import years_of
from tunemeld_pipeline.publishing.v1.changes import Changes, changes_answer


def answer(before: str, now: str, *, known: str = "abcdefgh") -> Changes:
    days = day(0, before), day(1, now)
    return changes_answer(days[1], days[0], years_of(days), facts(known))


def test_what_is_new_gone_climbed_and_fell_is_listed_with_names() -> None:
    found = answer("abcde", "cbfa")
    assert (found.genre, found.date, found.compared_with, found.unchanged) == ("dance", on(1), on(0), 1)
    assert [(one.track_id, one.rank, one.status) for one in found.new] == [("f", 3, "new")]
    assert [(one.track_id, one.previous_rank, one.status) for one in found.gone] == [("d", 4, "gone"), ("e", 5, "gone")]
    assert [(one.track_id, one.previous_rank, one.rank, one.movement) for one in found.climbed] == [("c", 3, 1, 2)]
    assert [(one.track_id, one.movement) for one in found.fell] == [("a", -3)]
    assert [(one.title, one.artist, one.urls) for one in found.new] == [
        ("Song f", "Singer f", {"Spotify": "https://one.example/f"})
    ]


def test_those_that_moved_most_come_first() -> None:
    found = answer("abcdef", "fdbaec")
    assert [(one.track_id, one.movement) for one in found.climbed] == [("f", 5), ("d", 2)]
    assert [(one.track_id, one.movement) for one in found.fell] == [("a", -3), ("c", -3), ("b", -1)]


def test_a_recording_of_which_nothing_was_kept_has_its_id_alone() -> None:
    (found,) = answer("a", "ab", known="a").new
    assert (found.track_id, found.title, found.artist, found.isrc, found.urls) == ("b", None, None, None, {})


def test_without_a_day_before_nothing_is_new() -> None:
    found = changes_answer(day(0, "abc"), None, {}, facts("abc"))
    assert (found.compared_with, found.new, found.gone, found.climbed, found.fell, found.unchanged) == (
        None, [], [], [], [], 0,
    )  # fmt: skip
