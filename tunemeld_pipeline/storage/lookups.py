"""Look-ups already paid for: the value found for each key, or when to try again, and how playlists describe themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from bson import Int64
from pymongo import UpdateOne

from tunemeld_pipeline.charts.documents import LookedUp, Lookup, PlaylistDescription
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine

Json = dict[str, Any]

DESCRIPTION_KEPT = timedelta(days=7)
LONGEST_RETRY_DAYS = 32
BY_LOOK_UP = "a look-up"
SOUGHT: Mapping[Lookup, str] = {"isrc_cache": "isrc", "youtube_cache": "video_id", "spotify_cache": "track_id"}
"""What each kind of look-up seeks."""

LOST_AFTER_DAYS = 2
"""A value that a service leaves out for this long, three days in a row, is lost."""


class Lookups:
    """`isrc_cache`, `youtube_cache`, `spotify_cache` and `playlist_cache`."""

    def __init__(self, database: Handle, quarantine: Quarantine) -> None:
        self._database = database
        self._quarantine = quarantine

    def looked_up(self, cache: Lookup, keys: Iterable[str]) -> dict[str, LookedUp]:
        """What is known about these keys; those that were never looked up are left out."""
        with translated_errors():
            known = {}
            for document in self._database[cache].find({"_id": {"$in": list(keys)}}):
                one = self._database.readable_one(cache, LookedUp, document)
                # A value without what it was looked up for counts as unknown, and the next look-up takes its place.
                if one is not None and (one.value is None or SOUGHT[cache] in one.value):
                    known[document["_id"]] = one
            return known

    def remember(self, cache: Lookup, found: Mapping[str, Mapping[str, str] | None], method: str, at: datetime) -> None:
        """Keeps the results of look-ups at `at`. Nothing found is tried again after 1, 2, 4 … 32 days; a value stays unless it is lost."""
        updates = []
        for key, value in sorted(found.items()):
            stands = {"$ne": ["$lost", True]}
            before = {"$cond": [stands, {"$ifNull": ["$attempts", Int64(0)]}, Int64(0)]}
            days = {"$toLong": {"$min": [LONGEST_RETRY_DAYS, {"$pow": [2, before]}]}}
            # In MongoDB's order an object is greater than null, and null is greater than a missing field.
            same = {"$gt": ["$value", None]} if value is None else {"$eq": ["$value", {"$literal": dict(value)}]}
            stays = {"$and": [same, stands]}
            outcome = {
                "value": {"$literal": None if value is None else dict(value)},
                "method": {"$literal": method},
                "decided_at": at,
                "retry_after": {"$dateAdd": {"startDate": at, "unit": "day", "amount": days}}
                if value is None
                else None,
                "attempts": {"$add": [before, Int64(1)]},
                "missing_since": None,
                "lost": False,
            }
            update = {"$replaceWith": {"$cond": [stays, "$$ROOT", {"$mergeObjects": ["$$ROOT", outcome]}]}}
            updates.append(UpdateOne({"_id": key}, [update], upsert=True))
        self._make_way(cache, found)
        self._database.bulk(self._database[cache], updates)

    def note_left_out(self, cache: Lookup, values: Mapping[str, Mapping[str, str]], at: datetime) -> None:
        """Notes that the service leaves these values out at `at`; a value left out since the day before yesterday or longer is lost."""
        since = {"$dateDiff": {"startDate": "$missing_since", "endDate": at, "unit": "day"}}
        update: list[Json] = [
            {"$set": {"missing_since": {"$ifNull": ["$missing_since", at]}}},
            {"$set": {"lost": {"$or": ["$lost", {"$gte": [since, LOST_AFTER_DAYS]}]}}},
        ]
        self._make_way(cache, values)
        self._database.bulk(
            self._database[cache],
            [
                UpdateOne({"_id": key, "value": dict(value), "decided_at": {"$lte": at}}, update)
                for key, value in sorted(values.items())
            ],
        )

    def note_there(self, cache: Lookup, keys: Sequence[str], at: datetime) -> None:
        """Notes that the service has these values again that it had left out before `at`."""
        left_out = {"_id": {"$in": list(keys)}, "missing_since": {"$lte": at}}
        there: Json = {"$set": {"missing_since": None, "lost": False}}
        self._database.write(lambda own: self._database[cache].update_many(left_out, there, session=own))

    def note_verified(self, cache: Lookup, keys: Sequence[str], at: datetime) -> None:
        """Notes that these values were looked up again at `at`."""
        found: Json = {"_id": {"$in": list(keys)}, "value": {"$ne": None}}
        verified = {"$max": {"verified_at": at}}
        self._database.write(lambda own: self._database[cache].update_many(found, verified, session=own))

    def playlist_description(self, key: str, at: datetime) -> PlaylistDescription | None:
        """A playlist's name, cover and description, if they were fetched in the week before `at`."""
        with translated_errors():
            document = self._database["playlist_cache"].find_one({"_id": key})
        described = self._database.readable_one("playlist_cache", PlaylistDescription, document)
        if document is None or described is None or document["fetched_at"] + DESCRIPTION_KEPT <= at:
            return None
        return described

    def last_playlist_description(self, key: str) -> PlaylistDescription:
        """A playlist's name, cover and description of any age; empty if none was ever fetched."""
        with translated_errors():
            document = self._database["playlist_cache"].find_one({"_id": key})
        return self._database.readable_one("playlist_cache", PlaylistDescription, document) or PlaylistDescription()

    def put_playlist_description(self, key: str, description: PlaylistDescription, at: datetime) -> None:
        """Keeps a playlist's name, cover and description; an unknown value does not overwrite a known one."""
        known = description.model_dump(exclude_none=True)
        before = self._database["playlist_cache"].find_one({"_id": key})
        if before and self._database.readable_one("playlist_cache", PlaylistDescription, before) is None:
            self._quarantine.make_way("playlist_cache", {"_id": key}, BY_LOOK_UP)
        fields = {"$set": {**known, "fetched_at": at}}
        self._database.write(
            lambda own: self._database["playlist_cache"].update_one({"_id": key}, fields, upsert=True, session=own)
        )

    def _make_way(self, cache: Lookup, keys: Iterable[str]) -> None:
        self._quarantine.make_way(cache, {"_id": {"$in": sorted(keys)}}, BY_LOOK_UP)
