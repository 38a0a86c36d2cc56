"""What must hold of several machines: each chapter plays a part on the stage, and returns what it found and whether that will do."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from pymongo import MongoClient

from cluster.hosts import Host, Program
from cluster.measuring import Connections, charts, first_difference, processor_seconds, published
from cluster.stage import DATABASE, ENDED, Run, Scheduler, Stage
from tunemeld_pipeline.local.processes import wait_until

DAY = "2026-03-02"
ALONE = "alone_test"
RUNS_SECONDS = 1_800.0
MOST_HELD, MOST_MADE_A_RUN = 40, 2
MOST_OF_DEFAULT = 0.5
ENDED_WITHIN, FRESH_WITHIN = 90.0, 300.0


@dataclass
class Finding:
    """What a chapter found.

    Attributes:
        held: whether what was promised holds.
        figures: what was measured, by name.
    """

    chapter: str
    held: bool
    figures: dict[str, Any] = field(default_factory=dict)


@dataclass
class Cluster:
    """The programs that run on the stage."""

    stage: Stage
    scheduler: Scheduler
    workers: list[tuple[Host, Program]]

    @classmethod
    def begin(cls, stage: Stage, names: Sequence[str] = ("alpha", "beta")) -> "Cluster":
        """Starts the daemon, and a worker on each of these hosts."""
        scheduler = Scheduler(stage.host("scheduler"))
        hosts = [stage.host(name) for name in names]
        return cls(stage, scheduler, [(host, host.start("worker")) for host in hosts])

    def programs(self) -> list[Any]:
        """All that runs for the sake of runs, the servers of records and broker too."""
        servers = self.stage.servers
        return [
            self.scheduler.program,
            *(program for _, program in self.workers),
            servers.postgres,
            servers.pgbouncer,
            servers.redis,
        ]

    def refresh(self, as_of: str | None = None) -> list[Run]:
        """A run of each genre, ended."""
        ids = self.scheduler.launch(self.stage.genres, as_of)
        return list(self.scheduler.wait_for(ids, seconds=RUNS_SECONDS).values())


def equal_charts(cluster: Cluster) -> Finding:
    """Every genre through two workers on two hosts, and by one command on one host: the same charts."""
    runs = cluster.refresh(DAY)
    alone = cluster.stage.alone("alone", mongodb_database=ALONE)
    alone.run("etl", "run", "full", "--as-of", DAY)
    url = cluster.stage.servers.mongodb_url
    ours, theirs = charts(url, _world(DATABASE)), charts(url, _world(ALONE))
    different = sorted(
        f"{name}: {key}: {first_difference(ours[name].get(key), theirs[name].get(key))}"
        for name in theirs
        for key in {*ours[name], *theirs[name]}
        if ours[name].get(key) != theirs[name].get(key)
    )
    good = sum(run.status == "SUCCESS" for run in runs)
    there = len(theirs["materializations"])
    held = good == len(runs) == there and not different
    return Finding("equal charts", held, {"good runs": good, "charts alone": there, "different": different})


def few_connections(cluster: Cluster) -> Finding:
    """Runs make hardly any connection to Postgres, and hold few."""
    connections = Connections(cluster.stage.servers.direct_url)
    before = connections.made()
    ids = cluster.scheduler.launch(cluster.stage.genres)
    most = 0
    while any(run.status not in ENDED for run in cluster.scheduler.runs(len(ids))):
        most = max(most, connections.held())
        time.sleep(0.5)
    made = connections.made() - before
    figures = {"runs": len(ids), "made": made, "made a run": round(made / len(ids), 2), "most held": most}
    return Finding("few connections", most <= MOST_HELD and made <= MOST_MADE_A_RUN * len(ids), figures)


def warm_runs(cluster: Cluster, rounds: int = 3) -> Finding:
    """Processor time of a warm round by the workers and by Dagster's default launcher, alternating."""
    alone = cluster.stage.alone("default", mongodb_database="default_test", cluster_slots=4)
    default = Scheduler(alone)
    before: list[tuple[float, int]] = []
    ours: list[tuple[float, int]] = []
    default.wait_for(default.launch(cluster.stage.genres), seconds=RUNS_SECONDS)
    cluster.refresh()
    for _ in range(rounds):
        before.append(_spent([default.program], default, cluster.stage.genres))
        ours.append(_spent(cluster.programs(), cluster.scheduler, cluster.stage.genres))
    default.program.end()
    ratio = sum(spent for spent, _ in ours) / sum(spent for spent, _ in before)
    figures = {
        "default launcher, CPU s and good runs": [(round(spent, 1), good) for spent, good in before],
        "workers, CPU s and good runs": [(round(spent, 1), good) for spent, good in ours],
        "ratio": round(ratio, 2),
    }
    return Finding(
        "warm runs", ratio <= MOST_OF_DEFAULT and all(good == len(cluster.stage.genres) for _, good in ours), figures
    )


