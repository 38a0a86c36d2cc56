"""`/v1/agreement/{genre}`: how much the services' lists agree day by day, who listed a recording first, and how long recordings stay."""

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

from pydantic import Field

from tunemeld_pipeline.charts import agreement
from tunemeld_pipeline.charts.agreement import PERSISTENCE, FirstListings, Overlap, Stay
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.recognition import ranked, recordings
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.past_days import last_change
from tunemeld_pipeline.publishing.reading import day_after
from tunemeld_pipeline.publishing.v1.links import described
from tunemeld_pipeline.publishing.v1.named import NamedRow, names
from tunemeld_pipeline.publishing.v1.values import Day, Share, Value, json_text
from tunemeld_pipeline.storage.store import Store

DECIMALS = 6
STAYING_DAYS = (7, 14, 28, 56, 91)


class PairOverlap(Value):
    """How the lists of two services agree on one day."""

    services: tuple[str, str] = Field(description="The two services, in alphabetical order.")
    rbo: Share = Field(
        description="The rank-biased overlap of their lists, from 0 (nothing in common) to 1 (the same list)."
    )
    shared: int = Field(description="The number of recordings that are on both lists.")


class AgreedDay(Value):
    """How the services' lists agree on one day."""

    date: Day = Field(description="The UTC day.")
    mean: Share | None = Field(description="The mean of the pairs; null if fewer than two services had a list.")
    pairs: list[PairOverlap] = Field(description="Each pair of services that both had a list.")
    stale: list[str] = Field(
        description="The services whose list was an older one, since theirs could not be read that day."
    )


class PairMean(Value):
    """How the lists of two services agree over all days of the answer."""

    services: tuple[str, str] = Field(description="The two services, in alphabetical order.")
    rbo: Share = Field(description="The mean of their rank-biased overlap over these days.")
    days: int = Field(description="The number of days on which both had a list.")


class FirstListed(NamedRow):
    """A recording of the newest chart: when each service first listed it, and since when it is on the chart."""

    rank: int = Field(description="Its rank on the newest chart.")
    listed: dict[str, Day] = Field(description="By service, the first day on which its list had the recording.")
    first: list[str] = Field(
        description="The service that listed it first, or several that did so on the same day. Empty where it is not known, since a "
        "list had it already on the first day that is known of that list."
    )
    lead_days: int | None = Field(
        description="The days from the first service to the next; 0 where several were first; null where no first is known, or none "
        "followed."
    )
    entered_date: Day = Field(description="The first day of its present stay on the chart.")
    days_on_chart: int = Field(description="The length of that stay in days, the first and the newest day included.")


class Firsts(Value):
    """How often a service was first, over all recordings that were ever on the chart."""

    service: str = Field(description="The service.")
    alone: int = Field(description="The number of recordings that it listed before all others.")
    together: int = Field(
        description="The number of recordings that it listed first on the same day as another service."
    )
    mean_lead_days: float | None = Field(
        description="The mean of the days by which it led where it was first alone; null without any."
    )


class StayingShare(Value):
    """How many recordings stay longer than so many days."""

    days: int = Field(description="A number of days.")
    share: Share | None = Field(
        description="The estimated share of stays on the chart that last longer; null where too little is known."
    )


class Stays(Value):
    """How long recordings stay on the chart, from all stays of which the beginning is known (Kaplan-Meier estimates).

    A stay is a recording's unbroken time on the chart; one that returns begins another.
    """

    ended: int = Field(description="The number of stays that have ended.")
    ongoing: int = Field(description="The number of stays that go on; they count as long as they have lasted.")
    median_days: int | None = Field(
        description="The median length; null where more than half last longer than can be said."
    )
    longest_days: int | None = Field(description="The longest of them so far; null without any.")
    shares: list[StayingShare] = Field(description="The share that lasts longer than some numbers of days.")


class Agreement(Value):
    """How the editors of a genre's services agree."""

    genre: str = Field(description="The genre's key.")
    date: Day = Field(description="The newest day with a chart.")
    first_date: Day = Field(description="The first day that is kept of this genre.")
    measure: str = Field(description="The measure of overlap: RBO_ext, equation 32 of Webber, Moffat and Zobel (2010).")
    p: float = Field(description="Its persistence: each row counts this fraction of the row above it.")
    means: list[PairMean] = Field(description="Each pair of services over the days of this answer.")
    days: list[AgreedDay] = Field(description="Each day of this answer, oldest first.")
    recordings: list[FirstListed] = Field(description="The recordings of the newest chart, best first.")
    firsts: list[Firsts] = Field(description="How often each service was first, over all recordings ever charted.")
    undecided: int = Field(description="The number of recordings ever charted of which no first service is known.")
    stays: Stays = Field(description="How long recordings stay on the chart.")


