"""Makes the fixture of a release: what an installation of it leaves on a machine, and what its API answers about that.

Run this script in a checkout of the release that is to be kept, with that checkout's own .venv, and name a new folder:

    .venv/bin/python /path/to/tests/upgrade/make_fixture.py /path/to/tests/upgrade/release-X.Y.Z

It uses the `tunemeld` command of the release, and asks MongoDB and Dagster for the rest, so that it works in a checkout whose modules
have other places. See docs/development.md.
"""

import argparse
import importlib
import json
import lzma
import os
import pkgutil
import shutil
import socket
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagster as dg
import requests
from bson import json_util
from pydantic import BaseModel
from pymongo import MongoClient

BIN = Path(sys.executable).parent
DATABASE = "tunemeld_sandbox"
DAYS = 8
"""Days of the first genre's charts; the last one is the day before yesterday, so that a test can run the day after it."""

READERS = {
    "raw_playlists": ["RawPlaylist"],
    "track_playlist": ["ServicePlaylist", "AggregatePlaylist"],
    "view_counts_playlists": ["Chart"],
    "historical_track_views": ["TrackHistory"],
    "chart_history": ["ChartDay"],
    "recordings": ["RecordingFacts"],
    "materializations": ["Materialization"],
    "isrc_cache": ["LookedUp"],
    "youtube_cache": ["LookedUp"],
    "spotify_cache": ["LookedUp"],
    "incidents": ["Incident"],
}
"""The models by which the release reads each collection's documents."""

ENV_FILE = """\
# An installation of the release: every kind of value that its settings have, and no secret.
TUNEMELD_ENV=development
APP_NAME="TuneMeld of before"
DEBUG=false
TUNEMELD_UPSTREAMS=sandbox
TUNEMELD_SANDBOX_SEED=3
MONGODB_DATABASE=tunemeld
ETL_BATCH_SIZE=25
ETL_THREAD_COUNT=4
ETL_RETRY_ATTEMPTS=2
ETL_RETRY_DELAY=0.05
ETL_REQUEST_TIMEOUT=15
DAILY_REFRESH_CRON="15 3 * * *"
DAILY_REFRESH=false
RANKING_PHI=0.9
APPLE_MUSIC_WEIGHT=1.5
RANKING_STALE_DISCOUNT=0.7
SPOTIFY_DAILY_BUDGET=4000
YOUTUBE_SEARCH_DAILY_BUDGET=40
DJANGO_ALLOWED_HOSTS=localhost,127.0.0.1
DJANGO_CORS_ORIGINS=["http://localhost:8000"]
LOG_LEVEL=INFO
LOG_FORMAT=json
LOG_FILES_KEPT=2
"""


