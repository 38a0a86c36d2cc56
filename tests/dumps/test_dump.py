"""A dump as other programs read it: what is in it, what is not, and what stays when it is made again."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import dagster as dg
import duckdb
import pyarrow.parquet
import pytest

from tests.documents import MONDAY, chart_day, isrc, materialization, raw_playlist, recording
from tests.storage.acts import put_recordings
from tunemeld_pipeline.charts.withholding import Withholding
from tunemeld_pipeline.dumps import parquet
from tunemeld_pipeline.dumps.dump import MANIFEST, Manifest, make_dump, plan_dump, read_manifest, remove_dump
from tunemeld_pipeline.errors import DumpError
from tunemeld_pipeline.orchestration.dumps import dump_schedule
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

APRIL = datetime(2026, 4, 1, 2, 30, tzinfo=UTC)


@pytest.fixture
def dumping(settings: Settings, store: Store, tmp_path: Path) -> Settings:
    """Two days in two months of a chart of three recordings, and the setting of a folder."""
    store.playlists.put_raw_playlist(raw_playlist(data_json='{"raw": "a body of the service"}'))
    put_recordings(store, [recording(number) for number in (1, 2, 3)])
    for at in (MONDAY, APRIL):
        counts = {isrc(number): {"Youtube": 1_000 * number, "Spotify": number} for number in (1, 2)}
        store.charts.finish(counts, chart_day(at=at), materialization(at=at))
    return Settings.model_validate({**settings.model_dump(), "dump_dir": tmp_path / "dumps"})


def folder_of(settings: Settings) -> Path:
    assert settings.dump_dir is not None
    return settings.dump_dir


def rows(settings: Settings, table: str) -> list[tuple[object, ...]]:
    """All rows of a table, read by DuckDB."""
    files = str(folder_of(settings) / f"{table}-*.parquet")
    return duckdb.sql(f"select * from read_parquet('{files}') order by all").fetchall()  # noqa: S608 - a path of the test's own


def test_other_programs_read_what_is_kept(dumping: Settings, store: Store) -> None:
    manifest = make_dump(store, dumping, APRIL)
    charts = rows(dumping, "charts")
    assert charts[0] == (date(2026, 3, 2), "dance", 1, isrc(1), isrc(1), "Song 1", "Singer 1")
    assert [(row[0], row[2], row[3]) for row in charts] == [
        (day, rank, isrc(rank)) for day in (date(2026, 3, 2), date(2026, 4, 1)) for rank in (1, 2, 3)
    ]
    assert rows(dumping, "lists")[0] == (date(2026, 3, 2), "dance", "Spotify", 1, isrc(1))
    histories = rows(dumping, "histories")
    assert len(histories) == 8
    assert (isrc(1), "Spotify", MONDAY, 1) in [(*row[:2], row[2].astimezone(UTC), row[3]) for row in histories]  # type: ignore[attr-defined]
    assert {one.month for one in manifest.files} == {"2026-03", "2026-04"}


def test_the_manifest_names_every_file_with_its_checksum_and_columns(dumping: Settings, store: Store) -> None:
    make_dump(store, dumping, APRIL)
    manifest = Manifest.model_validate_json((folder_of(dumping) / MANIFEST).read_text())
    for one in manifest.files:
        body = (folder_of(dumping) / one.name).read_bytes()
        assert (hashlib.sha256(body).hexdigest(), len(body)) == (one.sha256, one.bytes)
        read = pyarrow.parquet.read_table(folder_of(dumping) / one.name)
        assert read.num_rows == one.rows
        assert [(field.name, str(field.type)) for field in read.schema] == [
            (column.name, column.type) for column in manifest.tables[one.table]
        ]
        assert all(column.description for column in manifest.tables[one.table])
    assert {one.name for one in folder_of(dumping).glob("*.parquet")} == {one.name for one in manifest.files}


def test_no_body_of_a_service_is_in_it(dumping: Settings, store: Store) -> None:
    manifest = make_dump(store, dumping, APRIL)
    text = manifest.model_dump_json() + str([rows(dumping, table) for table in manifest.tables])
    assert "a body of the service" not in text
    assert "example.org" not in text


def test_what_is_withheld_leaves_it_and_its_old_files_go(dumping: Settings, store: Store) -> None:
    before = make_dump(store, dumping, APRIL)
    store.withholdings.put(Withholding(kind="track", key=isrc(2), ids=[isrc(2)], reason="a wish", withheld_at=APRIL))
    store.withholdings.put(Withholding(kind="service", key="Youtube", ids=[], reason="a wish", withheld_at=APRIL))
    after = make_dump(store, dumping, APRIL + timedelta(days=1))
    assert after.withheld_as_of == APRIL
    assert [row[2] for row in rows(dumping, "charts")] == [1, 3, 1, 3]
    assert {row[3] for row in rows(dumping, "lists")} == {1, 3}
    assert {row[:2] for row in rows(dumping, "histories")} == {(isrc(1), "Spotify")}
    assert {one.name for one in folder_of(dumping).glob("*.parquet")} == {one.name for one in after.files}
    assert {one.name for one in before.files}.isdisjoint(one.name for one in after.files)


def test_the_same_data_are_the_same_files(dumping: Settings, store: Store) -> None:
    first = make_dump(store, dumping, APRIL)
    again = make_dump(store, dumping, APRIL + timedelta(days=1))
    assert again.files == first.files


def test_it_is_said_how_large_it_is_and_which_months_stay(dumping: Settings, store: Store) -> None:
    plan = plan_dump(store, dumping)
    assert plan.months == ["2026-03", "2026-04"]
    assert plan.rows == {"charts": 6, "lists": 6, "histories": 8}
    assert not folder_of(dumping).exists()
    made = make_dump(store, dumping, APRIL)
    assert plan_dump(store, dumping).bytes == pytest.approx(sum(one.bytes for one in made.files), abs=3)
    newest = Settings.model_validate({**dumping.model_dump(), "dump_months": 1})
    assert (plan_dump(store, newest).months, plan_dump(store, newest).removed) == (["2026-04"], ["2026-03"])
    assert {one.month for one in make_dump(store, newest, APRIL).files} == {"2026-04"}
    assert not list(folder_of(dumping).glob("*-2026-03-*"))


def test_nothing_of_anybody_else_is_removed(dumping: Settings, store: Store) -> None:
    make_dump(store, dumping, APRIL)
    other = folder_of(dumping) / "notes.parquet"
    other.write_text("mine")
    remove_dump(dumping)
    assert read_manifest(folder_of(dumping)) is None
    assert [one.name for one in folder_of(dumping).glob("*.parquet")] == ["notes.parquet"]


def test_without_a_folder_or_the_library_it_says_what_to_do(
    settings: Settings, dumping: Settings, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DumpError, match="DUMP_DIR is not set"):
        make_dump(store, settings, APRIL)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(DumpError, match=r"pip install 'tunemeld\[dumps\]'"):
        parquet.write_parquet(folder_of(dumping), (), iter(()))


def test_it_is_made_once_a_month_where_there_is_a_folder() -> None:
    at = datetime(2026, 5, 2, 5, 15, tzinfo=UTC)
    with dg.build_schedule_context(scheduled_execution_time=at) as context:
        asked = dump_schedule.evaluate_tick(context).run_requests
    assert asked is not None
    assert [one.run_key for one in asked] == ["2026-05"]
    assert dump_schedule.default_status is dg.DefaultScheduleStatus.STOPPED


def test_what_is_withheld_is_not_counted_beforehand_either(dumping: Settings, store: Store) -> None:
    whole = plan_dump(store, dumping).rows
    store.withholdings.put(
        Withholding(kind="track", key=isrc(1), ids=[isrc(1)], reason="asked", withheld_at=datetime.now(UTC))
    )
    planned = plan_dump(store, dumping).rows
    make_dump(store, dumping, APRIL)
    assert dict(planned) == {table: len(rows(dumping, table)) for table in planned}
    assert all(planned[table] < whole[table] for table in whole)


def test_the_lists_of_a_withheld_service_are_not_counted(dumping: Settings, store: Store) -> None:
    store.withholdings.put(
        Withholding(kind="service", key="Spotify", ids=[], reason="terms", withheld_at=datetime.now(UTC))
    )
    planned = plan_dump(store, dumping).rows
    assert (planned["charts"], planned["lists"], planned["histories"]) == (0, 0, 4)
