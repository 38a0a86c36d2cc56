"""A genre's playlists as the services sent them, and the rows and consensus made from them: `raw_playlists`, `track_playlist`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pymongo import ReplaceOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.documents import (
    AGGREGATE,
    SCHEMA_VERSION,
    AggregatePlaylist,
    RawPlaylist,
    ServicePlaylist,
)
from tunemeld_pipeline.errors import NothingStored
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
        """Replaces one service's playlist; False if there is a newer one, which then stays."""
        genre, service = playlist.genre_name, playlist.service_name
        key = {"genre_name": genre, "service_name": service}
        if self._database.transaction(
            lambda session: self._observations.replace_unless_newer("raw_playlists", key, playlist, session)
        ):
            return True
        self._observations.put("raw_playlists", genre, service, playlist)
        return False

    def mark_raw_playlist_stale(self, genre: str, service: str, at: datetime, error: str) -> RawPlaylist | None:
        """Notes on the last good playlist that a fetch at `at` failed; None if there is none from before then, or it is unreadable."""
        with translated_errors():
            document = self._database["raw_playlists"].find_one_and_update(
                {
                    "genre_name": genre,
                    "service_name": service,
                    "insert_timestamp": {"$lte": at},
                    "schema_version": {"$not": {"$gt": SCHEMA_VERSION}},
                },
                [
                    {
                        "$set": {
                            "stale": True,
                            "error": {"$literal": error},
                            "stale_since": {"$min": [{"$ifNull": ["$stale_since", at]}, at]},
                        }
                    }
                ],
                return_document=True,
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
