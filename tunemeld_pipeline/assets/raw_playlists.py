"""The first stage: the services' playlists, as received.

This module decides what becomes of a service of which a source answered, and of one of which none did. `upstream/fetching.py` asks the
sources, and `charts/playlists.py` reads their bodies.
"""

import threading
from collections.abc import Mapping
from functools import partial

import dagster as dg

from tunemeld_pipeline.assets.partitions import catalog, genres
from tunemeld_pipeline.assets.steps import (
    UPSTREAM_RETRY,
    error_fields,
    give_back_memory,
    left_out_documents,
    mark_degraded,
    markdown_table,
    step,
)
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import PlaylistDescription, RawPlaylist
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.errors import NothingToPublish, UpstreamError
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import left_out as left_out_services
from tunemeld_pipeline.plugins.registry import name_of, slug_of
from tunemeld_pipeline.plugins.registry import service as service_of
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.settings.configured import usable_sources
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream import left_out
from tunemeld_pipeline.upstream.fetching import (
    CheckedPlaylist,
    Climb,
    at_once,
    describe_playlist,
    fetch_playlists,
    ladder,
    note_tries,
)
from tunemeld_pipeline.upstream.service_client import ListClient, begin_step, call_metadata


@dg.asset(partitions_def=genres, group_name="charts", kinds={"mongodb", "json"}, retry_policy=UPSTREAM_RETRY)
def raw_playlists(
    context: dg.AssetExecutionContext,
    observation: ObservationResource,
    mongo: MongoResource,
    clients: ClientsResource,
) -> dg.MaterializeResult:
    """One genre's playlists, exactly as the services sent them; a service that fails keeps its last good one, marked stale."""
    genre = catalog.genre(context.partition_key)
    give_back_memory()
    with step(context) as measured:
        mongo.store.rollbacks.refuse(genre.key, observation.as_of)
        for why in left_out_services().values():
            context.log.warning(why)
        if not genre.services:
            raise NothingToPublish(
                f"none of the services of {genre.key} is configured; what was published before stays",
                next_command="tunemeld config validate",
            )
        asked = _Asked(clients, mongo.store, genre.key)
        there = _read_today(mongo.store, genre, observation) if observation.catches_up else set()
        sources = {
            service: usable_sources(observation.settings, service) for service in genre.services if service not in there
        }
        rungs = ladder(mongo.store, genre.key, sources, observation.as_of)
        climbs = fetch_playlists(genre, rungs, asked.client_of, observation.as_of)
        note_tries(mongo.store, genre.key, climbs, observation.as_of, observation.run_id)
        _log_switches(context, genre, climbs)
        answers = {service: found.answer for service, found in climbs.items()}
        failed = {service: answer for service, answer in answers.items() if isinstance(answer, UpstreamError)}
        lacking = {}
        for service, error in failed.items():
            kept = mongo.store.playlists.mark_raw_playlist_stale(genre.key, service, observation.as_of, error.explained)
            instead = "the last good playlist stays" if kept else "there is no earlier playlist"
            context.log.warning("%s: %s: %s", genre.key, instead, error, extra=error_fields(error))
            lacking[f"{service} playlist"] = error.explained
        if len(failed) == len(answers) and not there:
            transient = any(error.transient for error in failed.values())
            raise NothingToPublish(
                f"no service answered for {genre.key}; what was published before stays. "
                + "; ".join(str(error) for error in failed.values()),
                transient=transient,
                next_command=None if transient else "tunemeld system health --deep",
            )
        good = {service: answer for service, answer in answers.items() if isinstance(answer, CheckedPlaylist)}
        descriptions = at_once(
            *(
                partial(
                    describe_playlist,
                    mongo.store,
                    genre.playlist(service),
                    service,
                    observation.as_of,
                    asked.client_of(answer.source),
                )
                for service, answer in good.items()
            )
        )
        for (service, answer), description in zip(good.items(), descriptions, strict=True):
            mongo.store.playlists.put_raw_playlist(_document(genre, service, answer, description, observation))
        playlists = mongo.store.playlists.playlist_headers(genre.key, observation.as_of)
        reasons = mark_degraded(context, lacking | left_out_documents(context, mongo.store))
    read = {service: answer.parsed for service, answer in good.items()}
    return dg.MaterializeResult(
        metadata={
            "dagster/partition_row_count": sum(len(parsed.rows) for parsed in read.values()),
            **{f"rows/{slug_of(service)}": len(parsed.rows) for service, parsed in read.items()},
            **{f"source/{slug_of(service)}": answer.source.name for service, answer in good.items()},
            **left_out.of_playlists(read),
            **reasons,
            **{
                f"age_hours/{slug_of(playlist.service_name)}": round(_age_in_hours(playlist, observation), 2)
                for playlist in playlists
            },
            "playlists": markdown_table(
                ("service", "rows", "observed", "age in hours", "note"),
                (
                    (
                        name_of(playlist.service_name),
                        len(read[playlist.service_name].rows) if playlist.service_name in read else "as before",
                        f"{playlist.insert_timestamp:%Y-%m-%d %H:%M}",
                        f"{_age_in_hours(playlist, observation):.1f}",
                        playlist.error or playlist.incomplete or "",
                    )
                    for playlist in playlists
                ),
            ),
            **call_metadata(*asked.clients),
            **measured.metadata(),
        }
    )


