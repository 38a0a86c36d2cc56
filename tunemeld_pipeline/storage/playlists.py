"""A genre's playlists as the services sent them, and the rows and consensus made from them.

`raw_playlists` has the last good answers, `wider_lists` earlier ones that showed more of a list, and `track_playlist` rows and consensus.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import DESCENDING, ReplaceOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    SCHEMA_VERSION,
    AggregatePlaylist,
    RawPlaylist,
    ServicePlaylist,
)
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.limits import LIST_TOO_OLD
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.observations import Observations
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.rollbacks import Rollbacks

Json = dict[str, Any]


class Playlists:
    """What a run fetches and transforms."""

    def __init__(
        self, database: Handle, observations: Observations, quarantine: Quarantine, rollbacks: Rollbacks
    ) -> None:
        self._database = database
        self._observations = observations
        self._quarantine = quarantine
        self._rollbacks = rollbacks

    def put_raw_playlist(self, playlist: RawPlaylist) -> bool:
        """Replaces one service's playlist; False if there is a newer one, which then stays.

        One that may show more of the list than the new one is kept, as long as its rows may stand in for those that the new one lacks.
        """
        genre, service = playlist.genre_name, playlist.service_name
        key = {"genre_name": genre, "service_name": service}

        def write(session: ClientSession) -> bool:
            wider = self._wider_than(playlist, key, session)
            if not self._observations.replace_unless_newer("raw_playlists", key, playlist, session):
                return False
            self._keep_wider(key, wider, playlist, session)
            return True

        if self._database.transaction(write):
            return True
        self._observations.put("raw_playlists", genre, service, playlist)
        return False

    def _wider_than(self, playlist: RawPlaylist, key: Json, session: ClientSession) -> Json | None:
        """The current document, where it may show more of the list than the one that takes its place."""
        current, older = self._database["raw_playlists"], {"insert_timestamp": {"$lt": playlist.insert_timestamp}}
        header = current.find_one({**key, **older}, {"rows": 1}, session=session)
        if header is None or not _may_show_more(header.get("rows"), playlist):
            return None
        return current.find_one({"_id": header["_id"]}, {"_id": 0}, session=session)

    def _keep_wider(self, key: Json, before: Json | None, by: RawPlaylist, session: ClientSession) -> None:
        wider = self._database["wider_lists"]
        overtaken = [
            {"rows": {"$lte": by.rows}},
            {"insert_timestamp": {"$lt": by.insert_timestamp - LIST_TOO_OLD}},
        ]
        wider.delete_many({**key, "$or": overtaken}, session=session)
        if before is not None:
            own = {**key, "insert_timestamp": before["insert_timestamp"]}
            wider.replace_one(own, before, upsert=True, session=session)

    def wider_lists(self, genre: str, as_of: datetime) -> dict[str, list[RawPlaylist]]:
        """By service, the earlier answers up to `as_of` that showed more of a list than a later one, the newest first."""
        found: dict[str, list[RawPlaylist]] = {}
        with translated_errors():
            documents = (
                self._database["wider_lists"]
                .find({"genre_name": genre, "insert_timestamp": {"$lte": as_of}}, session=self._database.session)
                .sort([("service_name", 1), ("insert_timestamp", DESCENDING)])
            )
            for one in self._database.readable("wider_lists", RawPlaylist, documents):
                found.setdefault(one.service_name, []).append(one)
        return found

    def mark_raw_playlist_stale(self, genre: str, service: str, at: datetime, error: str) -> RawPlaylist | None:
        """Notes on the last good playlist that a fetch at `at` failed; None if there is none from before then, or it is unreadable."""
        which = {
            "genre_name": genre,
            "service_name": service,
            "insert_timestamp": {"$lte": at},
            "schema_version": {"$not": {"$gt": SCHEMA_VERSION}},
        }
        since = {"$min": [{"$ifNull": ["$stale_since", at]}, at]}
        noted = [{"$set": {"stale": True, "error": {"$literal": error}, "stale_since": since}}]
        document = self._database.write(
            lambda own: self._database["raw_playlists"].find_one_and_update(
                which, noted, return_document=True, session=own
            )
        )
        return self._database.readable_one("raw_playlists", RawPlaylist, document)

    def raw_playlists(self, genre: str, as_of: datetime) -> list[RawPlaylist]:
        """The playlists that a run at `as_of` works on: its own, and those of the current ones that are not newer."""
        return self._observations.observed("raw_playlists", RawPlaylist, genre, as_of)

    def playlist_headers(self, genre: str, as_of: datetime) -> list[RawPlaylist]:
        """The same without the services' own answers: `data_json`, megabytes for a long list, is empty."""
        return self._observations.observed("raw_playlists", RawPlaylist, genre, as_of, without="data_json")

    def put_track_playlists(self, services: Sequence[ServicePlaylist], aggregate: AggregatePlaylist) -> bool:
        """Replaces a genre's rows and its consensus in one step; False if there are newer ones, which then stay.

        Raises:
            NothingToPublish: the genre is held, or was rolled back after this run began.
        """
        genre, as_of = aggregate.genre_name, aggregate.insert_timestamp
        documents: list[ServicePlaylist | AggregatePlaylist] = [*services, aggregate]

        def write(session: ClientSession) -> bool:
            self._rollbacks.refuse(genre, as_of, session)
            self._quarantine.make_way("track_playlist", {"genre_name": genre}, aggregate.run_id, session)
            newer = self._database["track_playlist"].find_one(
                {"genre_name": genre, "service_name": AGGREGATE, "insert_timestamp": {"$gt": as_of}},
                {"_id": 1},
                session=session,
            )
            if newer:
                return False
            self._observations.keep_what_is_overtaken("track_playlist", {"genre_name": genre}, aggregate, session)
            self._database.bulk(
                self._database["track_playlist"],
                [
                    ReplaceOne(
                        {"genre_name": genre, "service_name": document.service_name}, to_bson(document), upsert=True
                    )
                    for document in documents
                ],
                session,
            )
            return True

        if self._database.transaction(write):
            return True
        for document in documents:
            self._observations.put("track_playlist", genre, document.service_name, document)
        return False

    def service_playlists(self, genre: str, as_of: datetime) -> list[ServicePlaylist]:
        """The services' rows that a run at `as_of` works on."""
        return self._observations.observed(
            "track_playlist", ServicePlaylist, genre, as_of, {"service_name": {"$ne": AGGREGATE}}
        )

    def aggregate(self, genre: str, as_of: datetime) -> AggregatePlaylist:
        """The consensus that a run at `as_of` works on.

        Raises:
            NothingStored: `track_playlist` has not been materialized for this genre up to then.
            UnreadableDocument: it cannot be read.
        """
        return self._observations.only(
            "track_playlist",
            AggregatePlaylist,
            genre,
            as_of,
            {"service_name": AGGREGATE},
            or_else=NothingStored(
                f"{genre} has no consensus up to {as_of:%Y-%m-%d}; run the stage before it first",
                next_command=f"tunemeld etl run transform --genre {genre}",
            ),
        )


def _may_show_more(rows: Any, by: RawPlaylist) -> bool:
    """Whether an answer with so many rows may show more of a list than the one that takes its place."""
    if isinstance(rows, int) and by.rows is not None:
        return rows > by.rows
    # Written by an earlier release, which did not count them.
    return bool(by.incomplete) or (by.rows_total or 0) > (by.rows or 0)
