"""The answers of the older dialect, made from documents: the `data` of each path, and its envelope.

Shapes are those that the older page reads, which looks nowhere whether a value is there: each service has a list and a header, and no
text in a header is null. They are frozen; everything new is in `v1/`. See docs/api.md.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from itertools import chain
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from tunemeld_pipeline.charts.catalog import Catalog, Genre, Playlist
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    AggregatePlaylist,
    ChartTrack,
    Materialization,
    RawPlaylist,
    Reading,
    ServicePlaylist,
    Upstream,
)
from tunemeld_pipeline.charts.past_charts import with_unknown
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.plugins.registry import count_sources, name_of
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.past_days import last_change, past_readings, read_past_chart
from tunemeld_pipeline.publishing.playlist_data import PlaylistData, playlist_data
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS, GRAPH_WINDOWS, Documents
from tunemeld_pipeline.storage.store import Store

GENRES_PATH = "/genres"

VIDEO_COVER_END = ".m3u8"
"""The end of the address of an Apple cover that is a video; the older page has no place for another cover of Apple Music."""

SEPARATORS = (",", ":")

Json = dict[str, Any]

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
"""A time as the API writes it, ISO 8601 with its zone."""

Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
"""A UTC day: 2026-01-31."""


class Point(TypedDict):
    """What `/graph-data` knows of one track: `[timestamp, gain]` and `[timestamp, total]` per source, oldest first."""

    isrc: str | None
    track_id: str
    track_name: str
    artist_name: str
    youtube_url: str | None
    album_cover_url: str | None
    view_counts: dict[str, list[tuple[Moment, int]]]
    readings: dict[str, list[tuple[Moment, int]]]


class LastUpdated(TypedDict):
    """When a genre was last observed."""

    last_updated: Moment


class Header(TypedDict):
    """What people see of a service's playlist; an unknown cover or description is an empty string.

    The cover of Apple Music ends in `.m3u8`, if need be as a fragment, which no reader sends on. A service that never answered is stale,
    and its `fetched_at` is null.
    """

    playlist_cover_url: str
    playlist_cover_description_text: str
    playlist_name: str
    playlist_url: str
    fetched_at: Moment | None
    stale: bool
    stale_since: Moment | None
    upstream: Upstream


class GenreSummary(TypedDict):
    """One genre of the catalogue; `last_updated` is null while nothing was ever materialized."""

    genre_name: str
    display_name: str
    last_updated: Moment | None
    stale_services: list[str]
    degraded: list[str]
    upstream: Upstream | None


def genre_texts(documents: Documents, described: Genre) -> dict[str, str]:
    """Every response of one genre but those of past days, by path; `described` is the genre in the catalogue."""
    genre = documents.materialization.genre_name
    # One after the other: for a long chart, the objects behind a text take several times the text's memory.
    graphs = {days: success(graph_data(documents, days)) for days in GRAPH_WINDOWS}
    return {
        f"/playlist-data/{genre}": success([document_json(playlist_data(documents.chart))]),
        f"/service-playlist/{genre}/{AGGREGATE}": success([document_json(documents.aggregate)]),
        **{
            f"/service-playlist/{genre}/{one.service_name}": success([document_json(one)])
            for one in service_lists(documents, described)
        },
        f"/graph-data/{genre}": graphs[GRAPH_DAYS],
        **{f"/graph-data/{genre}?days={days}": graph for days, graph in graphs.items()},
        f"/last-updated/{genre}": success(last_updated(documents.materialization)),
        f"/header-art/{genre}": success(header_art(documents, described)),
        f"/chart-dates/{genre}": success(list(documents.dates)),
    }


def genre_paths(listed: Genre) -> list[str]:
    """The paths of `genre_texts`, without making the texts."""
    genre = listed.key
    return [
        f"/playlist-data/{genre}",
        *(f"/service-playlist/{genre}/{name}" for name in (AGGREGATE, *listed.services)),
        f"/graph-data/{genre}",
        *(f"/graph-data/{genre}?days={days}" for days in GRAPH_WINDOWS),
        f"/last-updated/{genre}",
        f"/header-art/{genre}",
        f"/chart-dates/{genre}",
    ]


def genres_text(catalog: Catalog, materializations: Mapping[str, Materialization]) -> str:
    """The response of `/genres`."""
    return success([genre_summary(genre, materializations.get(key)) for key, genre in catalog.genres.items()])


def past_chart_content(store: Store, genre: str, date: str) -> Content | None:
    """The chart of a past UTC day; None if that day has none.

    Raises:
        NothingStored: positions of the day are not kept.
        StoreError: it cannot be read.
    """
    day = store.charts.chart_day(genre, date)
    if day is None:
        return None
    recordings = with_unknown(day, store.recordings.known(day.track_ids))
    ids = [*day.track_ids, *chain.from_iterable(day.other_ids.values())]
    past = store.charts.past(day.genre_name, day.date, ids, day.services)
    chart = read_past_chart(store, day, recordings, past)
    return Content(success([document_json(playlist_data(chart))]), last_change(store, day, recordings))


def past_graph_content(store: Store, genre: str, date: str, days: int) -> Content | None:
    """The counts of a past UTC day's chart over the `days` days up to it; None if that day has no chart.

    Raises:
        StoreError: they cannot be read.
    """
    day = store.charts.chart_day(genre, date)
    if day is None:
        return None
    recordings = store.recordings.known(day.track_ids)
    return Content(
        success(past_graph(day, recordings, past_readings(store, day, recordings, days))),
        last_change(store, day, recordings),
    )


def success(data: object, message: str = "ok") -> str:
    """The envelope of a success."""
    return json.dumps(
        {"status": "success", "message": message, "data": data}, ensure_ascii=False, separators=SEPARATORS
    )


def error(message: str, data: object = None) -> str:
    """The envelope of an error; `message` says what to do next."""
    return json.dumps({"status": "error", "message": message, "data": data}, ensure_ascii=False, separators=SEPARATORS)


def document_json(document: PlaylistData | AggregatePlaylist | ServicePlaylist) -> Json:
    """A document as the API shows it: times as ISO strings."""
    shown: Json = document.model_dump(mode="json")
    return shown


def graph_data(documents: Documents, days: int) -> list[Point]:
    """The series of the last `days` days of each track of the chart that has a history."""
    since = documents.materialization.as_of - timedelta(days=days)
    shown = []
    for track in documents.chart.tracks:
        if track.isrc is not None and track.isrc in documents.readings:
            by_source = {
                source: [one for one in readings if one.current_timestamp >= since]
                for source, readings in documents.readings[track.isrc].items()
            }
            shown.append(_point(track, by_source))
    return shown


def last_updated(materialization: Materialization) -> LastUpdated:
    """When the data now shown of the genre was observed."""
    return {"last_updated": materialization.shown_as_of.isoformat()}


def service_lists(documents: Documents, genre: Genre) -> list[ServicePlaylist]:
    """Each service's rows; those of a service that never answered, or is withheld, are none, and stale, as of the materialization."""
    known = {one.service_name: one for one in documents.services}
    return [known.get(service) or _empty_list(documents, genre, service) for service in genre.services]


