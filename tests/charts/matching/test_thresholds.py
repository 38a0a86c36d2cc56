"""Every number that the judgement turns on, at its value, just below and just above it.

Titles and names of a hundred letters are alike to the hundredth: with twelve letters changed, 0.88.
"""

from dataclasses import replace

import pytest

from tunemeld_pipeline.charts.matching.artists import overlap, same_name, split_names
from tunemeld_pipeline.charts.matching.folding import LOST, fold, likeness, repair
from tunemeld_pipeline.charts.matching.group import group
from tunemeld_pipeline.charts.matching.judge import Judgement, Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.titles import parse_title
from tunemeld_pipeline.charts.matching.versions import Relation, Version, VersionKind, relate
from tunemeld_pipeline.charts.matching.videos import judge_video

SAME, UNSURE, DIFFERENT = Verdict.SAME, Verdict.UNSURE, Verdict.DIFFERENT
LENGTH = 180_000
SONG = Row("Glass Rivers", "Marrow", LENGTH)
CODE = "QZAAA2400001"


def changed(letters: int, of: int = 100) -> str:
    """A word that differs in so many letters from `changed(0)`."""
    return "o" * (of - letters - 2) + "u" * letters + "oo"


def verdict(found: Judgement) -> tuple[Verdict, float]:
    return found.verdict, found.confidence


def apart(row: Row, gap: int) -> Row:
    return replace(row, duration_ms=LENGTH + gap)


# Lengths


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        (0, (SAME, 0.98)),
        (2_999, (SAME, 0.98)),
        (3_000, (SAME, 0.98)),
        (3_001, (SAME, 0.9)),
        (6_999, (SAME, 0.9)),
        (7_000, (SAME, 0.9)),
        (7_001, (SAME, 0.75)),
        (14_999, (SAME, 0.75)),
        (15_000, (SAME, 0.75)),
        (15_001, (DIFFERENT, 0.9)),
    ],
)
def test_lengths_agree_up_to_3_s_speak_against_beyond_7_s_and_contradict_beyond_15_s(
    gap: int, expected: tuple[Verdict, float]
) -> None:
    assert verdict(judge(SONG, apart(SONG, gap))) == expected
    assert verdict(judge(apart(SONG, gap), SONG)) == expected


@pytest.mark.parametrize(("gap", "expected"), [(2_999, SAME), (3_000, SAME), (3_001, UNSURE)])
def test_a_doubt_is_settled_by_lengths_up_to_3_s_apart(gap: int, expected: Verdict) -> None:
    assert judge(SONG, apart(replace(SONG, title="Glass Rivers (I Won't Let You Go)"), gap)).verdict is expected


@pytest.mark.parametrize(("gap", "expected"), [(2_999, UNSURE), (3_000, UNSURE), (3_001, DIFFERENT)])
def test_an_extended_mix_is_in_question_while_lengths_agree_and_another_recording_beyond(
    gap: int, expected: Verdict
) -> None:
    assert judge(SONG, apart(replace(SONG, title="Glass Rivers (Extended Mix)"), gap)).verdict is expected


@pytest.mark.parametrize(
    ("gap", "plain", "extended"),
    [
        (6_999, (SAME, 0.99), (SAME, 0.99)),
        (7_000, (SAME, 0.99), (SAME, 0.99)),
        (7_001, (SAME, 0.9), (UNSURE, 0.5)),
        (15_001, (SAME, 0.9), (UNSURE, 0.5)),
    ],
)
def test_one_isrc_is_less_sure_beyond_7_s_and_then_no_proof_for_an_extended_mix(
    gap: int, plain: tuple[Verdict, float], extended: tuple[Verdict, float]
) -> None:
    coded = replace(SONG, isrc=CODE)
    assert verdict(judge(coded, apart(coded, gap))) == plain
    assert verdict(judge(coded, apart(replace(coded, title="Glass Rivers (Extended Mix)"), gap))) == extended


def test_one_isrc_without_lengths_is_as_sure_as_with_lengths_that_agree() -> None:
    coded = replace(SONG, isrc=CODE, duration_ms=None)
    assert verdict(judge(coded, coded)) == (SAME, 0.99)


@pytest.mark.parametrize("unknown", [None, 0])
def test_a_length_that_is_unknown_or_zero_is_compared_with_nothing(unknown: int | None) -> None:
    found = judge(SONG, replace(SONG, duration_ms=unknown))
    assert verdict(found) == (SAME, 0.93)
    assert "duration -" in found.evidence


