"""Dagster's storage with connections that stay open: the same records as Dagster's own, with several processes and after a fork."""

import gc
import os
import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.context import ForkServerContext
from pathlib import Path
from threading import Event
from typing import Any

import dagster as dg
import pytest
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log import SqliteEventLogStorage
from sqlalchemy import event
from sqlalchemy.pool import Pool

from tunemeld_pipeline.operations.dagster_homes import dagster_home_of
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.orchestration.sqlite_storage import RUNS_OPEN, PooledEventLogStorage, engine_of
from tunemeld_pipeline.settings.settings import Settings

SECONDS = 300
EVENTS = 20


@dg.asset(check_specs=[dg.AssetCheckSpec("is_heard", asset="song")])
def song() -> dg.MaterializeResult:  # type: ignore[type-arg]
    return dg.MaterializeResult(metadata={"plays": 3}, check_results=[dg.AssetCheckResult(passed=True)])


@pytest.fixture(scope="module")
def new_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Dagster home with the packaged configuration."""
    home = tmp_path_factory.mktemp("home")
    settings = Settings(environment="testing", home=home)
    with open_instance(settings):
        return dagster_home_of(settings)


@pytest.fixture
def home(new_home: Path, tmp_path: Path) -> Path:
    return shutil.copytree(new_home, tmp_path / "dagster")


@pytest.fixture
def opened() -> Iterator[Counter[str]]:
    """How often SQLAlchemy opened each database, by file name."""
    counted: Counter[str] = Counter()

    def count(connection: Any, _: Any) -> None:
        counted[Path(connection.execute("PRAGMA database_list").fetchone()[2]).name] += 1

    event.listen(Pool, "connect", count)
    yield counted
    event.remove(Pool, "connect", count)


def ours(home: Path) -> dg.DagsterInstance:
    os.environ["DAGSTER_HOME"] = str(home)
    return dg.DagsterInstance.get()


def dagsters_own(home: Path) -> dg.DagsterInstance:
    """The same records as Dagster opens them where nothing is configured."""
    return dg.DagsterInstance.from_ref(InstanceRef.from_dir(str(home), config_dir=str(home / "history")))


def run(instance: dg.DagsterInstance) -> str:
    return dg.materialize([song], instance=instance).run_id


def records(instance: dg.DagsterInstance, run_id: str) -> Any:
    """All that is stored of a run."""
    key = dg.AssetKey("song")
    checks = instance.event_log_storage.get_asset_check_execution_history(dg.AssetCheckKey(key, "is_heard"), limit=10)
    return (
        instance.get_run_record_by_id(run_id),
        instance.all_logs(run_id),
        instance.get_run_step_stats(run_id),
        instance.fetch_materializations(key, limit=10).records,
        [(check.run_id, check.status) for check in checks],
    )


def report(home: Path, run_id: str, name: str) -> None:
    """Writes events of a run, and heartbeats into another database."""
    with ours(home) as instance:
        write(instance, run_id, name)


def write(instance: dg.DagsterInstance, run_id: str, name: str) -> None:
    for number in range(EVENTS):
        instance.report_engine_event(f"{name} {number}", job_name="any", run_id=run_id)
        instance.run_storage.set_cursor_values({name: str(number)})


def messages(instance: dg.DagsterInstance, run_id: str) -> list[str]:
    return [entry.message for entry in instance.all_logs(run_id)]


def open_databases(home: Path) -> list[str]:
    """The files of the home's databases that this process holds open."""
    targets = [str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()]
    return [target for target in targets if Path(target).is_relative_to(home)]


def test_dagsters_own_storage_reads_what_it_wrote_and_it_reads_what_that_wrote(home: Path) -> None:
    with ours(home) as instance:
        assert isinstance(instance.event_log_storage, PooledEventLogStorage)
        first = run(instance)
        written = records(instance, first)
        assert len(written[1]) > 10
        assert [record.run_id for record in written[3]] == [first]
        assert [run_id for run_id, _ in written[4]] == [first]
    with dagsters_own(home) as instance:
        assert type(instance.event_log_storage) is SqliteEventLogStorage
        assert records(instance, first) == written
        second = run(instance)
        continued = records(instance, second)
        assert [record.run_id for record in continued[3]] == [second, first]
    with ours(home) as instance:
        assert records(instance, second) == continued
        instance.upgrade()
        assert records(instance, second) == continued


def test_a_further_run_opens_no_database_but_its_own_and_that_once(home: Path, opened: Counter[str]) -> None:
    with ours(home) as instance:
        run(instance)
        opened.clear()
        run_id = run(instance)
        instance.all_logs(run_id)
        assert opened == {f"{run_id}.db": 1}