def agreement_answer(days: Sequence[ChartDay], since: str, facts: Mapping[str, RecordingFacts]) -> Agreement:
    """The answer from all days that are kept of a genre, at least one.

    Args:
        days: newest first.
        since: the first day (YYYY-MM-DD) of which overlaps are given.
        facts: what is known of the recordings of the newest chart.
    """
    newest = days[0]
    known = recordings(days)
    listings, stays = agreement.listings(days, known), agreement.stays(days, known)
    agreed = [_agreed_day(day) for day in reversed(days) if day.date >= since]
    return Agreement(
        genre=newest.genre_name,
        date=newest.date,
        first_date=days[-1].date,
        measure="RBO_ext",
        p=PERSISTENCE,
        means=_means(agreed),
        days=agreed,
        recordings=[
            _first_listed(rank, ids[0], listings.get(known[ids[0]]), stays[known[ids[0]]][-1], facts)
            for rank, ids in ranked(newest)
        ],
        firsts=_firsts(listings.values()),
        undecided=sum(not one.first for one in listings.values()),
        stays=_stays([stay for one in stays.values() for stay in one]),
    )


def agreement_content(store: Store, genre: str, newest: str, window: int, itself: str) -> Content | None:
    """The answer for a genre; None where none of its days can be read.

    Args:
        newest: the newest day (YYYY-MM-DD) with a chart.
        window: how many days back overlaps are given.
        itself: the answer's address.

    Raises:
        StoreError: days or names cannot be read.
    """
    days = store.charts.chart_days(genre, day_after(newest), None)
    if not days:
        return None
    since = f"{date.fromisoformat(days[0].date) - timedelta(days=window - 1)}"
    facts = store.recordings.known(days[0].track_ids)
    answer = agreement_answer(days, since, facts)
    return Content(json_text(answer), last_change(store, days[0], facts), links=described(itself, Agreement))


def _agreed_day(day: ChartDay) -> AgreedDay:
    found = agreement.agreed_day(day)
    return AgreedDay(
        date=found.date,
        mean=None if found.mean is None else round(found.mean, DECIMALS),
        pairs=[_pair(one) for one in found.overlaps],
        stale=list(found.stale),
    )


def _pair(found: Overlap) -> PairOverlap:
    return PairOverlap(services=found.services, rbo=round(found.value, DECIMALS), shared=found.shared)


def _means(days: Iterable[AgreedDay]) -> list[PairMean]:
    by_pair: dict[tuple[str, str], list[float]] = {}
    for day in days:
        for pair in day.pairs:
            by_pair.setdefault(pair.services, []).append(pair.rbo)
    return [
        PairMean(services=services, rbo=round(math.fsum(values) / len(values), DECIMALS), days=len(values))
        for services, values in sorted(by_pair.items())
    ]


def _first_listed(
    rank: int, track_id: str, listing: FirstListings | None, stay: Stay, facts: Mapping[str, RecordingFacts]
) -> FirstListed:
    return FirstListed(
        **names(track_id, facts),
        rank=rank,
        listed=dict(listing.since) if listing else {},
        first=sorted(listing.first) if listing else [],
        lead_days=listing.lead_days if listing else None,
        entered_date=stay.since,
        days_on_chart=stay.days,
    )


def _firsts(listings: Iterable[FirstListings]) -> list[Firsts]:
    alone: dict[str, list[int]] = {}
    together: dict[str, int] = {}
    for listing in listings:
        for service in listing.since:
            alone.setdefault(service, [])
            together.setdefault(service, 0)
        if len(listing.first) > 1:
            for service in listing.first:
                together[service] += 1
        elif listing.first and listing.lead_days is not None:
            alone[listing.first[0]].append(listing.lead_days)
    return [
        Firsts(
            service=service,
            alone=len(leads),
            together=together[service],
            mean_lead_days=round(sum(leads) / len(leads), DECIMALS) if leads else None,
        )
        for service, leads in sorted(alone.items())
    ]


def _stays(found: Sequence[Stay]) -> Stays:
    counted = [one for one in found if one.began]
    return Stays(
        ended=sum(one.ended for one in counted),
        ongoing=sum(not one.ended for one in counted),
        median_days=agreement.median_stay(counted),
        longest_days=max((one.days for one in counted), default=None),
        shares=[
            StayingShare(days=days, share=_rounded(agreement.staying_share(counted, days))) for days in STAYING_DAYS
        ],
    )


def _rounded(share: float | None) -> float | None:
    return None if share is None else round(share, DECIMALS)
