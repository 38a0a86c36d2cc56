"""Rows of several services as recordings."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations

from tunemeld_pipeline.charts.matching.group import SURE_BY_HAND, Idle, Method, Tie, group, idle_overrides
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides, parse_overrides
from tunemeld_pipeline.charts.matching.rows import Row

SPOTIFY = Row("Glass Rivers", "Marrow, Ona Vale", 188_100, "QZAAA2400001", key="Spotify:1")
APPLE = Row("Glass Rivers (feat. Ona Vale)", "Marrow", 188_000, key="AppleMusic:1")
SOUNDCLOUD = Row("Marrow - Glass Rivers", "Marrow", 188_150, "QZAAA2400001", "Marrow", key="SoundCloud:1")
REMIX = Row("Glass Rivers (Kestrel Remix)", "Marrow", 188_200, key="Spotify:2")


def test_three_services_rows_are_one_recording() -> None:
    (recording,) = group([SPOTIFY, APPLE, SOUNDCLOUD])
    assert recording.rows == (0, 1, 2)
    assert [match.method for match in recording.matches] == [Method.ISRC, Method.TEXT, Method.ISRC]


def test_a_remix_stands_alone() -> None:
    assert [recording.rows for recording in group([SPOTIFY, REMIX, APPLE])] == [(0, 2), (1,)]
    assert group([REMIX])[0].matches == (Tie(Method.ALONE, 1.0),)


def test_no_chain_joins_an_original_with_its_remix() -> None:
    # One ISRC on both: each of the two is like the row between them, which says nothing of a version.
    between = Row("Glass Rivers", "Marrow", None, "QZAAA2400009", key="SoundCloud:2")
    remix = Row("Glass Rivers (Kestrel Remix)", "Marrow", 240_000, key="Spotify:2")
    long = Row("Glass Rivers", "Marrow", 240_000, key="AppleMusic:2")
    for rows in permutations([SPOTIFY, between, remix, long]):
        together = [{rows[index].key for index in recording.rows} for recording in group(rows)]
        assert not any({SPOTIFY.key, remix.key} <= keys for keys in together)
        assert not any({SPOTIFY.key, long.key} <= keys for keys in together)


def test_a_recording_twice_on_one_list_is_one() -> None:
    assert [recording.rows for recording in group([APPLE, APPLE])] == [(0, 1)]


def test_rows_with_nothing_in_them_stay_apart_from_each_other() -> None:
    assert len(group([Row("", "", key="a"), Row("", "", key="b"), Row("", "Marrow", key="c")])) == 3


def test_no_rows_are_no_recordings() -> None:
    assert group([]) == []


def test_the_operator_can_join_and_part() -> None:
    overrides = parse_overrides(
        """
        [[same]]
        rows = ["Spotify:2", "Spotify:1"]
        [[different]]
        rows = ["AppleMusic:1", "Spotify:1"]
        [[different]]
        rows = ["AppleMusic:1", "SoundCloud:1"]
        """
    )
    found = group([SPOTIFY, APPLE, SOUNDCLOUD, REMIX], overrides)
    assert [recording.rows for recording in found] == [(0, 2, 3), (1,)]
    assert found[0].matches[2] == Tie(Method.OVERRIDE, 1.0)


def test_the_operator_can_give_an_isrc() -> None:
    mistitled = Row("Track 01", "Unknown", 188_000, key="AppleMusic:9")
    overrides = parse_overrides('[[isrc]]\nrow = "AppleMusic:9"\nisrc = "QZ-AAA-24-00001"')
    (recording,) = group([SPOTIFY, mistitled], overrides)
    assert recording.matches[1].method is Method.OVERRIDE


def test_rows_of_one_isrc_vouch_for_each_other() -> None:
    # The surest pair is that of the texts; the third row is 59 s longer than its second.
    first = Row("Glass Rivers", "Marrow", 234_300, "QZAAA2400001", key="Spotify:1")
    second = Row("Glass Rivers", "Marrow", 234_000, key="AppleMusic:1")
    longer = Row("Marrow - Glass Rivers", "Marrow", 293_000, "QZAAA2400001", key="SoundCloud:1")
    for rows in permutations([first, second, longer]):
        (recording,) = group(rows)
        assert recording.rows == (0, 1, 2)


def test_what_one_isrc_could_not_join_nothing_else_joins() -> None:
    ours = Row("Glass Rivers", "Marrow", 188_000, "QZAAA2400001", key="Spotify:1")
    theirs = Row("Copper Harbour", "The Hollow Kettles", 290_000, "QZAAA2400001", key="SoundCloud:1")
    either = Row("Стекло", "Веста", 188_000, "QZAAA2400001", key="AppleMusic:1")
    for rows in permutations([ours, theirs, either]):
        together = {frozenset(rows[index].key for index in recording.rows) for recording in group(rows)}
        assert together == {frozenset({"Spotify:1", "AppleMusic:1"}), frozenset({"SoundCloud:1"})}


def test_a_row_of_unknown_length_takes_none_from_those_whose_lengths_agree() -> None:
    ours = [Row("Glass Rivers", "Marrow", length, key=f"Spotify:{length}") for length in (265_000, 270_000)]
    shorter = Row("Glass Rivers", "Marrow", 252_000, key="AppleMusic:1")
    unknown = Row("Glass Rivers", "Marrow", None, key="AppleMusic:0")
    for rows in permutations([*ours, shorter, unknown]):
        together = [{rows[index].key for index in recording.rows} for recording in group(rows)]
        assert any({one.key for one in ours} <= keys for keys in together)


def test_overrides_that_no_longer_matter_are_named() -> None:
    overrides = parse_overrides(
        """
        [[same]]
        rows = ["AppleMusic:1", "Spotify:1"]
        [[same]]
        rows = ["Spotify:1", "Spotify:2"]
        [[different]]
        rows = ["Spotify:1", "Spotify:gone"]
        [[isrc]]
        row = "Spotify:1"
        isrc = "QZAAA2400001"
        """
    )
    idle = {found.override: found.why for found in idle_overrides([SPOTIFY, APPLE, REMIX], overrides)}
    assert idle == {
        "same: AppleMusic:1, Spotify:1": "the judgement agrees without it",
        "different: Spotify:1, Spotify:gone": "no row Spotify:gone",
        "isrc: Spotify:1": "the row carries this ISRC anyway",
    }


def keys_together(rows: Sequence[Row], overrides: Overrides = NO_OVERRIDES) -> list[set[str]]:
    return [{rows[index].key for index in recording.rows} for recording in group(rows, overrides)]


def test_a_unit_that_is_the_same_as_two_rows_settles_that_they_contradict_each_other() -> None:
    unit = [
        Row("Glass Rivers", "Marrow", 234_000, "QZAAA2400001", key="Spotify:1"),
        Row("Glass Rivers", "Marrow", 293_000, "QZAAA2400001", key="SoundCloud:1"),
    ]
    shorter = Row("Glass Rivers", "Marrow", 234_000, key="AppleMusic:1")
    longer = Row("Glass Rivers", "Marrow", 293_000, key="AppleMusic:2")
    apart = parse_overrides('[[different]]\nrows = ["AppleMusic:1", "AppleMusic:2"]')
    for rows in permutations([*unit, shorter, longer]):
        assert len(group(rows)) == 1
        assert not any({"AppleMusic:1", "AppleMusic:2"} <= keys for keys in keys_together(rows, apart))
    assert len(group([unit[0], shorter, longer])) == 2


def test_rows_that_say_the_same_are_tied_by_their_isrc_or_their_text() -> None:
    coded = Row("Glass Rivers", "Marrow", 188_000, "QZAAA2400001")
    assert group([coded, coded])[0].matches == (Tie(Method.ISRC, 1.0),) * 2
    assert group([replace(coded, isrc=None)] * 2)[0].matches == (Tie(Method.TEXT, 1.0),) * 2


def test_rows_in_two_scripts_are_compared_in_latin_letters() -> None:
    cyrillic = Row("Полночный Трамвай", "Веста", 188_000, key="Spotify:1")
    assert len(group([cyrillic, Row("Polnochny Tramvay", "Vesta", 188_000, key="AppleMusic:1")])) == 1


def test_a_part_is_compared_with_its_number() -> None:
    part = Row("Rivers, Pt. 2", "The Hollow Kettles", 201_000, key="Spotify:1")
    assert len(group([part, Row("Rivers II", "Hollow Kettles", 201_000, key="AppleMusic:1")])) == 1


def test_an_alias_joins_rows_and_an_isrc_given_by_hand_is_sure() -> None:
    alias = parse_overrides('[[alias]]\nnames = ["Marrow", "Odile"]')
    ours, theirs = Row("Glass Rivers", "Marrow", key="Spotify:1"), Row("Glass Rivers", "Odile", key="AppleMusic:1")
    assert (len(group([ours, theirs])), len(group([ours, theirs], alias))) == (2, 1)
    given = parse_overrides('[[isrc]]\nrow = "AppleMusic:9"\nisrc = "QZAAA2400001"')
    mistitled = Row("Track 01", "Unknown", 188_000, key="AppleMusic:9")
    assert group([SPOTIFY, mistitled], given)[0].matches[1].confidence == SURE_BY_HAND
    assert idle_overrides([ours], given) == [Idle("isrc: AppleMusic:9", "no row AppleMusic:9")]


def test_an_override_of_two_rows_that_are_gone_names_both() -> None:
    gone = parse_overrides('[[same]]\nrows = ["Spotify:8", "Spotify:9"]')
    assert idle_overrides([SPOTIFY], gone) == [Idle("same: Spotify:8, Spotify:9", "no row Spotify:8 nor Spotify:9")]
    assert len(group([SPOTIFY, APPLE], gone)) == 1
    one_gone = parse_overrides('[[same]]\nrows = ["Spotify:1", "Spotify:9"]')
    assert len(group([SPOTIFY, REMIX], one_gone)) == 2
