"""Asks sources of lists once each, whatever they last came to, and keeps what they say: the canary, and what somebody asks by hand.

`looks.py` compares a list with the one before; the answer of a source that has changed is kept by `drift_bodies.py`.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.source_states import Look, SourceState
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.plugins.registry import load_catalog, service
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.drift_bodies import keep_body
from tunemeld_pipeline.upstream.fetching import CheckedPlaylist, Climb, climb, ladder, note_tries
from tunemeld_pipeline.upstream.ladder import Try, has_refused_us
from tunemeld_pipeline.upstream.looks import unlike
from tunemeld_pipeline.upstream.service_client import client_of
from tunemeld_pipeline.upstream.source_standing import SourceStanding

PROBE = "tunemeld etl sources --probe"


@dataclass(frozen=True, slots=True)
class Probed:
    """How one source answered, and what was seen of its list; None where nothing came that could be looked at."""

    tried: Try
    look: Look | None


def probe(
    settings: Settings, store: Store, asked: Sequence[SourceStanding], at: datetime, run_id: str = PROBE
) -> Iterator[Probed]:
    """One list of each of these sources, each tried once and paid from its budget.

    A source that needs no key and has refused us is left alone until its rest is over, and one that was read within 20 hours is not
    asked again.

    Raises:
        PluginError: a source's client cannot be loaded.
        OSError, LocalServerError: an answer that has changed cannot be written into TUNEMELD_HOME.
    """
    hasty = settings.model_copy(update={"etl_retry_attempts": 1})
    catalog = load_catalog(settings.catalog_file)
    for one in asked:
        if one.rests_until is None or not has_refused_us(one.state, one.source):
            genre = next(genre for genre in catalog.genres.values() if one.service in genre.playlists)
            found = _ask(hasty, store, one, genre, at)
            note_tries(store, genre.key, {one.service: found}, at, run_id)
            look = _look(settings, one, genre, found, at)
            if look is not None:
                store.sources.change({one.source.name: partial(_seen, look=look)}, run_id)
            yield from (Probed(tried, look) for tried in found.tries)


def _ask(settings: Settings, store: Store, one: SourceStanding, genre: Genre, at: datetime) -> Climb:
    (rung,) = ladder(store, genre.key, {one.service: [one.source]}, at)[one.service]
    with client_of(one.source)(settings, at, one.source).opened() as client:
        client.begin_step(store, genre.key)
        return climb(service(one.service), genre.playlists[one.service], [rung], lambda _: client, at)


def _look(settings: Settings, one: SourceStanding, genre: Genre, found: Climb, at: datetime) -> Look | None:
    url = genre.playlist(one.service).url
    last = one.state.look if one.state else None
    before = last if last is not None and last.url == url else None
    if isinstance(found.answer, CheckedPlaylist):
        listing = found.answer.parsed
        text: str | None = found.answer.fetched.data_json
        name, rows, wrong = listing.name, len(listing.rows), unlike(one.source, listing, before)
    elif isinstance(found.answer, MalformedResponse):
        name, rows, wrong = before.name if before else None, None, [str(found.answer)]
        text = found.answer.body
    else:
        return None
    kept = keep_body(settings.home, one.source, text) if wrong and text else None
    return Look(
        at=at,
        url=url,
        name=name,
        rows=rows,
        rows_before=before.rows if before else None,
        unlike=wrong,
        body=str(kept) if kept else None,
    )


def _seen(state: SourceState | None, look: Look) -> SourceState:
    assert state is not None  # noqa: S101 - its try was noted before
    return state.model_copy(update={"look": look})