# Titles


@pytest.mark.parametrize(
    ("letters", "expected", "reason"),
    [
        (0, (SAME, 0.98), ""),
        (1, (SAME, 0.92), "title nearly equal"),
        (11, (SAME, 0.92), "title nearly equal"),
        (12, (SAME, 0.92), "title nearly equal"),
        (13, (UNSURE, 0.6), "title not alike enough"),
        (24, (UNSURE, 0.6), "title not alike enough"),
        (25, (UNSURE, 0.6), "title not alike enough"),
        (26, (DIFFERENT, 0.9), "other title"),
    ],
)
def test_titles_are_nearly_equal_from_088_and_other_titles_below_075(
    letters: int, expected: tuple[Verdict, float], reason: str
) -> None:
    found = judge(replace(SONG, title=changed(0)), replace(SONG, title=changed(letters)))
    assert verdict(found) == expected
    assert found.evidence.partition("; ")[2] == reason


@pytest.mark.parametrize(("letters", "expected"), [(25, "title not alike enough"), (26, "titles in different scripts")])
def test_titles_in_two_scripts_are_in_question_below_075(letters: int, expected: str) -> None:
    found = judge(replace(SONG, title=changed(0)), replace(SONG, title=changed(letters - 1)[:-1] + "夜"))
    assert judge(replace(SONG, title=changed(0)), SONG).verdict is DIFFERENT
    assert (found.verdict, found.evidence.partition("; ")[2]) == (UNSURE, expected)


@pytest.mark.parametrize(("letters", "expected"), [(5, DIFFERENT), (6, UNSURE), (7, UNSURE)])
def test_in_a_title_of_fewer_than_six_letters_one_letter_makes_another_title(letters: int, expected: Verdict) -> None:
    word, other = changed(0, of=letters), changed(1, of=letters)
    assert judge(replace(SONG, title=word), replace(SONG, title=other)).verdict is expected
    assert judge(replace(SONG, title=word), replace(SONG, title=word)).verdict is SAME


def test_the_shorter_title_decides_whether_titles_are_short() -> None:
    assert judge(replace(SONG, title="ooooo"), replace(SONG, title="oooooo")).verdict is DIFFERENT


@pytest.mark.parametrize(("title", "alternatives"), [("あ Dawn", ("dawn",)), ("夜明 Dawn", ("dawn", "夜明"))])
def test_a_title_in_two_scripts_is_also_each_half_of_at_least_two_letters(
    title: str, alternatives: tuple[str, ...]
) -> None:
    assert parse_title(title, "Marrow").alternatives == alternatives


# Doubts, contradictions and what they do to the confidence


DOUBTS = ("title nearly equal", "artists agree in part", "version cut on one side", "subtitle on one side")


def doubtful(count: int) -> Row:
    """A row that raises the first `count` doubts when compared with `WHOLE`."""
    title = "Kaleidescope Season" if count >= 1 else "Kaleidoscope Season"
    title += " (Radio Edit)" if count >= 3 else ""
    title += " (I Won't Let You Go)" if count >= 4 else ""
    return Row(title, "Marrow" if count >= 2 else "Marrow & the Kettles", LENGTH)


WHOLE = Row("Kaleidoscope Season", "Marrow & the Kettles", LENGTH)


@pytest.mark.parametrize(
    ("count", "expected"),
    [(0, (SAME, 0.98)), (1, (SAME, 0.92)), (2, (SAME, 0.86)), (3, (UNSURE, 0.4)), (4, (UNSURE, 0.3))],
)
def test_lengths_that_agree_settle_two_doubts_and_not_three(count: int, expected: tuple[Verdict, float]) -> None:
    found = judge(WHOLE, doubtful(count))
    assert verdict(found) == expected
    assert tuple(found.evidence.split("; ")[1:]) == DOUBTS[:count]


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (Row("Glass Rivers", ""), SONG, 0.6),
        (Row("", "", isrc="A"), Row("Glass Rivers (Lantern)", ""), 0.5),
        (replace(SONG, isrc=CODE), replace(SONG, title="Glass Rivers (Live)", isrc=CODE), 0.5),
    ],
)
def test_each_question_and_doubt_takes_a_tenth_from_the_confidence_of_an_unsure_judgement(
    a: Row, b: Row, expected: float
) -> None:
    assert verdict(judge(a, b)) == (UNSURE, expected)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (Row("Paper Lanterns", "Marrow", LENGTH), 0.9),
        (Row("Paper Lanterns", "Odile", LENGTH), 0.95),
        (Row("Paper Lanterns (Live)", "Odile", LENGTH), 0.99),
        (Row("Paper Lanterns (Live)", "Odile", 2 * LENGTH), 0.99),
    ],
)
def test_each_contradiction_makes_a_difference_surer_up_to_099(other: Row, expected: float) -> None:
    assert verdict(judge(SONG, other)) == (DIFFERENT, expected)