class _Asked:
    """The clients of the sources that a step asks; each is opened, and its step begun, when its source is first asked."""

    def __init__(self, clients: ClientsResource, store: Store, genre: str) -> None:
        self._opened = clients
        self._store = store
        self._genre = genre
        self._lock = threading.Lock()
        self.clients: list[ListClient] = []

    def client_of(self, source: Source) -> ListClient:
        with self._lock:
            client = self._opened.of(source)
            if client not in self.clients:
                begin_step(self._store, self._genre, client)
                self.clients.append(client)
            return client


def _read_today(store: Store, genre: Genre, observation: ObservationResource) -> set[str]:
    """The services whose whole lists an earlier run of this day has read."""
    today = utc_day(observation.as_of)
    return {
        one.service_name
        for one in store.playlists.playlist_headers(genre.key, observation.as_of)
        if one.service_name in genre.services
        and utc_day(one.insert_timestamp) == today
        and not one.stale
        and not one.incomplete
    }


def _log_switches(context: dg.AssetExecutionContext, genre: Genre, climbs: Mapping[str, Climb]) -> None:
    for found in climbs.values():
        if isinstance(found.answer, CheckedPlaylist):
            for source, error in found.passed.items():
                context.log.warning(
                    "%s: %s instead of %s: %s",
                    genre.key,
                    found.answer.source.name,
                    source,
                    error,
                    extra=error_fields(error),
                )


def _document(
    genre: Genre,
    service: str,
    answer: CheckedPlaylist,
    described: PlaylistDescription,
    observation: ObservationResource,
) -> RawPlaylist:
    playlist = genre.playlist(service)
    own = answer.parsed
    return RawPlaylist(
        insert_timestamp=min(observation.as_of, answer.fetched.read_at or observation.as_of),
        run_id=observation.run_id,
        upstream=observation.upstream,
        genre_name=genre.key,
        service_name=service,
        playlist_url=playlist.url,
        playlist_name=described.name or own.name or playlist.name,
        playlist_cover_url=described.cover_url or own.cover_url,
        playlist_cover_description_text=described.description or own.description,
        data_json=answer.fetched.data_json,
        incomplete=answer.fetched.incomplete,
        source=answer.source.name,
        format=answer.source.format,
        kind=service_of(service).kind.value,
        country=own.country,
        rows=own.length,
        rows_total=own.rows_total,
        edited_at=own.edited_at,
    )


def _age_in_hours(playlist: RawPlaylist, observation: ObservationResource) -> float:
    return (observation.as_of - playlist.insert_timestamp).total_seconds() / 3600
