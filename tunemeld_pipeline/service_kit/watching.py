"""What Python does besides computing, as long as a block lasts: the files that it opens, the connections and programs that it starts."""

import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager

_watching = threading.local()
_installed = threading.Lock()
_is_installed = False


@contextmanager
def watched(notes: list[str], events: tuple[str, ...]) -> Generator[None]:
    """Notes what this thread does, of events whose names begin like these (docs.python.org/3/library/audit_events.html)."""
    global _is_installed
    with _installed:
        if not _is_installed:
            sys.addaudithook(_note)  # which cannot be taken away again
            _is_installed = True
    _watching.notes, _watching.events = notes, events
    try:
        yield
    finally:
        _watching.notes = None


def _note(event: str, arguments: tuple[object, ...]) -> None:
    notes = getattr(_watching, "notes", None)
    if notes is not None and event.startswith(_watching.events):
        notes.append(f"{event} {' '.join(map(str, arguments[:2]))}".rstrip())
