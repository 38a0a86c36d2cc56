"""What is kept of a recording and its artists besides the charts, and how that grows from day to day.

Pure functions make the facts of a day from a chart and the lists behind it, and put them together with what is known already.
`artists.py` says who the artists are, `search.py` by which words a recording is found.
"""

from collections.abc import Iterable, Sequence

from pydantic import Field

from tunemeld_pipeline.charts.documents import Chart, Document, Match, Model, Moment, ServicePlaylist, Track
from tunemeld_pipeline.isrc import well_formed_isrc

HIGHEST = 10
"""The prominence of a recording that was first on a chart."""


class CreditedArtist(Model):
    """An artist of a recording: the slug in `artists`, and the name as this recording's credit writes it."""

    slug: str
    name: str


SHOWN = {
    *("isrc", "isrcs", "track_name", "artist_name", "track_url", "track_urls"),
    *("album_cover_url", "youtube_url", "duration_ms", "match"),
}
"""What a past day's chart shows of its recordings as it was last known."""


class RecordingFacts(Document):
    """`recordings`: what was last known of a recording that was on a chart or a list, so that it can be found and shown by name.

    `track_urls` has an address for every service that ever listed it, and `genres` every genre. `isrcs` as in `AggregateTrack`. `ids`
    are the provisional ids that it bore before its ISRC was known; the document of such an id has `became`, and no terms of its own.
    `terms` is None until it is described (`search.py`), and `prominence` is that of `prominence_of`. `changed_at` is when what charts show
    of it last changed; None where an earlier release wrote it.
    """

    track_id: str
    isrc: str | None
    track_name: str
    artist_name: str
    track_url: str
    track_urls: dict[str, str] = Field(default_factory=dict)
    album_cover_url: str | None = None
    youtube_url: str | None = None
    duration_ms: int | None = None
    match: Match = Match(method="unknown", confidence=0)
    isrcs: list[str] = Field(default_factory=list)
    ids: list[str] = Field(default_factory=list)
    became: str | None = None
    genres: list[str] = Field(default_factory=list)
    artists: list[CreditedArtist] = Field(default_factory=list)
    prominence: int = Field(default=0, ge=0, le=HIGHEST)
    terms: list[str] | None = None
    changed_at: Moment | None = None

    @property
    def all_ids(self) -> list[str]:
        """Every id under which lists and charts may have it, its own first."""
        return list(dict.fromkeys([self.track_id, *self.ids, *self.isrcs]))


class Artist(Document):
    """`artists`: somebody who is credited with a recording. The slug is never given to anybody else, and never taken away.

    `key` is what all spellings of the name have in common; artists of one name have the same key. `country` tells them apart where a
    credit names one, else None. `prominence` is that of the artist's highest recording, `terms` those of the name (`search.py`).
    """

    slug: str
    name: str
    key: str
    country: str | None = None
    prominence: int = Field(default=0, ge=0, le=HIGHEST)
    terms: list[str] = Field(default_factory=list)


class SearchWord(Model):
    """`search_words`: a word of a title or name, which is the document's id, and the keys by which misspelt ones lead to it."""

    keys: list[str]


def prominence_of(rank: int | None) -> int:
    """How far up a chart a rank is, in doublings: 10 for the first, 9 for ranks 2 and 3, 8 for 4 to 7; at least 1, and 0 without a rank.

    What orders the results of a search is seldom to change: each change is one in the index for every word of the recording.
    """
    return 0 if rank is None else max(1, HIGHEST + 1 - rank.bit_length())


def recordings_of_day(chart: Chart, lists: Iterable[ServicePlaylist]) -> list[RecordingFacts]:
    """What a chart and the lists behind it show of each recording, those of the chart first; a recording is there once."""
    rows: dict[str, list[Track]] = {}
    for playlist in lists:
        for row in playlist.tracks:
            rows.setdefault(row.track_id, []).append(row)
    charted = [
        _facts(
            chart,
            track,
            rows.pop(track.track_id, []),
            prominence=prominence_of(track.rank),
            isrcs=track.isrcs,
            others=track.other_ids,
            urls=track.additional_sources,
        )
        for track in chart.tracks
    ]
    return charted + [_facts(chart, same[0], same) for same in rows.values()]


def _facts(
    chart: Chart,
    shown: Track,
    rows: Sequence[Track],
    *,
    prominence: int = 0,
    isrcs: Sequence[str] = (),
    others: Sequence[str] = (),
    urls: dict[str, str] | None = None,
) -> RecordingFacts:
    keys = {f"{row.source_name}:{row.service_track_id}" for row in rows if row.service_track_id}
    former = {one for one in (keys | set(others)) - {shown.track_id} if well_formed_isrc(one) is None}
    return RecordingFacts(
        insert_timestamp=chart.insert_timestamp,
        run_id=chart.run_id,
        upstream=chart.upstream,
        track_id=shown.track_id,
        isrc=shown.isrc,
        track_name=shown.track_name,
        artist_name=shown.artist_name,
        track_url=shown.track_url,
        track_urls={shown.source_name: shown.track_url, **(urls or {})},
        album_cover_url=shown.album_cover_url,
        youtube_url=shown.youtube_url,
        duration_ms=shown.duration_ms,
        match=shown.match,
        isrcs=list(isrcs),
        ids=sorted(former) if shown.isrc else [],
        genres=[chart.genre_name],
        prominence=prominence,
    )


def with_seen(stored: RecordingFacts | None, seen: RecordingFacts) -> RecordingFacts:
    """What is known of a recording after it was seen once more; days may be seen in any order.

    The later observation says what it is called and how it looks, but a list alone does not overrule a chart: its service may write the
    artist into the title. What accumulates does so either way. Artists and terms stay as long as the names do.
    """
    if stored is None:
        return seen
    takes_over = seen.insert_timestamp >= stored.insert_timestamp and bool(seen.prominence or not stored.prominence)
    shown, other = (seen, stored) if takes_over else (stored, seen)
    latest = max(stored, seen, key=lambda one: one.insert_timestamp)
    known_names = shown.artist_name == stored.artist_name
    same_words = known_names and shown.track_name == stored.track_name
    merged = shown.model_copy(
        update={
            **latest.model_dump(include={"insert_timestamp", "run_id", "upstream"}),
            "track_urls": {**other.track_urls, **shown.track_urls},
            "ids": sorted({*stored.ids, *seen.ids}),
            "became": stored.became,
            "genres": sorted({*stored.genres, *seen.genres}),
            "prominence": max(stored.prominence, seen.prominence),
            "artists": stored.artists if known_names else [],
            "terms": stored.terms if same_words else None,
        }
    )
    is_same = merged.model_dump(include=SHOWN) == stored.model_dump(include=SHOWN)
    return merged.model_copy(
        update={"changed_at": (stored.changed_at or stored.insert_timestamp) if is_same else seen.changed_at}
    )
