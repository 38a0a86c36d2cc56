"""API responses, made from documents.

This module makes the `data` of each path, its envelope, its forms as bytes with their ETags, and the set that the pipeline publishes to
the shared cache. HTTP is in `django_backend/`, and the documents are kept in `storage/`. Shapes are those that the older page reads, which
looks nowhere whether a value is there: each service has a list and a header, and no text in a header is null. See docs/api.md.
"""

import gzip
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import brotli
from pydantic import Field
from typing_extensions import TypedDict

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    AggregatePlaylist,
    Chart,
    ChartDay,
    ChartTrack,
    Materialization,
    Publication,
    RawPlaylist,
    Reading,
    RecordingFacts,
    ServicePlaylist,
    Upstream,
)
from tunemeld_pipeline.errors import NothingStored, UpstreamError
from tunemeld_pipeline.logs.measuring import measured_render
from tunemeld_pipeline.plugins.registry import count_sources, name_of
from tunemeld_pipeline.publishing.cache import Cache, Entry, cache_key, new_entry
from tunemeld_pipeline.publishing.playlist_data import PlaylistData, playlist_data
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

RESPONSE_TTL = 48 * 3600
"""Seconds that the shared cache keeps a response: after two days without a run it serves nothing old."""

PUBLISH_ROUNDS = 3
"""How often a genre's responses are written at most, where others publish at the same moment."""

GRAPH_DAYS = 90
GRAPH_WINDOWS = (30, GRAPH_DAYS, 365, 730)
"""The numbers of days that `/graph-data` accepts; the path without a number means 90."""

GENRES_PATH = "/genres"

COMPRESSED_FROM = 1_000
"""Bytes; a smaller body fits one packet uncompressed."""

BROTLI_QUALITY = 5
"""As small as gzip's best at gzip's usual speed; higher ones take a worker's processor for seconds."""

VIDEO_COVER_END = ".m3u8"
"""The end of the address of an Apple cover that is a video; the older page has no place for another cover of Apple Music."""

SEPARATORS = (",", ":")
UNBOUNDED = datetime.max.replace(tzinfo=UTC)

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


@dataclass(frozen=True, slots=True)
class Form:
    """A body in one encoding (`identity`, `gzip`, `br`) and its strong ETag."""

    encoding: str
    body: bytes
    etag: str


@dataclass(frozen=True, slots=True)
class Response:
    """A rendered response: its forms by encoding (identity always, others where they are smaller), and what it was made from."""

    version: int
    modified: datetime
    forms: Mapping[str, Form]


@dataclass(frozen=True, slots=True)
class Documents:
    """What one genre's responses are made of."""

    materialization: Materialization
    chart: Chart
    aggregate: AggregatePlaylist
    services: Sequence[ServicePlaylist]
    playlists: Sequence[RawPlaylist]
    readings: Mapping[str, Mapping[str, Sequence[Reading]]]
    dates: Sequence[str]

    @property
    def settled(self) -> bool:
        """Whether all of it belongs to the materialization; not so while a later run is writing, or after it failed half-way."""
        as_of = self.materialization.as_of
        documents = (self.chart, self.aggregate, *self.services, *self.playlists)
        return all(document.insert_timestamp <= as_of for document in documents)


def read_documents(store: Store, materialization: Materialization) -> Documents:
    """One genre's documents now. Give it a snapshot of the store, so that they belong together.

    Raises:
        NothingStored: the genre has no chart.
        UnreadableDocument: its chart or its consensus cannot be read.
        StoreError: they cannot be read.
    """
    genre = materialization.genre_name
    chart = store.charts.chart(genre, UNBOUNDED)
    since = materialization.as_of - timedelta(days=max(GRAPH_WINDOWS))
    return Documents(
        materialization=materialization,
        chart=chart,
        aggregate=store.playlists.aggregate(genre, UNBOUNDED),
        services=store.playlists.service_playlists(genre, UNBOUNDED),
        playlists=store.playlists.playlist_headers(genre, UNBOUNDED),
        readings=store.histories.readings_since([track.isrc for track in chart.tracks if track.isrc], since),
        dates=store.charts.chart_dates(genre),
    )


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