def broker_away(cluster: Cluster, seconds: float = 10.0) -> Finding:
    """Redis is killed as runs are handed out and under way."""
    ids = cluster.scheduler.launch(cluster.stage.genres)
    cluster.stage.servers.redis.away(seconds, killed=True)
    return _recovered("broker away", cluster, ids)


def records_away(cluster: Cluster, seconds: float = 30.0) -> Finding:
    """Postgres is stopped while runs are under way."""
    ids = cluster.scheduler.launch(cluster.stage.genres)
    _wait_for_start(cluster.scheduler, ids)
    cluster.stage.servers.postgres.away(seconds, killed=False)
    return _recovered("records away", cluster, ids)


def killed_workers(cluster: Cluster, times: int, seed: int) -> Finding:
    """A worker is killed in a run, with all its processes, at moments from a seed: the run is ended soon, and the genre is fresh."""
    random = Random(seed)
    database = _world(DATABASE)
    ended, fresh = [], []
    for _ in range(times):
        genre = random.choice(cluster.stage.genres)
        before = published(cluster.stage.servers.mongodb_url, database, genre)
        (run_id,) = cluster.scheduler.launch([genre])
        pid = _process_of(cluster, run_id)
        time.sleep(random.uniform(0, 2))
        index = next((at for at, (_, program) in enumerate(cluster.workers) if pid in program.pids()), None)
        if index is None or cluster.scheduler.run(run_id).status in ENDED:
            continue  # it was done sooner than it could be killed
        host, program = cluster.workers[index]
        program.kill()
        killed = time.time()
        run = cluster.scheduler.wait_for([run_id], seconds=RUNS_SECONDS)[run_id]
        ended.append(round((run.ended or time.time()) - killed))
        _until(lambda: published(cluster.stage.servers.mongodb_url, database, genre) != before, RUNS_SECONDS)  # noqa: B023
        fresh.append(round(time.time() - killed))
        cluster.workers[index] = host, host.start("worker")
    held = bool(ended) and max(ended) <= ENDED_WITHIN and max(fresh) <= FRESH_WITHIN
    return Finding("killed workers", held, {"killed": len(ended), "ended after s": ended, "fresh after s": fresh})


def _spent(programs: Sequence[Any], scheduler: Scheduler, genres: Sequence[str]) -> tuple[float, int]:
    """Processor time of a round, and how many of its runs were good."""
    began = processor_seconds(programs)
    runs = scheduler.wait_for(scheduler.launch(genres), seconds=RUNS_SECONDS).values()
    return processor_seconds(programs) - began, sum(run.status == "SUCCESS" for run in runs)


def _recovered(chapter: str, cluster: Cluster, ids: Sequence[str]) -> Finding:
    """Whether these runs, or those that were made in their place, were good in the end, and after how long."""
    began = time.monotonic()
    genres = set(cluster.stage.genres)
    good: set[str] = set()

    def all_good() -> bool:
        runs = cluster.scheduler.runs()
        own = set(ids)
        for run in reversed(runs):
            if run.parent in own:
                own.add(run.run_id)
        good.update(run.genre for run in runs if run.run_id in own and run.status == "SUCCESS")
        return good >= genres

    _until(all_good, RUNS_SECONDS)
    first = cluster.scheduler.wait_for(ids, seconds=RUNS_SECONDS).values()
    return Finding(
        chapter,
        good >= genres,
        {
            "runs": len(ids),
            "good at the first try": sum(run.status == "SUCCESS" for run in first),
            "good in the end": len(good),
            "after s": round(time.monotonic() - began),
        },
    )


def _process_of(cluster: Cluster, run_id: str) -> int:
    """The process that holds the run's lease, once there is one."""
    with MongoClient(cluster.stage.servers.mongodb_url) as client:
        leases = client[_world(DATABASE)]["run_leases"]
        found: list[dict[str, Any]] = []

        def has_lease() -> bool:
            found[:] = leases.find({"_id": run_id})
            return bool(found)

        _until(has_lease, RUNS_SECONDS)
        return int(found[0]["process"].partition(" ")[0])


def _until(condition: Callable[[], bool], seconds: float) -> None:
    if not wait_until(condition, seconds=seconds):
        raise TimeoutError(f"what was waited for has not come within {seconds:.0f} s")


def _wait_for_start(scheduler: Scheduler, ids: Sequence[str]) -> None:
    _until(lambda: any(run.status == "STARTED" for run in scheduler.runs() if run.run_id in ids), RUNS_SECONDS)


def _world(database: str) -> str:
    """The sandbox's database for this setting, in testing."""
    return f"{database.removesuffix('_test')}_sandbox_test"