class Release:
    """An installation of the release in a separate folder, with its servers.

    Args:
        folder: where it is; its `.env` is the fixture's.
        alarms: the address that hears of what is wrong.
    """

    def __init__(self, folder: Path, alarms: str) -> None:
        self.folder = folder
        self.home = folder / "home"
        (folder / ".env").write_text(ENV_FILE, "utf-8")
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        self.environment = {**kept, "TUNEMELD_HOME": str(self.home), "ALARM_URLS": alarms, "COLUMNS": "200"}

    def tunemeld(self, *arguments: str, good: Sequence[int] = (0,)) -> str:
        """What the release's command prints; its exit status must be one of the good ones."""
        done = subprocess.run(
            [BIN / "tunemeld", *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        print(f"{done.returncode}  tunemeld {' '.join(arguments)}", flush=True)
        if done.returncode not in good:
            sys.exit(f"not one of {good}:\n{done.stdout}\n{done.stderr}")
        return done.stdout

    @contextmanager
    def background(self, *arguments: str) -> Iterator[None]:
        """A command of the release that stays in the foreground, for as long as the block lasts."""
        command = [BIN / "tunemeld", *arguments]
        process = subprocess.Popen(command, cwd=self.folder, env=self.environment, stderr=subprocess.DEVNULL)
        try:
            yield
        finally:
            process.terminate()
            process.wait(60)

    def run_day(self, genre: str, day: str | None, *, good: Sequence[int]) -> None:
        """One run of a genre; without a day, of now."""
        self.tunemeld("etl", "run", "full", "--genre", genre, *(["--as-of", day] if day else []), good=good)


def live_through_some_days(release: Release, sandbox: str) -> None:
    """Charts of three genres, and one that never got any; lists that went stale, counts that are missing, a rollback, alarms."""

    def fault(upstream: str, name: str, *more: str) -> None:
        release.tunemeld("sandbox", "fault", upstream, name, "--always", "--url", sandbox, *more)

    def well() -> None:
        release.tunemeld("sandbox", "well", "--url", sandbox)

    today = datetime.now(UTC).date()
    days = [(today - timedelta(days=back)).isoformat() for back in range(DAYS + 1, 1, -1)]
    for day in days:
        release.run_day("dance", day, good=(0, 3))
    release.run_day("dance", days[2], good=(0, 3))  # an older observation than what is there
    for day in days[-3:-1]:
        release.run_day("pop", day, good=(0, 3))
    release.run_day("rap", days[-1], good=(0, 3))
    fault("apple_music", "500")
    release.run_day("rap", None, good=(3,))
    release.tunemeld("alarms", "check", good=(3,))
    well()
    release.run_day("rap", None, good=(0, 3))
    release.tunemeld("alarms", "check", good=(3,))
    release.tunemeld("etl", "rollback", "--genre", "rap", good=(0, 3))

    fault("soundcloud", "500")
    fault("youtube", "quota", "--endpoint", "videos")
    release.run_day("pop", days[-1], good=(3,))
    fault("spotify", "404")
    fault("apple_music", "404")
    release.run_day("country", None, good=(1,))
    release.tunemeld("alarms", "check", good=(3,))
    well()


def switch_the_schedule_on(release: Release) -> None:
    """As somebody does in the UI, against what the settings say."""
    own = {"DAGSTER_HOME": str(release.home / "dagster"), "TUNEMELD_ENV_FILE": str(release.folder / ".env")}
    command = [BIN / "dagster", "schedule", "start", "-w", "workspace.yaml", "daily_refresh_schedule"]
    subprocess.run(command, env=release.environment | own, check=True)


def save_layout(database: Any, to: Path) -> None:
    """Collections with their validators and indexes, and the layout's own document: what a backup does not hold."""
    layout = {
        "marker": list(database["layout"].find()),
        "collections": {
            one["name"]: {"options": one.get("options", {}), "indexes": list(database[one["name"]].list_indexes())}
            for one in database.list_collections(filter={"name": {"$ne": "layout"}})
        },
    }
    # As it comes: of an index the order of its fields counts.
    text = json_util.dumps(layout, json_options=json_util.CANONICAL_JSON_OPTIONS, indent=1, ensure_ascii=False)
    to.write_text(text + "\n", "utf-8")


def save_readers(to: Path) -> None:
    """What the release can read: the JSON Schema of each collection's documents, and the schema versions that it takes."""
    package = importlib.import_module("tunemeld_pipeline")
    models: dict[str, type[BaseModel]] = {}
    schema_version = 0
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.rpartition(".")[2] in ("__main__", "serve"):
            continue
        for name, value in vars(importlib.import_module(found.name)).items():
            if isinstance(value, type) and issubclass(value, BaseModel):
                models[name] = value
            elif name == "SCHEMA_VERSION":
                schema_version = value
    readers = {
        collection: {
            "schemas": [models[name].model_json_schema() for name in names],
            "schema_versions": [schema_version - 1, schema_version],
        }
        for collection, names in READERS.items()
    }
    _write_json(to, readers)


def save_answers(release: Release, to: Path) -> None:
    """The API's answers about these documents, by path."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with release.background("api", "start", "--port", str(port), "--workers", "1"):
        _until_it_answers(f"{url}/genres")
        paths = ["/genres"]
        for genre in ("dance", "pop", "rap"):
            paths += [
                f"/playlist-data/{genre}",
                *(f"/service-playlist/{genre}/{name}" for name in ("Aggregate", "Spotify", "AppleMusic", "SoundCloud")),
                f"/graph-data/{genre}",
                *(f"/graph-data/{genre}?days={days}" for days in (30, 90, 365, 730)),
                f"/last-updated/{genre}",
                f"/header-art/{genre}",
                f"/chart-dates/{genre}",
            ]
            for day in requests.get(f"{url}/chart-dates/{genre}", timeout=60).json()["data"]:
                paths += [f"/playlist-data/{genre}?date={day}", f"/graph-data/{genre}?date={day}"]
        answers = {}
        for path in paths:
            answer = requests.get(url + path, timeout=60)
            answer.raise_for_status()
            answers[path] = answer.json()["data"]
    with lzma.open(to, "wt", encoding="utf-8", preset=9) as file:
        json.dump(answers, file, ensure_ascii=False, sort_keys=True)


def save_dagster(home: Path, to: Path) -> dict[str, int]:
    """Dagster's folder, its databases vacuumed; returns how many runs it knows by their outcome."""
    os.environ["DAGSTER_HOME"] = str(home)
    with dg.DagsterInstance.get() as instance:
        runs: dict[str, int] = {}
        for run in instance.get_runs():
            runs[run.status.value] = runs.get(run.status.value, 0) + 1
    for path in home.rglob("*.db"):
        with closing(sqlite3.connect(path)) as database:
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            database.execute("VACUUM")
    with tarfile.open(to, "w:xz") as archive:
        archive.add(home, "dagster", filter=_nobodys)
    return runs


def _nobodys(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = ""
    return member


def _until_it_answers(url: str, seconds: float = 120) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if requests.get(url, timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    sys.exit(f"{url} does not answer")


def _write_json(to: Path, content: object) -> None:
    to.write_text(json.dumps(content, indent=1, sort_keys=True, ensure_ascii=False) + "\n", "utf-8")


class _Hearer(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()


@contextmanager
def somebody_who_hears() -> Iterator[str]:
    """The address, as apprise writes it, of a server that takes every message."""
    server = HTTPServer(("127.0.0.1", 0), _Hearer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"json://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()


def make(fixture: Path) -> None:
    """Lives through some days in a separate folder, and keeps what is left in `fixture`."""
    fixture.mkdir(parents=True)
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-release-"))  # short: a socket's path has 108 letters at most
    with somebody_who_hears() as alarms:
        release = Release(folder, alarms)
        try:
            url = release.tunemeld("db", "start").strip()
            with socket.socket() as free:
                free.bind(("127.0.0.1", 0))
                port = free.getsockname()[1]
            sandbox = f"http://127.0.0.1:{port}"
            with release.background("sandbox", "--port", str(port), "--seed", "3"):
                _until_it_answers(f"{sandbox}/_control/health")
                release.environment["TUNEMELD_SANDBOX_URL"] = sandbox
                live_through_some_days(release, sandbox)
            switch_the_schedule_on(release)
            release.tunemeld("db", "backup", str(fixture / "backup"))
            with MongoClient[dict[str, Any]](url, tz_aware=True) as client:
                save_layout(client[DATABASE], fixture / "layout.json")
            save_answers(release, fixture / "answers.json.xz")
            save_readers(fixture / "readers.json")
            runs = save_dagster(release.home / "dagster", fixture / "dagster.tar.xz")
            shutil.copyfile(folder / ".env", fixture / "environment")
            commit = subprocess.run(["git", "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout
            facts = {
                "release": version("tunemeld"),
                "commit": commit.strip(),
                "dagster": version("dagster"),
                "made_on": datetime.now(UTC).date().isoformat(),
                "last_day": (datetime.now(UTC).date() - timedelta(days=2)).isoformat(),
                "runs": runs,
            }
            _write_json(fixture / "facts.json", facts)
        finally:
            release.tunemeld("db", "stop")
            shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixture", type=Path, help="a new folder")
    make(parser.parse_args().fixture.absolute())
