"""Edits of stored documents, as a shell makes them: other types, missing and further fields, other releases, wrong shapes within.

Each edit is drawn from a seed and made in place, with the validators off; `test_stored_documents.py` says what must hold afterwards.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

from bson import Decimal128, Int64, ObjectId, Regex
from pymongo.database import Database
from pymongo.errors import WriteError

Json = dict[str, Any]

COLLECTIONS = (
    "raw_playlists", "wider_lists", "source_states", "track_playlist", "view_counts_playlists", "historical_track_views",
    "materializations", "chart_history", "charted_tracks", "positions", "recordings", "artists", "search_words", "playlist_cache",
    "isrc_cache", "youtube_cache", "spotify_cache", "api_usage", "backfill", "incidents", "layout",
)  # fmt: skip
KEYS = (
    "_id",
    "slug",
    "genre_name",
    "service_name",
    "isrc",
    "period",
    "date",
    "track_id",
    "ids",
    "key",
    "open",
    "source",
)
"""Fields by which a document is found: with another value it would be another document."""

JUNK: tuple[Any, ...] = (
    None, True, "x", "", "2026-01-01", 0, -1, 7, 0.5, float("nan"), float("inf"), Int64(2**62), Decimal128("1.5"), [], {}, [None], ["x"],
    [{}], [[]], {"x": None}, {"0": {"rank": 1}}, b"\x00", ObjectId(b"tunemeld-old"), Regex("x"), datetime(1, 1, 1, tzinfo=UTC),
)  # fmt: skip
TWO_LISTS = 171
"""MongoDB's code for a document of which an index would have two lists."""

RELEASES = (Int64(9), 9, 2.0, "1", None, -1, [1], True)


@dataclass(frozen=True, slots=True)
class Edited:
    """What was edited: where, how, and the document before."""

    collection: str
    document_id: Any
    genre: str | None
    how: str


def edit(database: "Database[Json]", chance: Random, genre: str) -> Edited | None:
    """Edits one document that is of this genre or of none.

    None where the chosen collection holds no such document, or where MongoDB itself refuses to hold the edited one: no index can have two
    lists as its fields.
    """
    collection = chance.choice(COLLECTIONS)
    documents = [
        one for one in database[collection].find() if _genre(one, collection) in (genre, None) and any(_places(one))
    ]
    if not documents:
        return None
    before = chance.choice(documents)
    document, how = dict(before), chance.choice((_another_type, _another_type, _without, _more, _another_release))
    said = how(document, chance)
    try:
        database[collection].replace_one({"_id": before["_id"]}, document, bypass_document_validation=True)
    except WriteError as error:
        if error.code != TWO_LISTS:
            raise
        return None
    return Edited(collection, before["_id"], _genre(before, collection), f"{collection} {before['_id']}: {said}")


def _genre(document: Json, collection: str) -> str | None:
    """The genre that the document belongs to; None where genres share it."""
    if collection == "materializations":
        return str(document["_id"])
    if collection == "backfill":
        return str(document["_id"]).split("/")[1]
    genre = document.get("genre_name")
    return genre if isinstance(genre, str) else None


def _another_type(document: Json, chance: Random) -> str:
    holder, name = chance.choice(list(_places(document)))
    holder[name] = junk = chance.choice(JUNK)
    return f"{name} is {junk!r:.40}"


def _without(document: Json, chance: Random) -> str:
    holder, name = chance.choice(list(_places(document)))
    del holder[name]
    return f"without {name}"


def _more(document: Json, chance: Random) -> str:
    holder, _ = chance.choice([place for place in _places(document) if isinstance(place[0], dict)])
    holder["mood"] = junk = chance.choice(JUNK)
    return f"further mood {junk!r:.40}"


def _another_release(document: Json, chance: Random) -> str:
    document["schema_version"] = version = chance.choice(RELEASES)
    return f"schema_version {version!r}"


def _places(value: Any, *, top: bool = True) -> Iterator[tuple[Any, Any]]:
    """Every part of a document that may be edited, as its holder and its name or number there."""
    for name, one in list(value.items()) if isinstance(value, dict) else list(enumerate(value)):
        if not (top and name in KEYS):
            yield value, name
        if isinstance(one, dict | list):
            yield from _places(one, top=False)
