"""How much the services' lists of a genre agree, which service listed a recording first, and how long recordings stay on the chart.

Pure functions over the days that are kept of a genre. The overlap of two lists is rank-biased overlap (Webber, Moffat, Zobel: "A
similarity measure for indefinite rankings", ACM TOIS 28(4), 2010), and the length of stays is estimated after Kaplan and Meier (1958).
"""

import math
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations, zip_longest

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay
from tunemeld_pipeline.charts.ranking import STANDARD

PERSISTENCE = STANDARD.phi
"""p, how far down an imagined reader compares two lists: at 0.95 the first 20 rows decide about 86 % of the overlap."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """How two services' lists of one day agree: `value` from 0 to 1, and how many recordings are on both."""

    services: tuple[str, str]
    value: float
    shared: int


@dataclass(frozen=True, slots=True)
class AgreedDay:
    """The overlaps of one day's lists, for each pair of services that had a list; `stale` are those whose list was an older one."""

    date: str
    overlaps: Sequence[Overlap]
    stale: Sequence[str]

    @property
    def mean(self) -> float | None:
        """The mean of the pairs; None without any."""
        return math.fsum(one.value for one in self.overlaps) / len(self.overlaps) if self.overlaps else None


@dataclass(frozen=True, slots=True)
class FirstListings:
    """When each service first listed a recording, and what follows from it.

    Attributes:
        since: by service, the first day (YYYY-MM-DD) on which its list had the recording.
        first: the services that listed it before all others whose lists were known then, several where they did so on one day; none where
            a list had it on the first day that is known of that list.
        lead_days: the days from the first service to the next; 0 where several were first; None where no first is known, or no other
            followed. What a list had on the first day that is known of it may have been there for long, and follows nobody.
    """

    since: Mapping[str, str]
    first: Sequence[str]
    lead_days: int | None


@dataclass(frozen=True, slots=True)
class Stay:
    """A recording's unbroken time on the chart; `since` and `until` are its first and last day, `days` counts both and all between.

    A day without a chart breaks no stay. `began` says whether a chart before it lacked the recording, so that its beginning is known;
    `ended` whether a chart after it does.
    """

    since: str
    until: str
    began: bool
    ended: bool

    @property
    def days(self) -> int:
        """Its length in days."""
        return days_between(self.since, self.until) + 1


def rank_biased_overlap(
    first: Sequence[str | None], second: Sequence[str | None], persistence: float = PERSISTENCE
) -> float | None:
    """RBO_ext, equation 32 of the paper: the overlap of two lists, each continued with the agreement that was seen; from 0 to 1.

    Lists may differ in length. A row that could not be read (None), and a recording's second row on one list, keep their place and agree
    with nothing; so a list holds no ties. None where a list has no rows.

    Args:
        persistence: p, between 0 and 1.
    """
    short, long = sorted((_once(first), _once(second)), key=len)
    if not short:
        return None
    p, s, l = persistence, len(short), len(long)  # noqa: E741 - the paper's names
    overlaps = _overlaps(short, long)
    at_short, at_long = overlaps[s - 1], overlaps[l - 1]
    agreed = [overlaps[d - 1] / d * p**d for d in range(1, l + 1)]
    continued = [at_short * (d - s) / (s * d) * p**d for d in range(s + 1, l + 1)]
    extrapolated = (1 - p) / p * math.fsum(agreed + continued) + ((at_long - at_short) / l + at_short / s) * p**l
    return min(1.0, extrapolated)  # which rounding can pass by the last digit


def agreed_day(day: ChartDay) -> AgreedDay:
    """How the lists of one day agree, pairs in alphabetical order."""
    found = []
    for one, other in combinations(sorted(day.lists), 2):
        value = rank_biased_overlap(day.lists[one], day.lists[other])
        if value is not None:
            shared = {*day.lists[one]} & {*day.lists[other]} - {None}
            found.append(Overlap((one, other), value, len(shared)))
    stale = [name for name in sorted(day.lists) if name in day.outcomes and day.outcomes[name].state == "stale"]
    return AgreedDay(day.date, found, stale)


def dispute(positions: Mapping[str, int], services: Collection[str], persistence: float = PERSISTENCE) -> float:
    """How far apart services are on a recording, from 0 to 1: p^(r − 1) of its best position less that of its worst.

    A service whose list lacks the recording gives it nothing.

    Args:
        positions: by service.
        services: those that have a list.
    """
    weights = [persistence ** (rank - 1) for rank in positions.values()]
    return max(weights) - (min(weights) if positions.keys() >= set(services) else 0.0)


