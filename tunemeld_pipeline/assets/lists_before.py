"""What earlier charts had of a genre's lists, read for the second stage: a change of source moves no chart.

`charts/tails.py` judges it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.chart_days import ChartDay, PastOutcomes
from tunemeld_pipeline.charts.charted_tracks import ChartedPast
from tunemeld_pipeline.charts.consensus import service_outcomes
from tunemeld_pipeline.charts.documents import Ranking, RawPlaylist
from tunemeld_pipeline.charts.identity import GenreRecording
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.charts.ranking import only_service
from tunemeld_pipeline.charts.tails import ListBefore, counting_rows
from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.limits import LIST_TOO_OLD
from tunemeld_pipeline.storage.store import Store


def lists_before(store: Store, genre: str, past: ChartedPast, ranking: Ranking) -> dict[str, ListBefore]:
    """The lists that count behind the chart that this one is compared with."""
    try:
        day = store.charts.chart_day(genre, past.compared.date) if past.compared else None
    except UnreadableDocument:  # noted where the chart itself was read
        return {}
    if day is None:
        return {}
    return {service: _list_of(day, service) for service in day.lists if ranking.weight_of(service) > 0}


def with_counting_rows(
    store: Store,
    genre: Genre,
    ranking: Ranking,
    raws: Sequence[RawPlaylist],
    parsed: Mapping[str, Listing],
    recordings: Sequence[GenreRecording],
    as_of: datetime,
) -> Ranking:
    """The ranking, with how many rows count of those lists of which a source shows more than could be seen before.

    The list of a service that is alone is the chart itself: what a wider source shows stands at its end.
    """
    if only_service(genre.services, ranking) is not None:
        return ranking
    since = utc_day(as_of - LIST_TOO_OLD)
    outcomes = service_outcomes(genre.services, raws, parsed)
    seen = store.charts.past_outcomes(genre.key, since, utc_day(as_of))
    wider = [service for service, listing in parsed.items() if _was_shorter(service, listing, seen)]
    if not wider:  # as on any ordinary day: no list of the past is read
        return ranking
    days = [
        day
        for day in reversed(store.charts.chart_days(genre.key, utc_day(as_of), LIST_TOO_OLD.days))
        if day.date >= since
    ]
    found = {
        service: counting_rows(
            service, recordings, outcomes[service], [_list_of(day, service) for day in days if service in day.lists]
        )
        for service in wider
    }
    return ranking.model_copy(update={"counting_rows": {service: rows for service, rows in found.items() if rows}})


def _was_shorter(service: str, listing: Listing, days: Sequence[PastOutcomes]) -> bool:
    then = [one.rows + one.kept for day in days if (one := day.outcomes.get(service)) and one.state != "absent"]
    return min(then, default=len(listing.rows)) < len(listing.rows)


def _list_of(day: ChartDay, service: str) -> ListBefore:
    return ListBefore(day.lists[service], day.outcomes.get(service))
