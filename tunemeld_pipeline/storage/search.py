"""Finds recordings and artists by words: an index of terms in each collection, and one of spellings in `search_words`.

A word that is spelt wrong leads to the words of the index that share a key with it (`charts/search.py`). What a search costs is bounded,
whatever it says: so many words, so many spellings of each, so many documents, and so many milliseconds of each query.
"""

from collections.abc import Iterable, Sequence
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
            meant: list[Alternatives] = [{word: 1.0} for word in query.words]
            found = {one["_id"]: one for one in self._in_a_row(collection, query)}
            found |= {one["_id"]: one for one in self._with_all(collection, meant)}
            # Where documents have all of several words, none of these is misspelt.
            if len(found) < (limit if len(query.words) == 1 else 1):
                meant = self._meant(query)
                known = [one for one in meant if one]
                found |= {one["_id"]: one for one in self._with_all(collection, known)}
                if not found and len(known) > 1:
                    found = {one["_id"]: one for one in self._together(collection, map(_highest, known))}
        read = list(self._database.readable(collection, model, found.values()))
        order = [(-relevance(query, meant, one.terms or ()), -one.prominence, _name(one)) for one in read]
        return [one for _, one in sorted(zip(order, read, strict=True), key=lambda pair: pair[0])][:limit]

    def _in_a_row(self, collection: str, query: Query) -> list[Json]:
        """Documents with a name that is the whole search, or that has its two words in a row, however common each of them is."""
        terms = [query.whole, " ".join(query.words)] if len(query.words) == 2 else [query.whole]
        return self._together(collection, [_highest(terms)])

    def _meant(self, query: Query) -> list[Alternatives]:
        """The words of the index that each word of a search may mean; none where there is nothing like it."""
        pipelines: list[list[Json]] = []
        for at, word in enumerate(query.words):
            tagged: list[Json] = [{"$project": {"word": "$_id", "at": {"$literal": at}}}]
            pipelines.append([{"$match": {"keys": {"$in": spelling_keys(word)}}}, {"$limit": SPELLINGS}, *tagged])
            if word == query.words[-1] or len(word) < SHORTEST_MISSPELT:
                begun = {"_id": {"$gte": word, "$lt": f"{word}\U0010ffff"}}
                pipelines.append([{"$match": begun}, {"$sort": {"_id": ASCENDING}}, {"$limit": BEGINNINGS}, *tagged])
        found: list[dict[str, float]] = [{} for _ in query.words]
        for one in self._together("search_words", pipelines):
            word, other = query.words[one["at"]], str(one["word"])
            share = (
                1.0 if other == word else NEAR if is_near(word, other) else BEGINNING if other.startswith(word) else 0
            )
            if share:
                found[one["at"]][other] = share
        return [dict(sorted(words.items(), key=_likeliest)[:MEANT]) for words in found]

    def _with_all(self, collection: str, alternatives: Sequence[Alternatives]) -> list[Json]:
        """Documents that have one of each of these alternatives; the index of the rarest leads to them."""
        if not alternatives:
            return []
        if len(alternatives) > 1:
            counts = self._counts(collection, alternatives)
            alternatives = sorted(alternatives, key=lambda one: counts[tuple(one)])
        rarest, *others = alternatives
        wanted = [{"$match": {"$and": [{"terms": {"$in": list(one)}} for one in others]}}] if others else []
        return self._together(collection, [[*_highest(rarest, SCANNED), *wanted, {"$limit": COMPARED}]])

    def _counts(self, collection: str, alternatives: Sequence[Alternatives]) -> dict[tuple[str, ...], int]:
        """How many documents have one of each alternatives' words, as far as it matters; the index alone is looked at."""
        pipelines: list[list[Json]] = [
            [
                {"$match": {"terms": {"$in": list(one)}}},
                {"$limit": SCANNED + 1},
                {"$count": "documents"},
                {"$set": {"at": at}},
            ]
            for at, one in enumerate(alternatives)
        ]
        counts = dict.fromkeys(map(tuple, alternatives), 0)
        for one in self._together(collection, pipelines):
            counts[tuple(alternatives[one["at"]])] = one["documents"]
        return counts

    def _together(self, collection: str, pipelines: Iterable[list[Json]]) -> list[Json]:
        """What several pipelines give, in one request."""
        first, *more = pipelines
        unions = [{"$unionWith": {"coll": collection, "pipeline": one}} for one in more]
        return list(
            self._database[collection].aggregate(
                [*first, *unions], maxTimeMS=MILLISECONDS, session=self._database.session
            )
        )


def _likeliest(word: tuple[str, float]) -> tuple[float, int, str]:
    return -word[1], len(word[0]), word[0]


def _highest(words: Iterable[str], limit: int = COMPARED) -> list[Json]:
    """The documents with one of these words, those of the highest prominence first."""
    return [{"$match": {"terms": {"$in": list(words)}}}, {"$sort": {"prominence": DESCENDING}}, {"$limit": limit}]


def _name(found: Artist | RecordingFacts) -> str:
    return found.slug if isinstance(found, Artist) else found.track_id
