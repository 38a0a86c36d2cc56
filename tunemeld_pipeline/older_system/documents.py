"""The older system's documents in this release's shape.

Pure functions turn old documents into models and count what they changed; `takeover.py` reads and writes the documents. The older system
named no schema version, wrote times in several forms (dates, ISO texts without a zone), stored a count that it could not read as 0,
compared each reading with the oldest one, and kept a recording or a list more than once. Until version 1 a history was one document.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    AggregatePlaylist,
    Chart,
    DatedCount,
    Materialization,
    Ranking,
    RankingRule,
    RawPlaylist,
    Reading,
    RowReadings,
    ServicePlaylist,
    TrackHistory,
)

Json = Mapping[str, Any]
T = TypeVar("T", bound=BaseModel)
RUN_ID = "older-system"
"""The `run_id` of documents that were taken over."""

DATES = "dates made aware"
ZEROS = "readings of 0 dropped"
SAME_DAY = "further readings of a day dropped"
UNREADABLE = "readings without a time or a number dropped"
LARGEST_SECONDS = 100_000_000_000
"""Numbers above it are milliseconds since 1970, those below it seconds."""

COUNT_SOURCES = ("Spotify", "Youtube", "SoundCloud")
LISTS = ("Spotify", "AppleMusic", "SoundCloud")
"""The services that the older system read."""

_SERVICES = {name.casefold(): name for name in (*LISTS, AGGREGATE)}
_SOURCES = {source.casefold(): source for source in COUNT_SOURCES}
_HEAD: Json = {"run_id": RUN_ID, "upstream": "live"}


def is_old(document: Json) -> bool:
    """Whether the older system wrote it: then it has no schema version."""
    return not document.get("schema_version")


def genre_of(document: Json) -> str | None:
    """The genre's key."""
    return _text(document.get("genre_name"), str.lower)


def service_of(document: Json) -> str | None:
    """The service's name as our data spell it, or None for an unknown service."""
    return _SERVICES.get(_folded(document.get("service_name")) or "")


def isrc_of(document: Json) -> str | None:
    """The ISRC in capitals, without the hyphens and spaces that people put in."""
    return _text(document.get("isrc"), lambda text: text.upper().replace("-", "").replace(" ", ""))


def moment_of(value: Any, found: Counter[str] | None = None) -> datetime | None:
    """A time in UTC: a date unchanged, a text without a zone as UTC, a number as seconds or milliseconds since 1970."""
    try:
        if isinstance(value, datetime):
            return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        if isinstance(value, str):
            read = datetime.fromisoformat(value.strip())
            moment = read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
        elif isinstance(value, int | float) and not isinstance(value, bool):
            moment = datetime.fromtimestamp(value / 1000 if value > LARGEST_SECONDS else value, UTC)
        else:
            return None
    except (ValueError, OverflowError, OSError):
        return None
    if found is not None:
        found[DATES] += 1
    return moment


def written_at(document: Json, found: Counter[str] | None = None) -> datetime:
    """When a document was written: its own time, else that of its id, which MongoDB created at that moment."""
    stated = moment_of(document.get("insert_timestamp"), found)
    made = getattr(document.get("_id"), "generation_time", None)
    return stated or moment_of(made) or datetime(1970, 1, 1, tzinfo=UTC)


def raw_playlist(document: Json, found: Counter[str]) -> RawPlaylist | None:
    """A received playlist; None if the document cannot be one."""
    body = document.get("data_json")
    filled = {
        **document,
        **_HEAD,
        "genre_name": genre_of(document),
        "service_name": service_of(document),
        "playlist_url": document.get("playlist_url") or "",
        "data_json": body if isinstance(body, str) else json.dumps(body, default=str),
        "stale": bool(document.get("stale")),
        "insert_timestamp": written_at(document, found),
    }
    return None if body is None else _model(RawPlaylist, filled)


def track_playlist(document: Json, found: Counter[str]) -> ServicePlaylist | AggregatePlaylist | None:
    """A service's rows or the consensus; None if the document cannot be one."""
    filled = _playlist(document, found)
    if filled["service_name"] == AGGREGATE:
        return _model(AggregatePlaylist, filled)
    return _model(ServicePlaylist, filled)


def chart(document: Json, found: Counter[str]) -> Chart | None:
    """A genre's chart with counts; a count of 0 means that it could not be read. None if the document cannot be a chart."""
    filled = _playlist({**document, "service_name": AGGREGATE}, found)
    counted = []
    for row in filled["tracks"]:
        counts = _counts(row.get("view_count_data_json"), found)
        row["readings"] = {
            source: RowReadings(first_of_week=initial, last=last)
            for source, (initial, current) in counts.items()
            if (last := current or initial) is not None
        }
        row["gain_7d"] = dict.fromkeys(COUNT_SOURCES)
        counted.append({source for source, (_, current) in counts.items() if current is not None})
    filled["coverage"] = {
        source: sum(source in sources for sources in counted) / len(counted) if counted else 0.0
        for source in COUNT_SOURCES
    }
    return _model(Chart, filled)


def materialization(taken: Chart, at: datetime) -> Materialization:
    """The record by which readers find a chart that was taken over."""
    return Materialization(
        genre_name=taken.genre_name,
        version=1,
        as_of=taken.insert_timestamp,
        finished_at=at,
        run_id=RUN_ID,
        upstream="live",
        coverage=taken.coverage,
        chart_length=len(taken.tracks),
    )


