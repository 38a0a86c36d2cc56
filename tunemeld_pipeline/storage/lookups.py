"""Look-ups already paid for: what each key was found to be, or when it is asked again, and how playlists describe themselves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pymongo import UpdateOne

from tunemeld_pipeline.charts.documents import LookedUp, Lookup, PlaylistDescription
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]

DESCRIPTION_KEPT = timedelta(days=7)
LONGEST_RETRY_DAYS = 32
LOST_AFTER_DAYS = 2
"""Left out on a day, the next one and the one after that: three days in a row."""


class Lookups:
    """`isrc_cache`, `youtube_cache`, `spotify_cache` and `playlist_cache`."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def looked_up(self, cache: Lookup, keys: Iterable[str]) -> dict[str, LookedUp]:
        """What is known of these keys; those never asked for are left out."""
        with translated_errors():
            return {
                document["_id"]: LookedUp.model_validate(document)
                for document in self._database[cache].find({"_id": {"$in": list(keys)}})
            }

    def remember(self, cache: Lookup, found: Mapping[str, Mapping[str, str] | None], method: str, at: datetime) -> None:
        """Keeps what look-ups at `at` came to. Nothing found is tried again after 1, 2, 4 … 32 days; a value stays unless it is lost."""
        updates = []
        for key, value in sorted(found.items()):
            stands = {"$ne": ["$lost", True]}
            before = {"$cond": [stands, {"$ifNull": ["$attempts", 0]}, 0]}
            days = {"$toLong": {"$min": [LONGEST_RETRY_DAYS, {"$pow": [2, before]}]}}
            # An object is greater than null, and null than what is missing.
            same = {"$gt": ["$value", None]} if value is None else {"$eq": ["$value", {"$literal": dict(value)}]}
            stays = {"$and": [same, stands]}
            outcome = {
                "value": {"$literal": None if value is None else dict(value)},
                "method": {"$literal": method},
                "decided_at": at,
                "retry_after": {"$dateAdd": {"startDate": at, "unit": "day", "amount": days}}
                if value is None
                else None,
                "attempts": {"$add": [before, 1]},
                "missing_since": None,
                "lost": False,
            }
            update = {"$replaceWith": {"$cond": [stays, "$$ROOT", {"$mergeObjects": ["$$ROOT", outcome]}]}}
            updates.append(UpdateOne({"_id": key}, [update], upsert=True))
        with translated_errors():
            self._database.bulk(self._database[cache], updates)

    def note_left_out(self, cache: Lookup, values: Mapping[str, Mapping[str, str]], at: datetime) -> None:
        """The service leaves these values out at `at`; what it has left out since the day before yesterday, or longer, is lost."""
        since = {"$dateDiff": {"startDate": "$missing_since", "endDate": at, "unit": "day"}}
        update: list[Json] = [
            {"$set": {"missing_since": {"$ifNull": ["$missing_since", at]}}},
            {"$set": {"lost": {"$or": ["$lost", {"$gte": [since, LOST_AFTER_DAYS]}]}}},
        ]
        with translated_errors():
            self._database.bulk(
                self._database[cache],
                [
                    UpdateOne({"_id": key, "value": dict(value), "decided_at": {"$lte": at}}, update)
                    for key, value in sorted(values.items())
                ],
            )

    def note_there(self, cache: Lookup, keys: Sequence[str], at: datetime) -> None:
        """The service has these again that it had left out before `at`."""
        with translated_errors():
            self._database[cache].update_many(
                {"_id": {"$in": list(keys)}, "missing_since": {"$lte": at}},
                {"$set": {"missing_since": None, "lost": False}},
            )

    def note_verified(self, cache: Lookup, keys: Sequence[str], at: datetime) -> None:
        """What is remembered of these was looked up again at `at`."""
        with translated_errors():
            self._database[cache].update_many(
                {"_id": {"$in": list(keys)}, "value": {"$ne": None}}, {"$max": {"verified_at": at}}
            )

    def playlist_description(self, key: str, at: datetime) -> PlaylistDescription | None:
        """A playlist's name, cover and description, where they were fetched in the week before `at`."""
        with translated_errors():
            document = self._database["playlist_cache"].find_one({"_id": key})
        if document is None or document["fetched_at"] + DESCRIPTION_KEPT <= at:
            return None
        return PlaylistDescription.model_validate(document)

    def last_playlist_description(self, key: str) -> PlaylistDescription:
        """A playlist's name, cover and description, however old; empty where none was ever fetched."""
        with translated_errors():
            return PlaylistDescription.model_validate(self._database["playlist_cache"].find_one({"_id": key}) or {})

    def put_playlist_description(self, key: str, description: PlaylistDescription, at: datetime) -> None:
        """Keeps a playlist's name, cover and description; what is unknown now does not overwrite what was known."""
        known = description.model_dump(exclude_none=True)
        with translated_errors():
            self._database["playlist_cache"].update_one(
                {"_id": key}, {"$set": {**known, "fetched_at": at}}, upsert=True
            )
