"""What holds for all rows, in any Unicode."""

from itertools import combinations
from random import Random

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from tunemeld_pipeline.charts.matching.artists import split_names
from tunemeld_pipeline.charts.matching.folding import fold, repair
from tunemeld_pipeline.charts.matching.group import group
from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.matching.titles import parse_title
from tunemeld_pipeline.charts.matching.videos import judge_video

WORDS = [
    "Glass",
    "Rivers",
    "Live",
    "Remix",
    "feat.",
    "(",
    ")",
    "-",
    "&",
    "x",
    "Marrow",
    "Odile",
    "Pt. 2",
    "夜",
    "Ã©",
    "$",
    "with",
    "[",
]
TEXT = st.text(max_size=40) | st.lists(st.sampled_from(WORDS), max_size=8).map(" ".join)
ROWS = st.builds(
    Row,
    title=TEXT,
    artist=TEXT,
    duration_ms=st.none() | st.integers(0, 600_000),
    isrc=st.none() | st.sampled_from(["QZAAA2400001", "QZAAA2400002", ""]),
    uploader=st.none() | TEXT,
    key=st.sampled_from(["", "a", "b", "c"]),
)
# Rows that are often alike, so that groups form.
ALIKE = st.builds(
    Row,
    title=st.sampled_from(
        ["Glass Rivers", "Glass Rivers (Remix)", "Glass Rivers (Lantern)", "Marrow - Glass Rivers", "Glass River"]
    ),
    artist=st.sampled_from(["Marrow", "Marrow & Odile", "Odile", "Kestrel"]),
    duration_ms=st.sampled_from([None, 188_000, 190_000, 197_000, 260_000]),
    isrc=st.sampled_from([None, None, "QZAAA2400001", "QZAAA2400002"]),
    key=st.sampled_from(["", "a", "b", "c", "d"]),
)


NOTES = st.lists(
    st.sampled_from(
        [
            "Copper",
            "Sky",
            "Hardstyle",
            "Session",
            "Live",
            "Remix",
            "Kestrel",
            "Mixed",
            "II",
            "2",
            "Two",
            "A",
            "Pt. 2",
            "Vol. II",
            "feat. Ona Vale",
            "with Strings",
            "with Ona Vale",
            "Radio Edit",
            "2011 Remaster",
            "432 Hz",
            "First Movement",
            "2024",
            "Part 1: Dawn",
            "No. 5",
            "prod. Odile",
            "Official Video",
            "Marrow's Version",
            "Тень",
            "夜",
            "of",
            "u",
            "ten",
        ]
    ),
    min_size=1,
    max_size=3,
).map(" ".join)
BASES = st.lists(
    st.sampled_from(["Tin", "Rivers", "One", "Suite", "of", "the", "夜明け", "Полночь", "U", "II", "Live", "Remix"]),
    min_size=1,
    max_size=3,
).map(" ".join)
PUNCTUATION = ("{} - {}", "{} ({})", "{} [{}]", "{} | {}", "{} / {}", "{} – {}")


@settings(deadline=None)
@given(
    BASES,
    NOTES,
    st.sampled_from([None, 200_000, 201_000, 212_000, 230_000]),
    st.sampled_from([None, "The Hollow Kettles", "Tidal Dock"]),
)
def test_a_note_gives_one_verdict_in_any_punctuation(
    base: str, note: str, duration_ms: int | None, uploader: str | None
) -> None:
    plain = Row(base, "The Hollow Kettles", 200_000)
    noted = [Row(form.format(base, note), "The Hollow Kettles", duration_ms, uploader=uploader) for form in PUNCTUATION]
    assert len({judge(plain, row).verdict for row in noted}) == 1
    assert all(judge(noted[0], row).verdict is Verdict.SAME for row in noted)


@given(st.text())
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


@given(ROWS, ROWS)
def test_judging_is_symmetric_and_never_raises(a: Row, b: Row) -> None:
    assert judge(a, b) == judge(b, a)


@settings(deadline=None)
@given(ROWS)
def test_a_row_with_title_and_artist_is_itself(row: Row) -> None:
    assume(parse_title(row.title, row.artist, row.uploader).credits and fold(row.title))
    assert judge(row, row).verdict is Verdict.SAME


@given(TEXT, TEXT, TEXT)
def test_a_video_can_be_called_anything(title: str, video: str, channel: str) -> None:
    assert 0 <= judge_video(Row(title, "Marrow"), video, channel).confidence <= 1


@given(st.text())
def test_any_text_can_be_a_credit(text: str) -> None:
    assert repair(text) is not None
    assert all(name.folded for name in split_names(text))


@settings(deadline=None)
@given(st.lists(ALIKE, max_size=8), st.randoms(use_true_random=False))
def test_grouping_does_not_depend_on_the_order(rows: list[Row], random: Random) -> None:
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = group([rows[index] for index in order])
    as_given = {
        tuple(sorted(zip((order[i] for i in recording.rows), recording.matches, strict=True), key=lambda item: item[0]))
        for recording in shuffled
    }
    assert as_given == {tuple(zip(recording.rows, recording.matches, strict=True)) for recording in group(rows)}


@settings(deadline=None)
@given(st.lists(ALIKE | ROWS, max_size=8))
def test_every_row_is_in_one_group_and_what_contradicts_is_vouched_for(rows: list[Row]) -> None:
    recordings = group(rows)
    assert sorted(index for recording in recordings for index in recording.rows) == list(range(len(rows)))
    for recording in recordings:
        members = [rows[index] for index in recording.rows]
        for a, b in combinations(members, 2):
            if judge(a, b).verdict is Verdict.DIFFERENT:
                assert any(vouches(unit, a, members) and vouches(unit, b, members) for unit in members)


def vouches(row: Row, other: Row, members: list[Row]) -> bool:
    """Whether the row, or one with its ISRC, has the other's ISRC or is the same."""
    unit = [one for one in members if one.canonical_isrc and one.canonical_isrc == row.canonical_isrc]
    others = [one for one in members if one.canonical_isrc and one.canonical_isrc == other.canonical_isrc] or [other]
    return any(judge(one, another).verdict is Verdict.SAME for one in unit for another in others)
