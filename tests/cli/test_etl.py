"""`tunemeld etl run`: what it runs, what it prints, and its exit status."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests

from tests.cli.conftest import Command
from tests.conftest import GenreRunner
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.local import credentials
from tunemeld_pipeline.plugins.registry import keys, load_catalog, slug_of
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

DAY = "2026-03-02"

pytestmark = pytest.mark.usefixtures("store")
"""A database that has its layout, which each test's first run would make else."""


def test_it_works(tunemeld: Command, store: Store) -> None:
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY)
    assert (run.returncode, run.stderr) == (0, "")
    assert "sandbox data, as of 2026-03-02" in run.stdout
    assert "SoundCloud 20" in run.stdout
    assert store.charts.chart("dance", datetime(2026, 3, 2, tzinfo=UTC)).tracks


def test_every_genre_is_run_unless_some_are_named(tunemeld: Command, store: Store) -> None:
    assert tunemeld("etl", "run", "extract", "--as-of", DAY).returncode == 0
    read_at = datetime.fromisoformat(DAY).replace(tzinfo=UTC)
    assert all(store.playlists.raw_playlists(genre, read_at) for genre in load_catalog().genres)


def test_a_service_that_is_down_makes_the_run_degraded(tunemeld: Command, faults: Faults) -> None:
    faults.add("soundcloud", "401", times=None)
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY)
    assert run.returncode == 3
    why = "RapidAPI refused the key; check RAPIDAPI_KEY"
    assert f"dance is degraded: SoundCloud playlist: {why}" in run.stdout.splitlines()
    again = json.loads(tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, "--json").stdout)["runs"][0]
    assert again["degraded"] == ["SoundCloud playlist"]
    assert again["reasons"] == {"SoundCloud playlist": f"SoundCloud: {why}"}
    status = json.loads(tunemeld("etl", "status", "--json").stdout)
    assert status["genres"]["dance"]["reasons"] == again["reasons"]
    assert status["warnings"].count(f"dance is degraded: SoundCloud playlist: {why}") == 1


def test_a_genre_that_fails_is_named_with_every_services_reason(tunemeld: Command, faults: Faults) -> None:
    for service in keys():
        faults.add(slug_of(service), "401", times=None)
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY)
    assert run.returncode == 1
    said = " ".join(run.stdout.split())
    assert "dance failed: no service answered for dance; what was published before stays." in said
    assert all(f"{name}: RapidAPI refused the key; check RAPIDAPI_KEY" in said for name in ("Spotify", "Apple Music"))
    assert "Deezer: it does not let us in (its code 300); ask Deezer" in said
    assert "Traceback" not in run.stdout + run.stderr


def test_a_database_that_cannot_be_reached_is_said_within_seconds(tunemeld: Command) -> None:
    run = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY, MONGODB_URL="mongodb://127.0.0.1:9")
    assert run.returncode == 1
    assert "MongoDB cannot be reached" in " ".join(run.stdout.split())


def test_an_unknown_genre_is_wrong_usage_and_the_known_ones_are_listed(tunemeld: Command) -> None:
    run = tunemeld("etl", "run", "full", "--genre", "polka")
    assert run.returncode == 2
    assert "unknown genre 'polka'; the catalogue knows country, dance, pop, rap" in run.stderr


def test_the_future_is_refused(tunemeld: Command) -> None:
    run = tunemeld("etl", "run", "full", "--as-of", "2049-01-01")
    assert run.returncode == 2
    assert "is in the future" in run.stderr


def test_a_date_that_is_none_is_refused(tunemeld: Command) -> None:
    run = tunemeld("etl", "run", "full", "--as-of", "yesterday")
    assert run.returncode == 2
    assert "write it as 2026-01-31" in run.stderr


def record(folder: Path, sandbox_root: str) -> None:
    """What the sandbox sends on one day, kept as a recording."""
    genre = load_catalog().genre("dance")
    headers = {"X-RapidAPI-Key": credentials.SANDBOX_KEY, "X-RapidAPI-Host": "recorded.example"}
    asked = {
        "Spotify": ("playlist_tracks/", {"id": last_part(genre.playlist("Spotify").url), "limit": "100"}),
        "AppleMusic": ("playlist1/", {"url": genre.playlist("AppleMusic").url}),
        "SoundCloud": ("v1/playlist/tracks", {"playlist": genre.playlist("SoundCloud").url, "limit": "50"}),
    }
    place = folder / DAY / "dance"
    place.mkdir(parents=True)
    for service, (path, parameters) in asked.items():
        url = f"{sandbox_root}/{slug_of(service)}/at/{DAY}/{path}"
        answer = requests.get(url, params=parameters, headers=headers, timeout=300)
        (place / f"{slug_of(service)}.json").write_bytes(answer.content)


def test_recorded_answers_can_be_played(
    fresh_machine: Command, sandbox_root: str, settings: Settings, tmp_path: Path
) -> None:
    record(tmp_path / "recorded", sandbox_root)
    mongod = {"MONGODB_URL": settings.mongodb_url.get_secret_value()} if settings.mongodb_url else {}
    own = {"TUNEMELD_ENV": "testing", "MONGODB_DATABASE": settings.mongodb_database, **mongod}
    run = fresh_machine("etl", "run", "full", "-g", "dance", "--as-of", DAY, "--replay", tmp_path / "recorded", **own)
    assert run.returncode == 0, run.stdout + run.stderr
    assert "replay data" in run.stdout
    assert f"into database {settings.mongodb_database.removesuffix('_test')}_replay_test" in " ".join(
        run.stdout.split()
    )


