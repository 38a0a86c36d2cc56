"""What the pages of a list say of it, put together: several pages of one playlist, or of several playlists that are one list."""

from collections.abc import Sequence
from typing import Any

from tunemeld_pipeline.charts.playlists import ListFacts
from tunemeld_pipeline.wire_formats.reading import Values


def facts_of(pages: Sequence[Values]) -> ListFacts:
    """The facts of a list whose pages are read under the names that `Listing` has.

    Playlists have as many rows as all pages together that say so. A list is the editors' only where no page names another owner. The newest
    date counts, and of everything else what is said first.
    """

    def said(name: str) -> list[Any]:
        return [page[name] for page in pages if page.get(name) is not None]

    def first(name: str) -> Any:
        return next(iter(said(name)), None)

    return {
        "rows_total": sum(said("rows_total")) or None,
        "name": first("name"),
        "description": first("description"),
        "cover_url": first("cover_url"),
        "editorial": all(said("editorial")) if said("editorial") else None,
        "country": first("country"),
        "edited_at": max(said("edited_at"), default=None),
    }
