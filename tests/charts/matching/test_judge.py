"""The decision on two rows. What it decides on text is laid down pair by pair in `pairs.jsonl`; here is the rest."""

from dataclasses import replace
from pathlib import Path

import pytest

from tunemeld_pipeline.charts.matching.evaluate import Pair, read_pairs
from tunemeld_pipeline.charts.matching.judge import Verdict, _scripts, judge
from tunemeld_pipeline.charts.matching.rows import Row

PAIRS = read_pairs(Path(__file__).with_name("pairs.jsonl"))
SONG = Row("Glass Rivers", "Marrow", 188_000)
REMIX = Row("Glass Rivers (Kestrel Remix)", "Marrow", 200_000)


def coded(row: Row) -> Row:
    return replace(row, isrc="QZAAA2400001")


def test_a_judgement_can_be_read() -> None:
    found = judge(SONG, Row("Glass Rivers", "Marrow & Ona Vale", 188_400))
    assert found.verdict is Verdict.SAME
    assert found.evidence == "title 1.00, artists 1.00, version same, duration 0.4 s, isrc -"


@pytest.mark.parametrize("pair", PAIRS, ids=[f"{number}-{pair.label}" for number, pair in enumerate(PAIRS, start=1)])
def test_every_labelled_pair_is_judged_as_labelled(pair: Pair) -> None:
    found = judge(pair.a, pair.b)
    assert (found.verdict is Verdict.SAME) == pair.same, found.evidence


def test_an_equal_isrc_decides_where_the_text_leaves_it_open() -> None:
    a, b = replace(SONG, isrc="QZAAA2400001"), Row("Glass River", "M. Arrow, Marrow", 250_000, isrc="qz-aaa-24-00001")
    assert judge(a, b).verdict is Verdict.SAME


@pytest.mark.parametrize(
    "other",
    [
        Row("Copper Harbour", "The Hollow Kettles", 290_000),
        Row("Copper Harbour", "Marrow", 188_000),
        Row("Glass Rivers 2", "Marrow", 188_000),
        Row("Glass Rivers", "The Hollow Kettles", 188_000),
        Row("The Hollow Kettles - Copper Harbour", "The Hollow Kettles", 188_000, uploader="The Hollow Kettles"),
    ],
)
def test_an_equal_isrc_on_another_song_is_a_mistake_of_somebody(other: Row) -> None:
    found = judge(replace(SONG, isrc="QZAAA2400001"), replace(other, isrc="QZAAA2400001"))
    assert found.verdict is Verdict.UNSURE
    assert found.evidence.endswith("isrc equal; one ISRC on two songs")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (Row("Glass Rivers", "Marrow"), Row("Стеклянные реки", "Марроу")),
        (Row("Стеклянные реки", "Марроу"), Row("유리의 강", "마로")),
        (Row("Glass Rivers", "Marrow"), Row("ガラスの川", "Marrow")),
        (Row("Glass Rivers", "Marrow"), Row("Glass Rivers", "Марроу")),
    ],
)
def test_an_equal_isrc_decides_between_scripts(a: Row, b: Row) -> None:
    assert judge(replace(a, isrc="QZAAA2400001"), replace(b, isrc="QZAAA2400001")).verdict is Verdict.SAME


def test_a_label_in_the_artists_place_is_no_other_artist_under_an_equal_isrc() -> None:
    labels = Row("Glass Rivers", "Night Drive Records", 188_000, "QZAAA2400001", "Night Drive Records")
    assert judge(replace(SONG, isrc="QZAAA2400001"), labels).verdict is Verdict.SAME
    assert judge(replace(SONG, isrc="QZAAA2400001"), replace(labels, duration_ms=250_000)).verdict is Verdict.UNSURE


