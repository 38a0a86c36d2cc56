"""The consensus of ranked lists: worked examples, ties, what moving up and being listed do, and independence of the input's order."""

from collections.abc import Collection
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from tunemeld_pipeline.charts.documents import Ranking, RankingRule
from tunemeld_pipeline.charts.ranking import STANDARD, is_charted, only_service, ranked, standing, weight
from tunemeld_pipeline.plugins.registry import keys

SPOTIFY, APPLE, SOUNDCLOUD = "Spotify", "AppleMusic", "SoundCloud"
Ranks = dict[str, int]
PHI = Fraction(19, 20)

ranks = st.dictionaries(st.sampled_from(keys()), st.integers(1, 200), min_size=1)
charts = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), ranks, max_size=30)
lists = st.fixed_dictionaries(
    {service: st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=8) for service in keys()}
)
rankings = st.builds(
    Ranking,
    rule=st.sampled_from(RankingRule),
    phi=st.floats(0.5, 0.999),
    weights=st.fixed_dictionaries({service: st.floats(0.01, 100) for service in keys()}),
    stale_discount=st.floats(0.01, 1),
)
some_stale = st.sets(st.sampled_from(keys()))


def exact_score(
    positions: Ranks, ranking: Ranking = STANDARD, stale: Collection[str] = (), phi: Fraction = PHI
) -> Fraction:
    """Bailey et al. 2017, in fractions: the sum of w·(1 − φ)·φ^(rank − 1)."""
    return sum(
        (
            Fraction(ranking.weights.get(service, 1))
            * (Fraction(ranking.stale_discount) if service in stale else 1)
            * (1 - phi)
            * phi ** (rank - 1)
            for service, rank in positions.items()
        ),
        Fraction(0),
    )


def ordered(
    recordings: dict[str, Ranks], ranking: Ranking = STANDARD, stale: Collection[str] = frozenset()
) -> list[str]:
    return [
        name for name, _ in ranked(list(recordings), lambda name: recordings[name], lambda name: name, ranking, stale)
    ]


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
    positions: Ranks, expected: tuple[str, int]
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

    placed = ranked(list(level), lambda name: level[name], lambda name: name, Ranking(phi=0.5))

    assert {found.score for _, found in placed} == {0.75}
    assert [name for name, _ in placed] == ["c", "b", "a"]


@given(charts, rankings, some_stale, st.randoms(use_true_random=False))
def test_the_chart_is_the_same_whatever_the_order_of_the_input(
    recordings: dict[str, Ranks], ranking: Ranking, stale: set[str], shuffler: Any
) -> None:
    shuffled = list(recordings.items())
    shuffler.shuffle(shuffled)

    assert ordered(dict(shuffled), ranking, stale) == ordered(recordings, ranking, stale)


@given(charts, rankings, some_stale)
def test_scores_and_shares_agree_with_exact_fractions(
    recordings: dict[str, Ranks], ranking: Ranking, stale: set[str]
) -> None:
    for positions in recordings.values():
        found = standing(positions, ranking, stale)
        exact = exact_score(positions, ranking, stale, Fraction(ranking.phi))
        assert abs(Fraction(found.score) - exact) <= exact * Fraction(1, 10**9)
        assert sum(found.contributions.values()) == pytest.approx(1)


def test_a_heavier_list_moves_what_it_ranks_high() -> None:
    """With Apple Music at 2: Spotify 3, Apple 1 has 361/8000 + 2·400/8000; Spotify 1, Apple 2 has 400/8000 + 2·380/8000."""
    recordings: dict[str, Ranks] = {"a": {SPOTIFY: 3, APPLE: 1}, "b": {SPOTIFY: 1, APPLE: 2}}
    doubled = Ranking(weights={**STANDARD.weights, APPLE: 2})

    assert ordered(recordings) == ["b", "a"]
    assert ordered(recordings, doubled) == ["a", "b"]
    assert exact_score(recordings["a"], doubled) == Fraction(1161, 8000)
    assert exact_score(recordings["b"], doubled) == Fraction(1160, 8000)
    assert standing(recordings["a"], doubled).contributions == pytest.approx(
        {"Spotify": 361 / 1161, "AppleMusic": 800 / 1161}
    )


def test_a_stale_list_counts_with_the_discount() -> None:
    """At 4/5, Spotify 1 and a stale SoundCloud 1 have 400/8000 + 4/5 · 400/8000 = 720/8000; 2 and 3, both fresh, have 741."""
    recordings: dict[str, Ranks] = {"half stale": {SPOTIFY: 1, SOUNDCLOUD: 1}, "fresh": {SPOTIFY: 2, APPLE: 3}}

    assert ordered(recordings) == ["half stale", "fresh"]
    assert ordered(recordings, stale={SOUNDCLOUD}) == ["fresh", "half stale"]
    assert standing(recordings["half stale"], stale={SOUNDCLOUD}).score == pytest.approx(720 / 8000)
    assert standing(recordings["fresh"], stale={SOUNDCLOUD}).score == pytest.approx(741 / 8000)
    assert ordered(recordings, Ranking(stale_discount=1), {SOUNDCLOUD}) == ["half stale", "fresh"]


