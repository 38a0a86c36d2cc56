"""The archive for somebody who helps: complete, bounded, and there when much else is not."""

import json
import stat
import tarfile
from pathlib import Path

import pytest

from tunemeld_pipeline.errors import BundleExists
from tunemeld_pipeline.operations.debug_bundle import MOST_BYTES_A_FILE, bundle_name, write_bundle
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.settings.sources import examine_settings

SECRET = "bundle-secret-0815"


def members(path: Path) -> dict[str, str]:
    with tarfile.open(path) as archive:
        files = {one.name: archive.extractfile(one) for one in archive}
        return {name.removeprefix("tunemeld-debug/"): file.read().decode() for name, file in files.items() if file}


def test_it_holds_what_a_helper_asks_for_and_no_secret(settings: Settings, tmp_path: Path) -> None:
    chosen = settings.model_copy(update={"rapidapi_key": Settings(rapidapi_key=SECRET).rapidapi_key})
    logs = settings.home / "logs"
    logs.mkdir(parents=True)
    long = "\n".join(f"line {number} with {SECRET}" for number in range(100_000))
    (logs / "etl-20260131T000000-1.log").write_text(long)
    (logs / "mongod.log").write_text("what mongod said")
    out = tmp_path / "help.tar.gz"
    write_bundle(chosen, [], out)
    found = members(out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert SECRET not in "".join(found.values())
    assert json.loads(found["settings.json"])["RAPIDAPI_KEY"]["value"] == "(hidden)"
    assert json.loads(found["info.json"])["environment"] == "testing"
    assert {one["part"] for one in json.loads(found["health.json"])} >= {"settings", "database"}
    assert "structlog==" in found["packages.txt"]
    assert json.loads(found["runs.json"]) == "Dagster has recorded nothing here"
    end = found["logs/etl-20260131T000000-1.log"]
    assert end.endswith("line 99999 with [redacted]")
    assert end.startswith("line ")
    assert len(end) <= MOST_BYTES_A_FILE
    assert found["logs/mongod.log"] == "what mongod said"


def test_broken_settings_are_reported_and_hide_what_could_not_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MONGODB_URL", f"mongo:/ann:{SECRET}@nowhere")
    monkeypatch.setenv("TUNEMELD_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("ETL_BATCH_SIZE", "many")
    (tmp_path / "home" / "logs").mkdir(parents=True)
    (tmp_path / "home" / "logs" / "cli.log").write_text(f"could not read mongo:/ann:{SECRET}@nowhere")
    write_bundle(*examine_settings(), tmp_path / "help.tar.gz")
    found = members(tmp_path / "help.tar.gz")
    assert "ETL_BATCH_SIZE" in found["problems.txt"]
    assert "MONGODB_URL" in found["problems.txt"]
    assert SECRET not in "".join(found.values())


def test_a_file_that_is_there_is_left_alone(tmp_path: Path, settings: Settings) -> None:
    out = tmp_path / "mine"
    out.write_text("mine")
    with pytest.raises(BundleExists, match="name another file with --out"):
        write_bundle(settings, [], out)
    assert out.read_text() == "mine"


def test_its_name_says_when(tmp_path: Path) -> None:
    from datetime import UTC, datetime

    assert bundle_name(datetime(2026, 1, 31, 2, 30, tzinfo=UTC)) == "tunemeld-debug-20260131T023000Z.tar.gz"
