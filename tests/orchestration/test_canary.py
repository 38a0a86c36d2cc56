"""The daily canary: a look at each source, on where the live services are read."""

from datetime import UTC, datetime
from pathlib import Path

import dagster as dg

from tests.conftest import GenreRunner
from tunemeld_pipeline.orchestration.canary import canary, canary_schedule
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

PAGE = "spotify.page"


def look(settings: Settings, instance: dg.DagsterInstance) -> int:
    """Runs the job; how many sources are not as they should be."""
    found = canary.execute_in_process(instance=instance, resources={"operator": OperatorResource(settings=settings)})
    return int(found.output_for_node("look_at_sources"))


def test_it_works(settings: Settings, store: Store, faults: Faults, run_genre: GenreRunner, tmp_path: Path) -> None:
    paged = settings.model_copy(update={"spotify_sources": ("page",), "home": tmp_path})
    assert look(paged, run_genre.instance) == 0
    states = store.sources.states()
    seen = states[PAGE].look
    assert seen is not None
    assert (seen.name, seen.rows, seen.unlike, seen.body) == ("Sandbox Country", seen.rows, [], None)
    assert all(state.look is not None for state in states.values())
    # The list has other owners: it is refused, and what came is kept for whoever mends the reader.
    faults.add("spotify_page", "new-owner", endpoint="playlist", times=None)
    assert look(paged, run_genre.instance) == 1
    changed = store.sources.states()[PAGE].look
    assert changed is not None
    assert (changed.rows_before, len(changed.unlike)) == (seen.rows, 1)
    assert "does not belong to the service's editors" in changed.unlike[0]
    assert changed.body == str(tmp_path / "drift" / "spotify.page.1.json")
    assert "itemV2" in Path(changed.body).read_text("utf-8")
    assert Path(changed.body).stat().st_mode & 0o077 == 0


def test_it_is_made_once_a_day_and_is_off_outside_live() -> None:
    at = datetime(2026, 5, 2, 14, 40, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=at) as context:
        asked = canary_schedule.evaluate_tick(context).run_requests
    assert [one.run_key for one in asked or ()] == ["canary/2026-05-02"]
    assert canary_schedule.default_status is dg.DefaultScheduleStatus.STOPPED
