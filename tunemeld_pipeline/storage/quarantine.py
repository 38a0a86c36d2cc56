"""Unreadable documents: finding them, and putting them aside before anything else takes their place.

MongoDB itself finds candidates by the validators' schemas, so that a search costs little and transfers only those; the models then say
what is wrong. The original goes to `quarantine`, from where a person can bring it back.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import bson
from bson import Int64
from pydantic import BaseModel, ValidationError
from pymongo.client_session import ClientSession

from tunemeld_pipeline.errors import NewerDocument, UnreadableDocument
from tunemeld_pipeline.storage.encoding import check
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.schema_versions import forms_of
from tunemeld_pipeline.storage.shapes import SHAPES, Variant
from tunemeld_pipeline.storage.usage import usage_expiry

Json = dict[str, Any]

LARGEST_ORIGINAL = 15 * 2**20
"""Bytes; a larger original leaves no room for what is said of it, and only a service's list can be so large."""

MOST_PARTS = 5_000
"""How many parts of a document are dropped at most to make the rest readable."""


@dataclass(slots=True)
class PutAside:
    """The documents that were put aside, and those that a newer release wrote, which stay; each with why it cannot be read."""

    originals: list[tuple[Json, UnreadableDocument]] = field(default_factory=list)
    newer: list[tuple[Json, NewerDocument]] = field(default_factory=list)


class Quarantine:
    """`quarantine`, and the search for what belongs there."""

    def __init__(self, database: Handle) -> None:
        self._database = database

    def unreadable(
        self, collection: str, which: Json | None = None, session: ClientSession | None = None
    ) -> Iterator[tuple[Json, UnreadableDocument]]:
        """The unreadable documents of a collection among `which`, by default all, as stored, and why each cannot be read."""
        candidates = {"$and": [which, misfit(collection)]} if which else misfit(collection)
        with _errors_of(session):
            found = self._database[collection].find(candidates, session=session or self._database.session)
            for document in found.sort("_id"):
                try:
                    check(collection, document)
                except UnreadableDocument as error:
                    yield document, error

    def put_aside(
        self,
        collection: str,
        which: Json,
        by: str,
        session: ClientSession | None = None,
        *,
        upstream: str | None = None,
        keeps_original: bool = True,
        is_news: bool = True,
    ) -> PutAside:
        """Removes the unreadable documents among `which` and keeps the originals; what can be read of a history stays in its place.

        Documents of a newer release are left where they are. All of them count as left out.

        Args:
            by: the run that replaces them, or the command that repairs.
            upstream: the world of the documents, for a history that does not say.
            keeps_original: whether the originals go to `quarantine`.
            is_news: whether the operator does not know of it yet.
        """
        done, found = PutAside(), list(self.unreadable(collection, which, session))
        if found and session is None and self._database.fence is not None:
            return self._database.transaction(
                lambda own: self.put_aside(
                    collection, which, by, own, upstream=upstream, keeps_original=keeps_original, is_news=is_news
                )
            )
        for document, error in found:
            self._database.leave_out(error)
            if isinstance(error, NewerDocument):
                done.newer.append((document, error))
                continue
            done.originals.append((document, error))
            own = {"_id": document["_id"]}
            rest = _rest(collection, document, by, upstream)
            with _errors_of(session):
                if keeps_original:
                    self._database["quarantine"].insert_one(
                        _entry(document, error, by, is_news=is_news), session=session
                    )
                if rest is None:
                    self._database[collection].delete_one(own, session=session)
                else:
                    self._database[collection].replace_one(own, rest, session=session)
        if collection == "charted_tracks" and done.originals:
            # Readers take what is there for the whole: without one of them, all are made again from the days.
            self._database[collection].delete_many({}, session=session)
        if collection == "positions":
            for month in _months(done):
                self._database[collection].delete_many(month, session=session)
        return done

    def make_way(self, collection: str, which: Json, by: str, session: ClientSession | None = None) -> list[Json]:
        """Puts the unreadable documents among `which` aside, so that others can take their place; returns them.

        Raises:
            NewerDocument: a newer release wrote one of them; it stays.
        """
        done = self.put_aside(collection, which, by, session)
        for _, error in done.newer:
            raise error
        return [document for document, _ in done.originals]

    def news(self) -> list[Json]:
        """What runs have put aside and no alarm has reported yet: the entries without the originals."""
        with translated_errors():
            return list(self._database["quarantine"].find({"told": False}, {"original": 0}).sort("at"))

    def note_reported(self, entries: Sequence[Json]) -> None:
        """Notes that these entries need no alarm any more."""
        with translated_errors():
            ids = [entry["_id"] for entry in entries]
            if ids:
                self._database["quarantine"].update_many({"_id": {"$in": ids}}, {"$set": {"told": True}})


