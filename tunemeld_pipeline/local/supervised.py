"""Notes how the supervised parts of a home are, in a small file, for commands that show it.

`cli/parts.py` writes it while `tunemeld start` or `tunemeld dev start` runs.
"""

import os
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tunemeld_pipeline.local.processes import Process, private_directory, read_record, write_record

UP, DOWN, HANGS = "up", "down", "hangs"


@dataclass(frozen=True)
class SupervisedPart:
    """A part: `up`, `down` or `hangs`, since when; and when it last hung since the supervisor runs, with the reason."""

    name: str
    state: str
    since: datetime
    pid: int | None = None
    hung_at: datetime | None = None
    hung_because: str = ""


class SupervisedParts:
    """This process's parts, noted for a home.

    Args:
        name: begins the file's name; a second supervisor of the same home has another, which begins with `supervised` too.
    """

    def __init__(self, home: Path, name: str = "supervised") -> None:
        self._file = private_directory(home) / f"{name}.json"
        self._parts: dict[str, SupervisedPart] = {}

    def ready(self, name: str, pid: int) -> None:
        """The part works."""
        self._note(name, UP, pid)

    def ended(self, name: str) -> None:
        """The part does not run."""
        self._note(name, DOWN, None)

    def hangs(self, name: str, pid: int, why: str) -> None:
        """A process of the part hangs, and is about to be killed; one of several workers leaves the part up."""
        part = self._parts.get(name)
        whole = part is None or part.pid == pid
        self._note(name, HANGS if whole else UP, part.pid if part else None, why)

    def forget(self) -> None:
        """The supervisor ends."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)

    def _note(self, name: str, state: str, pid: int | None, why: str = "") -> None:
        now = datetime.now(UTC)
        before = self._parts.get(name) or SupervisedPart(name, state, now)
        since = before.since if before.state == state and before.pid == pid else now
        part = replace(before, state=state, since=since, pid=pid)
        self._parts[name] = replace(part, hung_at=now, hung_because=why) if why else part
        own = Process.of(os.getpid())
        parts = [asdict(one) for one in self._parts.values()]
        with suppress(OSError):  # a full disk: the parts are what matters
            write_record(self._file, {"pid": own.pid, "started": own.started, "parts": [_plain(one) for one in parts]})


def supervised_parts(home: Path) -> list[SupervisedPart]:
    """The home's supervised parts, each supervisor first if it is itself stopped; none if no supervisor runs."""
    return [part for file in sorted(home.glob("supervised*.json")) for part in _noted(file)]


def _noted(file: Path) -> list[SupervisedPart]:
    record = read_record(file)
    try:
        if record is None or not Process(int(record["pid"]), str(record["started"])).is_alive:
            return []
        parts = [_part(one) for one in record["parts"]]
    except (KeyError, TypeError, ValueError):
        return []
    own = SupervisedPart("supervisor", UP, datetime.now(UTC), int(record["pid"]))
    return [_as_seen(one) for one in (*([own] if _is_stopped(own.pid) else []), *parts)]


def _as_seen(part: SupervisedPart) -> SupervisedPart:
    if part.state == UP and _is_stopped(part.pid):
        now = datetime.now(UTC)
        return replace(part, state=HANGS, since=now, hung_at=now, hung_because=f"process {part.pid} is stopped")
    return part


def _is_stopped(pid: int | None) -> bool:
    import psutil  # where no supervisor runs, nobody asks

    try:
        return pid is not None and psutil.Process(pid).status() == psutil.STATUS_STOPPED
    except psutil.Error:
        return False


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items()}


def _part(values: dict[str, Any]) -> SupervisedPart:
    times = {name: datetime.fromisoformat(values[name]) for name in ("since", "hung_at") if values[name] is not None}
    return SupervisedPart(**{**values, **times})
