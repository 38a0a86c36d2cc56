"""An installation of an earlier release goes through this one, and back: its settings, its database, its answers and its Dagster home.

Everything runs through the command, as on the machine where it was made; `make_fixture.py` made what is in the release's folder. The
fixtures go from one stage to the next, and the tests judge what each stage left.
"""

import gzip
import json
import lzma
import os
import shutil
import socket
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg
import pytest
import requests
from bson import json_util
from jsonschema_rs import Draft202012Validator
from pymongo import MongoClient
from pymongo.database import Database

from tests.cli.conftest import TUNEMELD, run_tunemeld
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.operations.runs import open_instance
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store

Json = dict[str, Any]

RELEASE = Path(__file__).with_name("release-0.1.0")
FACTS: Json = json.loads((RELEASE / "facts.json").read_text("utf-8"))
ANSWERS: Json = json.loads(lzma.decompress((RELEASE / "answers.json.xz").read_bytes()))
READERS: Json = json.loads((RELEASE / "readers.json").read_text("utf-8"))
DATABASE = "tunemeld_sandbox"
NEXT_DAY = (date.fromisoformat(FACTS["last_day"]) + timedelta(days=1)).isoformat()

UNREADABLE_THERE: dict[str, str] = {
    "historical_track_views": "Histories, which are kept by month now: put the backup of before the upgrade back, as a whole.",
    "raw_playlists": "Lists of a service that it does not know: with the histories.",
    "track_playlist": "The same.",
    "chart_history": "Days with such a list: with the histories.",
    "view_counts_playlists": "Charts, which each run writes anew: put those of before the upgrade back, alone.",
}
"""Collections of which the earlier release cannot read what this one writes, each with what docs/operations.md says about it."""

MAY_CHANGE = {"schema_version"}
"""Fields of an answer that name how a document is kept, and nothing of the music."""

PAST_DAYS_LOST = (".date is gone", ".track_urls is gone")
"""What charts of past days had of their own before they got the shape of the current one."""


