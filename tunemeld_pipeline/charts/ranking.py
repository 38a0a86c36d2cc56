"""The consensus of several ranked lists.

Pure functions compute a recording's score from its positions, and order the chart: the same chart for any order of the input.
`charts/matching/` says which rows are one recording, and `charts/documents.py` what a chart document looks like.

The score is that of rank-biased centroids (Bailey, Moffat, Scholer, Thomas: "Retrieval Consistency in the Presence of Query
Variations", SIGIR 2017): each list gives the recording at its position r the weight (1 − φ)·φ^(r − 1), the chance that a reader who
goes on to the next row with probability φ stops at it; the consensus adds them up, each times the weight of its service.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from tunemeld_pipeline.charts.documents import Ranking, RankingRule

MIN_SERVICES = 2
"""The chart holds recordings on at least this many services."""

PRIORITY = ("AppleMusic", "SoundCloud", "Spotify")
"""The older rule took a recording's position on the first of these lists that has it; then on the others, by name."""

STANDARD = Ranking()

R = TypeVar("R")


def only_service(services: Sequence[str], ranking: Ranking = STANDARD) -> str | None:
    """Of a genre's services, the one whose list is its chart since no second one weighs anything; None where two do, or none of several.

    The only service of a genre is that one whatever it weighs.
    """
    weighing = [service for service in services if ranking.weight_of(service) > 0] or services
    return weighing[0] if len(weighing) == 1 else None


def is_charted(services: Collection[str], ranking: Ranking = STANDARD, alone: str | None = None) -> bool:
    """Whether a recording on these services' lists is on the chart: on two that weigh something, or on that of the one that is `alone`."""
    if alone is not None:
        return alone in services
    return sum(ranking.weight_of(service) > 0 for service in services) >= MIN_SERVICES


def counting(ranks: Mapping[str, int], ranking: Ranking = STANDARD) -> dict[str, int]:
    """Of a recording's positions those at which a list counts."""
    return {service: rank for service, rank in ranks.items() if ranking.counts(service, rank)}


@dataclass(frozen=True, slots=True)
class Placement:
    """A recording's place: its score and each service's share of it, and what the older rules go by."""

    score: float
    contributions: dict[str, float]
    best_rank: int
    rank_sum: int
    services: int
    priority_service: str
    priority_rank: int


ORDERS: Mapping[RankingRule, Callable[[Placement], tuple[Any, ...]]] = {
    RankingRule.CENTROIDS: lambda standing: (-standing.score, -standing.services, standing.best_rank),
    RankingRule.PRIORITY: lambda standing: (standing.priority_rank, *_precedence(standing.priority_service)),
    RankingRule.SUM: lambda standing: (-standing.services, standing.rank_sum, standing.best_rank),
}
"""What each rule sorts by, smallest first; what is level after it goes by the recording's key."""


def weight(rank: int, phi: float = STANDARD.phi) -> float:
    """What a list of weight 1 gives to the recording at position `rank` (from 1)."""
    return (1 - phi) * phi ** (rank - 1)


def standing(ranks: Mapping[str, int], ranking: Ranking = STANDARD, stale: Collection[str] = frozenset()) -> Placement:
    """The standing of a recording with these positions, at least one; lists of `stale` services count with the discount.

    A position at which a list does not count has a share of 0.
    """
    strengths = {
        service: ranking.weight_of(service) * (ranking.stale_discount if service in stale else 1.0)
        if ranking.counts(service, rank)
        else 0.0
        for service, rank in ranks.items()
    }
    counted = {service: rank for service, rank in ranks.items() if strengths[service] > 0} or ranks
    best = min(counted.values())
    # Shares are taken relative to the best position: far down a long list the score itself is too small for a float.
    parts = {
        service: strength * ranking.phi ** (ranks[service] - best) if strength else 0.0
        for service, strength in strengths.items()
    }
    whole = math.fsum(parts.values())
    priority = min(counted, key=_precedence)
    return Placement(
        # fsum rounds once: the same positions on other services tie exactly, in any order of adding.
        score=math.fsum(strength * weight(ranks[service], ranking.phi) for service, strength in strengths.items()),
        contributions={service: part / whole if whole else 0.0 for service, part in parts.items()},
        best_rank=best,
        rank_sum=sum(counted.values()),
        services=sum(strength > 0 for strength in strengths.values()),
        priority_service=priority,
        priority_rank=ranks[priority],
    )


def _precedence(service: str) -> tuple[int, str]:
    return (PRIORITY.index(service) if service in PRIORITY else len(PRIORITY), service)


def ranked(
    recordings: Sequence[R],
    ranks_of: Callable[[R], Mapping[str, int]],
    tie_key: Callable[[R], str],
    ranking: Ranking = STANDARD,
    stale: Collection[str] = frozenset(),
    alone: str | None = None,
) -> list[tuple[R, Placement]]:
    """The recordings on at least two lists that weigh something and count there, in the order of the ranking's rule, best first.

    Remaining ties go by `tie_key`. Where one service is `alone`, these are the recordings on its list, in its order.

    By `centroids`: the score, then the number of services, then the best position. By `priority`: the position on the first of Apple
    Music, SoundCloud and Spotify that has the recording, and of equal ones the earlier of these services. By `sum`: first those on
    most lists, each by the sum of their positions. The score is that of the centroids under every rule.
    """
    standings = [
        (recording, standing(ranks_of(recording), ranking, stale))
        for recording in recordings
        if is_charted(counting(ranks_of(recording), ranking), ranking, alone)
    ]
    if alone is not None:
        return sorted(standings, key=lambda pair: ranks_of(pair[0])[alone])
    order = ORDERS[ranking.rule]
    return sorted(standings, key=lambda pair: (*order(pair[1]), tie_key(pair[0])))
