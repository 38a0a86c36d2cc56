"""Artists split into names and compared."""

import re

import pytest

from tunemeld_pipeline.charts.matching import artists
from tunemeld_pipeline.charts.matching.artists import overlap, same_name, split_names


def names(credit: str) -> list[str]:
    return [name.folded for name in split_names(credit)]


def test_names_are_split_at_every_separator() -> None:
    assert names("Tam, Odile & Brandt x Pell feat. Vox") == ["tam", "odile", "brandt", "pell", "vox"]


@pytest.mark.parametrize(
    "credit",
    [
        "Tam and Odile",
        "Tam with Odile",
        "Tam vs. Odile",
        "Tam + Odile",
        "Tam; Odile",
        "Tam X Odile",
        "Tam ft Odile",
        "Tam w/ Odile",
        "Tam × Odile",
    ],
)
def test_two_artists_however_they_are_joined(credit: str) -> None:
    assert names(credit) == ["tam", "odile"]


@pytest.mark.parametrize(
    "credit",
    ["Ilka & the Foxgloves", "Earth, Wind & Fire", "Simon and Garfunkel", "Tyler, The Creator", "AC/DC", "Malcolm X"],
)
def test_names_that_contain_a_separator_stay_whole(credit: str) -> None:
    assert len(names(credit)) == 1


def test_a_comma_before_the_separates() -> None:
    assert names("Alma, The Dry Docks") == ["alma", "the dry docks"]


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("The Dry Docks", "Dry Docks"),
        ("Vox (UK)", "Vox"),
        ("Pell Official", "Pell"),
        ("New Harbour", "NewHarbour"),
        ("Sor� Lund", "Sorø Lund"),
        ("Catherine Pell", "Katherine Pell"),
    ],
)
def test_one_artist_under_two_names(a: str, b: str) -> None:
    assert same_name(split_names(a)[0], split_names(b)[0])


@pytest.mark.parametrize("other", ["은하수", "Milky Quay"])
def test_a_bracket_behind_a_name_is_another_name_of_the_artist(other: str) -> None:
    assert same_name(split_names("은하수 (Milky Quay)")[0], split_names(other)[0])


@pytest.mark.parametrize(
    ("a", "b"), [("Vox (UK)", "UK"), ("Vox (of Marrow)", "Marrow"), ("Quay Station 12", "Quay Station 13")]
)
def test_a_country_a_band_and_another_number_are_no_other_name(a: str, b: str) -> None:
    assert not same_name(split_names(a)[0], split_names(b)[0])


def test_a_number_in_a_name_can_be_written_in_words() -> None:
    assert same_name(split_names("Three Dry Docks")[0], split_names("3 Dry Docks")[0])


@pytest.mark.parametrize(("a", "b"), [("Tam", "Pam"), ("Ilka Rowan", "Ilse Rohan"), ("夜", "朝")])
def test_two_artists_with_similar_names(a: str, b: str) -> None:
    assert not same_name(split_names(a)[0], split_names(b)[0])


def test_a_shorter_credit_is_found_in_a_longer_one() -> None:
    found = overlap(split_names("Tam"), split_names("Odile, Tam, Brandt"))
    assert (found.share, found.leads) == (1.0, True)


def test_a_duo_is_found_in_its_members() -> None:
    assert overlap(split_names("Polo & Pan"), split_names("Pan, Polo")).share == 1.0


def test_one_member_is_only_part_of_a_duo() -> None:
    assert overlap(split_names("Chase & Status"), split_names("Chase")).share == 0.5


def test_no_artist_in_common() -> None:
    assert overlap(split_names("Tam"), split_names("Odile")).share == 0.0
    assert overlap((), split_names("Odile")).share == 0.0


@pytest.mark.parametrize(
    ("name", "credit"),
    [
        ("Sam & Dave", "sam and dave"),
        ("Sam & Dave", "Sam + Dave"),
        ("Sultan + Shepard", "Sultan & Shepard"),
        ("Matt and Kim", "Matt & Kim"),
        ("Peter, Paul and Mary", "Peter Paul & Mary"),
        ("Peter, Paul and Mary", "peter, paul, y mary"),
    ],
)
def test_a_name_with_separators_is_one_in_any_writing_of_them(name: str, credit: str) -> None:
    pattern = artists._as_pattern(name)
    assert re.fullmatch(pattern, credit, re.IGNORECASE)
    assert re.fullmatch(pattern, f"{credit},", re.IGNORECASE) is None
    assert re.fullmatch(pattern, credit.replace(" ", "x"), re.IGNORECASE) is None


@pytest.mark.parametrize(
    ("a", "b", "same"),
    [
        ("Tam (Japan)", "Tam (Chile)", False),
        ("Tam (Japan)", "Tam (Japan)", True),
        ("Tam (Japan)", "Tam", True),
        ("Odile (UK)", "Odile (US)", False),
        ("Hanna Müller", "Hanna Mueller", True),
        ("Jörg Öst", "Joerg Oest", True),
    ],
)
def test_a_country_tells_names_apart_and_an_umlaut_does_not(a: str, b: str, same: bool) -> None:
    found = overlap(split_names(a), split_names(b))
    assert (found.share == 1.0) is same
    assert same_name(split_names(a)[0], split_names(b)[0]) is same


def test_credits_that_each_have_somebody_else_are_distinguished_from_those_that_one_has() -> None:
    def others(a: str, b: str) -> bool:
        return overlap(split_names(a), split_names(b)).both_have_others

    assert others("Marrow, Tam", "Marrow, Odile")
    assert not others("Marrow, Tam", "Marrow")
    assert not others("Pell", "Pell & the Kettles")
    assert overlap((), split_names("Pell")) == overlap(split_names("Pell"), ())
    assert not overlap((), ()).leads
