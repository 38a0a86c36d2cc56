"""The consensus of several ranked lists.

What belongs here: the score of a recording from its positions, and the order of the chart. What does not: which rows are the same
recording (`matching/`) or what a chart document looks like (`models.py`). Pure functions: the same chart whatever the input order.

The score is that of rank-biased centroids (Bailey, Moffat, Scholer, Thomas: "Retrieval Consistency in the Presence of Query
Variations", SIGIR 2017): each list gives the recording at its position r the weight (1 − φ)·φ^(r − 1), the chance that a reader who
goes on to the next row with probability φ stops at it; the consensus adds the weights up.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from tunemeld_pipeline.catalog import Service

PHI = 0.95
"""The persistence of the imagined reader: at 0.95 the first 20 rows hold about two thirds of a list's weight."""

MIN_SERVICES = 2
"""The chart holds recordings on at least this many services."""

PRIORITY = (Service.APPLE_MUSIC, Service.SOUNDCLOUD, Service.SPOTIFY)
"""The older rule took a recording's position on the first of these lists that has it."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a recording stands: its best position per service, its score, and each service's share of that score."""

    score: float
    contributions: dict[str, float]
    best_rank: int
    services: int
    priority_service: Service
    priority_rank: int


def weight(rank: int, phi: float = PHI) -> float:
    """What a list gives to the recording at position `rank` (from 1)."""
    return (1 - phi) * phi ** (rank - 1)


def standing(ranks: Mapping[Service, int], phi: float = PHI) -> Standing:
    """The standing of a recording with these positions, at least one."""
    weights = {service: weight(ranks[service], phi) for service in Service if service in ranks}
    # fsum rounds once, so that the same positions on other services tie exactly whatever the order of adding.
    score = math.fsum(weights.values())
    priority = next(service for service in PRIORITY if service in ranks)
    return Standing(
        score=score,
        contributions={service.value: part / score for service, part in weights.items()},
        best_rank=min(ranks.values()),
        services=len(ranks),
        priority_service=priority,
        priority_rank=ranks[priority],
    )


def consensus(
    recordings: Sequence[R],
    ranks_of: Callable[[R], Mapping[Service, int]],
    tie_key: Callable[[R], str],
    phi: float = PHI,
) -> list[tuple[R, Standing]]:
    """The recordings on at least two lists, best first; ties go by number of services, best position, then `tie_key`."""
    standings = [
        (recording, standing(ranks, phi))
        for recording in recordings
        if len(ranks := ranks_of(recording)) >= MIN_SERVICES
    ]
    return sorted(
        standings,
        key=lambda pair: (-pair[1].score, -pair[1].services, pair[1].best_rank, tie_key(pair[0])),
    )
