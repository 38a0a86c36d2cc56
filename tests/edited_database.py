"""A database whose documents a test edits past the validators, and gets back as they were."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo.database import Database

from tunemeld_pipeline.storage.connection import connect

Json = dict[str, Any]


@contextmanager
def editable(mongod_url: str, name: str) -> Iterator["Database[Json]"]:
    """The database, which takes any document; at the end its collections hold again what they held."""
    with connect(mongod_url) as client:
        opened = client[name]
        before = {collection: list(opened[collection].find()) for collection in opened.list_collection_names()}
        for collection in before:
            opened.command("collMod", collection, validationLevel="off")
        try:
            yield opened
        finally:
            restore(opened, before)


def restore(database: "Database[Json]", before: dict[str, list[Json]]) -> None:
    """Puts these documents, by collection, in the place of all that are there."""
    for name, documents in before.items():
        database[name].delete_many({})
        if documents:
            database[name].insert_many(documents)
