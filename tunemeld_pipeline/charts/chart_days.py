"""What is kept of past days: each day's chart, and how a genre's charts had each track.

`ChartDay` is a document of `chart_history`, and `ChartedDay` the part of it that the charts after it read. A `ChartedTrack` is made from
those days, so that a track's rows need not be searched in all of them.
"""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator, Field

from tunemeld_pipeline.charts.documents import Document, Model, Moment, Ranking, ServiceOutcome, counting_services


def _calendar_day(text: str) -> str:
    date.fromisoformat(text)
    return text


class ChartedDay(Model):
    """One day's chart as track ids, best first; `other_ids` holds what else a track was known by, where there was anything.

    `uncovered` are those that the chart before may lack only because less could be seen of a list then: nobody knows whether they are new.
    As visitors see it, None stands in the place of a track that is withheld.
    """

    date: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"), AfterValidator(_calendar_day)]
    chart: list[str | None]
    other_ids: dict[str, list[str]] = {}
    ranking: Ranking = Ranking()
    outcomes: dict[str, ServiceOutcome] = {}
    uncovered: list[str] = []

    @property
    def services(self) -> frozenset[str]:
        """The services of which the chart is made; none where that is not known."""
        return counting_services(self.outcomes, self.ranking)

    @property
    def ranked(self) -> list[tuple[int, str]]:
        """Each track that may be shown with its rank, best first."""
        return [(rank, track_id) for rank, track_id in enumerate(self.chart, start=1) if track_id is not None]

    @property
    def track_ids(self) -> list[str]:
        """The tracks that may be shown, best first."""
        return [track_id for _, track_id in self.ranked]


class PastOutcomes(Model):
    """The part of a day's chart that says what became of each service's list."""

    date: str
    outcomes: dict[str, ServiceOutcome] = {}


class ChartedRank(Model):
    """A rank, and the first day (YYYY-MM-DD) with it."""

    date: str
    rank: int


class ChartedLink(Model):
    """What else a track id was known by on a genre's charts, and the first and last day (YYYY-MM-DD) of a year on which it was."""

    ids: list[str]
    since: str
    until: str


class ChartedYear(Model):
    """A track id's days on a genre's charts in one calendar year.

    `days` has bit n set (little-endian) where it was charted on the n-th day after New Year; `records` are its first rank and each that was
    better than all before it; `links` are ordered by their first day.
    """

    days: bytes
    records: list[ChartedRank]
    links: list[ChartedLink]


class ChartedTrack(Document):
    """`charted_tracks`: how a genre's charts had one track id, by year; `ids` are that id and all that it was ever known by.

    It is made from `chart_history` and can be made again from it: withdrawn days are not in it.
    """

    genre_name: str
    track_id: str
    ids: list[str]
    years: dict[str, ChartedYear]


class KeptRows(Model):
    """The rows of a list from one position to another that its source could not show, and when an earlier read last did."""

    first: int
    last: int
    seen_at: Moment


class ChartDay(Document, ChartedDay):
    """`chart_history`: one day's chart and the lists behind it; a list's entry is a track id, or None where the list had a gap.

    `kept` says, by service, which rows stood there from an earlier read.

    A `withdrawn` day was rolled back: no chart and no check remembers it. `changed_at` is when what is shown of the day last changed, by a
    run or a rollback of this day, an earlier or the next one; None where an earlier release wrote all of it.
    `only_service` as in `Chart`.
    """

    genre_name: str
    lists: dict[str, list[str | None]]
    kept: dict[str, list[KeptRows]] = {}
    matched_share: dict[str, float] = {}
    coverage: dict[str, float] = {}
    count_errors: dict[str, str] = {}
    only_service: str | None = None
    withdrawn: bool = False
    changed_at: Moment | None = None
