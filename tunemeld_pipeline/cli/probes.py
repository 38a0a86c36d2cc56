"""How each of TuneMeld's parts shows that it works: what `supervision/` asks it while it runs.

A probe returns the processes that give no answer, each with what was missed; `limits.py` has the times. What cannot be asked, for example
because a file is missing, counts as well.
"""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from django_backend.pulse import PULSES
from tunemeld_pipeline.limits import BEAT_SECONDS, PROBE_ANSWER_SECONDS, PULSE_SECONDS, THREAD_BEAT_SECONDS
from tunemeld_pipeline.local.mongod import MongodAsked
from tunemeld_pipeline.local.sandbox_service import silent_sandboxes
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.probes import Probe, Unchanged, answers_http
from tunemeld_pipeline.supervision.sessions import Session

if TYPE_CHECKING:
    from collections.abc import Mapping

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

    def ask(leader: int) -> "Mapping[int, str]":  # noqa: ARG001
        pid = mongod.silent()
        return {pid: f"mongod does not answer within {PROBE_ANSWER_SECONDS:.0f} s"} if pid else {}

    return (ask,)


def sandbox_probes(home: Path) -> tuple[Probe, ...]:
    """The sandbox services, which are not processes of the part itself."""

    def ask(leader: int) -> "Mapping[int, str]":  # noqa: ARG001
        return dict.fromkeys(silent_sandboxes(home), "the sandbox service does not answer")

    return (ask,)


def worker_pulses(folder: Path, longest: float = PULSE_SECONDS) -> Probe:
    """The API's workers: each touches its file in the folder every few seconds."""
    unchanged = Unchanged[int](longest)

    def ask(leader: int) -> "Mapping[int, str]":
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


def daemon_beats(
    database: Path, longest: float = BEAT_SECONDS, longest_of_one: float = THREAD_BEAT_SECONDS
) -> tuple[Probe, ...]:
    """Dagster's daemon: each of its threads writes a heartbeat every half minute into Dagster's own SQLite database.

    Read without Dagster, which would stay in this process's memory. Where Dagster keeps its records elsewhere, nothing is asked.
    """
    any_of_them, each = Unchanged[str](longest), Unchanged[str](longest_of_one)

    def ask(leader: int) -> "Mapping[int, str]":
        if not database.is_file():
            return {}
        with closing(sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True, timeout=BUSY_SECONDS)) as connection:
            beats = dict(connection.execute("SELECT daemon_type, timestamp FROM daemon_heartbeats"))
        silent = each.of(beats)
        all_silent = any_of_them.of({"any": tuple(sorted(beats.values()))})
        if all_silent:
            return {leader: f"Dagster's daemon has written no heartbeat for {all_silent['any']:.0f} s"}
        if silent:
            name, seconds = max(silent.items(), key=lambda item: item[1])
            return {leader: f"the daemon's thread {name} has written no heartbeat for {seconds:.0f} s"}
        return {}

    return (ask,)
