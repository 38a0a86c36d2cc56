"""What was read of hosts that ask for no key, in `kept_reads`, so that nothing is read again too soon: lists, and rules for robots.

A list's body is what `raw_playlists` holds of it, without anything else of its page. No backup has this collection, and nothing of it is
shown.

    SERVICE.page.1/https://…/playlist/ID    {read_at, body?, etag?, incomplete?, outcome, why?, refused?}
    robots.txt/HOST                         {read_at, body}
    either, while somebody reads it         {claim, claimed_until, …}
"""

import uuid
from dataclasses import dataclass
from datetime import datetime

from pymongo import ReturnDocument

from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle


@dataclass(frozen=True, slots=True)
class KeptRead:
    """One read.

    Attributes:
        body: what it gave; None where that was no list.
        etag: by which its host knows it again.
        incomplete: why pages are missing at its end.
        outcome: `ok`, `not_found` or `drift`.
        why: why it gave no list.
        refused: of an answer that could not be read, as much as may be kept: a mended reader begins with it.
    """

    read_at: datetime
    body: str | None
    etag: str | None = None
    incomplete: str | None = None
    outcome: str = "ok"
    why: str = ""
    refused: str | None = None


TEXTS = ("body", "etag", "incomplete", "outcome", "why", "refused")


class KeptReads:
    """`kept_reads`."""

    def __init__(self, database: Handle) -> None:
        self._collection = database["kept_reads"]

    def last(self, key: str) -> KeptRead | None:
        """The last read of this; None where it was never read, or what is kept cannot be read."""
        with translated_errors():
            document = self._collection.find_one({"_id": key})
        if document is None or not isinstance(document.get("read_at"), datetime):
            return None
        texts = {name: document.get(name) for name in TEXTS}
        if not all(value is None or isinstance(value, str) for value in texts.values()):
            return None
        return KeptRead(
            document["read_at"],
            texts["body"],
            texts["etag"],
            texts["incomplete"],
            texts["outcome"] or "ok",
            texts["why"] or "",
            texts["refused"],
        )

    def claim(self, key: str, seconds: float) -> bool:
        """Whether the caller is the one who reads this now: nobody else does, or has for so many seconds without an end."""
        mine = uuid.uuid4().hex
        free = {"$not": [{"$gt": ["$claimed_until", "$$NOW"]}]}
        ends = {"$add": ["$$NOW", round(seconds * 1000)]}
        with translated_errors():
            document = self._collection.find_one_and_update(
                {"_id": key},
                [
                    {
                        "$set": {
                            "claim": {"$cond": [free, mine, "$claim"]},
                            "claimed_until": {"$cond": [free, ends, "$claimed_until"]},
                        }
                    }
                ],
                upsert=True,
                return_document=ReturnDocument.AFTER,
            )
        return document is not None and bool(document["claim"] == mine)

    def give_up(self, key: str) -> None:
        """Ends a claim without a read: what was known before stays."""
        with translated_errors():
            self._collection.update_one({"_id": key}, {"$unset": {"claim": "", "claimed_until": ""}})

    def keep(self, key: str, read: KeptRead) -> None:
        """Keeps a read in place of the one before, and ends its claim."""
        fields = {name: getattr(read, name) for name in ("read_at", *TEXTS)}
        with translated_errors():
            self._collection.replace_one({"_id": key}, {"_id": key, **fields}, upsert=True)