@pytest.mark.parametrize(
    ("remix", "leads", "verdict"),
    [
        ("Glass Rivers (Kestrel Remix)", "Kestrel", Verdict.SAME),
        ("Glass Rivers (Kestrel Remix)", "Marrow, Kestrel", Verdict.SAME),
        ("Glass Rivers - Kestrel & Ona Vale Remix", "Kestrel, Ona Vale", Verdict.SAME),
        ("Glass Rivers (Kestrel & Ona Vale Remix)", "Marrow, Kestrel", Verdict.UNSURE),
        ("Glass Rivers (Kestrel Remix)", "Marrow feat. Kestrel", Verdict.UNSURE),
        ("Glass Rivers (Remix)", "Marrow", Verdict.UNSURE),
        ("Glass Rivers (Kestrel Remix) [Live]", "Kestrel", Verdict.UNSURE),
    ],
)
def test_a_remix_is_its_remixers_song_under_an_equal_isrc(remix: str, leads: str, verdict: Verdict) -> None:
    a, b = Row(remix, "Marrow", 200_000, "QZAAA2400001"), Row("Glass Rivers", leads, 250_000, "QZAAA2400001")
    assert judge(a, b).verdict is judge(b, a).verdict is verdict
    assert judge(replace(a, isrc=None), replace(b, isrc=None)).verdict is not Verdict.SAME


def test_an_equal_isrc_on_another_version_is_a_mistake_of_somebody() -> None:
    assert judge(replace(SONG, isrc="QZAAA2400001"), replace(REMIX, isrc="QZAAA2400001")).verdict is Verdict.UNSURE


def test_an_equal_isrc_outweighs_lengths() -> None:
    a, b = replace(SONG, isrc="QZAAA2400001"), replace(SONG, isrc="QZAAA2400001", duration_ms=250_000)
    assert judge(a, b).verdict is Verdict.SAME


def test_different_isrcs_prove_nothing() -> None:
    assert judge(replace(SONG, isrc="QZAAA2400001"), replace(SONG, isrc="GBAAA2400001")).verdict is Verdict.SAME


def test_rows_without_title_or_artist_are_never_sure() -> None:
    assert judge(Row("", ""), Row("", "")).verdict is Verdict.UNSURE
    assert judge(SONG, replace(SONG, artist="")).verdict is Verdict.UNSURE


def test_names_in_two_scripts_are_one_where_letters_and_lengths_agree() -> None:
    cyrillic = Row("Полночный Трамвай", "Веста", 188_000)
    assert judge(cyrillic, Row("Polnochny Tramvay", "Vesta", 188_000)).verdict is Verdict.SAME
    assert judge(cyrillic, Row("Polnochny Tramvay", "Vesta")).verdict is Verdict.UNSURE
    assert judge(cyrillic, Row("Polnochny Tramvay", "Vostok", 188_000)).verdict is Verdict.UNSURE


KETTLES = Row("Tin Rivers", "The Hollow Kettles", 201_000)


@pytest.mark.parametrize("note", [" - {}", " / {}", " | {}", " – {}", " ({})", " [{}]"])
def test_a_note_is_weighed_alike_in_any_punctuation(note: str) -> None:
    subtitled = replace(KETTLES, title=f"Tin Rivers{note.format('Copper Sky')}")
    assert judge(KETTLES, replace(subtitled, duration_ms=None)).verdict is Verdict.UNSURE
    assert judge(KETTLES, replace(subtitled, duration_ms=215_000)).verdict is Verdict.UNSURE
    assert judge(KETTLES, subtitled).verdict is Verdict.UNSURE
    phrase = replace(KETTLES, title=f"Tin Rivers{note.format('I Will Not Go')}")
    assert judge(KETTLES, phrase).verdict is Verdict.SAME
    assert judge(KETTLES, replace(phrase, duration_ms=None)).verdict is Verdict.UNSURE
    assert judge(KETTLES, replace(subtitled, title=f"Tin Rivers{note.format('Hardstyle')}")).verdict is Verdict.UNSURE
    first, second = (
        replace(KETTLES, title=f"Tin Suite{note.format(f'{nth} Movement')}") for nth in ("First", "Second")
    )
    assert judge(first, second).verdict is Verdict.UNSURE


@pytest.mark.parametrize(
    "note",
    [
        "Phonk",
        "Hardstyle",
        "Techno",
        "Jersey Club",
        "Lofi",
        "Lo-Fi",
        "Drumless",
        "Voice Memo",
        "Outtake",
        "Rehearsal",
        "Session",
        "Freestyle",
        "432 Hz",
        "Stutter House",
        "Harmonies by Ona Vale",
        "One World Lanterns",
    ],
)
def test_a_note_of_genre_session_or_treatment_is_not_settled_by_lengths(note: str) -> None:
    assert judge(KETTLES, replace(KETTLES, title=f"Tin Rivers ({note})")).verdict is Verdict.UNSURE


