"""`tunemeld db init` on a database of the older system or release: what it says, and the way back."""

from pathlib import Path

from tests.cli.conftest import Command
from tests.older_database import MONTHS, contents, fill, fill_with_growing_histories
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import OLDER_COLLECTIONS


def test_the_command_backs_up_first_and_its_backup_brings_everything_back(
    tunemeld: Command, mongod_url: str, settings: Settings, tmp_path: Path
) -> None:
    with connect(mongod_url) as client:
        old = client[settings.database_name]
        fill(old)
        before = contents(old)
        refused = tunemeld("db", "stats")
        assert (refused.returncode, "tunemeld db init" in refused.stderr) == (1, True)
        plan = tunemeld("db", "init", "--dry-run")
        assert (plan.returncode, contents(old)) == (0, before)

        done = tunemeld("db", "init", "--backup", tmp_path / "saved")
        assert done.returncode == 0, done.stderr
        assert f"backup: 14 documents as they were in {tmp_path / 'saved'}" in done.stdout
        planned = [line for line in plan.stdout.splitlines() if "taken over" in line]
        assert planned == [line for line in done.stdout.splitlines() if "taken over" in line]
        assert "was ready" in tunemeld("db", "init").stdout

        assert tunemeld("db", "restore", tmp_path / "saved").returncode == 0
        assert {name: contents(old)[name] for name in OLDER_COLLECTIONS} == {
            name: before[name] for name in OLDER_COLLECTIONS
        }


def test_growing_histories_are_refused_by_a_run_and_divided_after_a_backup(
    tunemeld: Command, mongod_url: str, settings: Settings, tmp_path: Path
) -> None:
    with connect(mongod_url) as client:
        fill_with_growing_histories(client[settings.database_name], 2)
        refused = tunemeld("etl", "run", "extract", "--genre", "dance")
        assert (refused.returncode, "db init takes them over" in refused.stdout) == (1, True), refused.stdout
        assert "histories of an earlier release" in tunemeld("system", "health").stdout

        done = tunemeld("db", "init", "--backup", tmp_path / "saved")

        assert done.returncode == 0, done.stderr
        assert f"backup: 2 documents as they were in {tmp_path / 'saved'}" in done.stdout
        assert "historical_track_views: 2 documents taken over" in done.stdout
        assert client[settings.database_name]["historical_track_views"].count_documents({}) == 2 * MONTHS
        assert "was ready" in tunemeld("db", "init").stdout
