"""What runs cost: processor time of programs with all that they start, connections to Postgres, and charts without ids and times."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import psutil
from pymongo import MongoClient
from sqlalchemy import NullPool, create_engine, make_url, text

from cluster.hosts import Program
from cluster.servers import Server
from tunemeld_pipeline.settings.formats import POSTGRES_DRIVER

COMPARED = ("track_playlist", "view_counts_playlists", "chart_history", "materializations")
OF_A_RUN = {"_id", "run_id", "expires_at", "schema_version", "calls", "quota", "seconds"}
"""What names a run, how long it took, and what depends on which genre came first: calls that another genre's run had made, and what a
quota has left."""

OWN_ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
"""Each host has a sandbox of its own, whose covers have its address."""


def processor_seconds(programs: Iterable[Program | Server]) -> float:
    """Processor time so far of these programs and all that they started, also of what has ended since."""
    trees = [_tree(program) for program in programs]
    found = {process.pid: process for tree in trees for process in tree}
    return sum(_seconds(process) for process in found.values())


def _tree(program: Program | Server) -> list[psutil.Process]:
    if program.process is None:
        return []
    try:
        leader = psutil.Process(program.process.pid)
        return [leader, *leader.children(recursive=True)]
    except psutil.Error:
        return []


def _seconds(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system + times.children_user + times.children_system)


class Connections:
    """Connections to Postgres, seen from a connection of its own."""

    def __init__(self, url: str) -> None:
        # Not to the database that is counted.
        elsewhere = make_url(url.replace("postgresql:", f"{POSTGRES_DRIVER}:")).set(database="postgres")
        self._engine = create_engine(elsewhere, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def made(self) -> int:
        """How many were ever made."""
        return self._number("SELECT sessions FROM pg_stat_database WHERE datname = 'dagster'")

    def held(self) -> int:
        """How many there are now."""
        return self._number("SELECT count(*) FROM pg_stat_activity WHERE datname = 'dagster'")

    def _number(self, query: str) -> int:
        with self._engine.connect() as connection:
            return int(connection.execute(text(query)).scalar_one())


def charts(mongodb_url: str, database: str) -> dict[str, dict[str, Any]]:
    """Each collection's documents by genre and service, without what names a run or a moment."""
    with MongoClient(mongodb_url) as client:
        return {
            name: {
                f"{one.get('genre_name', one['_id'])}/{one.get('service_name', one.get('date', ''))}": _plain(one)
                for one in client[database][name].find()
            }
            for name in COMPARED
        }


def first_difference(a: Any, b: Any, path: str = "") -> str:
    """Where two documents differ first, and how."""
    if isinstance(a, dict) and isinstance(b, dict):
        for name in sorted({*a, *b}, key=str):
            if a.get(name) != b.get(name):
                return first_difference(a.get(name), b.get(name), f"{path}.{name}")
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        at = next(number for number, pair in enumerate(zip(a, b, strict=True)) if pair[0] != pair[1])
        return first_difference(a[at], b[at], f"{path}[{at}]")
    return f"{path}: {str(a)[:80]!r}, {str(b)[:80]!r}"


def published(mongodb_url: str, database: str, genre: str) -> Any:
    """The version of a genre's chart that readers take; None before there is one."""
    with MongoClient(mongodb_url) as client:
        found = client[database]["materializations"].find_one({"_id": genre})
    return found and found.get("run_id")


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {
            name: _plain(one) for name, one in value.items() if name not in OF_A_RUN and not isinstance(one, datetime)
        }
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return OWN_ADDRESS.sub("sandbox:", value) if isinstance(value, str) else value
