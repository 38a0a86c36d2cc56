"""Finds recordings and artists by words: an index of terms in each collection, and one of spellings in `search_words`.

A word that is spelt wrong leads to the words of the index that share a key with it (`charts/search.py`). What a search costs is bounded,
whatever it says: so many words, so many spellings of each, so many documents, and so many milliseconds of each query.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, TypeVar

from pymongo import ASCENDING, DESCENDING, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts
from tunemeld_pipeline.charts.search import (
    BEGINNING,
    NEAR,
    SHORTEST_MISSPELT,
    Alternatives,
    Query,
    is_near,
    query_of,
    relevance,
    spelling_keys,
)
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]
F = TypeVar("F", Artist, RecordingFacts)

SPELLINGS = 100
"""Words of the index that are compared with one of a search."""

BEGINNINGS = 20
MEANT = 8
"""Words of the index that one word of a search may mean."""

SCANNED = 500
"""Documents with the rarest word of a search that are looked at, those of the highest prominence first."""

COMPARED = 100
"""Documents of one collection that are put in order."""

MILLISECONDS = 1_000
"""Of the server, for one query; a search takes a few."""


class Search:
    """`search_words`, and the terms of `recordings` and `artists`."""

    def __init__(self, database: Handle) -> None:
        self._database = database
        self._words = database["search_words"]

    def remember(self, words: Iterable[str], session: ClientSession) -> None:
        """Keeps the spellings of these words; those that are there already are left alone, so that two genres do not collide."""
        asked = sorted(set(words))
        known = {one["_id"] for one in self._words.find({"_id": {"$in": asked}}, {"_id": 1}, session=session)}
        self._database.bulk(
            self._words,
            (
                UpdateOne({"_id": word}, {"$setOnInsert": {"keys": spelling_keys(word)}}, upsert=True)
                for word in asked
                if word not in known
            ),
            session,
        )

    def recordings(self, text: str, limit: int) -> list[RecordingFacts]:
        """The recordings that a text means, the best first, at most `limit`; none where it has no word."""
        return self._found("recordings", RecordingFacts, text, limit)

    def artists(self, text: str, limit: int) -> list[Artist]:
        """The artists whom a text means, the best first, at most `limit`; none where it has no word."""
        return self._found("artists", Artist, text, limit)

    def _found(self, collection: str, model: type[F], text: str, limit: int) -> list[F]:
        query = query_of(text)
        if not query.words:
            return []
        with translated_errors():
            exact: list[Alternatives] = [{word: 1.0} for word in query.words]
            found = {one["_id"]: one for one in self._with(collection, [[query.whole]])}
            found |= {one["_id"]: one for one in self._with(collection, self._leads(query, exact))}
            meant = exact
            # Where documents have all of several words, none of these is misspelt.
            if len(found) < (limit if len(query.words) == 1 else 1):
                meant = self._meant(query)
                found |= {one["_id"]: one for one in self._with(collection, [list(one) for one in meant if one])}
            if not found and len(meant) > 1:
                found = {one["_id"]: one for one in self._with_any(collection, meant)}
        read = list(self._database.readable(collection, model, found.values()))
        order = [(-relevance(query, meant, one.terms or ()), -one.prominence, _name(one)) for one in read]
        return [one for _, one in sorted(zip(order, read, strict=True), key=lambda pair: pair[0])][:limit]

    @staticmethod
    def _leads(query: Query, exact: Sequence[Alternatives]) -> list[list[str]]:
        """The words, and each two in a row: a pair is rarer than either of its words."""
        pairs = [[f"{one} {other}"] for one, other in pairwise(query.words)]
        return [list(one) for one in exact] + (pairs if len(query.words) == len(pairs) + 1 == 2 else [])

    def _meant(self, query: Query) -> list[Alternatives]:
        """The words of the index that each word of a search may mean; none where there is nothing like it."""
        return [self._spelt_like(word, is_last=word == query.words[-1]) for word in query.words]

    def _spelt_like(self, word: str, *, is_last: bool) -> Alternatives:
        found: dict[str, float] = {}
        keys = {"keys": {"$in": spelling_keys(word)}}
        for one in self._words.find(keys, {"_id": 1}, max_time_ms=MILLISECONDS).limit(SPELLINGS):
            if one["_id"] == word:
                found[word] = 1.0
            elif is_near(word, one["_id"]):
                found[one["_id"]] = NEAR
        if is_last or len(word) < SHORTEST_MISSPELT:
            begun = {"_id": {"$gte": word, "$lt": f"{word}\U0010ffff"}}
            for one in self._words.find(begun, {"_id": 1}).sort("_id", ASCENDING).limit(BEGINNINGS):
                found.setdefault(one["_id"], 1.0 if one["_id"] == word else BEGINNING)
        best = sorted(found, key=lambda one: (-found[one], len(one), one))[:MEANT]
        return {one: found[one] for one in best}

    def _with(self, collection: str, alternatives: Sequence[Sequence[str]]) -> list[Json]:
        """Documents that have one of each of these alternatives; the index of the rarest leads to them."""
        if not alternatives:
            return []
        asked = [{"terms": {"$in": list(one)}} for one in alternatives]
        if len(asked) > 1:
            asked.sort(key=lambda one: self._count(collection, one))
        rarest, *others = asked
        return list(
            self._database[collection].aggregate(
                [
                    {"$match": rarest},
                    {"$sort": {"prominence": DESCENDING}},
                    {"$limit": SCANNED},
                    *([{"$match": {"$and": others}}] if others else []),
                    {"$limit": COMPARED},
                ],
                maxTimeMS=MILLISECONDS,
                session=self._database.session,
            )
        )

    def _with_any(self, collection: str, meant: Sequence[Alternatives]) -> list[Json]:
        """The highest documents of each word, for a search of which no document has all words."""
        found: list[Json] = []
        for one in meant:
            found += self._with(collection, [list(one)]) if one else []
        return found

    def _count(self, collection: str, asked: Json) -> int:
        return self._database[collection].count_documents(
            asked, limit=SCANNED + 1, maxTimeMS=MILLISECONDS, session=self._database.session
        )


def _name(found: Artist | RecordingFacts) -> str:
    return found.slug if isinstance(found, Artist) else found.track_id