def test_shares_are_exact_however_far_down_a_list_reaches() -> None:
    deep = standing({SPOTIFY: 9_999, APPLE: 10_000}, Ranking(phi=0.5))

    assert deep.contributions == pytest.approx({"Spotify": 2 / 3, "AppleMusic": 1 / 3})


def test_the_older_rule_priority_goes_by_one_list_only() -> None:
    recordings: dict[str, Ranks] = {
        "apple 2": {APPLE: 2, SPOTIFY: 90, SOUNDCLOUD: 90},
        "soundcloud 1": {SOUNDCLOUD: 1, SPOTIFY: 50},
        "apple 1": {APPLE: 1, SPOTIFY: 99},
        "alone": {APPLE: 3},
    }

    assert ordered(recordings, Ranking(rule=RankingRule.PRIORITY)) == ["apple 1", "soundcloud 1", "apple 2"]


def test_the_older_rule_sum_puts_three_lists_before_two_and_adds_positions() -> None:
    recordings: dict[str, Ranks] = {
        "two, 2": {APPLE: 1, SPOTIFY: 1},
        "two, 9": {APPLE: 4, SPOTIFY: 5},
        "three, 90": {APPLE: 30, SPOTIFY: 30, SOUNDCLOUD: 30},
        "three, 60": {APPLE: 58, SPOTIFY: 1, SOUNDCLOUD: 1},
    }

    assert ordered(recordings, Ranking(rule=RankingRule.SUM)) == ["three, 60", "three, 90", "two, 2", "two, 9"]


def test_equal_sums_go_by_the_best_position_and_then_by_key() -> None:
    recordings: dict[str, Ranks] = {
        "a": {APPLE: 5, SPOTIFY: 5},
        "b": {APPLE: 1, SPOTIFY: 9},
        "c": {SOUNDCLOUD: 9, SPOTIFY: 1},
        "d": {APPLE: 2, SPOTIFY: 7},
        "e": {APPLE: 2, SPOTIFY: 9},
    }

    assert ordered(recordings, Ranking(rule=RankingRule.SUM)) == ["d", "b", "c", "a", "e"]


def test_equal_positions_of_the_older_rule_priority_go_by_its_lists_and_then_by_key() -> None:
    recordings: dict[str, Ranks] = {
        "a": {SOUNDCLOUD: 3, SPOTIFY: 1},
        "b": {APPLE: 3, SPOTIFY: 2},
        "c": {APPLE: 3, SPOTIFY: 1},
    }

    assert ordered(recordings, Ranking(rule=RankingRule.PRIORITY)) == ["b", "c", "a"]


@pytest.mark.parametrize(("on", "charted"), [(1, False), (2, True), (3, True)])
def test_two_lists_make_a_consensus_under_every_rule(on: int, charted: bool) -> None:
    listed: Ranks = dict.fromkeys(list(keys())[:on], 1)

    for rule in RankingRule:
        assert ordered({"a": listed}, Ranking(rule=rule)) == (["a"] if charted else [])


def test_the_standard_is_a_persistence_of_095_equal_weights_and_a_discount_of_a_fifth() -> None:
    assert (STANDARD.rule, STANDARD.phi, STANDARD.stale_discount) == (RankingRule.CENTROIDS, 0.95, 0.8)
    assert STANDARD.weights == {}  # who is not named weighs 1
    assert weight(2) == pytest.approx(0.05 * 0.95)


@pytest.mark.parametrize(
    ("field", "value", "fits"),
    [
        ("phi", 0.499, False),
        ("phi", 0.5, True),
        ("phi", 0.999, True),
        ("phi", 0.9991, False),
        ("stale_discount", 0.0, False),
        ("stale_discount", 0.001, True),
        ("stale_discount", 1.0, True),
        ("stale_discount", 1.001, False),
    ],
)
def test_a_persistence_and_a_discount_have_bounds(field: str, value: float, fits: bool) -> None:
    if fits:
        assert getattr(Ranking.model_validate({field: value}), field) == value
    else:
        with pytest.raises(ValidationError):
            Ranking.model_validate({field: value})


@given(lists, rankings, some_stale, st.data())
def test_a_track_that_moves_up_on_one_list_never_falls(
    tracks: dict[str, list[str]], ranking: Ranking, stale: set[str], data: st.DataObject
) -> None:
    """All others keep their order. Under every rule."""
    movable = [(service, name) for service in keys() for name in tracks[service][1:]]
    assume(movable)
    service, name = data.draw(st.sampled_from(movable))
    own = tracks[service]
    others = [other for other in own if other != name]
    at = data.draw(st.integers(0, own.index(name) - 1))
    before = ordered(positions(tracks), ranking, stale)
    after = ordered(positions(tracks | {service: [*others[:at], name, *others[at:]]}), ranking, stale)

    assert name not in before or after.index(name) <= before.index(name)


@given(ranks, rankings, some_stale, st.sampled_from(keys()), st.integers(1, 10_000))
def test_another_list_never_lowers_a_score(
    listed: Ranks, ranking: Ranking, stale: set[str], service: str, rank: int
) -> None:
    assert standing({service: rank} | listed, ranking, stale).score >= standing(listed, ranking, stale).score