def test_a_cut_of_a_dj_mix_is_another_recording() -> None:
    assert judge(KETTLES, replace(KETTLES, title="Tin Rivers (Mixed)")).verdict is Verdict.DIFFERENT


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        ("Tin Rivers II", "Tin Rivers III", Verdict.DIFFERENT),
        ("Tin Rivers, Vol. II", "Tin Rivers, Vol. III", Verdict.DIFFERENT),
        ("Letters A", "Letters B", Verdict.DIFFERENT),
        ("Tin Rivers II", "Tin Rivers 2", Verdict.SAME),
        ("Tin Rivers Three", "Tin Rivers 3", Verdict.SAME),
        ("Tin Rivers, Vol. II", "Tin Rivers Volume Two", Verdict.SAME),
        ("Tin Rivers (II)", "Tin Rivers - 2", Verdict.SAME),
        ("Tin Rivers, Pt. 2", "Tin Rivers II", Verdict.UNSURE),
    ],
)
def test_numbers_are_numbers_in_any_writing(a: str, b: str, expected: Verdict) -> None:
    assert judge(Row(a, "The Hollow Kettles"), Row(b, "The Hollow Kettles")).verdict is expected


def test_words_move_out_of_a_title_only_where_a_row_credits_them() -> None:
    uploaded = Row("Copper Sky - Tin Rivers", "Tidal Dock", 201_000, uploader="Tidal Dock")
    assert judge(uploaded, replace(KETTLES, artist="Copper Sky")).verdict is Verdict.SAME
    assert judge(uploaded, KETTLES).verdict is Verdict.DIFFERENT
    assert judge(replace(KETTLES, title="Copper Sky - Tin Rivers"), KETTLES).verdict is Verdict.DIFFERENT


def test_a_word_more_is_no_slip_of_the_pen() -> None:
    long = replace(KETTLES, title="Everything We Left Behind in the Harbour")
    assert judge(long, replace(long, title=f"{long.title} Mixed")).verdict is Verdict.UNSURE


@pytest.mark.parametrize("title", ["Glass Rivers (I Won't Let You Go)", "Glass Rivers - Radio Edit"])
def test_a_doubt_waits_for_lengths_that_agree(title: str) -> None:
    doubtful = Row(title, "Marrow", 189_000)
    assert judge(SONG, doubtful).verdict is Verdict.SAME
    assert judge(SONG, replace(doubtful, duration_ms=None)).verdict is Verdict.UNSURE


@pytest.mark.parametrize(
    ("a", "b", "reasons"),
    [
        (SONG, SONG, []),
        (coded(SONG), coded(REMIX), ["one ISRC on two versions"]),
        (coded(SONG), coded(replace(SONG, duration_ms=250_000)), ["lengths differ under one ISRC"]),
        (SONG, replace(SONG, duration_ms=200_400), ["lengths 12 s apart"]),
        (SONG, replace(SONG, duration_ms=204_000), ["lengths 16 s apart"]),
        (SONG, replace(SONG, title="Paper Lanterns"), ["other title"]),
        (SONG, replace(SONG, title="ガラスの川"), ["titles in different scripts"]),
        (SONG, replace(SONG, title="Glass Ravens"), ["title not alike enough"]),
        (SONG, replace(SONG, artist=""), ["no title or no artist"]),
        (SONG, replace(SONG, artist="Odile"), ["no artist in common"]),
        (SONG, replace(SONG, artist="Веста"), ["artists in different scripts"]),
        (SONG, replace(SONG, duration_ms=218_500), ["lengths 30 s apart"]),
        (
            Row("Полночный Трамвай", "Веста", 188_000),
            Row("Polnochny Tramvay", "Vesta", 188_000),
            ["titles agree in Latin letters", "artists agree in Latin letters"],
        ),
        (Row("Rivers, Pt. 2", "Marrow", 188_000), Row("Rivers II", "Marrow", 188_000), ["part named on one side"]),
        (replace(SONG, title="03. Glass Rivers"), replace(SONG, title="04. Glass Rivers"), ["other track numbers"]),
        (replace(SONG, artist="Ilka Rowan"), replace(SONG, artist="Ilka Rowen"), ["names only alike"]),
        (SONG, REMIX, ["other version"]),
        (SONG, replace(SONG, title="Glass Rivers (Extended Mix)"), ["extended on one side"]),
        (SONG, replace(SONG, title="Glass Rivers (Radio Edit)"), ["version cut on one side"]),
        (REMIX, replace(REMIX, title="Glass Rivers (Remix)"), ["version named on one side"]),
        (SONG, replace(SONG, title="Glass Rivers (I Won't Let You Go)"), ["subtitle on one side"]),
        (SONG, replace(SONG, title="Glass Rivers (Lantern)"), ["a note that may name another version"]),
        (REMIX, replace(REMIX, title="Glass Rivers (Kestrel Bootleg)"), ["version in other words"]),
        (SONG, replace(SONG, title="A1 Glass Rivers"), ["a track number on one side"]),
        (
            replace(SONG, title="Glass Rivers (Lantern)"),
            replace(SONG, title="Glass Rivers (Harbour)"),
            ["other subtitle"],
        ),
        (
            replace(SONG, artist="Marrow & the Kettles"),
            replace(SONG, title="Glass Rivers (I Won't Let You Go)"),
            ["artists agree in part", "subtitle on one side"],
        ),
        (
            replace(SONG, artist="Marrow, Odile"),
            replace(SONG, artist="Marrow, Pell"),
            ["other guests"],
        ),
    ],
)
def test_a_judgement_says_why(a: Row, b: Row, reasons: list[str]) -> None:
    for found in (judge(a, b), judge(b, a)):
        assert found.evidence.split("; ")[1:] == reasons


