"""Documents for tests, complete and plain, with what a test cares about as parameters.

There is one maker per model; anything that only one test file needs is in that file. Names and ISRCs are invented: nobody has the
registrant code `QZZ99`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bson import Int64

from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import (
    AggregatePlaylist,
    AggregateTrack,
    Chart,
    ChartTrack,
    DatedCount,
    Match,
    Materialization,
    RawPlaylist,
    RowReadings,
    ServicePlaylist,
    Track,
)
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.plugins.registry import slug_of
from tunemeld_pipeline.storage.encoding import to_bson

MONDAY = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
RUN = "a-run"
COUNTS_NEVER_READ: dict[str, Any] = {
    "initial_count_json": {"initial_timestamp": None, "initial_view_count": None},
    "current_count_json": {"current_timestamp": None, "current_view_count": None},
}
"""A source's counts in a chart of schema version 1."""


def isrc(number: int) -> str:
    """An invented ISRC."""
    return f"QZZ9926{number:05d}"


def raw_playlist(
    service: str = "Spotify",
    *,
    at: datetime = MONDAY,
    genre: str = "dance",
    data_json: str = "{}",
    run_id: str = RUN,
) -> RawPlaylist:
    """A fetched playlist."""
    return RawPlaylist(
        insert_timestamp=at,
        run_id=run_id,
        upstream="sandbox",
        genre_name=genre,
        service_name=service,
        playlist_url=f"https://example.org/{genre}/{service}",
        data_json=data_json,
    )


def track(
    number: int,
    rank: int,
    service: str = "Spotify",
    *,
    genre: str = "dance",
    play_count: int | None = None,
) -> Track:
    """A row of a service's list; the same number is the same recording."""
    return Track(
        rank=rank,
        isrc=isrc(number),
        track_id=isrc(number),
        track_name=f"Song {number}",
        artist_name=f"Singer {number}",
        track_url=f"https://example.org/{service}/{number}",
        source_name=service,
        genre_name=genre,
        match=Match(method="isrc", confidence=1),
        service_track_id=f"{slug_of(service)}-{number}",
        play_count=play_count,
    )


def aggregate_track(number: int, rank: int, *, genre: str = "dance", has_isrc: bool = True) -> AggregateTrack:
    """A recording on which Spotify and SoundCloud agree."""
    row = track(number, rank, genre=genre)
    known = {} if has_isrc else {"isrc": None, "track_id": f"Spotify:{number}"}
    return AggregateTrack(
        **row.model_dump() | known,
        sources={"Spotify": rank, "SoundCloud": rank},
        additional_sources={"SoundCloud": f"https://example.org/SoundCloud/{number}"},
        score=1 / rank,
        contributions={"Spotify": 0.5, "SoundCloud": 0.5},
        raw_aggregate_rank=rank,
        aggregate_service_name="SoundCloud",
    )


def service_playlist(
    service: str = "Spotify",
    numbers: Sequence[int] = (1, 2, 3),
    *,
    at: datetime = MONDAY,
    genre: str = "dance",
    stale: bool = False,
    run_id: str = RUN,
    play_counts: Mapping[int, int] | None = None,
) -> ServicePlaylist:
    """A service's list with these recordings in this order."""
    return ServicePlaylist(
        insert_timestamp=at,
        run_id=run_id,
        upstream="sandbox",
        genre_name=genre,
        service_name=service,
        playlist_url=f"https://example.org/{genre}/{service}",
        stale=stale,
        tracks=[
            track(number, rank, service, genre=genre, play_count=(play_counts or {}).get(number))
            for rank, number in enumerate(numbers, start=1)
        ],
    )


def aggregate(
    numbers: Sequence[int] = (1, 2, 3), *, at: datetime = MONDAY, genre: str = "dance", run_id: str = RUN
) -> AggregatePlaylist:
    """A consensus of these recordings in this order."""
    return AggregatePlaylist(
        insert_timestamp=at,
        run_id=run_id,
        upstream="sandbox",
        genre_name=genre,
        tracks=[aggregate_track(number, rank, genre=genre) for rank, number in enumerate(numbers, start=1)],
    )


def chart(
    numbers: Sequence[int] = (1, 2, 3), *, at: datetime = MONDAY, genre: str = "dance", run_id: str = RUN
) -> Chart:
    """A chart of these recordings in this order, each viewed a thousand times its number on YouTube."""
    return Chart(
        insert_timestamp=at,
        run_id=run_id,
        upstream="sandbox",
        genre_name=genre,
        tracks=[
            ChartTrack(
                **aggregate_track(number, rank, genre=genre).model_dump(),
                readings={"Youtube": views(at, 1000 * number)},
                gain_7d={"Youtube": None, "Spotify": None, "SoundCloud": None},
            )
            for rank, number in enumerate(numbers, start=1)
        ],
        coverage={"Youtube": 1.0, "Spotify": 0.0, "SoundCloud": 0.0},
    )


def views(at: datetime, count: int) -> RowReadings:
    """One reading, the first of its chart week and the last."""
    reading = DatedCount(current_timestamp=at, view_count=count)
    return RowReadings(first_of_week=reading, last=reading)


def chart_of_version_1() -> dict[str, Any]:
    """The document of `chart()` as the releases of schema version 1 kept it: counts as the older page shows them."""
    document = to_bson(chart()) | {"schema_version": Int64(1)}
    for row in document["tracks"]:
        count, moment = row.pop("readings")["Youtube"]["last"]["view_count"], MONDAY.isoformat()
        counted = {
            "initial_count_json": {"initial_timestamp": moment, "initial_view_count": count},
            "current_count_json": {"current_timestamp": moment, "current_view_count": count},
        }
        row["view_count_data_json"] = {"Spotify": COUNTS_NEVER_READ, "Youtube": counted}
    return document


def chart_day(
    *, at: datetime = MONDAY, genre: str = "dance", numbers: Sequence[int] = (1, 2, 3), run_id: str = RUN
) -> ChartDay:
    """What is kept of a day's chart."""
    return ChartDay(
        insert_timestamp=at,
        run_id=run_id,
        upstream="sandbox",
        genre_name=genre,
        date=f"{at:%Y-%m-%d}",
        chart=[isrc(number) for number in numbers],
        lists={"Spotify": [isrc(number) for number in numbers]},
    )


def materialization(*, at: datetime = MONDAY, genre: str = "dance", run_id: str = RUN) -> Materialization:
    """What a run says of itself at its end."""
    return Materialization(
        genre_name=genre, version=1, as_of=at, finished_at=at, run_id=run_id, upstream="sandbox", chart_length=3
    )


def recording(number: int, *, at: datetime = MONDAY) -> RecordingFacts:
    """What is known of a recording that was on a chart."""
    return RecordingFacts(
        insert_timestamp=at,
        run_id=RUN,
        upstream="sandbox",
        track_id=isrc(number),
        isrc=isrc(number),
        track_name=f"Song {number}",
        artist_name=f"Singer {number}",
        track_url=f"https://example.org/Spotify/{number}",
    )
