"""How each of TuneMeld's parts shows that it works: what `supervision/` asks it while it runs.

A probe returns the processes that give no answer, each with what was missed; `limits.py` has the times. What cannot be asked, for example
because a file is missing, counts as well.
"""

import sqlite3
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

from django_backend.pulse import PULSES
from tunemeld_pipeline.limits import BEAT_SECONDS, PROBE_ANSWER_SECONDS, PULSE_SECONDS, THREAD_BEAT_SECONDS
from tunemeld_pipeline.local.mongod import MongodAsked
from tunemeld_pipeline.local.sandbox_service import silent_sandboxes
from tunemeld_pipeline.settings.formats import plain
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.probes import Probe, Unchanged, answers_http
from tunemeld_pipeline.supervision.sessions import Session

Beats = Callable[[], Mapping[str, Any]]
"""Per thread of Dagster's daemon, the time of its last heartbeat, in any form that can be compared."""

BEATS = "SELECT daemon_type, timestamp FROM daemon_heartbeats"
BUSY_SECONDS = 2.0
"""How long to wait for Dagster's database while somebody writes to it."""


def api_probes(settings: Settings, port: Port) -> tuple[Probe, ...]:
    """The API as a whole by a request, and each of its workers by its file."""
    hosts = [host.lstrip(".") for host in settings.django_allowed_hosts if host != "*"]
    headers = {"X-Forwarded-Proto": "https", **({"Host": hosts[0]} if hosts else {})}
    return (answers_http(port, "/health/live", headers), worker_pulses(settings.home / "api"))


def ui_probes(port: Port) -> tuple[Probe, ...]:
    """Dagster's UI by a request that reads no database."""
    return (answers_http(port, "/server_info"),)


def database_probes(home: Path) -> tuple[Probe, ...]:
    """The local `mongod`, which is not a process of the part itself."""
    mongod = MongodAsked(home, seconds=PROBE_ANSWER_SECONDS)

    def ask(leader: int) -> Mapping[int, str]:  # noqa: ARG001
        pid = mongod.silent()
        return {pid: f"mongod does not answer within {PROBE_ANSWER_SECONDS:.0f} s"} if pid else {}

    return (ask,)


def sandbox_probes(home: Path) -> tuple[Probe, ...]:
    """The sandbox services, which are not processes of the part itself."""

    def ask(leader: int) -> Mapping[int, str]:  # noqa: ARG001
        return dict.fromkeys(silent_sandboxes(home), "the sandbox service does not answer")

    return (ask,)


def worker_pulses(folder: Path, longest: float = PULSE_SECONDS) -> Probe:
    """The API's workers: each touches its file in the folder every few seconds."""
    unchanged = Unchanged[int](longest)

    def ask(leader: int) -> Mapping[int, str]:
        marks = {
            pid: mark.stat().st_mtime_ns
            for pid in Session(leader, 0).members()
            if (mark := folder / f"{PULSES}{pid}").exists()
        }
        return {
            pid: f"the worker has given no sign of life for {seconds:.0f} s"
            for pid, seconds in unchanged.of(marks).items()
        }

    return ask


def beats_of(settings: Settings) -> Beats:
    """Reads the daemon's heartbeats where the settings have Dagster's records."""
    if settings.postgres_url is not None:
        return postgres_beats(plain(settings.postgres_url))
    return sqlite_beats(settings.dagster_folder / "history" / "runs.db")


def sqlite_beats(database: Path) -> Beats:
    """Reads them from Dagster's SQLite database; none where Dagster keeps its records elsewhere."""

    def read() -> dict[str, Any]:
        if not database.is_file():
            return {}
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            return dict(connection.execute(BEATS))

    return read


def postgres_beats(url: str) -> Beats:
    """Reads them from Postgres; while it is away nothing is known of the daemon."""

    def read() -> dict[str, Any]:
        from sqlalchemy import NullPool, create_engine, text

        seconds = {"connect_timeout": int(PROBE_ANSWER_SECONDS)}
        with create_engine(url, poolclass=NullPool, connect_args=seconds).connect() as connection:
            return {row.daemon_type: row.timestamp for row in connection.execute(text(BEATS))}

    return read


def daemon_beats(
    read: Beats, longest: float = BEAT_SECONDS, longest_of_one: float = THREAD_BEAT_SECONDS
) -> tuple[Probe, ...]:
    """Dagster's daemon: each of its threads writes a heartbeat every half minute into Dagster's own database.

    Read without Dagster, which would stay in this process's memory.
    """
    any_of_them, each = Unchanged[str](longest), Unchanged[str](longest_of_one)

    def ask(leader: int) -> Mapping[int, str]:
        if not (beats := read()):
            return {}
        silent = each.of(beats)
        all_silent = any_of_them.of({"any": tuple(sorted(beats.values()))})
        if all_silent:
            return {leader: f"Dagster's daemon has written no heartbeat for {all_silent['any']:.0f} s"}
        if silent:
            name, seconds = max(silent.items(), key=lambda item: item[1])
            return {leader: f"the daemon's thread {name} has written no heartbeat for {seconds:.0f} s"}
        return {}

    return (ask,)
