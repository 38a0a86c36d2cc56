"""Where Dagster keeps its events on one machine: one SQLite database, whose connections stay open.

What belongs here: the storage that `dagster.yaml` names. What does not: the rest of the instance (`runs.py`). Dagster's own SQLite storage
opens and closes its databases five times for each of a run's sixty events, which took longer than all else in a genre's run.
"""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import ConsolidatedSqliteEventLogStorage
from sqlalchemy import URL, Connection, create_engine, event

BUSY_SECONDS = 30
"""How long a writer waits for another run's; the same as Dagster's own."""


class EventLog(ConsolidatedSqliteEventLogStorage):
    """Dagster's storage of one database for all runs, with connections of its own.

    Args:
        base_dir: the folder of `event_log.db`.
        inst_data: how Dagster tells other processes of this storage.
    """

    def __init__(self, base_dir: str, inst_data: Any = None) -> None:
        folder = Path(base_dir)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        url = URL.create("sqlite", database=str(folder / "event_log.db"))
        # A web server's threads are more than a pool has connections by default.
        self._engine = create_engine(url, connect_args={"timeout": BUSY_SECONDS}, max_overflow=-1)
        event.listen(self._engine, "connect", _write_through)
        super().__init__(base_dir, inst_data)

    def run_connection(self, run_id: str | None) -> AbstractContextManager[Connection]:  # noqa: ARG002
        """A connection in a transaction; all runs are in one database."""
        return self._engine.begin()

    def index_connection(self) -> AbstractContextManager[Connection]:
        """A connection in a transaction."""
        return self._engine.begin()

    def dispose(self) -> None:
        """Closes the connections."""
        super().dispose()  # type: ignore[no-untyped-call]
        self._engine.dispose()


def _write_through(connection: Any, _: object) -> None:
    # The UI learns of events by the database file's changing, and SQLite otherwise leaves some thousand pages in its journal first.
    connection.execute("PRAGMA wal_autocheckpoint=1")