def _empty_list(documents: Documents, genre: Genre, service: str) -> ServicePlaylist:
    materialization = documents.materialization
    return ServicePlaylist(
        insert_timestamp=materialization.as_of,
        run_id=materialization.run_id,
        upstream=materialization.upstream,
        genre_name=genre.key,
        service_name=service,
        playlist_url="" if documents.withheld.hides_service(service) else genre.playlist(service).url,
        stale=True,
        tracks=[],
    )


def header_art(documents: Documents, genre: Genre) -> dict[str, Header]:
    """Per service, what people see of its playlist, as far as the service said; the rest is from the catalogue.

    Of a service that is withheld the header is there, as the older page needs it, with nothing but its name.
    """
    known = {one.service_name: one for one in documents.playlists}
    return {
        service: _header(
            Playlist(url="") if documents.withheld.hides_service(service) else genre.playlist(service),
            service,
            known.get(service),
            documents.materialization,
        )
        for service in genre.services
    }


def _header(listed: Playlist, service: str, kept: RawPlaylist | None, materialization: Materialization) -> Header:
    return {
        "playlist_cover_url": _cover(service, (kept.playlist_cover_url if kept else None) or ""),
        "playlist_cover_description_text": (kept.playlist_cover_description_text if kept else None) or "",
        "playlist_name": (kept.playlist_name if kept else None) or listed.name or f"{name_of(service)} playlist",
        "playlist_url": kept.playlist_url if kept else listed.url,
        "fetched_at": kept.insert_timestamp.isoformat() if kept else None,
        "stale": kept.stale if kept else True,
        "stale_since": kept.stale_since.isoformat() if kept and kept.stale_since else None,
        "upstream": kept.upstream if kept else materialization.upstream,
    }


def _cover(service: str, address: str) -> str:
    if service != "AppleMusic" or address.endswith(VIDEO_COVER_END):
        return address
    return f"{address}{'' if '#' in address else '#'}{VIDEO_COVER_END}"


def genre_summary(genre: Genre, materialization: Materialization | None) -> GenreSummary:
    """What `/genres` says of one genre."""
    outcomes = materialization.outcomes if materialization else {}
    return {
        "genre_name": genre.key,
        "display_name": genre.display_name,
        "last_updated": materialization.as_of.isoformat() if materialization else None,
        "stale_services": [name for name, outcome in outcomes.items() if outcome.state != "fresh"],
        "degraded": materialization.degraded if materialization else [],
        "upstream": materialization.upstream if materialization else None,
    }


def past_graph(
    day: ChartDay,
    recordings: Mapping[str, RecordingFacts],
    readings: Mapping[str, Mapping[str, Sequence[Reading]]],
) -> list[Point]:
    """The series of each track of a past day's chart that has a history; `readings` as `past_readings` gives them."""
    charted = [recordings[track_id] for track_id in day.track_ids if track_id in recordings]
    return [_point(facts, readings[facts.isrc]) for facts in charted if facts.isrc and facts.isrc in readings]


def _point(track: ChartTrack | RecordingFacts, readings: Mapping[str, Sequence[Reading]]) -> Point:
    return Point(
        isrc=track.isrc,
        track_id=track.track_id,
        track_name=track.track_name,
        artist_name=track.artist_name,
        youtube_url=track.youtube_url,
        album_cover_url=track.album_cover_url,
        view_counts=_series(readings, "delta_count"),
        readings=_series(readings, "view_count"),
    )


def _series(readings: Mapping[str, Sequence[Reading]], field: str) -> dict[str, list[tuple[str, int]]]:
    return {
        source: [(one.current_timestamp.isoformat(), getattr(one, field)) for one in readings.get(source, [])]
        for source in (one.key for one in count_sources())
    }
