"""Today's answers of every path, in both dialects, and the set of them that the pipeline publishes to the shared cache.

A worker of the API renders the same contents from the same documents; what is made for one request alone is no part of them.
"""

from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.charts.documents import Materialization, Publication
from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.errors import NothingStored, UnreadableDocument, UpstreamError
from tunemeld_pipeline.logs.measuring import measured_render
from tunemeld_pipeline.publishing import responses
from tunemeld_pipeline.publishing.cache import Cache, CacheEntry, cache_key, new_entry
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.reading import UNBOUNDED, Documents, read_documents, read_last_days
from tunemeld_pipeline.publishing.v1 import pages
from tunemeld_pipeline.publishing.v1.today import GenreToday, genre_today
from tunemeld_pipeline.settings.choices import CacheBackend
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

RESPONSE_TTL = 48 * 3600
"""Seconds that the shared cache keeps a response: after two days without a run it serves nothing old."""

PUBLISH_ROUNDS = 3
"""How often a genre's responses are written at most, where others publish at the same moment."""

SHARED_PATHS = (responses.GENRES_PATH, *pages.SHARED_PATHS)
"""The paths that answer for all genres together."""


def genre_contents(documents: Documents, described: Genre) -> dict[str, Content]:
    """Every answer of one genre but those made on demand, by path; `described` is the genre in the catalogue."""
    modified = documents.materialization.finished_at
    older = {path: Content(text, modified) for path, text in responses.genre_texts(documents, described).items()}
    return older | pages.genre_contents(documents, described)


def genre_paths(genre: Genre) -> list[str]:
    """The paths of `genre_contents`, without making the contents."""
    return [*responses.genre_paths(genre), *pages.genre_paths(genre)]


def shared_contents(
    catalog: Catalog,
    materializations: Mapping[str, Materialization],
    todays: Mapping[str, GenreToday],
    withheld: Withheld,
) -> dict[str, Content]:
    """Every answer for all genres together, by path.

    Args:
        todays: what each genre adds to the answer of today.
        withheld: what visitors may not see.
    """
    return catalogue_contents(catalog, materializations, withheld) | today_contents(catalog, materializations, todays)


def catalogue_contents(
    catalog: Catalog, materializations: Mapping[str, Materialization], withheld: Withheld
) -> dict[str, Content]:
    """What there is, and how fresh and complete it is, by path."""
    modified = newest(materializations)
    genres = Content(responses.genres_text(catalog, materializations), modified)
    return {responses.GENRES_PATH: genres} | pages.catalogue_contents(catalog, materializations, modified, withheld)


def today_contents(
    catalog: Catalog, materializations: Mapping[str, Materialization], todays: Mapping[str, GenreToday]
) -> dict[str, Content]:
    """The answer of today, by its path."""
    added = [todays[key] for key in catalog.genres if key in todays]
    return pages.today_contents(added, newest(materializations))


def newest(materializations: Mapping[str, Materialization]) -> datetime:
    """When the newest of them was published; now, if none ever was."""
    return max((one.finished_at for one in materializations.values()), default=datetime.now(UTC))


def read_todays(
    store: Store, catalog: Catalog, materializations: Mapping[str, Materialization]
) -> dict[str, GenreToday]:
    """What each genre adds to the answer of today; a genre whose chart is missing or cannot be read adds nothing.

    Raises:
        StoreError: the database cannot be read.
    """
    found = {}
    for key, genre in catalog.genres.items():
        if key in materializations:
            with suppress(NothingStored, UnreadableDocument):
                chart = store.charts.chart(key, UNBOUNDED)
                if added := genre_today(genre, chart, read_last_days(store, materializations[key], 2)):
                    found[key] = added
    return found


def shared_version(materializations: Mapping[str, Materialization]) -> int:
    """The version of what the genres share, which rises with that of any genre."""
    return sum(one.version for one in materializations.values())


def publish(store: Store, cache: Cache, settings: Settings, catalog: Catalog, genre: str) -> str:
    """Puts a genre's responses into the shared cache in one bulk write and notes the outcome: what went wrong, or nothing.

    The cache is a copy: without it readers still have the database. A cache in this process's memory has no other readers, so nothing is
    rendered for it. Where something else was published meanwhile, everything is written once more: the last writer must have seen the
    newest, also of what the genres share.
    """
    problem = ""
    if settings.cache is CacheBackend.MEMORY:
        return problem
    rendered: dict[str, CacheEntry] = {}
    for _ in range(PUBLISH_ROUNDS):
        rendered = entries(store, catalog, catalog.genre(genre))
        try:
            cache.put_many({cache_key(settings, path): entry for path, entry in rendered.items()}, RESPONSE_TTL)
        except UpstreamError as error:
            problem = str(error)
            break
        if rendered[responses.GENRES_PATH].version == sum(one.version for one in store.charts.versions().values()):
            break
    store.charts.note_publication(
        genre, Publication(at=datetime.now(UTC), entries=len(rendered), error=problem or None)
    )
    return problem


def entries(store: Store, catalog: Catalog, genre: Genre) -> dict[str, CacheEntry]:
    """What the shared cache holds for one genre, and for all of them together, by path.

    Raises:
        NothingStored: the genre was never materialized.
    """
    with store.for_visitors() as view:
        materializations = view.charts.materializations()
        if genre.key not in materializations:
            raise NothingStored(f"{genre.key} has no chart yet; run it first")
        documents = read_documents(view, materializations[genre.key])
        todays = read_todays(view, catalog, materializations)
    store.handle.unreadable.update(view.handle.unreadable)
    version, shared = documents.materialization.version, shared_version(materializations)
    with measured_render("shared cache"):
        own = {path: new_entry(content, version) for path, content in genre_contents(documents, genre).items()}
        both = shared_contents(catalog, materializations, todays, documents.withheld)
        return own | {path: new_entry(one, shared) for path, one in both.items()}