def positions(tracks: dict[str, list[str]]) -> dict[str, Ranks]:
    found: dict[str, Ranks] = {}
    for service, names in tracks.items():
        for rank, name in enumerate(names, start=1):
            found.setdefault(name, {})[service] = rank
    return found


def test_a_list_that_weighs_nothing_never_counts_towards_two() -> None:
    weighing = Ranking(weights={SPOTIFY: 1.0, "Charted": 0.0})

    recordings = {"a": {SPOTIFY: 1, "Charted": 1}, "b": {SPOTIFY: 2, APPLE: 9, "Charted": 3}}
    ((name, stood),) = ranked(list(recordings), recordings.__getitem__, str, weighing)

    assert (name, stood.services, stood.contributions["Charted"]) == ("b", 2, 0.0)
    assert sum(stood.contributions.values()) == pytest.approx(1)


def test_a_row_behind_those_that_count_neither_counts_towards_two_nor_towards_the_score() -> None:
    ranking = Ranking(counting_rows={SPOTIFY: 30})
    recordings = {"at the edge": {SPOTIFY: 30, APPLE: 1}, "behind": {SPOTIFY: 31, APPLE: 2, SOUNDCLOUD: 3}}
    recordings["behind one of two"] = {SPOTIFY: 31, APPLE: 3}
    placed = dict(ranked(list(recordings), recordings.__getitem__, str, ranking))

    assert set(placed) == {"at the edge", "behind"}
    assert placed["behind"].contributions[SPOTIFY] == 0
    assert placed["behind"].score == standing({APPLE: 2, SOUNDCLOUD: 3}).score
    assert placed["at the edge"] == standing(recordings["at the edge"])


def test_only_weightless_lists_make_no_chart() -> None:
    weighing = Ranking(weights={SPOTIFY: 0.0, APPLE: 0.0})

    assert ranked(["a"], lambda _: {SPOTIFY: 1, APPLE: 1}, str, weighing) == []


@pytest.mark.parametrize(
    ("services", "weights", "only"),
    [
        ([SPOTIFY], {}, SPOTIFY),
        ([SPOTIFY], {SPOTIFY: 0.0}, SPOTIFY),
        ([SPOTIFY, APPLE], {}, None),
        ([SPOTIFY, APPLE], {APPLE: 0.0}, SPOTIFY),
        ([SPOTIFY, APPLE], {APPLE: 0.001}, None),
        ([SPOTIFY, APPLE, SOUNDCLOUD], {APPLE: 0.0}, None),
        ([SPOTIFY, APPLE], {SPOTIFY: 0.0, APPLE: 0.0}, None),
        ([], {}, None),
    ],
)
def test_a_service_is_alone_where_no_second_one_weighs_anything(
    services: list[str], weights: dict[str, float], only: str | None
) -> None:
    assert only_service(services, Ranking(weights=weights)) == only


@pytest.mark.parametrize(
    ("services", "alone", "charted"),
    [
        ([SPOTIFY], None, False),
        ([SPOTIFY, "Charted"], None, False),
        ([SPOTIFY, APPLE], None, True),
        ([SPOTIFY, APPLE, "Charted"], None, True),
        ([SPOTIFY], SPOTIFY, True),
        ([SPOTIFY, "Charted"], SPOTIFY, True),
        (["Charted"], SPOTIFY, False),
    ],
)
def test_a_recording_is_charted_on_two_lists_that_count_or_on_that_of_the_only_one(
    services: list[str], alone: str | None, charted: bool
) -> None:
    assert is_charted(services, Ranking(weights={"Charted": 0.0}), alone) is charted


@pytest.mark.parametrize("rule", RankingRule)
@pytest.mark.parametrize("own", [1.0, 0.0])
def test_one_service_alone_has_its_list_in_its_order_under_every_rule(rule: RankingRule, own: float) -> None:
    weighing = Ranking(rule=rule, weights={SOUNDCLOUD: own, "Charted": 0.0}, phi=0.5)
    recordings: dict[str, Ranks] = {
        "deep": {SOUNDCLOUD: 9_999, "Charted": 1},
        "second": {SOUNDCLOUD: 2},
        "elsewhere": {"Charted": 1},
        "first": {SOUNDCLOUD: 1, "Charted": 40},
    }

    placed = ranked(list(recordings), recordings.__getitem__, str, weighing, {SOUNDCLOUD}, SOUNDCLOUD)

    assert [name for name, _ in placed] == ["first", "second", "deep"]


def test_a_list_that_weighs_nothing_decides_nothing_under_the_older_rules() -> None:
    """It would be first for `priority`, and best for `sum`."""
    recordings: dict[str, Ranks] = {
        "a": {APPLE: 1, SPOTIFY: 5, SOUNDCLOUD: 5},
        "b": {APPLE: 9, SPOTIFY: 4, SOUNDCLOUD: 4},
    }

    for rule in RankingRule:
        assert ordered(recordings, Ranking(rule=rule, weights={APPLE: 0.0})) == ["b", "a"]