def publish(store: Store, cache: Cache, settings: Settings, catalog: Catalog, genre: str) -> str:
    """Puts a genre's responses into the shared cache in one bulk write and notes the outcome: what went wrong, or nothing.

    The cache is a copy: without it readers still have the database. A cache in this process's memory has no other readers, so nothing is
    rendered for it. Where something else was published meanwhile, everything is written once more: the last writer must have seen the
    newest, also of what the genres share.
    """
    problem = ""
    if settings.cache is CacheBackend.MEMORY:
        return problem
    rendered: dict[str, Entry] = {}
    for _ in range(PUBLISH_ROUNDS):
        rendered = entries(store, catalog, catalog.genre(genre))
        try:
            cache.put_many({cache_key(settings, path): entry for path, entry in rendered.items()}, RESPONSE_TTL)
        except UpstreamError as error:
            problem = str(error)
            break
        if rendered[GENRES_PATH].version == sum(one.version for one in store.charts.versions().values()):
            break
    store.charts.note_publication(
        genre, Publication(at=datetime.now(UTC), entries=len(rendered), error=problem or None)
    )
    return problem


def entries(store: Store, catalog: Catalog, genre: Genre) -> dict[str, Entry]:
    """What the shared cache holds for one genre, and for all of them together, by path.

    Raises:
        NothingStored: the genre was never materialized.
    """
    with store.snapshot() as view:
        materializations = view.charts.materializations()
        if genre.key not in materializations:
            raise NothingStored(f"{genre.key} has no chart yet; run it first")
        documents = read_documents(view, materializations[genre.key])
    store.handle.unreadable.update(view.handle.unreadable)
    version = documents.materialization.version
    with measured_render("shared cache"):
        rendered = {path: new_entry(text, version) for path, text in genre_texts(documents, genre).items()}
        return {**rendered, GENRES_PATH: new_entry(*genres_text(catalog, materializations))}


def genres_text(catalog: Catalog, materializations: Mapping[str, Materialization]) -> tuple[str, int]:
    """The response of `/genres`, and its version, which rises with that of any genre."""
    summaries = [genre_summary(genre, materializations.get(key)) for key, genre in catalog.genres.items()]
    return success(summaries), sum(one.version for one in materializations.values())


def success(data: object, message: str = "ok") -> str:
    """The envelope of a success."""
    return json.dumps(
        {"status": "success", "message": message, "data": data}, ensure_ascii=False, separators=SEPARATORS
    )


def error(message: str, data: object = None) -> str:
    """The envelope of an error; `message` says what to do next."""
    return json.dumps({"status": "error", "message": message, "data": data}, ensure_ascii=False, separators=SEPARATORS)


def response(text: str, version: int, modified: datetime) -> Response:
    """The text in all its forms. Each form's ETag is made from the text's hash, so that workers agree on it."""
    body = text.encode()
    digest = _digest(body)
    forms = {"identity": Form("identity", body, f'"{digest}"')}
    if len(body) >= COMPRESSED_FROM:
        forms["gzip"] = Form("gzip", gzip.compress(body, mtime=0), f'"{digest}-gzip"')
        forms["br"] = Form("br", brotli.compress(body, quality=BROTLI_QUALITY), f'"{digest}-br"')
    return Response(version, modified, forms)


def uncompressed_response(body: bytes, version: int, modified: datetime) -> Response:
    """A body that does not get smaller, such as a picture, in its one form."""
    return Response(version, modified, {"identity": Form("identity", body, f'"{_digest(body)}"')})


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()[:32]


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
    """Each service's rows; those of a service that never answered are none, and stale, as of the materialization."""
    known = {one.service_name: one for one in documents.services}
    return [known.get(service) or _empty_list(documents.materialization, genre, service) for service in genre.services]


def _empty_list(materialization: Materialization, genre: Genre, service: str) -> ServicePlaylist:
    return ServicePlaylist(
        insert_timestamp=materialization.as_of,
        run_id=materialization.run_id,
        upstream=materialization.upstream,
        genre_name=genre.key,
        service_name=service,
        playlist_url=genre.playlist(service).url,
        stale=True,
        tracks=[],
    )


def header_art(documents: Documents, genre: Genre) -> dict[str, Header]:
    """Per service, what people see of its playlist, as far as the service said; the rest is from the catalogue."""
    known = {one.service_name: one for one in documents.playlists}
    return {
        service: _header(genre, service, known.get(service), documents.materialization) for service in genre.services
    }


def _header(genre: Genre, service: str, kept: RawPlaylist | None, materialization: Materialization) -> Header:
    listed = genre.playlist(service)
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
    charted = [recordings[track_id] for track_id in day.chart if track_id in recordings]
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
