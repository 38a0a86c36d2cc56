"""The consensus of ranked lists: worked examples, ties, and the same chart whatever the order of the input."""

from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.catalog import Service
from tunemeld_pipeline.ranking import consensus, standing, weight

SPOTIFY, APPLE, SOUNDCLOUD = Service.SPOTIFY, Service.APPLE_MUSIC, Service.SOUNDCLOUD
Ranks = dict[Service, int]
PHI = Fraction(19, 20)

ranks = st.dictionaries(st.sampled_from(list(Service)), st.integers(1, 200), min_size=1)
charts = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), ranks, max_size=30)


def exact_score(positions: Ranks) -> Fraction:
    """Bailey et al. 2017, in fractions: the sum of (1 − φ)·φ^(rank − 1)."""
    return sum(((1 - PHI) * PHI ** (rank - 1) for rank in positions.values()), Fraction(0))


def ordered(recordings: dict[str, Ranks]) -> list[str]:
    return [name for name, _ in consensus(list(recordings), lambda name: recordings[name], lambda name: name)]


def test_two_firsts_beat_three_elevenths() -> None:
    """φ = 19/20: a first place is worth 1/20; two are 2/20 = 0.1, and three elevenths 3/20 · (19/20)^10 ≈ 0.0898."""
    assert ordered({"three": {SPOTIFY: 11, APPLE: 11, SOUNDCLOUD: 11}, "two": {SPOTIFY: 1, APPLE: 1}}) == [
        "two",
        "three",
    ]


def test_three_eighths_beat_two_firsts() -> None:
    """3/20 · (19/20)^7 ≈ 0.1047."""
    assert ordered({"two": {SPOTIFY: 1, APPLE: 1}, "three": {SPOTIFY: 8, APPLE: 8, SOUNDCLOUD: 8}}) == ["three", "two"]


def test_a_hand_worked_standing() -> None:
    """Spotify 1, Apple 2, SoundCloud 3: 1/20, 19/400, 361/8000; in 8000ths 400, 380 and 361, together 1141."""
    positions = {SPOTIFY: 1, APPLE: 2, SOUNDCLOUD: 3}

    found = standing(positions)

    assert exact_score(positions) == Fraction(1141, 8000)
    assert found.score == pytest.approx(1141 / 8000, rel=1e-12)
    assert found.contributions == pytest.approx(
        {"Spotify": 400 / 1141, "AppleMusic": 380 / 1141, "SoundCloud": 361 / 1141}, rel=1e-12
    )
    assert (found.best_rank, found.services) == (1, 3)
    assert weight(1) == pytest.approx(1 / 20)


def test_a_recording_on_one_list_only_is_no_consensus() -> None:
    assert ordered({"alone": {SPOTIFY: 1}, "agreed": {SPOTIFY: 90, SOUNDCLOUD: 40}}) == ["agreed"]


@pytest.mark.parametrize(
    ("positions", "expected"),
    [
        ({APPLE: 9, SOUNDCLOUD: 2, SPOTIFY: 1}, (APPLE, 9)),
        ({SOUNDCLOUD: 2, SPOTIFY: 1}, (SOUNDCLOUD, 2)),
        ({SPOTIFY: 1}, (SPOTIFY, 1)),
    ],
)
def test_the_older_rule_takes_apple_music_then_soundcloud_then_spotify(
    positions: Ranks, expected: tuple[Service, int]
) -> None:
    found = standing(positions)

    assert (found.priority_service, found.priority_rank) == expected


def test_the_same_positions_on_other_services_tie_exactly_and_go_by_key() -> None:
    assert standing({SPOTIFY: 3, APPLE: 17}).score == standing({SOUNDCLOUD: 17, SPOTIFY: 3}).score
    assert ordered({"b": {SPOTIFY: 3, APPLE: 17}, "a": {SOUNDCLOUD: 3, SPOTIFY: 17}}) == ["a", "b"]


def test_equal_scores_go_by_the_number_of_services_and_then_by_the_best_position() -> None:
    """At φ = 1/2 position r gives 2^−r: 1 and 2 give 3/4, and so do 1, 3, 3 and 2, 2, 2."""
    level: dict[str, Ranks] = {
        "a": {SPOTIFY: 1, APPLE: 2},
        "b": {SPOTIFY: 2, APPLE: 2, SOUNDCLOUD: 2},
        "c": {SPOTIFY: 3, APPLE: 1, SOUNDCLOUD: 3},
    }

    placed = consensus(list(level), lambda name: level[name], lambda name: name, phi=0.5)

    assert {found.score for _, found in placed} == {0.75}
    assert [name for name, _ in placed] == ["c", "b", "a"]


@given(charts, st.randoms(use_true_random=False))
def test_the_chart_is_the_same_whatever_the_order_of_the_input(recordings: dict[str, Ranks], shuffler: Any) -> None:
    shuffled = list(recordings.items())
    shuffler.shuffle(shuffled)

    assert ordered(dict(shuffled)) == ordered(recordings)


@given(charts)
def test_scores_and_shares_agree_with_exact_fractions(recordings: dict[str, Ranks]) -> None:
    for positions in recordings.values():
        found = standing(positions)
        exact = exact_score(positions)
        assert abs(Fraction(found.score) - exact) <= exact * Fraction(1, 10**12)
        assert sum(found.contributions.values()) == pytest.approx(1)


@given(ranks, st.sampled_from(list(Service)))
def test_climbing_on_a_list_never_lowers_a_score(positions: Ranks, service: Service) -> None:
    before = positions.get(service)
    climbed = positions | {service: max(1, before - 1) if before else 200}

    assert standing(climbed).score >= standing(positions).score
