"""A service's list after a rollback: that of the day whose chart is shown, as its own address has it."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conftest import GenreRunner
from tests.documents import MONDAY, chart_day, materialization
from tunemeld_pipeline.charts.chart_days import KeptRows
from tunemeld_pipeline.operations.rollback import roll_back
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.publishing.v1.lists import past_list, todays_list
from tunemeld_pipeline.storage.store import Store

GOOD, BAD = "2025-11-11", "2025-11-18"
DANCE = load_catalog().genre("dance")


def shown(store: Store, date: str | None = None) -> dict[str, Any]:
    with store.for_visitors() as view:
        if date is not None:
            content = past_list(view, DANCE, "Spotify", date)
        else:
            published = view.charts.materialization("dance")
            assert published is not None
            content = todays_list(read_documents(view, published), DANCE, "Spotify")
    assert content is not None
    found: dict[str, Any] = json.loads(content.body)
    return found


def test_after_a_rollback_the_list_is_of_the_day_whose_chart_is_shown(run_genre: GenreRunner, store: Store) -> None:
    run_genre(as_of=GOOD)
    run_genre(as_of=BAD)
    assert shown(store)["date"] == BAD
    before = shown(store, GOOD)

    roll_back(store, "dance", None, datetime.now(UTC))

    after = shown(store)
    assert after == shown(store, GOOD)
    assert (after["date"], after["next_date"]) == (GOOD, None)
    assert after["tracks"] == before["tracks"]
    assert any(row["chart_rank"] for row in after["tracks"])
    assert any(row["title"] and row["chart_rank"] is None for row in after["tracks"])


def test_a_past_day_says_when_the_rows_that_its_source_could_not_show_were_last_seen(store: Store) -> None:
    kept = [
        KeptRows(first=2, last=2, seen_at=MONDAY - timedelta(days=1)),
        KeptRows(first=3, last=4, seen_at=MONDAY - timedelta(days=9)),
    ]
    day = chart_day(numbers=(1, 2, 3, 4)).model_copy(update={"kept": {"Spotify": kept}})
    store.charts.finish({}, day, materialization())

    found = {row["rank"]: row["last_seen_at"] for row in shown(store, day.date)["tracks"]}

    assert found == {1: None, 2: "2026-03-01T02:30:00Z", 3: "2026-02-21T02:30:00Z", 4: "2026-02-21T02:30:00Z"}