def test_a_new_runs_database_has_the_tables_that_dagster_makes(home: Path) -> None:
    with ours(home) as instance:
        copied = run(instance)
    with dagsters_own(home) as instance:
        made = run(instance)
    assert schema(home / "history" / "runs" / f"{copied}.db") == schema(home / "history" / "runs" / f"{made}.db")


def schema(path: Path) -> Any:
    with closing(sqlite3.connect(path)) as database:
        made = database.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name").fetchall()
        revision = database.execute("SELECT version_num FROM alembic_version").fetchall()
        return made, revision, database.execute("PRAGMA journal_mode").fetchone()


def test_several_processes_write_the_same_run_and_lose_nothing(home: Path, clean_processes: ForkServerContext) -> None:
    run_id = dg.DagsterRun(job_name="any").run_id
    names = [f"process {number}" for number in range(4)]
    processes = [clean_processes.Process(target=report, args=(home, run_id, name)) for name in names]
    for process in processes:
        process.start()
    for process in processes:
        process.join(timeout=SECONDS)
    assert [process.exitcode for process in processes] == [0] * len(names)
    with ours(home) as instance:
        assert sorted(messages(instance, run_id)) == sorted(f"{name} {n}" for name in names for n in range(EVENTS))
        assert instance.run_storage.get_cursor_values(set(names)) == dict.fromkeys(names, str(EVENTS - 1))


def fork_and_write(home: Path, run_id: str) -> None:
    """A process with open connections forks, and both go on writing; it fails where the child has inherited a connection."""
    with ours(home) as instance:
        write(instance, run_id, "before")
        assert open_databases(home)
        child = os.fork()
        if child == 0:
            try:
                assert open_databases(home) == []
                write(instance, run_id, "child")
                instance.dispose()
            except BaseException:  # noqa: BLE001 - the child must end here in any case
                os._exit(1)
            os._exit(0)
        write(instance, run_id, "parent")
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        write(instance, run_id, "after")


def test_no_connection_goes_through_a_fork_and_both_processes_go_on_writing(
    home: Path, clean_processes: ForkServerContext
) -> None:
    run_id = dg.DagsterRun(job_name="any").run_id
    process = clean_processes.Process(target=fork_and_write, args=(home, run_id))
    process.start()
    process.join(timeout=SECONDS)
    assert process.exitcode == 0
    with ours(home) as instance:
        assert Counter(message.split()[0] for message in messages(instance, run_id)) == dict.fromkeys(
            ("before", "child", "parent", "after"), EVENTS
        )
    with closing(sqlite3.connect(home / "history" / "runs" / f"{run_id}.db")) as database:
        assert database.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_database_that_was_replaced_is_opened_anew(tmp_path: Path) -> None:
    path = tmp_path / "songs.db"
    engine = engine_of(str(tmp_path), "songs")
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE songs (title TEXT)")
        connection.exec_driver_sql("INSERT INTO songs VALUES ('Old Lantern')")
    with closing(sqlite3.connect(tmp_path / "other.db")) as other:
        other.execute("CREATE TABLE songs (title TEXT)")
        other.execute("INSERT INTO songs VALUES ('New Lantern')")
        other.commit()
    (tmp_path / "other.db").replace(path)
    with engine.begin() as connection:
        assert connection.exec_driver_sql("SELECT title FROM songs").scalars().all() == ["New Lantern"]
    engine.dispose()


def test_a_look_at_many_runs_keeps_few_databases_open_and_the_end_none(home: Path) -> None:
    with ours(home) as instance:
        run_ids = [dg.DagsterRun(job_name="any").run_id for _ in range(RUNS_OPEN + 3)]
        for run_id in run_ids:
            instance.report_engine_event("hello", job_name="any", run_id=run_id)
        assert [messages(instance, run_id) for run_id in run_ids] == [["hello"]] * len(run_ids)
        runs = {Path(name).stem for name in open_databases(home)} & set(run_ids)
        assert len(runs) == RUNS_OPEN
    del instance
    gc.collect()  # an instance and its storages know one another, and Dagster's own end leaves out that of the schedules
    assert open_databases(home) == []
    assert not list((home / "history" / "runs").glob("*-wal"))


def test_events_of_a_run_under_way_reach_who_watches_it(home: Path) -> None:
    seen: list[str] = []
    complete = Event()

    def note(entry: dg.EventLogEntry, _: str) -> None:
        seen.append(entry.message)
        if len(seen) == EVENTS:
            complete.set()

    run_id = dg.DagsterRun(job_name="any").run_id
    with ours(home) as watching, ours(home) as writing:
        watching.watch_event_logs(run_id, None, note)
        write(writing, run_id, "event")
        assert complete.wait(SECONDS)
        assert seen == [f"event {number}" for number in range(EVENTS)]
        watching.end_watch_event_logs(run_id, note)
