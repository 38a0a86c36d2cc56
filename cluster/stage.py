"""The whole: the servers, a host with the daemon and Dagster's UI, and hosts with workers; and how runs are asked for and waited for."""

import json
import shutil
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cluster.hosts import Host
from cluster.servers import Servers, free_port, servers
from tunemeld_pipeline.run_tags import AS_OF_TAG, PARTITION_TAG
from tunemeld_pipeline.settings.settings import SETTING_NAMES

Json = dict[str, Any]
REPOSITORY = {
    "repositoryLocationName": "tunemeld_pipeline", "repositoryName": "__repository__", "jobName": "daily_refresh"
}  # fmt: skip
LAUNCH = """
mutation Launch($all: [ExecutionParams!]!) { launchMultipleRuns(executionParamsList: $all) {
  ... on LaunchMultipleRunsResult { launchMultipleRunsResult { __typename ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message } ... on InvalidSubsetError { message } ... on RunConfigValidationInvalid { errors { message } } } }
  ... on PythonError { message } } }
"""
RUNS = """
query Runs($limit: Int) { runsOrError(limit: $limit) { ... on Runs { results { runId status startTime endTime parentRunId
  tags { key value } } } } }
"""
POLL_SECONDS = 1.0
ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
DATABASE = "cluster_test"
PLENTY = 1_000_000


@dataclass(frozen=True)
class Run:
    """A run as Dagster's UI shows it."""

    run_id: str
    genre: str
    status: str
    began: float | None
    ended: float | None
    parent: str | None
    tags: Mapping[str, str] = field(repr=False)


class Scheduler:
    """The host of Dagster's daemon and its UI, through which runs are asked for as an operator does."""

    def __init__(self, host: Host) -> None:
        self.host = host
        self.port = free_port("127.0.0.1")
        self.program = host.start("start", "--no-api", "--ui-port", str(self.port), "--no-schedule")

    def ask(self, query: str, **variables: Any) -> Json:
        """What Dagster's UI answers."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/graphql", body, {"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as answer:
            found: Json = json.load(answer)
        if found.get("errors"):
            raise RuntimeError(f"Dagster's UI refused: {found['errors']}")
        data: Json = found["data"]
        return data

    def launch(self, genres: Sequence[str], as_of: str | None = None) -> list[str]:
        """Asks for a run of each genre; the ids of the runs."""
        tags = [{"key": AS_OF_TAG, "value": as_of}] if as_of else []
        asked = [
            {
                "selector": REPOSITORY,
                "runConfigData": {},
                "mode": "default",
                "executionMetadata": {"tags": [{"key": PARTITION_TAG, "value": genre}, *tags]},
            }
            for genre in genres
        ]
        answer = self.ask(LAUNCH, all=asked)["launchMultipleRuns"]
        results = answer.get("launchMultipleRunsResult", [])
        if len(results) != len(genres) or any("run" not in one for one in results):
            raise RuntimeError(f"Dagster's UI did not start the runs: {answer}")
        return [str(one["run"]["runId"]) for one in results]

    def runs(self, limit: int = 500) -> list[Run]:
        """The last runs, newest first."""
        found = []
        for one in self.ask(RUNS, limit=limit)["runsOrError"]["results"]:
            tags = {tag["key"]: tag["value"] for tag in one["tags"]}
            times = one["startTime"], one["endTime"]
            found.append(
                Run(one["runId"], tags.get(PARTITION_TAG, ""), one["status"], *times, one["parentRunId"], tags)
            )
        return found

    def run(self, run_id: str) -> Run:
        """One of the last runs."""
        return next(run for run in self.runs() if run.run_id == run_id)

    def wait_for(self, run_ids: Sequence[str], *, seconds: float) -> dict[str, Run]:
        """These runs once all of them have ended.

        Raises:
            TimeoutError: one has not.
        """
        until = time.monotonic() + seconds
        while True:
            found = {run.run_id: run for run in self.runs() if run.run_id in run_ids}
            waiting = [run_id for run_id in run_ids if found[run_id].status not in ENDED]
            if not waiting:
                return found
            if time.monotonic() > until:
                raise TimeoutError(f"{len(waiting)} of {len(run_ids)} runs have not ended after {seconds:.0f} s")
            time.sleep(POLL_SECONDS)


@dataclass
class Stage:
    """The servers, and a folder in which hosts are made."""

    folder: Path
    servers: Servers
    genres: tuple[str, ...]
    settings: dict[str, object]
    hosts: list[Host] = field(default_factory=list)

    def host(self, name: str, *, network: str | None = None, **settings: object) -> Host:
        """A host that shares records, broker and database with the others."""
        made = Host(name, self.folder / name, {**self.settings, **settings}, network=network)
        self.hosts.append(made)
        return made

    def alone(self, name: str, **settings: object) -> Host:
        """A host that has all for itself but the server of the database, where it has a database of its own."""
        own = {"postgres_url", "broker_url", "cluster_slots", "worker_slots"}
        shared = {name: value for name, value in self.settings.items() if name not in own}
        made = Host(name, self.folder / name, {**shared, **settings})
        self.hosts.append(made)
        return made


@contextmanager
def stage(count: int, *, slots: int, address: str = "127.0.0.1") -> Iterator[Stage]:
    """The servers, and a catalogue of this many genres; all is ended and removed afterwards.

    Args:
        slots: how many runs all workers together do at once.
    """
    folder = Path(tempfile.mkdtemp(prefix="tunemeld-cluster-"))
    folder.chmod(0o711)
    try:
        with servers(folder, address) as found:
            genres = tuple(f"g{number:02}" for number in range(1, count + 1))
            catalog = folder / "catalog.toml"
            catalog.write_text(_catalog(genres), "utf-8")
            settings: dict[str, object] = {
                "postgres_url": found.postgres_url,
                "broker_url": found.broker_url,
                "mongodb_url": found.mongodb_url,
                "mongodb_database": DATABASE,
                "catalog_file": catalog,
                "cluster_slots": slots,
                "worker_slots": slots // 2,
                "etl_retry_delay": 0.1,
                # What a quota has left depends on the order of runs, and so would the charts.
                **{name: PLENTY for name in SETTING_NAMES if name.endswith("_daily_budget")},
                # The sandbox has its own limit of a hundred a day, and one machine has one sandbox where two have two.
                "youtube_search_daily_budget": 0,
            }
            made = Stage(folder, found, genres, settings)
            try:
                yield made
            finally:
                for host in made.hosts:
                    host.end()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _catalog(genres: Sequence[str]) -> str:
    """Genres with lists of three services, whose addresses the sandbox takes for real ones."""
    return "".join(
        f'''[genres.{genre}]
display_name = "{genre.upper()}"
Spotify = "https://open.spotify.com/playlist/37i9dQZF1DX{number:011}"
SoundCloud = "https://soundcloud.com/editors/sets/{genre}"
Deezer = "https://www.deezer.com/playlist/{1_000_000 + number}"
'''
        for number, genre in enumerate(genres, start=1)
    )