@pytest.mark.parametrize(
    ("mine", "theirs", "said"),
    [
        ("QZAAA2400001", "qz-aaa-24-00001", "equal"),
        ("QZAAA2400001", "QZAAA2400002", "differs"),
        ("QZAAA2400001", None, "-"),
        (None, "QZAAA2400001", "-"),
        (None, None, "-"),
    ],
)
def test_a_judgement_says_what_the_isrcs_are_to_each_other(mine: str | None, theirs: str | None, said: str) -> None:
    found = judge(replace(SONG, isrc=mine), replace(SONG, isrc=theirs))
    assert found.evidence == f"title 1.00, artists 1.00, version same, duration 0.0 s, isrc {said}"


def test_more_agreement_gives_more_confidence() -> None:
    unmeasured = judge(SONG, replace(SONG, duration_ms=None)).confidence
    apart = judge(SONG, replace(SONG, duration_ms=200_000)).confidence
    assert judge(SONG, SONG).confidence > unmeasured > apart


@pytest.mark.parametrize(
    ("a", "b", "verdict"),
    [
        (Row("夜明け", "ミラ"), Row("ヨアケ", "未来"), Verdict.UNSURE),
        (Row("Полночь", "Веста"), Row("Glass Rivers", "Marrow"), Verdict.SAME),
        (Row("Полночь", "Веста"), Row("Утро", "Веста"), Verdict.UNSURE),
        (Row("Éclat", "Marrow"), Row("Ocean", "Marrow"), Verdict.UNSURE),
        (Row("1999", "Marrow"), Row("2024", "Marrow"), Verdict.UNSURE),
        (Row("Glass Rivers", "Marrow"), Row("Glass Rivers", ""), Verdict.SAME),
        (Row("", "Marrow"), Row("Glass Rivers", "Marrow"), Verdict.SAME),
    ],
)
def test_an_equal_isrc_is_doubted_where_titles_or_names_of_one_script_differ(a: Row, b: Row, verdict: Verdict) -> None:
    assert judge(coded(a), coded(b)).verdict is judge(coded(b), coded(a)).verdict is verdict


@pytest.mark.parametrize(
    ("texts", "scripts"),
    [
        (["Glass Rivers"], {"LATIN"}),
        (["Édith", "ø"], {"LATIN"}),
        (["Кино"], {"CYRILLIC"}),
        (["あア漢"], {"CJK"}),
        (["ー"], {"CJK"}),
        (["가요", "abc"], {"HANGUL", "LATIN"}),
        (["Кино", "あ"], {"CYRILLIC", "CJK"}),
        (["1999", "!"], {""}),
        ([], {""}),
    ],
)
def test_japanese_and_chinese_share_a_script_and_digits_have_none(texts: list[str], scripts: set[str]) -> None:
    assert _scripts(texts) == scripts
