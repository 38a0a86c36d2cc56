"""Old records: real runs in Dagster's own storage, removed and given back to the disk."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dagster as dg

from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.orchestration.pruning import Pruned, prune, prune_records_schedule, vacuum
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings


@dg.op
def nothing() -> None:
    pass


@dg.job
def empty() -> None:
    nothing()


def test_runs_that_ended_long_ago_are_removed_with_their_files_and_others_stay(settings: Settings) -> None:
    history = settings.dagster_folder / "history"
    with open_instance(settings) as instance:
        ended = [empty.execute_in_process(instance=instance).run_id for _ in range(2)]
        waiting = instance.create_run_for_job(empty, status=dg.DagsterRunStatus.STARTED).run_id
        assert {path.stem for path in (history / "runs").glob("*-*.db")} >= set(ended)
        now = datetime.now(UTC)
        assert prune(instance, history, 90, now) == Pruned(0, 0, {})
        assert prune(instance, history, 90, now + timedelta(days=91)) == Pruned(2, 0, {})
        assert instance.get_run_ids() == [waiting]
        assert [path.stem for path in (history / "runs").glob("*-*.db") if path.stem in ended] == []
        with closing(sqlite3.connect(history / "runs.db")) as runs:
            left = runs.execute("SELECT count(*) FROM run_tags WHERE run_id != ?", [waiting]).fetchone()[0]
        with closing(sqlite3.connect(history / "runs" / "index.db")) as index:
            left += index.execute("SELECT count(*) FROM event_logs WHERE run_id != ?", [waiting]).fetchone()[0]
        assert left == 0


def test_a_file_that_an_interrupted_removal_left_goes_with_the_next(settings: Settings) -> None:
    history = settings.dagster_folder / "history"
    with open_instance(settings) as instance:
        run_id = empty.execute_in_process(instance=instance).run_id
        orphan = history / "runs" / "00000000-0000-4000-8000-000000000000.db"
        orphan.touch()
        assert prune(instance, history, 90, datetime.now(UTC)).files == 0
        assert prune(instance, history, 36_500, datetime.now(UTC) + timedelta(days=36_501)).files == 1
        assert not orphan.exists()
        assert not instance.has_run(run_id)


def test_free_pages_are_given_back_unless_they_are_few_or_somebody_writes(tmp_path: Path) -> None:
    path = tmp_path / "index.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("CREATE TABLE event_logs (text)")
        database.executemany("INSERT INTO event_logs VALUES (?)", [("x" * 1000,)] * 1000)
        assert vacuum(path) is None
        database.execute("DELETE FROM event_logs WHERE rowid > 100")
    freed = vacuum(path)
    assert freed is not None
    assert freed > 800_000
    assert vacuum(path) is None
    assert vacuum(tmp_path / "not there.db") is None


def test_it_is_part_of_the_definitions_and_runs_where_the_daily_refresh_does() -> None:
    assert defs.resolve_job_def("prune_records").name == "prune_records"
    assert prune_records_schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_the_job_says_what_it_removed(settings: Settings) -> None:
    with open_instance(settings) as instance:
        result = defs.resolve_job_def("prune_records").execute_in_process(
            instance=instance, resources={"operator": OperatorResource(settings=settings)}
        )
        assert result.success
        said = [record.user_message for record in instance.all_logs(result.run_id)]
    assert any(line.startswith("0 runs older than 90 days were removed") for line in said)
