"""Renders a worker's pages from the database, and knows what it could not read: one genre's pages, and those that all genres share.

`worker.py` decides when. Everything is read through snapshots for visitors, one for each genre, so that a genre's pages belong together.
"""

import time
from collections.abc import Callable, Iterable, Mapping

from structlog.contextvars import bound_contextvars

from django_backend.caching import Rendering, rendering
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.charts.documents import Materialization
from tunemeld_pipeline.errors import DatabaseUnavailable, StoreError, TuneMeldError, UnreadableDocument
from tunemeld_pipeline.logs.measuring import measured_render
from tunemeld_pipeline.logs.setup import get_logger
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.publication import catalogue_contents, genre_contents, read_todays, today_contents
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.publishing.v1.today import GenreToday, genre_today
from tunemeld_pipeline.storage.store import Store

HOLD_SECONDS = 1.5
"""While the next run writes, its documents mix with the published ones, so the old pages stay for one more look."""

EVERY_GENRE = ""
"""In the place of a genre: all of them together. Its version rises with each change of any genre."""

Pages = Mapping[str, Rendering]

log = get_logger(__name__)


class Renderer:
    """Makes pages, and keeps what the next ones need.

    Args:
        catalog: the genres.
        store: opens the collections.

    Attributes:
        materializations: genre → what readers may trust of it, as last read; of a genre that was rendered, what its pages were made from.
    """

    def __init__(self, catalog: Catalog, store: Callable[[], Store]) -> None:
        self._catalog = catalog
        self._store = store
        self.materializations: dict[str, Materialization] = {}
        self._left_out: dict[str, list[UnreadableDocument]] = {}
        self._unrendered: dict[str, UnreadableDocument] = {}
        self._reported: dict[str, str] = {}
        self._first_seen: dict[str, tuple[int, float]] = {}
        self._todays: dict[str, tuple[int, GenreToday | None]] = {}

    @property
    def left_out(self) -> list[UnreadableDocument]:
        """What could not be read, of all genres."""
        return [one for errors in list(self._left_out.values()) for one in errors]

    def unreadable_of(self, genre: str) -> UnreadableDocument | None:
        """The document without which this genre's pages cannot be rendered, if there is one."""
        return self._unrendered.get(genre)

    def version(self, genre: str) -> int | None:
        """The version that was last read of a genre; None if there was none."""
        made = self.materializations.get(genre)
        return made.version if made else None

    def read(self, genres: Iterable[str]) -> None:
        """Reads these genres' materializations, all of them at once.

        Raises:
            StoreError: they cannot be read.
        """
        with self._store().for_visitors() as view:
            found = view.charts.materializations(genres)
        for genre, one in found.items():
            self._note_readable(genre)
            self.materializations[genre] = one
        for error in view.unreadable:
            self._note_unreadable(error.document_id, error)

    def genre(self, genre: str, version: int, *, may_wait: bool) -> Pages | None:
        """A genre's pages; None where they cannot be made, which is logged, or had better be made by the next look.

        Args:
            version: that of the genre at the last look.
            may_wait: whether there are pages of an earlier version.

        Raises:
            TuneMeldError: the database is unreachable.
        """
        try:
            return self._genre(genre, version, may_wait=may_wait)
        except TuneMeldError:
            raise
        except Exception:
            # What goes wrong in a genre leaves the others alone.
            log.exception("rendering failed; the last version stays", genre=genre, version=version)
            return None

    def _genre(self, genre: str, version: int, *, may_wait: bool) -> Pages | None:
        seen, since = self._first_seen.get(genre, (None, 0.0))
        if seen != version:
            since = time.monotonic()
            self._first_seen[genre] = version, since
        try:
            with self._store().for_visitors() as view:
                materialization = view.charts.materialization(genre)
                if materialization is None:
                    return None  # removed since the versions were read
                documents = read_documents(view, materialization)
        except DatabaseUnavailable:
            raise
        except UnreadableDocument as error:
            self._note_unreadable(genre, error)
            return None
        except StoreError as error:
            self._report(genre, error)
            return None
        if not documents.settled and may_wait and time.monotonic() - since < HOLD_SECONDS:
            return None
        described, made_from = self._catalog.genres[genre], {genre: materialization.version}
        with bound_contextvars(genre=genre), measured_render(f"version {version}"):
            contents = genre_contents(documents, described)
            pages = {path: rendering(path, content, made_from) for path, content in contents.items()}
            added = genre_today(described, documents.chart, documents.last_days)
        self._note_readable(genre)
        self._left_out[genre] = view.unreadable
        for one in view.unreadable:
            log.warning("a stored document is left out", genre=genre, error=str(one), error_type=type(one).__name__)
        self.materializations[genre] = materialization
        self._todays[genre] = materialization.version, added
        return pages

    def without_today(self) -> list[str]:
        """The genres of which it is not known what they add to today's answer, in the order of the catalogue."""
        made = self.materializations
        return [
            genre
            for genre in self._catalog.genres
            if genre in made and self._todays.get(genre, (None,))[0] != made[genre].version
        ]

    def read_today(self, genres: Iterable[str]) -> None:
        """Finds out what these genres add to today's answer.

        Raises:
            StoreError: that cannot be read.
        """
        chosen = {genre: self.materializations[genre] for genre in genres}
        with self._store().for_visitors() as view:
            added = read_todays(view, self._catalog, chosen)
        self._todays.update({genre: (one.version, added.get(genre)) for genre, one in chosen.items()})

    def shared(self, version: int) -> Pages:
        """The pages about all genres and services.

        Args:
            version: that of all genres together.

        Raises:
            StoreError: what is withheld cannot be read.
        """
        with self._store().for_visitors() as view:
            withheld = view.withheld
        with measured_render("shared pages"):
            return _rendered(catalogue_contents(self._catalog, dict(self.materializations), withheld), version)

    def today(self, version: int) -> Pages:
        """Today's page over all genres; `version` is that of all genres together."""
        known = dict(self.materializations)
        added = {genre: one for genre in known if (one := self._todays.get(genre, (0, None))[1]) is not None}
        with measured_render("today"):
            return _rendered(today_contents(self._catalog, known, added), version)

    def _note_unreadable(self, genre: str, error: UnreadableDocument) -> None:
        self._unrendered[genre], self._left_out[genre] = error, [error]
        self._report(genre, error)

    def _report(self, genre: str, error: StoreError) -> None:
        """Logs why a genre is not rendered, once: the next look, two seconds later, finds the same."""
        if self._reported.get(genre) != str(error):
            self._reported[genre] = str(error)
            log.error(
                "rendering failed; the last version stays",
                genre=genre,
                error=str(error),
                error_type=type(error).__name__,
            )

    def _note_readable(self, genre: str) -> None:
        self._unrendered.pop(genre, None)
        self._reported.pop(genre, None)
        self._left_out.pop(genre, None)


def _rendered(contents: Mapping[str, Content], version: int) -> Pages:
    return {path: rendering(path, one, {EVERY_GENRE: version}) for path, one in contents.items()}
