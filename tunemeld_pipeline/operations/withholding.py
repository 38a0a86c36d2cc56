"""Withholding a recording, an artist or a service from visitors, and taking that back.

This module finds what a name on the command line means, and brings the shared cache up to date. `charts/withholding.py` decides what
visitors see, and `storage/withholdings.py` keeps what is withheld.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.documents import Track
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.charts.withholding import WithheldKind, Withholding, artist_forms, credited_forms, ids_of
from tunemeld_pipeline.dumps.dump import make_dump, read_manifest, remove_dump
from tunemeld_pipeline.errors import ConfigurationError, NothingStored, TuneMeldError
from tunemeld_pipeline.plugins.registry import count_sources, keys, name_of
from tunemeld_pipeline.publishing.cache import open_cache, pipeline_limits
from tunemeld_pipeline.publishing.publication import publish
from tunemeld_pipeline.publishing.reading import UNBOUNDED
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store


@dataclass(frozen=True, slots=True)
class KeyMeaning:
    """What a key means: how the data writes it, the ids of its recordings, and how people know some of them."""

    key: str
    ids: tuple[str, ...] = ()
    names: tuple[str, ...] = ()


def withhold(store: Store, catalog: Catalog, kind: WithheldKind, key: str, reason: str, at: datetime) -> KeyMeaning:
    """Withholds something from now on, under the key by which it is listed; what is not known yet is withheld when it comes.

    Raises:
        ConfigurationError: nothing can have this key.
        StoreError: it cannot be kept.
    """
    found = _found(store, catalog, kind, key.strip())
    store.withholdings.put(Withholding(kind=kind, key=found.key, ids=list(found.ids), reason=reason, withheld_at=at))
    return found


def take_back(store: Store, kind: WithheldKind, key: str, at: datetime) -> Withholding:
    """Lets visitors see again what is withheld under this key.

    Raises:
        NothingStored: nothing is.
        ConfigurationError: no service is called so.
        StoreError: it cannot be kept.
    """
    called = _listed_as(store, kind, key.strip()).casefold()
    for one in store.withholdings.all():
        if one.stands and one.kind == kind and called in {one.key.casefold(), *map(str.casefold, one.ids)}:
            taken_back = one.model_copy(update={"taken_back_at": at})
            store.withholdings.put(taken_back)
            return taken_back
    raise NothingStored(f"no {kind} {key} is withheld", next_command="tunemeld db withhold list")


def publish_again(store: Store, settings: Settings, catalog: Catalog) -> dict[str, str]:
    """Writes every genre's responses to the shared cache again; by genre, what went wrong."""
    with open_cache(settings, pipeline_limits(settings)) as cache:
        published = [genre for genre in catalog.genres if genre in store.charts.versions()]
        problems = {genre: publish(store, cache, settings, catalog, genre) for genre in published}
    return {genre: problem for genre, problem in problems.items() if problem}


def dump_again(store: Store, settings: Settings, at: datetime) -> str:
    """Replaces a dump that was made before, if there is one; what went wrong, and then there is none any more."""
    if settings.dump_dir is None or read_manifest(settings.dump_dir) is None:
        return ""
    try:
        make_dump(store, settings, at)
    except TuneMeldError as error:
        remove_dump(settings)
        return str(error)
    return ""


def _found(store: Store, catalog: Catalog, kind: WithheldKind, key: str) -> KeyMeaning:
    if kind == "service":
        return KeyMeaning(_service(key))
    if not key:
        raise ConfigurationError(f"name the {kind} to withhold; the key is empty")
    return _artist(store, catalog, key) if kind == "artist" else _track(store, catalog, key)


def _listed_as(store: Store, kind: WithheldKind, key: str) -> str:
    """The key under which something is listed, from all that may stand for it when it is withheld."""
    if kind == "service":
        return _service(key)
    artist = store.artists.artist(key) if kind == "artist" else None
    return artist.name if artist else key


def _service(key: str) -> str:
    known = dict.fromkeys((*keys(), *(one.key for one in count_sources())))
    for one in known:
        if key.casefold() in {one.casefold(), name_of(one).casefold()}:
            return one
    raise ConfigurationError(f"no service is called {key!r}; choose one of {', '.join(known)}")


def _track(store: Store, catalog: Catalog, key: str) -> KeyMeaning:
    recordings = store.withholdings.recordings_known_by(key)
    rows = [row for row in _rows(store, catalog) if key in ids_of(row) or key == row.track_url]
    ids = {key, *chain.from_iterable(ids_of(row) for row in rows), *_ids(recordings)}
    return KeyMeaning(key, tuple(sorted(store.withholdings.other_ids(sorted(ids)))), _names([*recordings, *rows]))


def _artist(store: Store, catalog: Catalog, key: str) -> KeyMeaning:
    """Every recording by artists of this name, or of the name of the artist with this slug."""
    key = _listed_as(store, "artist", key)
    forms = artist_forms(key)
    if not forms:
        raise ConfigurationError(f"{key!r} is no artist's name; write it as the chart shows it")

    def is_by(one: Track | RecordingFacts) -> bool:
        return not forms.isdisjoint(credited_forms(one.track_name, one.artist_name))

    recordings = [one for one in store.withholdings.all_recordings() if is_by(one)]
    rows = [row for row in _rows(store, catalog) if is_by(row)]
    ids = {*chain.from_iterable(ids_of(row) for row in rows), *_ids(recordings)}
    return KeyMeaning(key, tuple(sorted(store.withholdings.other_ids(sorted(ids)))), _names([*recordings, *rows]))


def _rows(store: Store, catalog: Catalog) -> list[Track]:
    """The rows of all lists as they are now."""
    lists = chain.from_iterable(store.playlists.service_playlists(genre, UNBOUNDED) for genre in catalog.genres)
    return [row for one in lists for row in one.tracks]


def _ids(recordings: Iterable[RecordingFacts]) -> set[str]:
    return {track_id for one in recordings for track_id in (one.track_id, one.isrc) if track_id}


def _names(known: Iterable[Track | RecordingFacts]) -> tuple[str, ...]:
    return tuple(sorted({f"{one.artist_name} - {one.track_name}" for one in known}))
