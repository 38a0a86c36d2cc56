"""Which genres lack today's chart although it was due, and may be refreshed once more: facts in, judgement out.

`orchestration/catch_up.py` starts the runs, and `tunemeld etl status` shows what is to come.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from tunemeld_pipeline.charts.documents import Materialization
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.settings.cron import last_time, next_time

HOURLY = "15 * * * *"
MOST_TRIES = 3
"""How often a genre is refreshed again in a day: each try costs units of its quotas."""

AFTER = timedelta(minutes=30)
"""How long the daily refresh has for itself, which Dagster's scheduler may begin late."""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A genre without today's chart; `tries` says how often it was refreshed again today."""

    genre: str
    tries: int

    @property
    def is_tried_again(self) -> bool:
        """Whether it may be refreshed once more today."""
        return self.tries < MOST_TRIES


def lacking_today(
    cron: str,
    genres: Iterable[str],
    published: Mapping[str, Materialization],
    tries: Mapping[str, int],
    at: datetime,
) -> list[Lacking]:
    """The genres without a chart of the day of `at` (UTC), once the refresh of that day was due; without those that somebody holds."""
    due = last_time(cron, at)
    if due is None or utc_day(due) != utc_day(at) or at - due < AFTER:
        return []
    found = []
    for genre in genres:
        shown = published.get(genre)
        if shown is None or (not shown.held and utc_day(shown.as_of) < utc_day(at)):
            found.append(Lacking(genre, tries.get(genre, 0)))
    return found


def next_look(cron: str, at: datetime) -> datetime | None:
    """When it is looked again today which genres lack a chart; None where that is tomorrow's."""
    due, look = last_time(cron, at), next_time(HOURLY, at)
    if due is None or look is None or not utc_day(due) == utc_day(at) == utc_day(look):
        return None
    return look
