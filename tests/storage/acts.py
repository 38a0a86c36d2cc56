"""What several tests of the storage do, alone or in eight processes at once."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from tests.documents import chart_day, materialization
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.storage.store import Store

PROCESSES = 8
Act = Callable[[Store, int], Any]


def finish(
    store: Store, at: datetime, readings: dict[str, dict[str, int]], *, genre: str = "dance", run_id: str = "a-run"
) -> int:
    day = chart_day(at=at, genre=genre, run_id=run_id)
    return store.charts.finish(readings, day, materialization(at=at, genre=genre, run_id=run_id)).version


def put_recordings(store: Store, seen: Sequence[RecordingFacts], at: datetime | None = None) -> None:
    """Keeps what is known of these recordings from this moment on, or from now, in a transaction of its own."""
    store.handle.transaction(lambda session: store.recordings.put(seen, at or datetime.now(UTC), session))