# Artists


@pytest.mark.parametrize(("letters", "expected"), [(11, True), (12, True), (13, False)])
def test_long_names_are_one_artist_from_088(letters: int, expected: bool) -> None:
    (a,), (b,) = split_names(changed(0)), split_names(changed(letters))
    assert same_name(a, b) is expected


@pytest.mark.parametrize(("a", "b", "expected"), [("ooooo", "ooooou", False), ("oooooooo", "ooooooooo", True)])
def test_in_a_short_name_one_letter_makes_another_artist(a: str, b: str, expected: bool) -> None:
    """Alike enough from six letters, where a slip of one in nine letters or more is 0.88."""
    assert same_name(split_names(a)[0], split_names(b)[0]) is expected


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("The Vox", "Vox", True),
        ("The Vo", "Vo", False),
        ("Vox Official", "Vox", True),
        ("Vo Official", "Vo", False),
    ],
)
def test_decoration_is_taken_off_names_of_at_least_three_letters(a: str, b: str, expected: bool) -> None:
    assert same_name(split_names(a)[0], split_names(b)[0]) is expected


@pytest.mark.parametrize(
    ("a", "b", "share"),
    [
        ("Marrow", "Marrow, Odile, Pell", 1.0),
        ("Marrow, Odile", "Marrow, Pell", 0.5),
        ("Marrow, Odile, Pell", "Marrow, Vox, Tam", 1 / 3),
        ("Chase & Status, Pell", "Chase, Odile", 0.25),
        ("Chase & Status, Odile", "Chase, Odile", 0.75),
        ("Chase & Status", "Chase", 0.5),
        ("Marrow", "Odile", 0.0),
    ],
)
def test_the_share_of_a_credit_counts_a_part_of_a_name_half(a: str, b: str, share: float) -> None:
    found = overlap(split_names(a), split_names(b))
    assert found.share == pytest.approx(share)
    assert overlap(split_names(b), split_names(a)).share == pytest.approx(share)


@pytest.mark.parametrize(
    ("artist", "expected", "evidence"),
    [("Tidal Dock", (SAME, 0.92), "artists 0.50"), ("Tidal Dock, Pell", (SAME, 0.92), "artists 0.50")],
)
def test_an_uploader_who_is_the_artist_counts_half_however_fully_he_agrees(
    artist: str, expected: tuple[Verdict, float], evidence: str
) -> None:
    found = judge(SONG, replace(SONG, artist=artist, uploader="Marrow"))
    assert verdict(found) == expected
    assert evidence in found.evidence


def test_an_uploader_who_is_none_of_the_artists_counts_nothing() -> None:
    found = judge(SONG, replace(SONG, artist="Tidal Dock", uploader="Odile"))
    assert (found.verdict, "artists 0.00" in found.evidence) == (DIFFERENT, True)


# Versions


def remix(by: str) -> frozenset[Version]:
    return frozenset({Version(VersionKind.REMIX, by)})


@pytest.mark.parametrize(("letters", "expected"), [(14, Relation.SAME), (15, Relation.SAME), (16, Relation.CONFLICT)])
def test_remixers_are_the_same_from_085(letters: int, expected: Relation) -> None:
    assert relate(remix(changed(0)), remix(changed(letters))) is expected


@pytest.mark.parametrize(("letters", "expected"), [(14, Relation.SAME), (15, Relation.SAME), (16, Relation.CONFLICT)])
def test_remixers_with_a_word_in_common_are_the_same_from_085_too(letters: int, expected: Relation) -> None:
    assert relate(remix("aa " + changed(0, of=98)), remix("aa " + changed(letters, of=98))) is expected


