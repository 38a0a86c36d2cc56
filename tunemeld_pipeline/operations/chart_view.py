"""Charts, recordings and changes as an operator looks at them in the terminal: what visitors see, read from the database.

This module reads and puts together; `cli/charts.py` prints. What is withheld from visitors is left out here too.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tunemeld_pipeline.charts.changes import Change, changes, joined_and_left
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import Chart, ChartTrack, TrackHistory
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.plugins.registry import in_order
from tunemeld_pipeline.publishing.past_days import read_past_chart
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.suggestions import did_you_mean

TREND_DAYS = 15
NAMED_DAYS = 10


@dataclass(frozen=True, slots=True)
class RecordingView:
    """One recording: what is known of it, its rows on the charts of today by genre, and its counts; `history` is None without any."""

    isrc: str
    facts: RecordingFacts | None
    rows: Mapping[str, ChartTrack] = field(default_factory=dict)
    history: TrackHistory | None = None


@dataclass(frozen=True, slots=True)
class ChangesView:
    """What changed on a genre's chart from one day to a later one.

    Attributes:
        recordings: what is known of its recordings, by track id.
        joined: the services of which the later chart alone is made, and for which alone recordings come and move; `left` those of which the
            earlier one was.
    """

    genre: str
    since: str
    until: str
    changes: list[Change]
    recordings: Mapping[str, RecordingFacts]
    joined: Sequence[str] = ()
    left: Sequence[str] = ()


def shown_chart(store: Store, genre: str, date: str | None, at: datetime) -> Chart:
    """The genre's chart of a day (YYYY-MM-DD), by default the one that visitors see now.

    Raises:
        NothingStored: there is none of that day; the message lists the last days that have one.
        UnreadableDocument: it cannot be read.
    """
    if store.charts.materialization(genre) is None:
        raise NothingStored(
            f"{genre} has no chart yet; run it first", next_command=f"tunemeld etl run full --genre {genre}"
        )
    if date is None:
        return store.charts.chart(genre, at)
    day = _day(store, genre, date)
    ids = [track_id for _, track_id in day.ranked]
    past = store.charts.past(genre, date, ids, day.services)
    return read_past_chart(store, day, store.recordings.known(ids), past)


def trends(store: Store, chart: Chart, source: str) -> dict[str, list[int]]:
    """By ISRC, the gains of a source's count from reading to reading of the last two weeks, oldest first."""
    isrcs = [track.isrc for track in chart.tracks if track.isrc]
    until = chart.shown_as_of
    found = store.histories.readings_since(isrcs, until - timedelta(days=TREND_DAYS), until + timedelta(microseconds=1))
    return {isrc: [one.delta_count for one in by_source.get(source, [])][1:] for isrc, by_source in found.items()}


def recording(store: Store, genres: Sequence[str], isrc: str, at: datetime) -> RecordingView:
    """What is known of the recording with this ISRC, in any spelling.

    Raises:
        NothingStored: it is on no chart and has no counts.
    """
    wanted = well_formed_isrc(isrc) or isrc
    published = store.charts.materializations()
    rows: dict[str, ChartTrack] = {}
    for genre in genres:
        if genre in published and (chart := store.charts.last_chart(genre, at)) is not None:
            rows.update((genre, one) for one in chart.tracks if wanted in (one.isrc, *one.isrcs))
    shown = next(iter(rows.values()), None)
    key = shown.track_id if shown else wanted
    facts = store.recordings.known([key]).get(key)
    history = next(iter(store.histories.of([shown.isrc if shown and shown.isrc else wanted])), None)
    if facts is None and history is None and not rows:
        known = [track.isrc for genre in published for track in _tracks(store, genre, at) if track.isrc]
        raise NothingStored(
            f"no recording with the ISRC {wanted} was ever on a chart" + did_you_mean(wanted, known),
            next_command="tunemeld chart --help",
        )
    return RecordingView(wanted, facts, rows, history)


def _tracks(store: Store, genre: str, at: datetime) -> list[ChartTrack]:
    chart = store.charts.last_chart(genre, at)
    return chart.tracks if chart else []


def changes_between(store: Store, genre: str, since: str | None, until: str | None) -> ChangesView:
    """What changed on the genre's chart between two days (YYYY-MM-DD), by default the last two.

    Raises:
        NothingStored: there is no chart of one of them.
    """
    dates = store.charts.chart_dates(genre)
    last = until or (dates[-1] if dates else None)
    earlier = [date for date in dates if last is not None and date < last]
    first = since or (earlier[-1] if earlier else None)
    if last is None or first is None:
        raise NothingStored(
            f"{genre} has fewer than two days with a chart, so nothing can have changed",
            next_command=f"tunemeld etl run full --genre {genre}",
        )
    before, day = _day(store, genre, first), _day(store, genre, last)
    ids = [track_id for one in (before, day) for _, track_id in one.ranked]
    found = changes(before, day, store.charts.past(genre, last, ids).years)
    joined, left = map(in_order, joined_and_left(before, day))
    return ChangesView(genre, first, last, found, store.recordings.known(ids), joined, left)


def _day(store: Store, genre: str, date: str) -> ChartDay:
    day = store.charts.chart_day(genre, date)
    if day is None:
        others = store.charts.chart_dates(genre)[-NAMED_DAYS:]
        raise NothingStored(
            f"{genre} has no chart of {date}; the last days with one: {', '.join(others) or 'none'}",
            next_command=f"tunemeld chart {genre}",
        )
    return day