def listings(days: Iterable[ChartDay], known: Mapping[str, int]) -> dict[int, FirstListings]:
    """For each recording, when each service first listed it, from all days that are kept, in any order.

    Args:
        known: for each id, the number of its recording; see `recognition.recordings`.
    """
    since: dict[int, dict[str, str]] = {}
    begun: dict[str, str] = {}
    for day in sorted(days, key=lambda one: one.date):
        for service, rows in sorted(day.lists.items()):
            if rows:
                begun.setdefault(service, day.date)
            for number in {known[one] for one in rows if one is not None and one in known}:
                since.setdefault(number, {}).setdefault(service, day.date)
    return {number: _listing(one, begun) for number, one in since.items()}


def stays(days: Iterable[ChartedDay], known: Mapping[str, int]) -> dict[int, list[Stay]]:
    """For each recording its stays on the chart, oldest first, from days in any order; a recording that returns begins another."""
    found: dict[int, list[Stay]] = {}
    ordered = sorted(days, key=lambda one: one.date)
    there: dict[int, str] = {}
    for place, day in enumerate(ordered):
        now = {known[one] for one in day.track_ids if one in known}
        for number in sorted(there.keys() - now):
            found.setdefault(number, []).append(_stay(there.pop(number), ordered[place - 1].date, ordered, ended=True))
        for number in now:
            there.setdefault(number, day.date)
    for number, since in there.items():
        found.setdefault(number, []).append(_stay(since, ordered[-1].date, ordered, ended=False))
    return found


def staying_share(lengths: Collection[Stay], days: int) -> float | None:
    """The estimated share of recordings that stay more than so many days; None where no stay of known beginning says anything of that.

    The product-limit estimate of Kaplan and Meier: stays that have not ended count as long as they have lasted, and those whose beginning
    is not known do not count.
    """
    share = next((one for length, one in reversed(_product_limit(lengths)) if length <= days), 1.0)
    return share if share == 0 or any(one.began and one.days > days for one in lengths) else None


def median_stay(lengths: Collection[Stay]) -> int | None:
    """The estimated median length of stays in days: the shortest that at most half outlast; None where more than half last on."""
    return next((length for length, share in _product_limit(lengths) if share <= 0.5), None)


def days_between(since: str, until: str) -> int:
    """How many days (YYYY-MM-DD) one day is after another."""
    return (date.fromisoformat(until) - date.fromisoformat(since)).days


def _product_limit(lengths: Iterable[Stay]) -> list[tuple[int, float]]:
    """Each length at which a stay ended, shortest first, and the estimated share that lasts longer."""
    counted = [one for one in lengths if one.began]
    all_of, ended_of = Counter(one.days for one in counted), Counter(one.days for one in counted if one.ended)
    at_risk, share, found = len(counted), 1.0, []
    for length in sorted(all_of):
        if ended_of[length]:
            share *= 1 - ended_of[length] / at_risk
            found.append((length, share))
        at_risk -= all_of[length]
    return found


def _once(ranked: Sequence[str | None]) -> list[str | None]:
    """The rows, where one that was there before is None."""
    seen = set[str | None]()
    rows = []
    for one in ranked:
        rows.append(None if one in seen else one)
        seen.add(one)
    return rows


def _overlaps(short: Sequence[str | None], long: Sequence[str | None]) -> list[int]:
    """X_d for each depth d from 1: how many recordings the first d rows of both lists have in common."""
    above = (set[str](), set[str]())
    found, shared = [], 0
    for pair in zip_longest(short, long):
        for one, own, other in zip(pair, above, reversed(above), strict=True):
            if one is not None:
                own.add(one)
                shared += one in other
        found.append(shared)
    return found


def _listing(since: Mapping[str, str], begun: Mapping[str, str]) -> FirstListings:
    earliest = min(since.values())
    first = [service for service, day in since.items() if day == earliest]
    if any(begun[service] == earliest for service in first):
        return FirstListings(since, (), None)
    later = [day for service, day in since.items() if earliest < day != begun[service]]
    lead = 0 if len(first) > 1 else days_between(earliest, min(later)) if later else None
    return FirstListings(since, first, lead)


def _stay(since: str, until: str, days: Sequence[ChartedDay], *, ended: bool) -> Stay:
    return Stay(since, until, began=since != days[0].date, ended=ended)