def _months(done: PutAside) -> list[Json]:
    """What is made again together with positions that were put aside: those of the same genre and month."""
    months = {(ends[0], ends[-1]) for one, _ in done.originals if len(ends := str(one["_id"]).split("/")) > 2}
    return [{"genre_name": genre, "period": period} for genre, period in sorted(months)]


def _errors_of(session: ClientSession | None) -> AbstractContextManager[None]:
    """The driver's errors as ours; in a transaction unchanged, since the driver decides by them whether to try it again."""
    return translated_errors() if session is None else nullcontext()


def misfit(collection: str) -> Json:
    """The query for documents that may be unreadable: everything outside of today's shape."""
    shape = SHAPES[collection]
    others: list[Json] = [{"$nor": [{"$jsonSchema": shape.schema}]}]
    others += [
        {f"{variant.within}.schema_version" if variant.within else "schema_version": {"$nin": versions}}
        for variant in shape.variants
        if (versions := _versions(variant)) and (variant.within is None or len(shape.variants) == 1)
    ]
    if shape.id_field:
        others.append({"$expr": {"$ne": ["$_id", f"${shape.id_field}"]}})
    return {"$or": others}


def salvaged(model: type[BaseModel], document: Json, fallbacks: Json) -> Json | None:
    """The document without those parts that do not fit its model; None if too little is left.

    Args:
        fallbacks: values for fields of the document itself that are missing or do not fit.
    """
    left = deepcopy(document)
    for _ in range(MOST_PARTS):
        try:
            model.model_validate(left)
        except ValidationError as error:
            # One at a time: a place in a list means another item once an earlier one is gone.
            place = error.errors(include_input=False, include_url=False)[0]["loc"]
            if not _dropped(left, place):
                if len(place) != 1 or place[0] not in fallbacks:
                    return None
                left[str(place[0])] = fallbacks[str(place[0])]
            continue
        return left
    return None


def _dropped(document: Any, place: Sequence[int | str]) -> bool:
    """Removes the smallest part at this place that is there; False where only the document itself is left."""
    holders = [document]
    for step in place[:-1]:
        try:
            holders.append(holders[-1][step])
        except (KeyError, IndexError, TypeError):
            break
    for holder, step in reversed(list(zip(holders, place, strict=False))):
        is_there = isinstance(holder, dict) and step in holder
        is_item = isinstance(holder, list) and isinstance(step, int) and step < len(holder)
        if is_there or is_item:
            del holder[step]
            return True
    return False


def _rest(collection: str, document: Json, by: str, upstream: str | None) -> Json | None:
    """What can be read of a document, as one that takes the original's place; None where too little can, or nothing is salvaged."""
    shape = SHAPES[collection]
    if not shape.is_salvaged:
        return None
    model = shape.variant_of(document).model
    times = sorted(_moments(document)) or [datetime.now(UTC)]
    fallbacks = {
        "first_seen": times[0],
        "insert_timestamp": times[-1],
        "run_id": by,
        "upstream": upstream,
        "schema_version": Int64(max(forms_of(model))),
    }
    isrc, _, period = str(document["_id"]).partition("/")
    fallbacks |= {"isrc": isrc, "period": period, "expires_at": usage_expiry()}
    return salvaged(model, document, fallbacks)


def _moments(value: Any) -> Iterator[datetime]:
    if isinstance(value, datetime):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _moments(one)


def _entry(document: Json, error: UnreadableDocument, by: str, *, is_news: bool) -> Json:
    at = datetime.now(UTC)
    return {
        "_id": f"{error.collection}/{error.document_id}/{at.isoformat()}",
        "collection": error.collection,
        "document_id": error.document_id,
        "key": error.key,
        "field": error.field,
        "why": error.why,
        "at": at,
        "by": by,
        "told": not is_news,
        "original": document if len(bson.encode(document)) < LARGEST_ORIGINAL else None,
    }


def _versions(variant: Variant) -> list[int]:
    """The schema versions that need no conversion."""
    return [max(forms_of(variant.model))] if "schema_version" in variant.model.model_fields else []