@dataclass(frozen=True)
class Installation:
    """A machine with the earlier release's files, where this release is installed now."""

    folder: Path
    url: str
    database: Database[Json]

    @property
    def home(self) -> Path:
        return self.folder / "home"

    def run(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """The command in this folder, whose `.env` it reads."""
        return run_tunemeld(*arguments, folder=self.folder, TUNEMELD_HOME=str(self.home))

    def answers(self, paths: list[str]) -> Json:
        """The data that the API answers, by path."""
        with self.serving() as url:
            return {path: requests.get(url + path, timeout=60).json()["data"] for path in paths}

    @contextmanager
    def serving(self) -> Iterator[str]:
        """The address of an API over the database, for as long as the block lasts."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        url, log = f"http://127.0.0.1:{port}", self.folder / "api.log"
        kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "TMPDIR") if name in os.environ}
        environment = {**kept, "TUNEMELD_HOME": str(self.home)}
        with log.open("wb") as output:
            command = [TUNEMELD, "api", "start", "--port", str(port), "--workers", "1"]
            process = subprocess.Popen(command, cwd=self.folder, env=environment, stdout=output, stderr=output)
            try:
                assert wait_until(lambda: _answers(url) or process.poll() is not None, seconds=300), log.read_text()
                assert process.poll() is None, log.read_text()
                yield url
            finally:
                process.terminate()
                process.wait(60)

    def documents(self) -> dict[str, dict[str, str]]:
        """Every document of the fixture's collections as text with its types, by collection and id."""
        return {name: _as_texts(self.database[name].find()) for name in _saved()}


@dataclass(frozen=True)
class Upgraded:
    """What this release makes of the installation before anything else is written."""

    installation: Installation
    settings: subprocess.CompletedProcess[str]
    initialized: subprocess.CompletedProcess[str]
    indexes: subprocess.CompletedProcess[str]
    status: subprocess.CompletedProcess[str]
    answers: Json


@dataclass(frozen=True)
class Continued:
    """The installation after one more day."""

    installation: Installation
    run: subprocess.CompletedProcess[str]
    answers: Json


@pytest.fixture(scope="module")
def installation() -> Iterator[Installation]:
    """The earlier release's files and servers, with what it wrote."""
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-up-"))  # pytest's own can be too long for a socket
    home = folder / "home"
    try:
        shutil.copyfile(RELEASE / "environment", folder / ".env")
        with tarfile.open(RELEASE / "dagster.tar.xz") as archive:
            archive.extractall(home, filter="data")
        home.chmod(0o700)
        url = ensure_mongod(home)
        with MongoClient[Json](url, tz_aware=True) as client:
            # What was to go a week later would go while the tests run.
            client.admin.command("setParameter", 1, ttlMonitorEnabled=False)
            _fill(client[DATABASE])
            yield Installation(folder, url, client[DATABASE])
    finally:
        stop_mongod(home)
        shutil.rmtree(folder)


@pytest.fixture(scope="module")
def upgraded(installation: Installation) -> Upgraded:
    """This release's first commands, in the order in which docs/operations.md gives them."""
    return Upgraded(
        installation,
        settings=installation.run("config", "validate"),
        initialized=installation.run("db", "init"),
        indexes=installation.run("db", "indexes"),
        status=installation.run("etl", "status", "--json"),
        answers=installation.answers(list(ANSWERS)),
    )


@pytest.fixture(scope="module")
def continued(upgraded: Upgraded) -> Iterator[Continued]:
    """One more day of one genre, with the sandbox that the settings mean."""
    installation = upgraded.installation
    try:
        run = installation.run("etl", "run", "full", "--genre", "dance", "--as-of", NEXT_DAY, "--json")
        past = [path for path in ANSWERS if "date=" in path]
        yield Continued(installation, run, installation.answers([*past, "/playlist-data/dance", "/chart-dates/dance"]))
    finally:
        installation.run("db", "stop")


@dataclass(frozen=True)
class TakenBack:
    """The installation after this release put the backup of before the upgrade back: the charts first, then all of it."""

    installation: Installation
    after_the_charts: dict[str, dict[str, str]]
    after_all: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def taken_back(continued: Continued) -> TakenBack:
    """Both ways back that docs/operations.md gives, one after the other."""
    installation = continued.installation
    documents = []
    for which in (["--only", "view_counts_playlists"], []):
        restored = installation.run("db", "restore", RELEASE / "backup", "--unsigned", *which)
        assert restored.returncode == 0, restored.stderr
        documents.append(installation.documents())
    return TakenBack(installation, *documents)


def test_its_settings_are_understood(upgraded: Upgraded) -> None:
    assert upgraded.settings.returncode == 0, upgraded.settings.stdout + upgraded.settings.stderr


def test_its_past_days_become_positions_and_its_recordings_can_be_found(upgraded: Upgraded) -> None:
    database, said = upgraded.installation.database, upgraded.initialized.stdout
    assert "made from past days" in said
    assert "given artists and words" in said
    remembered = {"withdrawn": {"$ne": True}}
    assert database["positions"].distinct("genre_name") == database["chart_history"].distinct("genre_name", remembered)
    assert database["recordings"].count_documents({"terms": {"$size": 0}}) == 0
    assert database["recordings"].count_documents({"artists.slug": {"$in": database["artists"].distinct("_id")}}) > 0
    for one in database["recordings"].find():
        assert one["terms"], one


def test_its_database_gets_this_releases_layout(upgraded: Upgraded) -> None:
    assert (upgraded.initialized.returncode, upgraded.initialized.stderr) == (0, ""), upgraded.initialized.stdout
    assert upgraded.indexes.returncode == 0, upgraded.indexes.stdout
    assert "foreign" not in upgraded.indexes.stdout


def test_its_charts_runs_schedule_and_troubles_are_known(upgraded: Upgraded) -> None:
    status = json.loads(upgraded.status.stdout)

    assert (upgraded.status.returncode, upgraded.status.stderr) == (1, "")
    assert {genre: len(of["assets"]) for genre, of in status["genres"].items()} == {
        "country": 1,
        "dance": 0,
        "pop": 0,
        "rap": 4,
    }
    assert [of["tracks"] > 10 for of in status["genres"].values()] == [False, True, True, True]
    assert status["failures"][0].startswith("country has no chart yet")
    assert status["failures"][1].startswith("raw_playlists of country failed")
    assert any(text.startswith("pop: SoundCloud is stale since") for text in status["warnings"])
    assert any(text.startswith("rap is degraded: rolled back to") for text in status["warnings"])
    assert status["scheduled"], "somebody switched the schedule on"
    assert {"run_failed/country/", "degraded/pop/SoundCloud playlist"} <= {one["key"] for one in status["incidents"]}


def test_its_documents_are_answered_as_they_were(upgraded: Upgraded) -> None:
    lost = {path: _lost(before, upgraded.answers[path]) for path, before in ANSWERS.items()}
    for path in lost:
        if path.startswith("/playlist-data/") and "date=" in path:
            lost[path] = [change for change in lost[path] if not change.endswith(PAST_DAYS_LOST)]
    assert {path: changes[:3] for path, changes in lost.items() if changes} == {}


def test_its_dagster_home_opens_with_every_run(upgraded: Upgraded) -> None:
    with open_instance(Settings(environment="testing", home=upgraded.installation.home)) as instance:
        before = datetime.fromisoformat(f"{FACTS['made_on']}T23:59:59+00:00")
        runs = instance.get_runs(dg.RunsFilter(created_before=before))
        counted = {state: sum(run.status.value == state for run in runs) for state in FACTS["runs"]}
        made = instance.fetch_materializations(dg.AssetKey("historical_track_views"), limit=100).records

    assert counted == FACTS["runs"]
    assert {record.partition_key for record in made} == {"dance", "pop", "rap"}


def test_a_further_day_goes_on_from_its_charts(continued: Continued) -> None:
    assert continued.run.returncode in (0, 3), continued.run.stdout + continued.run.stderr
    tracks = continued.answers["/playlist-data/dance"][0]["tracks"]
    before = {track["track_id"]: track for track in ANSWERS["/playlist-data/dance"][0]["tracks"]}
    stayed = [track for track in tracks if track["track_id"] in before]

    assert continued.answers["/chart-dates/dance"] == [*ANSWERS["/chart-dates/dance"], NEXT_DAY]
    assert len(stayed) > len(tracks) / 2
    assert all(track["days_on_chart"] == before[track["track_id"]]["days_on_chart"] + 1 for track in stayed)


def test_a_service_that_is_new_in_this_release_marks_and_degrades_nothing_on_its_first_day(
    continued: Continued,
) -> None:
    made = Store(continued.installation.database).charts.materialization("dance")
    assert made is not None
    came = made.outcomes.keys() - ANSWERS["/header-art/dance"].keys()
    assert {service: made.outcomes[service].state for service in came} == {"Deezer": "fresh"}
    assert not [lacking for lacking in made.degraded if lacking.startswith("Deezer")]
    tracks = continued.answers["/playlist-data/dance"][0]["tracks"]
    assert {(track["status"], track["movement"]) for track in tracks} == {(None, None)}
    assert any("Deezer" in track["sources"] for track in tracks)


def test_a_further_day_loses_no_reading(continued: Continued) -> None:
    for path, points in ANSWERS.items():
        if path.startswith("/graph-data/") and "date=" in path:
            now = {point["track_id"]: point for point in continued.answers[path]}
            for point in points:
                assert now[point["track_id"]]["readings"] == point["readings"], (path, point["track_id"])
                assert now[point["track_id"]]["view_counts"] == point["view_counts"], (path, point["track_id"])


def test_a_further_day_adds_a_reading_to_each_history(continued: Continued) -> None:
    database = continued.installation.database
    of_today = [
        (history["isrc"], source)
        for history in database["historical_track_views"].find({"period": NEXT_DAY[:7]})
        for source, days in history["view_counts"].items()
        if NEXT_DAY[-2:] in days
    ]
    histories = {one.isrc: one.view_counts for one in Store(database).histories.of({isrc for isrc, _ in of_today})}

    assert len(of_today) > 100
    for isrc, source in of_today:
        *_, last = readings = histories[isrc][source]
        assert f"{last.current_timestamp:%Y-%m-%d}" == NEXT_DAY
        assert last.delta_count == (last.view_count - readings[-2].view_count if len(readings) > 1 else 0)


def test_the_earlier_release_can_read_what_this_one_writes(continued: Continued) -> None:
    """Its readers are kept as JSON Schemas; a collection that they cannot read any more has to be named, with its remedy."""
    refused = {}
    for name, readers in READERS.items():
        collection = continued.installation.database[name]
        rules = _layout()["collections"][name]["options"].get("validator", {})
        assert collection.count_documents({}) > 0, name
        validators = [Draft202012Validator(schema) for schema in readers["schemas"]]
        refused[name] = [
            trouble for one in collection.find() if (trouble := _refused(one, readers["schema_versions"], validators))
        ]
        refused[name] += [f"{one['_id']}: its validator" for one in collection.find({"$nor": [rules]}) if rules]

    assert {name for name, troubles in refused.items() if troubles} == set(UNREADABLE_THERE), refused


def test_its_charts_come_back_alone_and_the_histories_keep_the_day_since(taken_back: TakenBack) -> None:
    now, before = taken_back.after_the_charts, _saved()

    assert now["view_counts_playlists"] == before["view_counts_playlists"]
    assert len(now["chart_history"]) == len(before["chart_history"]) + 1
    assert NEXT_DAY in "".join(now["chart_history"].values())


def test_all_of_its_documents_come_back_as_they_were(taken_back: TakenBack) -> None:
    for name, documents in _saved().items():
        if name != "api_usage":  # what was spent stays spent
            assert taken_back.after_all[name] == documents, name


def test_what_was_spent_meanwhile_stays_spent(taken_back: TakenBack) -> None:
    spent = {one["_id"]: one["used"] for one in taken_back.installation.database["api_usage"].find()}
    before = [json_util.loads(text) for text in _saved()["api_usage"].values()]

    assert all(spent[one["_id"]] >= one["used"] for one in before)


def _fill(database: Database[Json]) -> None:
    """The database as the earlier release left it: its collections, validators, indexes and documents."""
    layout = _layout()
    database["layout"].insert_many(layout["marker"])
    for name, one in layout["collections"].items():
        database.create_collection(name, **one["options"])
        for index in one["indexes"]:
            if index["name"] != "_id_":
                database.command("createIndexes", name, indexes=[index])
        if documents := _saved().get(name):
            database[name].insert_many([json_util.loads(text) for text in documents.values()])


def _layout() -> Json:
    layout: Json = json_util.loads((RELEASE / "layout.json").read_text("utf-8"))
    return layout


@cache
def _saved() -> dict[str, dict[str, str]]:
    """The documents of the fixture, read without this release's means."""
    found = {}
    for file in sorted((RELEASE / "backup").glob("*.json.gz")):
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            found[file.name.removesuffix(".json.gz")] = _as_texts(
                json_util.loads(line, json_options=json_util.CANONICAL_JSON_OPTIONS) for line in lines
            )
    return found


def _as_texts(documents: Any) -> dict[str, str]:
    return {
        str(one["_id"]): json_util.dumps(one, json_options=json_util.CANONICAL_JSON_OPTIONS, sort_keys=True)
        for one in documents
    }


def _answers(url: str) -> bool:
    try:
        return requests.get(f"{url}/genres", timeout=10).ok
    except requests.RequestException:
        return False


def _lost(before: Any, now: Any, place: str = "") -> list[str]:
    """Where something that was answered is answered otherwise, or not at all; more may be answered."""
    if isinstance(before, dict) and isinstance(now, dict):
        return [
            lost
            for name, value in before.items()
            if name not in MAY_CHANGE
            for lost in (_lost(value, now[name], f"{place}.{name}") if name in now else [f"{place}.{name} is gone"])
        ]
    if isinstance(before, list) and isinstance(now, list) and len(before) == len(now):
        return [lost for n, (a, b) in enumerate(zip(before, now, strict=True)) for lost in _lost(a, b, f"{place}[{n}]")]
    return [] if now in (before, _as_the_older_page_reads(before, place)) else [f"{place}: {before!r} became {now!r}"]


def _as_the_older_page_reads(value: Any, place: str) -> Any:
    """An unknown count is an empty string since, and Apple's cover ends like a video's; docs/api.md says why."""
    if value is None and place.endswith("_view_count"):
        return ""
    return f"{value}#.m3u8" if place.endswith(".AppleMusic.playlist_cover_url") else value


def _as_json(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _refused(document: Json, versions: list[int], readers: list[Draft202012Validator]) -> str | None:
    """Why none of the readers takes the document."""
    version = document.get("schema_version", versions[0])
    if version not in versions:
        return f"{document['_id']}: schema version {version}"
    shown = json.loads(json.dumps({**document, "incident_id": document["_id"]}, default=_as_json))
    reasons = [next((error.message for error in reader.iter_errors(shown)), None) for reader in readers]
    return None if None in reasons else f"{document['_id']}: {reasons}"
