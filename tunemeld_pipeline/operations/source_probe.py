"""Asks sources of lists once each, whatever they last came to, and keeps what they say."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.plugins.registry import load_catalog, service
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.fetching import Climb, Rung, climb, note_tries
from tunemeld_pipeline.upstream.ladder import Try, has_refused_us
from tunemeld_pipeline.upstream.service_client import client_of
from tunemeld_pipeline.upstream.source_standing import SourceStanding

PROBE = "tunemeld etl sources --probe"


def probe(settings: Settings, store: Store, asked: Sequence[SourceStanding], at: datetime) -> Iterator[Try]:
    """One list of each of these sources, each tried once and paid from its budget.

    A source that needs no key and has refused us is left alone until its rest is over.

    Raises:
        PluginError: a source's client cannot be loaded.
    """
    hasty = settings.model_copy(update={"etl_retry_attempts": 1})
    catalog = load_catalog(settings.catalog_file)
    for one in asked:
        if one.rests_until is None or not has_refused_us(one.state, one.source):
            genre = next(genre for genre in catalog.genres.values() if one.service in genre.playlists)
            found = _ask(hasty, store, one, genre, at)
            note_tries(store, genre.key, {one.service: found}, at, PROBE)
            yield from found.tries


def _ask(settings: Settings, store: Store, one: SourceStanding, genre: Genre, at: datetime) -> Climb:
    with client_of(one.source)(settings, at, one.source).opened() as client:
        client.begin_step(store, genre.key)
        return climb(service(one.service), genre.playlists[one.service], [Rung(one.source)], lambda _: client, at)
