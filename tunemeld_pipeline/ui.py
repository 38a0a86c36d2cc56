"""Where Dagster's UI runs for a home, as far as one does.

What belongs here: the small file that says so, for commands that show links. What does not: starting it (`cli/start.py`, `cli/dev.py`).
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tunemeld_pipeline.sandbox.processes import Process, private_directory, read_record, write_record
from tunemeld_pipeline.settings import Settings


@dataclass(frozen=True)
class RunningUi:
    """A UI that runs: its root address without a final slash, and its process (`started` tells it from a later one with its pid)."""

    url: str
    pid: int
    started: str


def running_ui(settings: Settings) -> RunningUi | None:
    """The UI that runs for this home, or None: there is none, or the one that was noted has ended."""
    record = read_record(_file(settings.home))
    try:
        noted = RunningUi(str(record["url"]), int(record["pid"]), str(record["started"])) if record else None
    except (KeyError, TypeError, ValueError):
        return None
    return noted if noted and Process(noted.pid, noted.started).is_alive else None


def note_ui(home: Path, url: str, pid: int) -> None:
    """Say that the UI runs at this address in this process."""
    private_directory(home)
    write_record(_file(home), {"url": url, "pid": pid, "started": Process.of(pid).started})


def forget_ui(home: Path, pid: int) -> None:
    """Take back what was noted of this process."""
    record = read_record(_file(home))
    if record and record.get("pid") == pid:
        with suppress(OSError):
            _file(home).unlink()


def _file(home: Path) -> Path:
    return home / "ui.json"
