"""The artists whom recordings credit: `artists`, one document per slug, which is never removed and never given to anybody else."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import Any

from pymongo import ReplaceOne, UpdateOne
from pymongo.client_session import ClientSession

from tunemeld_pipeline.charts.artists import Credit, credits_in, meant_by, slugs_for
from tunemeld_pipeline.charts.recordings import Artist, CreditedArtist, RecordingFacts
from tunemeld_pipeline.charts.search import terms_of, words_in
from tunemeld_pipeline.storage.encoding import read, to_bson
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.search import Search

Json = dict[str, Any]
ARTISTS = "artists"
MOST_HOMONYMS = 50


class Artists:
    """`artists`."""

    def __init__(self, database: Handle, quarantine: Quarantine, search: Search) -> None:
        self._database = database
        self._quarantine = quarantine
        self._search = search
        self._artists = database[ARTISTS]

    def artist(self, slug: str) -> Artist | None:
        """The artist with this slug; None where nobody has it.

        Raises:
            UnreadableDocument: the document cannot be read.
        """
        with translated_errors():
            document = self._artists.find_one({"_id": slug}, session=self._database.session)
            return self._database.read(ARTISTS, Artist, document) if document else None

    def homonyms(self, artist: Artist) -> list[Artist]:
        """The other artists of that name."""
        with translated_errors():
            found = (
                self._artists.find({"key": artist.key}, session=self._database.session).sort("_id").limit(MOST_HOMONYMS)
            )
            return [one for one in self._database.readable(ARTISTS, Artist, found) if one.slug != artist.slug]

    def credit(self, recordings: Iterable[RecordingFacts], session: ClientSession) -> dict[str, list[CreditedArtist]]:
        """Whom these recordings credit, by track id; artists who were unknown until now get their slugs.

        Raises:
            NewerDocument: a newer release wrote one of the artists.
        """
        named = {one.track_id: (one, credits_in(one.artist_name)) for one in recordings}
        wanted = [credit for _, of_one in named.values() for credit in of_one]
        known = self._known(wanted, next((one.run_id for one, _ in named.values()), ""), session)
        changed: dict[str, Artist] = {}
        credited: dict[str, list[CreditedArtist]] = {}
        for track_id, (facts, of_one) in named.items():
            credited[track_id] = []
            for credit in of_one:
                homonyms = known.setdefault(credit.key, {})
                before = meant_by(credit, list(homonyms.values()))
                artist = _with(before, credit, facts) if before else self._new(credit, facts, changed, session)
                homonyms[artist.slug] = artist
                if artist != before:
                    changed[artist.slug] = artist
                credited[track_id].append(CreditedArtist(slug=artist.slug, name=credit.name))
        self._put(changed, session)
        return credited

    def raise_prominence(self, by_slug: Mapping[str, int], session: ClientSession) -> None:
        """Notes how high recordings of these artists have come, where that is higher than any before."""
        updates = (
            UpdateOne({"_id": slug, "prominence": {"$lt": reached}}, {"$set": {"prominence": reached}})
            for slug, reached in sorted(by_slug.items())
        )
        self._database.bulk(self._artists, updates, session)

    def _known(self, wanted: Sequence[Credit], run_id: str, session: ClientSession) -> dict[str, dict[str, Artist]]:
        """The artists with these keys, by key and slug. One that cannot be read makes way, and gets its slug again."""
        keys = sorted({one.key for one in wanted})
        first = sorted({next(slugs_for(one)) for one in wanted})
        self._quarantine.make_way(ARTISTS, {"$or": [{"key": {"$in": keys}}, {"_id": {"$in": first}}]}, run_id, session)
        found: dict[str, dict[str, Artist]] = {}
        for document in self._artists.find({"key": {"$in": keys}}, session=session).sort("_id"):
            artist = read(Artist, document, ARTISTS)
            found.setdefault(artist.key, {})[artist.slug] = artist
        return found

    def _new(
        self, credit: Credit, facts: RecordingFacts, changed: Mapping[str, Artist], session: ClientSession
    ) -> Artist:
        slugs = slugs_for(credit)
        while some := list(islice(slugs, 5)):
            taken = {one["_id"] for one in self._artists.find({"_id": {"$in": some}}, {"_id": 1}, session=session)}
            free = [slug for slug in some if slug not in taken and slug not in changed]
            if free:
                return Artist(
                    **facts.model_dump(include={"insert_timestamp", "run_id", "upstream"}),
                    slug=free[0],
                    name=credit.name,
                    key=credit.key,
                    country=credit.country,
                    prominence=facts.prominence,
                    terms=terms_of([credit.name]),
                )
        raise AssertionError("unreachable: there is always another slug")

    def _put(self, changed: Mapping[str, Artist], session: ClientSession) -> None:
        self._database.bulk(
            self._artists,
            (
                ReplaceOne({"_id": slug}, {"_id": slug, **to_bson(artist)}, upsert=True)
                for slug, artist in sorted(changed.items())
            ),
            session,
        )
        self._search.remember((word for one in changed.values() for word in words_in(one.terms)), session)


def _with(artist: Artist, credit: Credit, facts: RecordingFacts) -> Artist:
    """The artist after one more recording: what does not distinguish it today may do so later."""
    return artist.model_copy(
        update={
            "country": artist.country or credit.country,
            "prominence": max(artist.prominence, facts.prominence),
        }
    )