def history(documents: Sequence[Json], found: Counter[str]) -> TrackHistory | None:
    """The history of one recording, from all documents about it in any release's shape; None without an ISRC.

    It has one reading per source and UTC day, the latest.
    """
    isrc = isrc_of(documents[0])
    if isrc is None:
        return None
    by_source: dict[str, dict[date, Reading]] = {}
    for document in documents:
        for source, readings in _mapping(document.get("view_counts")).items():
            days = by_source.setdefault(_SOURCES.get(_folded(source) or "", source), {})
            for one in _kept_readings(readings):
                reading = _reading(one, found, zeros=not is_old(document))
                if reading is not None:
                    _keep_latest(days, reading, found)
    view_counts = {source: [days[day] for day in sorted(days)] for source, days in by_source.items() if days}
    times = [reading.current_timestamp for readings in view_counts.values() for reading in readings]
    seen = [moment for one in documents if (moment := moment_of(one.get("first_seen"), found))]
    return TrackHistory(isrc, min([*times, *seen] or map(written_at, documents)), view_counts)


def _kept_readings(value: Any) -> Iterable[Any]:
    """The readings of a source: a list, a single one, or by day of the month."""
    if isinstance(value, dict) and value and all(isinstance(one, dict) for one in value.values()):
        return value.values()
    return value if isinstance(value, list) else [value]


def _reading(value: Any, found: Counter[str], *, zeros: bool) -> Reading | None:
    one = _mapping(value)
    moment, count = moment_of(one.get("current_timestamp"), found), _count(one.get("view_count"))
    if moment is None or count is None:
        found[UNREADABLE] += 1
        return None
    if count <= 0 and not zeros:
        found[ZEROS] += 1
        return None
    return Reading(moment, count)


def _keep_latest(days: dict[date, Reading], reading: Reading, found: Counter[str]) -> None:
    day = reading.current_timestamp.date()
    if day in days:
        found[SAME_DAY] += 1
        if days[day].current_timestamp > reading.current_timestamp:
            return
    days[day] = reading


def _playlist(document: Json, found: Counter[str]) -> dict[str, Any]:
    """The fields that documents with tracks share; the older ranking used the position on the first of the services."""
    genre, service, rows = genre_of(document), service_of(document), document.get("tracks")
    if isinstance(rows, str):
        rows = _parsed(rows)
    aggregate = service == AGGREGATE
    return {
        **document,
        **_HEAD,
        **({"ranking": Ranking(rule=RankingRule.PRIORITY, weights=dict.fromkeys(LISTS, 1.0))} if aggregate else {}),
        "genre_name": genre,
        "service_name": service,
        "playlist_url": document.get("playlist_url") or "",
        "stale": bool(document.get("stale")),
        "insert_timestamp": written_at(document, found),
        "tracks": [
            _row(row, place, genre, service, aggregate=aggregate)
            for place, row in enumerate(rows if isinstance(rows, list) else [], start=1)
            if isinstance(row, dict)
        ],
    }


def _row(row: Json, place: int, genre: str | None, service: str | None, *, aggregate: bool) -> dict[str, Any]:
    isrc, rank = isrc_of(row), _count(row.get("rank")) or place
    filled = {
        **row,
        "rank": rank,
        "isrc": isrc,
        "track_id": row.get("track_id") or isrc or f"{service}:{row.get('track_url') or place}",
        "match": row.get("match") or {"method": "unknown", "confidence": 0},
        "source_name": row.get("source_name") or service,
        "genre_name": genre,
    }
    if aggregate:
        filled |= {
            "sources": _mapping(row.get("sources")),
            "additional_sources": _mapping(row.get("additional_sources")),
            "score": row.get("score") or 0.0,
            "contributions": _mapping(row.get("contributions")),
            "raw_aggregate_rank": _count(row.get("raw_aggregate_rank")) or rank,
            "aggregate_service_name": row.get("aggregate_service_name") or filled["source_name"],
        }
    return filled


def _counts(value: Any, found: Counter[str]) -> dict[str, tuple[DatedCount | None, DatedCount | None]]:
    """The initial and the current count of each source; None for one that could not be read."""
    return {
        _SOURCES.get(_folded(source) or "", source): (
            _one_count(_mapping(both), "initial", found),
            _one_count(_mapping(both), "current", found),
        )
        for source, both in _mapping(_parsed(value)).items()
    }


def _one_count(both: Json, which: str, found: Counter[str]) -> DatedCount | None:
    one = _mapping(both.get(f"{which}_count_json"))
    count, moment = _count(one.get(f"{which}_view_count")), moment_of(one.get(f"{which}_timestamp"), found)
    if moment is None or not count or count < 0:
        found[ZEROS] += count == 0
        return None
    return DatedCount(current_timestamp=moment, view_count=count)


def _model(kind: type[T], filled: Json) -> T | None:
    try:
        return kind.model_validate(filled)
    except ValidationError:
        return None


def _text(value: Any, form: Any = str) -> str | None:
    return form(value.strip()) if isinstance(value, str) and value.strip() else None


def _folded(value: Any) -> str | None:
    """A name reduced to its letters: Apple Music, apple_music and AppleMusic are the same."""
    return "".join(filter(str.isalnum, value)).casefold() if isinstance(value, str) else None


def _mapping(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _parsed(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        return None


def _count(value: Any) -> int | None:
    if isinstance(value, str):
        value = value.strip().replace(",", "").replace("_", "")
    if value is None or isinstance(value, bool):
        return None
    try:
        return int(value)  # digits as text are read exactly, even if the number is large
    except (ValueError, TypeError, OverflowError):
        return None
