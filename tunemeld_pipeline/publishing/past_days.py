"""Past days, put together from what is stored: the chart that a rollback shows again and the API serves, and the readings behind it."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import ChartedPast
from tunemeld_pipeline.charts.documents import Chart, Reading
from tunemeld_pipeline.charts.past_charts import past_chart
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.plugins.registry import in_order
from tunemeld_pipeline.storage.store import Store


def read_past_chart(store: Store, day: ChartDay, recordings: Mapping[str, RecordingFacts], past: ChartedPast) -> Chart:
    """The chart of `day`, as `past_chart` puts it together.

    Args:
        recordings: by track id, what is known of every recording of that chart.
        past: what the chart of `day` is compared with.

    Raises:
        NothingStored: a recording's names or positions are not kept.
        StoreError: its parts cannot be read.
    """
    isrcs = [facts.isrc for facts in recordings.values() if facts.isrc]
    # A stored day has its lists in any order; people see the first service's wording and address.
    day = day.model_copy(update={"lists": {service: day.lists[service] for service in in_order(day.lists)}})
    return past_chart(day, recordings, store.histories.recent_readings(isrcs, _end_of(day)), past)


def past_readings(
    store: Store, day: ChartDay, recordings: Mapping[str, RecordingFacts], days: int
) -> dict[str, dict[str, list[Reading]]]:
    """The readings of so many days, up to the day of the chart.

    Raises:
        StoreError: they cannot be read.
    """
    isrcs = [facts.isrc for facts in recordings.values() if facts.isrc]
    until = _end_of(day) + timedelta(microseconds=1)
    return store.histories.readings_since(isrcs, day.insert_timestamp - timedelta(days=days), until)


def last_change(store: Store, day: ChartDay, recordings: Mapping[str, RecordingFacts]) -> datetime:
    """When what is shown of a past day last changed.

    A past day changes where a run of its genre adds it, repeats it or repeats a day before it, where the next day comes or a rollback
    withdraws a day, where another genre counts the same recordings on it, and where a recording has new names or addresses. Of a day of an
    earlier release, which did not say so, it is when the genre was last published; where that cannot be read, it may be now.
    """
    changed = store.charts.changed_at(store.charts.genres(), day.date)
    try:
        published = store.charts.materialization(day.genre_name) if changed is None else None
    except UnreadableDocument:
        return datetime.now(UTC)
    moments = [changed or day.insert_timestamp, *([published.finished_at] if published else [])]
    return max([*moments, *(facts.changed_at or facts.insert_timestamp for facts in recordings.values())])


def _end_of(day: ChartDay) -> datetime:
    """The last moment of the day: another genre may have read the same track later, and a history keeps a day's last reading only."""
    return datetime.combine(date.fromisoformat(day.date), time.max, UTC)
