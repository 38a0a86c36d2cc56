"""Taking a chart back: the last good one, or a given day's, in front of visitors again until the next run, or
held there until it is released.

This module finds the day that is meant, and reports what was done. `charts/past_charts.py` puts a past chart together, and
`storage/charts.py` writes all of it in one step.
"""

from datetime import datetime

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import past_of
from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, Chart, Materialization
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.operations.chart_view import NAMED_DAYS
from tunemeld_pipeline.publishing.past_days import read_past_chart
from tunemeld_pipeline.storage.store import Store


def roll_back(store: Store, genre: str, to: str | None, at: datetime, *, hold: bool = False) -> Materialization:
    """Shows the genre's chart of the day `to` (YYYY-MM-DD) again, by default of the last day before the one shown now.

    The days after it are withdrawn: neither charts nor checks remember them, until a run makes them again or a rollback names them. The
    services' own lists stay unchanged. Every run that is under way is refused when it wants to publish.

    Args:
        hold: whether no later run replaces it either, until it is released; a genre that is held already stays so.

    Raises:
        NothingStored: no chart of that day is kept, or nothing is published yet; the message lists the days that are kept.
        UnreadableDocument: what is published cannot be read, or that day.
        StoreError: a run has published the genre at the same moment.
    """
    published = store.charts.materialization(genre)
    if published is None:
        raise NothingStored(
            f"{genre} has no chart yet; run it first", next_command=f"tunemeld etl run full --genre {genre}"
        )
    shown_day = utc_day(published.shown_as_of)
    day = _day(store, genre, to, shown_day)
    # Going forward again brings back the days that the rollback before had withdrawn.
    past = past_of(store.charts.charted_days(genre, day.date, restored_after=shown_day), day.date, day.services)
    chart = read_past_chart(store, day, store.recordings.known(day.track_ids), past)
    # It bears the time of the newest one: readers look for documents of that time, and only a newer run, or the same again, replaces it.
    shown = chart.model_copy(
        update={
            "insert_timestamp": published.as_of,
            "rolled_back_to": chart.insert_timestamp,
            "held": hold or published.held,
            "quota": published.quota,
        }
    )
    return store.charts.roll_back(shown, _aggregate(shown), published, at)


def release(store: Store, genre: str, at: datetime) -> Materialization:
    """Lets the genre's next run replace the chart at which it is held.

    Raises:
        NothingStored: it is not held.
        StoreError: something was published at the same moment.
    """
    published = store.charts.materializations().get(genre)
    if published is None or not published.held:
        raise NothingStored(
            f"{genre} is not held, so there is nothing to release", next_command=f"tunemeld chart {genre}"
        )
    return store.charts.release(published, at)


def _day(store: Store, genre: str, to: str | None, shown: str) -> ChartDay:
    day = store.charts.chart_day(genre, to) if to else next(iter(store.charts.chart_days(genre, shown, 1)), None)
    if day is None:
        others = [date for date in store.charts.chart_dates(genre, withdrawn=True) if date != shown][-NAMED_DAYS:]
        wanted = f"of {to}" if to else f"before that of {shown}, which is shown now"
        raise NothingStored(
            f"{genre} has no chart {wanted}; choose with --to: {', '.join(others) or 'there is no other day yet'}"
        )
    return day


def _aggregate(chart: Chart) -> AggregatePlaylist:
    return AggregatePlaylist(
        **chart.model_dump(include=set(AggregatePlaylist.model_fields) - {"schema_version", "tracks"}),
        tracks=[AggregateTrack.model_validate(track.model_dump()) for track in chart.tracks],
    )
