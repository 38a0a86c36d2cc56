"""What is known of each source of lists, kept while several runs ask it at once."""

from collections.abc import Callable
from typing import Any

import pytest
from pymongo.database import Database

from tests.documents import MONDAY
from tests.storage.acts import PROCESSES, Act
from tunemeld_pipeline.charts.source_states import ListCoverage, SourceOutcome, SourceState
from tunemeld_pipeline.storage.store import Store

NAME = "spotify.rapidapi"
Json = dict[str, Any]


def fail(store: Store, number: int) -> None:
    def change(state: SourceState | None) -> SourceState:
        return SourceState(
            source=NAME,
            service_name="Spotify",
            last_tried_at=MONDAY,
            last_outcome=SourceOutcome.DOWN,
            failures=state.failures + 1 if state else 1,
            lists={
                **(state.lists if state else {}),
                f"genre-{number}": ListCoverage(at=MONDAY, outcome=SourceOutcome.DOWN),
            },
        )

    store.sources.change({NAME: change}, "a-run")


def test_it_works(store: Store) -> None:
    assert store.sources.states() == {}
    fail(store, 1)
    fail(store, 2)

    (state,) = store.sources.states([NAME]).values()
    assert (state.failures, state.last_outcome, sorted(state.lists)) == (2, "down", ["genre-1", "genre-2"])
    assert store.sources.states() == {NAME: state}
    assert store.sources.states(["apple_music.rapidapi"]) == {}


def test_tries_of_eight_runs_at_once_are_all_counted(store: Store, at_once: Callable[[Act], list[Any]]) -> None:
    at_once(fail)

    state = store.sources.states()[NAME]
    assert (state.failures, len(state.lists)) == (PROCESSES, PROCESSES)


@pytest.mark.parametrize("junk", [{"failures": "3"}, {"source": "spotify.page"}])
def test_a_state_that_cannot_be_read_is_put_aside_and_begins_anew(
    store: Store, mongo_database: Database[Json], junk: Json
) -> None:
    fail(store, 1)
    fail(store, 1)
    mongo_database["source_states"].update_one({"_id": NAME}, {"$set": junk}, bypass_document_validation=True)
    assert store.anew().sources.states() == {}
    fail(store, 1)
    assert store.anew().sources.states()[NAME].failures == 1
    assert mongo_database["quarantine"].count_documents({"collection": "source_states"}) == 1
