"""`tunemeld chart`, `track` and `changes`: what they show of stored charts, and how they refuse."""

import json
from datetime import UTC, datetime

import pytest
from rich.console import Console

from tests import documents
from tests.cli.conftest import Command
from tests.conftest import GenreRunner
from tunemeld_pipeline.cli.charts import chart_table, sparkline
from tunemeld_pipeline.storage.store import Store

DAYS = ("2026-03-01", "2026-03-02")


@pytest.fixture
def charted(run_genre: GenreRunner, store: Store) -> Store:
    """Two past days of one genre, and today."""
    run_genre.after(*DAYS)
    run_genre()
    return store


@pytest.mark.parametrize(("columns", "sources"), [(80, 1), (120, 3), (200, 3)])
def test_in_a_narrow_terminal_titles_are_cut_off_and_nothing_else(columns: int, sources: int) -> None:
    chart = documents.chart(range(1, 101))
    chart = chart.model_copy(
        update={"tracks": [one.model_copy(update={"track_name": 40 * "long "}) for one in chart.tracks]}
    )
    console = Console(width=columns, force_terminal=True, color_system=None)
    with console.capture() as printed:
        console.print(chart_table(console, chart, [*chart.coverage], {}, 100))
    _, headers, _, *rows, _ = printed.get().splitlines()
    assert {len(row) for row in rows} == {columns}
    assert headers.count("7 days") == sources
    for number, row in enumerate(rows, start=1):
        rank, week, title, on, *_, trend = (cell.strip() for cell in row.strip("│").split("│"))
        assert (rank, trend) == (str(number), "")
        assert title.endswith("…")
        assert "…" not in week + on


def test_a_chart_is_shown_with_movement_positions_counts_and_a_trend(tunemeld: Command, charted: Store) -> None:
    shown = tunemeld("chart", "dance", "--top", "3")
    assert shown.returncode == 0, shown.stderr
    top = charted.charts.chart("dance", datetime.now(UTC)).tracks[:3]
    lines = shown.stdout.splitlines()
    for track in top:
        (line,) = [line for line in lines if line.startswith(f"{track.rank} ")]
        assert f"{track.track_name} – {track.artist_name}" in line
        assert all(str(rank) in line for rank in track.sources.values())
    assert "SC: position on SoundCloud" in lines[-1]

    data = json.loads(tunemeld("chart", "dance", "--json").stdout)
    assert [one["isrc"] for one in data["tracks"][:3]] == [track.isrc for track in top]
    past = json.loads(tunemeld("chart", "dance", "--date", DAYS[0], "--json").stdout)
    assert past["shown_as_of"].startswith(DAYS[0])

    isrc = next(track.isrc for track in top if track.isrc)
    track = tunemeld("track", isrc.lower())
    assert f"ISRC {isrc}" in track.stdout
    assert json.loads(tunemeld("track", isrc, "--json").stdout)["charts"]["dance"]["isrc"] == isrc

    changed = json.loads(tunemeld("changes", "dance", "--since", DAYS[0], "--date", DAYS[1], "--json").stdout)
    assert (changed["since"], changed["until"]) == DAYS
    assert {one["status"] for one in changed["changes"]} <= {"new", "re", "up", "down", "same", "gone"}
    assert "stayed where they were" in tunemeld("changes", "dance").stdout

    alone = charted.charts.chart("dance", datetime.now(UTC)).model_copy(update={"only_service": "AppleMusic"})
    assert data["only_service"] is None
    assert charted.charts.put_chart(alone)
    assert (
        "Apple Music's list alone: no second service counts, so this is no consensus"
        in tunemeld("chart", "dance").stdout
    )

    missing = tunemeld("chart", "dance", "--date", "2026-01-05")
    assert (missing.returncode, missing.stderr.splitlines()[-1]) == (1, "next: tunemeld chart dance")
    assert DAYS[0] in missing.stderr


def test_what_is_not_there_is_refused_with_the_command_that_helps(tunemeld: Command, store: Store) -> None:
    del store
    for words, status, following in (
        (("chart", "danc"), 2, "next: tunemeld status"),
        (("chart", "dance"), 1, "next: tunemeld etl run full --genre dance"),
        (("changes", "dance"), 1, "next: tunemeld etl run full --genre dance"),
        (("track", "QZAAA2600001"), 1, "next: tunemeld chart --help"),
    ):
        refused = tunemeld(*words)
        assert (refused.returncode, refused.stderr.splitlines()[-1]) == (status, following)


@pytest.mark.parametrize(
    ("values", "shown"), [([], ""), ([3], ""), ([1, 1, 1], "▁▁▁"), ([0, 7], "▁█"), ([-5, 0, 5], "▁▅█")]
)
def test_a_trend_goes_from_the_smallest_to_the_largest_value(values: list[int], shown: str) -> None:
    assert sparkline(values) == shown
