"""Dagster's SQLite storage with connections that stay open; `storage` in `dagster.yaml` names it.

Dagster's own classes make an engine and open the file anew for each of the sixty events of a run, which is half of the run's processor
time, and load alembic's scripts for each run's file. What is stored is the same, so either reads what the other wrote.
"""

import os
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, Self

from dagster._core.event_api import EventHandlerFn
from dagster._core.storage.event_log.sqlite.sqlite_event_log import (
    INDEX_SHARD_NAME,
    SqliteEventLogStorage,
    SqliteEventLogStorageWatchdog,
)
from dagster._core.storage.runs.sqlite.sqlite_run_storage import SqliteRunStorage
from dagster._core.storage.schedules.sqlite.sqlite_schedule_storage import SqliteScheduleStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS, create_db_conn_string
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event, inspect
from sqlalchemy.exc import DisconnectionError, OperationalError
from sqlalchemy.pool import QueuePool
from watchdog.events import FileSystemEvent
from watchdog.observers import Observer

RUNS_OPEN = 4
"""Runs whose databases a process keeps open; the UI looks at hundreds of them."""

_engines: "weakref.WeakSet[Engine]" = weakref.WeakSet()


def engine_of(folder: str, name: str, *, synchronous: Literal["FULL", "NORMAL"] = "FULL") -> Engine:
    """An engine that keeps connections to `folder/name.db` open: one, and a second where both are in use at once.

    A connection to a file that has been removed or replaced since is closed, and a new one opened. None goes through a fork.

    Args:
        synchronous: FULL waits for the disk at each commit; with NORMAL, a power cut takes what the system has not written yet, and a
            process that is killed loses nothing.
    """
    path = Path(folder).absolute() / f"{name}.db"
    engine = create_engine(
        create_db_conn_string(folder, name),
        poolclass=QueuePool,
        pool_size=2,  # Dagster looks for a table while it stores the tags of an event
        max_overflow=-1,
        connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        connection.execute(f"PRAGMA synchronous={synchronous}")
        record.info["file"] = _identity(path)

    @event.listens_for(engine, "checkout")
    def require_same_file(_: Any, record: Any, __: Any) -> None:
        if record.info["file"] != _identity(path):
            raise DisconnectionError(f"{path} is another file now")

    _engines.add(engine)
    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


def _close_idle_connections() -> None:
    """A process owns SQLite's locks: a child that inherited a connection would believe in locks that it does not have."""
    for engine in list(_engines):
        engine.dispose()


os.register_at_fork(before=_close_idle_connections)


def revision_of(engine: Engine) -> str | None:
    """The revision of the database's tables; None where they have not been made."""
    try:
        with engine.connect() as connection:
            return connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
    except OperationalError:
        return None


def copy_tables(source: Engine, target: Engine) -> None:
    """Gives a new database the source's tables, indexes and revision, unless another process has just done so."""
    with source.connect() as connection:
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar_one()
        made = connection.exec_driver_sql(
            "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        )
        statements = list(made.scalars())
    with target.connect() as connection:
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        if not inspect(connection).has_table("alembic_version"):
            for statement in statements:
                connection.exec_driver_sql(statement)
            connection.exec_driver_sql("INSERT INTO alembic_version (version_num) VALUES (?)", (revision,))
        connection.commit()


class _OneDatabase:
    """What the storages of a single database share; it stands before Dagster's own class, whose connections it replaces."""

    def __init__(self, conn_string: str, inst_data: ConfigurableClassData | None = None) -> None:
        path = Path(conn_string.removeprefix("sqlite:///"))
        self._engine = engine_of(str(path.parent), path.stem)
        weakref.finalize(self, self._engine.dispose)
        super().__init__(conn_string, inst_data)  # type: ignore[call-arg]  # Dagster's class comes next

    @contextmanager
    def connect(self) -> Iterator[Connection]:
        with self._engine.begin() as connection:
            yield connection

    def dispose(self) -> None:
        self._engine.dispose()


class PooledRunStorage(_OneDatabase, SqliteRunStorage):
    """Runs, their tags, and the daemons' heartbeats."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> Self:
        storage = cls(create_db_conn_string(base_dir, "runs"), inst_data)
        # Dagster loads alembic's scripts to learn no more than this.
        return storage if revision_of(storage._engine) else super().from_local(base_dir, inst_data)


class PooledScheduleStorage(_OneDatabase, SqliteScheduleStorage):
    """The state and the ticks of schedules and sensors."""

    @classmethod
    def from_local(cls, base_dir: str, inst_data: ConfigurableClassData | None = None) -> SqliteScheduleStorage:
        storage = cls(create_db_conn_string(base_dir, "schedules"), inst_data)
        return storage if revision_of(storage._engine) else super().from_local(base_dir, inst_data)


class PooledEventLogStorage(SqliteEventLogStorage):
    """Events: a database for each run, and one, the index, with the events of assets and the states of all runs."""

    _obs: Any  # an observer once something is watched; Dagster annotates it as None

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._index = engine_of(base_dir, INDEX_SHARD_NAME, synchronous="NORMAL")
        self._runs: OrderedDict[str, Engine] = OrderedDict()
        weakref.finalize(self, _dispose, self._index, self._runs)
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._index if shard == INDEX_SHARD_NAME else self._engine_of_run(shard)
            if shard not in self._initialized_dbs:
                if revision_of(engine) is None:
                    self._make_tables(shard, engine)
                self._initialized_dbs.add(shard)
            with engine.begin() as connection:
                yield connection

    def _engine_of_run(self, run_id: str) -> Engine:
        """The engine of a run's database. Those that were used least lately are closed."""
        if run_id not in self._runs:
            self._runs[run_id] = engine_of(self._base_dir, run_id, synchronous="NORMAL")
        self._runs.move_to_end(run_id)
        while len(self._runs) > RUNS_OPEN:
            self._runs.popitem(last=False)[1].dispose()
        return self._runs[run_id]

    def _make_tables(self, shard: str, engine: Engine) -> None:
        """Those of the index as Dagster makes them, those of a run as a copy, which takes no alembic."""
        if shard == INDEX_SHARD_NAME or revision_of(self._index) is None:
            self._initdb(engine)
        else:
            copy_tables(self._index, engine)

    def has_table(self, table_name: str) -> bool:
        with self._index.connect() as connection:
            return inspect(connection).has_table(table_name)

    def watch(self, run_id: str, cursor: str | None, callback: EventHandlerFn) -> None:
        if not self._obs:
            self._obs = Observer()
            self._obs.start()
        watchdog = _Watchdog(self, run_id, callback, cursor)
        self._watchers[run_id][callback] = watchdog, self._obs.schedule(watchdog, self._base_dir, recursive=True)

    def dispose(self) -> None:
        super().dispose()
        _dispose(self._index, self._runs)


def _dispose(index: Engine, runs: OrderedDict[str, Engine]) -> None:
    for engine in (index, *runs.values()):
        engine.dispose()


class _Watchdog(SqliteEventLogStorageWatchdog):
    """Sees what is written to a run's database: as long as that is open, it is in the write-ahead log alone."""

    @property
    def patterns(self) -> list[str]:
        return [self._log_path, f"{self._log_path}-wal"]

    def on_modified(self, _: FileSystemEvent) -> None:
        self._process_log()


class PooledSqliteStorage(DagsterSqliteStorage):
    """All three. `base_dir` is the Dagster home."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self.base_dir = base_dir
        history = Path(base_dir) / "history"
        self._run_storage = PooledRunStorage.from_local(str(history))
        self._event_log_storage = PooledEventLogStorage(str(history / "runs"))
        self._schedule_storage = PooledScheduleStorage.from_local(str(Path(base_dir) / "schedules"))
        self._inst_data = inst_data
        # Dagster's own __init__ would open each database in its way.
        super(DagsterSqliteStorage, self).__init__()  # type: ignore[no-untyped-call]

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> Self:
        return cls.from_local(config_value["base_dir"], inst_data)