@pytest.mark.parametrize(("letters", "expected"), [(0, SAME), (1, UNSURE), (12, UNSURE), (13, DIFFERENT)])
def test_names_that_are_only_alike_leave_a_judgement_unsure(letters: int, expected: Verdict) -> None:
    assert judge(replace(SONG, artist=changed(0)), replace(SONG, artist=changed(letters))).verdict is expected


# Letters that are lost, and text that is broken


@pytest.mark.parametrize(("left", "expected"), [("", 0.0), ("l", 0.0), ("lu", 0.0), ("lun", 1.0), ("lund", 1.0)])
def test_three_letters_must_be_left_of_a_broken_name(left: str, expected: float) -> None:
    assert likeness(LOST + left, "ø" + left) == expected


@pytest.mark.parametrize(("lost", "expected"), [(0, 1.0), (1, 1.0), (3, 1.0), (4, 1.0), (5, 0.0)])
def test_a_lost_letter_stands_for_up_to_four(lost: int, expected: float) -> None:
    assert likeness(f"lun{LOST}d", f"lun{'o' * lost}d") == expected


@pytest.mark.parametrize(
    ("text", "repaired"),
    [("ý", "ý"), ("ýý", LOST), ("ýýý", LOST), ("ï", "ï"), ("ï¿", LOST), ("ï¿½", LOST), ("é", "é"), ("Ã©", "é")],
)
def test_one_letter_is_no_broken_text_and_two_can_be(text: str, repaired: str) -> None:
    assert repair(text) == repaired


@pytest.mark.parametrize(
    ("text", "folded"), [("V.", "v"), ("V.O.", "vo"), ("V.O.X", "vox"), ("Pell vs. V. O.", "pell vs v o")]
)
def test_two_dotted_letters_are_a_word(text: str, folded: str) -> None:
    assert fold(text) == folded


# Which rows are compared at all


def grouped(a: Row, b: Row) -> int:
    return len(group([replace(a, key="a"), replace(b, key="b")]))


LETTERS = "ab" * 50


def drawn_out(first: int, last: int) -> str:
    """`LETTERS` with one letter drawn out behind so many first letters and one before so many last ones."""
    return f"{LETTERS[:first]}{LETTERS[first - 1] * 2}{LETTERS[first:-last]}{LETTERS[-last] * 2}{LETTERS[-last:]}"


@pytest.mark.parametrize(
    ("first", "last", "groups"), [(4, 3, 1), (5, 3, 1), (3, 4, 1), (3, 5, 1), (3, 3, 2), (4, 4, 1)]
)
def test_an_artists_titles_are_compared_where_the_first_or_the_last_four_letters_agree(
    first: int, last: int, groups: int
) -> None:
    row, other = replace(SONG, title=LETTERS), replace(SONG, title=drawn_out(first, last))
    assert judge(row, other).verdict is SAME
    assert grouped(row, other) == groups


@pytest.mark.parametrize(
    ("name", "groups"),
    [("Catherine Pell", 1), (f"Ca{LOST}herine Pell", 1), (f"Ca{LOST}erine Pell", 1), (f"C{LOST}therine Pell", 2)],
)
def test_equal_titles_are_compared_where_the_first_two_letters_of_the_artists_agree(name: str, groups: int) -> None:
    row = replace(SONG, artist="Catherine Pell")
    assert judge(row, replace(row, artist=name)).verdict is SAME
    assert grouped(row, replace(row, artist=name)) == groups


# Videos


@pytest.mark.parametrize(
    ("title", "channel", "expected"),
    [
        ("Marrow - Glass Rivers", "Marrow", (SAME, 0.97)),
        ("Marrow - Glass Rivers (Official Video)", "Tidal Dock", (SAME, 0.9)),
        ("Marrow - Glass Rivers", "Tidal Dock", (SAME, 0.75)),
        ("Marrow - Glass Rivers (Lyrics)", "Tidal Dock", (SAME, 0.6)),
        ("Marrow - Glass Rivers reaction", "Tidal Dock", (DIFFERENT, 0.95)),
    ],
)
def test_how_sure_a_video_is_depends_on_who_uploaded_it(
    title: str, channel: str, expected: tuple[Verdict, float]
) -> None:
    assert verdict(judge_video(SONG, title, channel)) == expected
