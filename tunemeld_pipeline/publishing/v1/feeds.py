"""What a genre's feeds show: each recording that came onto the chart, came back, or rose into the top ten, day by day.

`django_backend/` writes it as Atom and as JSON Feed, since only a request says under which address this site is reached.
"""

from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.changes import ChartEntry, EntryKind, entries
from tunemeld_pipeline.charts.documents import Upstream
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.publishing.reading import LastDays
from tunemeld_pipeline.publishing.v1.plain_text import plain_line

MOST_ENTRIES = 200


class FeedEntry(BaseModel):
    """One recording that came onto the chart, came back, or rose into its top ten; `id` is a URN that stays the same for ever."""

    id: str
    date: str
    kind: EntryKind
    rank: int
    previous_rank: int | None
    track_id: str
    title: str
    artist: str


class GenreFeed(BaseModel):
    """What a genre's feeds show, the latest day first; `date` is the newest day of which they know."""

    id: str
    genre: str
    name: str
    date: str
    entries: list[FeedEntry]


def genre_feed(genre: Genre, upstream: Upstream, date: str, last: LastDays) -> GenreFeed:
    """The feed of a genre.

    Args:
        date: the day (YYYY-MM-DD) of the chart that visitors see.
        last: its last days with a chart; the oldest has nothing to be compared with, and no entries.
    """
    found = entries(list(reversed(last.days)), last.years)[:MOST_ENTRIES]
    return GenreFeed(
        id=_urn(upstream, genre.key),
        genre=genre.key,
        name=genre.display_name,
        date=date,
        entries=[_entry(upstream, genre.key, one, last.recordings.get(one.track_id)) for one in found],
    )


def _entry(upstream: Upstream, genre: str, entry: ChartEntry, facts: RecordingFacts | None) -> FeedEntry:
    what = "top ten" if entry.kind == "top" else "chart"
    return FeedEntry(
        id=_urn(upstream, genre, entry.date, what, entry.track_id),
        date=entry.date,
        kind=entry.kind,
        rank=entry.rank,
        previous_rank=entry.previous_rank,
        track_id=entry.track_id,
        title=plain_line(facts.track_name) if facts else "",
        artist=plain_line(facts.artist_name) if facts else "",
    )


def _urn(*parts: str) -> str:
    """A name that depends on these parts alone: not on the host, the time or the order of entries."""
    return uuid5(NAMESPACE_URL, "/".join(("tunemeld", *parts))).urn