def test_a_replay_of_no_day_or_of_one_that_was_not_recorded_lists_the_recorded_ones(
    tunemeld: Command, sandbox_root: str, tmp_path: Path
) -> None:
    record(tmp_path / "recorded", sandbox_root)
    replay = ("etl", "run", "full", "--replay", tmp_path / "recorded")
    for not_recorded in ((), ("--as-of", "2020-01-01"), ("--as-of", "2020-01-01", "--dry-run")):
        run = tunemeld(*replay, *not_recorded)
        assert (run.returncode, run.stdout) == (2, "")
        assert f"recorded in {tmp_path / 'recorded'}: {DAY}" in run.stderr


def test_an_error_body_that_was_recorded_as_a_playlist_is_refused(
    fresh_machine: Command, sandbox_root: str, settings: Settings, tmp_path: Path
) -> None:
    record(tmp_path / "recorded", sandbox_root)
    body = {"message": "Invalid API key. Go to https://docs.rapidapi.com/docs/keys for more info."}
    (tmp_path / "recorded" / DAY / "dance" / "apple_music.json").write_text(json.dumps(body), encoding="utf-8")
    mongod = {"MONGODB_URL": settings.mongodb_url.get_secret_value()} if settings.mongodb_url else {}
    own = {"TUNEMELD_ENV": "testing", "MONGODB_DATABASE": settings.mongodb_database, **mongod}
    run = fresh_machine("etl", "run", "full", "-g", "dance", "--as-of", DAY, "--replay", tmp_path / "recorded", **own)
    assert run.returncode == 3
    assert "Apple Music playlist" in run.stdout
    assert "AppleMusic" not in run.stdout


def test_a_chart_can_be_rolled_back_and_every_run_says_so_until_its_own_next_one(
    tunemeld: Command, store: Store, run_genre: GenreRunner
) -> None:
    run_genre.after("2026-02-23", DAY)
    rollback = tunemeld("etl", "rollback", "--genre", "dance")
    assert (rollback.returncode, rollback.stderr) == (0, "")
    assert "dance shows its chart of 2026-02-23 (" in rollback.stdout
    assert store.charts.materializations()["dance"].degraded == ["rolled back to 2026-02-23"]
    other = tunemeld("etl", "run", "full", "--genre", "pop", "--as-of", DAY)
    assert "dance shows its chart of 2026-02-23, to which it was rolled back" in other.stdout

    held = tunemeld("etl", "rollback", "--genre", "dance", "--to", "2026-02-23", "--hold")
    assert "until it is released: tunemeld etl release --genre dance" in held.stdout
    refused = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY)
    assert refused.returncode == 1
    assert "dance is held at its chart of 2026-02-23" in " ".join(refused.stdout.split())
    assert "next: tunemeld etl release --genre dance" in refused.stderr
    status = " ".join(tunemeld("etl", "status").stdout.split())
    assert "dance is degraded: held at 2026-02-23: somebody holds that day" in status
    assert "tunemeld etl release --genre dance" in " ".join(tunemeld("system", "health").stdout.split())
    assert tunemeld("etl", "release", "--genre", "dance").returncode == 0
    again = tunemeld("etl", "release", "--genre", "dance")
    assert (again.returncode, "dance is not held" in again.stderr) == (1, True)
    own = tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", DAY)
    assert "rolled back" not in own.stdout
    assert store.charts.materializations()["dance"].rolled_back_to is None


def test_a_day_without_a_chart_cannot_be_rolled_back_to(tunemeld: Command) -> None:
    none = tunemeld("etl", "rollback", "--genre", "dance", "--to", DAY)
    assert none.returncode == 1
    printed = "error: dance has no chart yet; run it first\nnext: tunemeld etl run full --genre dance\n"
    assert none.stderr.endswith(printed)
    wrong = tunemeld("etl", "rollback", "--genre", "dance", "--to", "yesterday")
    assert wrong.returncode == 2


def test_a_rollback_refreshes_the_shared_cache_or_says_that_it_could_not(
    tunemeld: Command, sandbox_root: str, faults: Faults, run_genre: GenreRunner
) -> None:
    names = ("CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_NAMESPACE_ID", "CLOUDFLARE_API_TOKEN")
    kv = {
        "TUNEMELD_CACHE": "cloudflare",
        "CLOUDFLARE_BASE_URL": f"{sandbox_root}/cloudflare",
        **dict.fromkeys(names, "sandbox"),
    }
    run_genre.after("2026-02-23", DAY)
    faults.reset_requests()
    assert tunemeld("etl", "rollback", "--genre", "dance", **kv).returncode == 0
    assert faults.requests()["cloudflare"] == {"bulk": 1}
    faults.add("cloudflare", "500", times=None)
    failed = tunemeld("etl", "rollback", "--genre", "dance", "--to", DAY, **kv)
    assert failed.returncode == 3
    assert "the shared cache was not refreshed" in failed.stderr
