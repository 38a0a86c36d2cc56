"""What a step came to: in its threads too, apart from other steps, and with the database's own times."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import UTC, datetime

from tunemeld_pipeline.logs.measuring import measured_render, measured_step, note_upstream_call, run_tally
from tunemeld_pipeline.storage.store import Store


def call(number: int) -> None:
    note_upstream_call("Spotify", "GET", "/x", status=200, seconds=0.1, size=number, attempt=1)


def test_calls_and_renders_count_for_their_step_in_threads_too_and_for_the_run() -> None:
    with measured_step("run-1") as one, ThreadPoolExecutor(4) as pool:
        contexts = [copy_context() for _ in range(50)]
        list(pool.map(lambda context: context.run(call, 1), contexts))
        with measured_render("x"):
            call(2)
    with measured_step("run-1") as other:
        call(3)
    call(4)
    assert (one.upstream_calls, other.upstream_calls, run_tally("run-1").calls) == (51, 1, 52)
    assert one.renders == 1
    assert set(one.metadata()) == {
        "step_seconds",
        "database_seconds",
        "database_calls",
        "database_writes",
        "render_seconds",
    }
    assert run_tally("run-2").calls == 0


def test_what_the_database_was_asked_and_wrote_counts_with_its_time(store: Store) -> None:
    with measured_step("run-3") as step:
        store.charts.materializations()
        store.lookups.remember("isrc_cache", {"a": {"isrc": "x"}}, "isrc_lookup", datetime(2026, 1, 31, tzinfo=UTC))
    store.charts.materializations()
    assert step.database_calls >= 2
    assert step.database_writes >= 1
    assert step.database_calls > step.database_writes
    assert 0 < step.database_seconds < 60
