"""Terms, spellings and the order of what a search finds."""

import pytest

from tunemeld_pipeline.charts.search import (
    LONGEST_WORD,
    MOST_TERMS,
    MOST_WORDS,
    is_near,
    query_of,
    relevance,
    spelling_keys,
    terms_of,
    words_in,
)


def test_a_name_is_found_by_its_words_its_pairs_of_words_and_as_a_whole() -> None:
    assert terms_of(["Glass Rivers!"]) == ["glass", "rivers", "glass rivers", "=glassrivers"]
    assert {"fur", "fuer", "elise", "=furelise", "=fuerelise"} <= set(terms_of(["Für Élise"]))
    assert {"полночь", "polnoch"} <= set(terms_of(["Полночь"]))
    assert words_in(terms_of(["Glass Rivers", "Ona Vale"])) == ["glass", "rivers", "ona", "vale"]
    assert terms_of(["", " "]) == []


def test_terms_are_few_and_short_whatever_the_name() -> None:
    terms = terms_of([" ".join(f"word{number}" for number in range(1_000)), "x" * 10_000])
    assert len(terms) <= MOST_TERMS
    assert max(len(word) for word in words_in(terms)) <= LONGEST_WORD


def test_a_search_has_at_most_eight_words_the_longest_in_their_order() -> None:
    query = query_of("a bb ccc dddd eeeee ffffff ggggggg hhhhhhhh iiiiiiiii A")
    assert query.words == ("bb", "ccc", "dddd", "eeeee", "ffffff", "ggggggg", "hhhhhhhh", "iiiiiiiii")
    assert len(query.words) == MOST_WORDS
    assert query_of("  ").words == ()
    assert query_of("Glass  RIVERS").whole == "=glassrivers"


@pytest.mark.parametrize(
    ("word", "other"),
    [("vale", "vael"), ("rivers", "river"), ("river", "rivers"), ("glass", "gless"), ("halo", "hallo")],
)
def test_words_that_are_one_slip_apart_share_a_key(word: str, other: str) -> None:
    assert is_near(word, other)
    assert set(spelling_keys(word)) & set(spelling_keys(other))


@pytest.mark.parametrize(
    ("word", "other"), [("vale", "vale"), ("vale", "veil"), ("on", "in"), ("ona", "oma"), ("glass", "grasp")]
)
def test_others_are_not_near(word: str, other: str) -> None:
    assert not is_near(word, other)


def test_short_words_have_one_key() -> None:
    assert spelling_keys("ona") == ["ona"]
    assert spelling_keys("vale") == ["vale", "ale", "vle", "vae", "val"]


def test_the_whole_name_comes_before_more_words_and_exact_words_before_near_ones() -> None:
    query = query_of("ona vale")
    exact = [{"ona": 1.0}, {"vale": 1.0, "vole": 0.8}]

    def of(*names: str) -> float:
        return relevance(query, exact, terms_of(names))

    assert of("Ona Vale") > of("Ona Vale Quartet") > of("Vale of Ona") > of("Ona Vole") > of("Ona") > of("Marrow")
    assert relevance(query_of(""), [], ["ona"]) == 0.0


def test_a_long_search_keeps_its_longest_words_not_the_last_of_the_alphabet() -> None:
    query = query_of("zz yy xx ww vv uu tt ss longer")
    assert len(query.words) == MOST_WORDS
    assert query.words == ("zz", "yy", "xx", "ww", "vv", "uu", "tt", "longer")


@pytest.mark.parametrize(
    ("word", "other", "near"), [("vale", "val", True), ("val", "va", False), ("ona", "onan", True)]
)
def test_a_word_of_three_letters_may_lack_the_fourth(word: str, other: str, near: bool) -> None:
    assert is_near(word, other) is near


def test_a_word_two_slips_away_is_not_near() -> None:
    assert not is_near("rivers", "rovets")


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("glass rivers", "Glass Rivers", 1 + 1 + 0.05),
        ("rivers glass", "Glass Rivers", 1.0),
        ("glass", "Glass Rivers", 1 - 0.01),
        ("glass stone", "Glass Rivers", 0.5),
        ("glass rivers", "Glass", 0.5),
        ("one two three", "One Two Three Four", 1 + 0.2 / 3 - 0.01),
    ],
)
def test_relevance_is_the_share_of_words_found_with_a_little_for_their_order(
    text: str, name: str, expected: float
) -> None:
    query = query_of(text)
    assert relevance(query, [{word: 1.0} for word in query.words], terms_of([name])) == pytest.approx(expected)


def test_words_beside_those_searched_for_weigh_at_most_a_fifth() -> None:
    query = query_of("glass")
    names = [["glass", *(f"w{number}" for number in range(count))] for count in (19, 20, 21, 30)]
    assert [round(1 - relevance(query, [{"glass": 1.0}], words), 6) for words in names] == [0.19, 0.2, 0.2, 0.2]
