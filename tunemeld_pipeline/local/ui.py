"""Where Dagster's UI runs for a home, as far as one does.

What belongs here: the small file that says so, for commands that show links. What does not: starting it (`cli/start.py`, `cli/dev.py`).
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tunemeld_pipeline.local.processes import Process, private_directory, read_record, write_record
from tunemeld_pipeline.settings.settings import Settings


@dataclass(frozen=True)
class RunningUi:
    """A UI that runs.

    Attributes:
        url: its root address, without a final slash.
        pid: its process; `started` tells it from a later one with that pid.
        daily_refresh: whether the schedule runs by itself beside it, as long as nobody switched it in the UI.
    """

    url: str
    pid: int
    started: str
    daily_refresh: bool = False


def running_ui(settings: Settings) -> RunningUi | None:
    """The UI that runs for this home, or None: there is none, or the one that was noted has ended."""
    record = read_record(_file(settings.home))
    try:
        noted = record and RunningUi(
            str(record["url"]), int(record["pid"]), str(record["started"]), record.get("daily_refresh") is True
        )
    except (KeyError, TypeError, ValueError):
        return None
    return noted if noted and Process(noted.pid, noted.started).is_alive else None


def note_ui(home: Path, url: str, pid: int, *, daily_refresh: bool) -> None:
    """Say that the UI runs at this address in this process, and whether the schedule runs by itself beside it."""
    private_directory(home)
    record = {"url": url, "pid": pid, "started": Process.of(pid).started, "daily_refresh": daily_refresh}
    write_record(_file(home), record)


def forget_ui(home: Path, pid: int) -> None:
    """Take back what was noted of this process."""
    record = read_record(_file(home))
    if record and record.get("pid") == pid:
        with suppress(OSError):
            _file(home).unlink()


def _file(home: Path) -> Path:
    return home / "ui.json"
