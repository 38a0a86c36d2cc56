"""What the alarms know of every genre's runs: all of it at first, then what changed, as a look genre by genre would find it."""

from datetime import UTC, datetime, timedelta

import dagster as dg
import pytest

from tunemeld_pipeline.orchestration import run_watch
from tunemeld_pipeline.orchestration.findings import recent_runs
from tunemeld_pipeline.orchestration.run_watch import ALL_AGAIN, OVERLAP, RunWatch
from tunemeld_pipeline.run_tags import MAX_RETRIES_TAG, PARTITION_TAG

GENRES = tuple(f"genre-{number}" for number in range(30))
DATABASE = "a_test"


@dg.job(name="daily_refresh")
def job() -> None:
    """A job of the daily one's name, with nothing to do."""


def failed_run(instance: dg.DagsterInstance, genre: str) -> None:
    tags = {PARTITION_TAG: genre, MAX_RETRIES_TAG: "0"}
    instance.report_run_failed(instance.create_run_for_job(job, tags=tags))


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The genres whose runs are read."""
    read: list[str] = []

    def noted(instance: dg.DagsterInstance, genre: str, at: datetime, database: str) -> list[run_watch.RunFacts]:
        read.append(genre)
        return recent_runs(instance, genre, at, database)

    monkeypatch.setattr(run_watch, "recent_runs", noted)
    return read


def test_after_the_first_look_only_what_changed_is_read(instance: dg.DagsterInstance, asked: list[str]) -> None:
    watch, now = RunWatch(), datetime.now(UTC)
    failed_run(instance, GENRES[3])
    watch.look(instance, GENRES, now, DATABASE)
    assert asked == list(GENRES)
    assert [genre for genre in GENRES if watch.runs(genre)] == [GENRES[3]]
    asked.clear()
    # Long enough after for the run to be old.
    later = now + OVERLAP + timedelta(seconds=60)
    watch.look(instance, GENRES, later, DATABASE)
    assert set(asked) <= {GENRES[3]}
    asked.clear()
    watch.look(instance, GENRES, later + timedelta(seconds=30), DATABASE)
    assert asked == []


def test_a_run_that_changes_is_seen_at_the_next_look(instance: dg.DagsterInstance, asked: list[str]) -> None:
    watch, now = RunWatch(), datetime.now(UTC)
    watch.look(instance, GENRES, now, DATABASE)
    asked.clear()
    failed_run(instance, GENRES[7])
    watch.look(instance, GENRES, now + timedelta(seconds=30), DATABASE)
    assert asked == [GENRES[7]]
    for genre in GENRES:
        assert watch.runs(genre) == recent_runs(instance, genre, now + timedelta(seconds=30), DATABASE)
    (run,) = watch.runs(GENRES[7])
    assert run.state == "failure"


def test_now_and_then_everything_is_read_again(instance: dg.DagsterInstance, asked: list[str]) -> None:
    watch, now = RunWatch(), datetime.now(UTC)
    for at in (now, now + ALL_AGAIN + timedelta(seconds=1)):
        asked.clear()
        watch.look(instance, GENRES, at, DATABASE)
        assert asked == list(GENRES)


def test_checks_of_an_ended_run_are_read_once_and_forgotten_with_it(instance: dg.DagsterInstance) -> None:
    watch = RunWatch()
    run_id = instance.create_run_for_job(job).run_id
    assert watch.checks(instance, run_id) == []
    assert watch._checks == {}
    run = instance.get_run_by_id(run_id)
    assert run is not None
    instance.report_run_failed(run)
    assert watch.checks(instance, run_id) == []
    assert list(watch._checks) == [run_id]
    watch.forget_checks(but=[])
    assert watch._checks == {}
