"""The check of the stored documents: which cannot be read, what that harms, and the repair.

`storage/quarantine.py` finds them and puts them aside; `cli/database.py` prints what is found here.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tunemeld_pipeline.errors import NewerDocument, UnreadableDocument
from tunemeld_pipeline.storage.layout import LAYOUT_VERSION
from tunemeld_pipeline.storage.shapes import SHAPES
from tunemeld_pipeline.storage.store import Store

BY = "db check --repair"


@dataclass(frozen=True, slots=True)
class UnreadableFinding:
    """An unreadable document.

    Attributes:
        field: the first part that does not fit, and `why`.
        harm: what does not work because of it.
        repair: what a repair does with it.
        is_newer: whether a newer release wrote it, so that nothing changes it here.
    """

    collection: str
    document_id: str
    key: str
    field: str
    why: str
    harm: str
    repair: str
    is_newer: bool


def unreadable_documents(store: Store) -> list[UnreadableFinding]:
    """Every document that cannot be read, by collection and in the order of ids. Changes nothing.

    Raises:
        StoreError: the collections cannot be read.
    """
    return list(_layout(store)) + [
        _finding(error) for collection in SHAPES for _, error in store.quarantine.unreadable(collection)
    ]


def repair_documents(store: Store, upstream: str) -> list[UnreadableFinding]:
    """Removes what the next run writes anew, and puts the others aside; returns all, also what a newer release wrote, which stays.

    Raises:
        StoreError: the collections cannot be written.
    """
    done = unreadable_documents(store)
    store.layout.prepare()
    for collection, shape in SHAPES.items():
        store.quarantine.put_aside(
            collection, {}, BY, upstream=upstream, keeps_original=not shape.is_rewritten, is_news=False
        )
    return done


def _layout(store: Store) -> Iterator[UnreadableFinding]:
    version = store.layout.version()
    if version is None and store.layout.is_marked():
        yield UnreadableFinding(
            "layout",
            "layout",
            "layout",
            "version",
            "is no whole number",
            "commands prepare the collections anew each time that they start",
            "writes it anew",
            is_newer=False,
        )
    elif version is not None and version > LAYOUT_VERSION:
        yield UnreadableFinding(
            "layout",
            "layout",
            "layout",
            "version",
            f"is {version}, and this release knows {LAYOUT_VERSION}",
            "runs are refused",
            "none; update TuneMeld, or go back to this release as docs/operations.md says",
            is_newer=True,
        )


def _finding(error: UnreadableDocument) -> UnreadableFinding:
    shape, is_newer = SHAPES[error.collection], isinstance(error, NewerDocument)
    if is_newer:
        repair = "none; update TuneMeld, or restore a backup of this release"
    elif shape.is_rewritten:
        repair = f"removes it; {shape.remedy}"
    elif shape.is_salvaged:
        repair = "puts it aside, and keeps what can be read of it in its place"
    else:
        repair = f"puts it aside; {shape.remedy}"
    return UnreadableFinding(
        error.collection, error.document_id, error.key, error.field, error.why, shape.harm, repair, is_newer
    )
