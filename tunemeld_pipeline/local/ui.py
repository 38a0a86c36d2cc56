"""Notes where Dagster's UI runs for a home, in a small file, for commands that show links.

`cli/start.py` and `cli/dev.py` start the UI.
"""

from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tunemeld_pipeline.local.processes import Process, private_directory, read_record, write_record
from tunemeld_pipeline.settings.settings import Settings


@dataclass(frozen=True)
class RunningUi:
    """A running UI.

    Attributes:
        url: its root address, without a final slash.
        pid: its process; `started` distinguishes it from a later process with that pid.
        daily_refresh: whether the schedule runs by default while this UI is up; a switch in the UI overrides it.
    """

    url: str
    pid: int
    started: str
    daily_refresh: bool = False


def running_ui(settings: Settings) -> RunningUi | None:
    """The UI that runs for this home, or None if there is none or if the noted one has ended."""
    record = read_record(_file(settings.home))
    try:
        noted = record and RunningUi(
            str(record["url"]), int(record["pid"]), str(record["started"]), record.get("daily_refresh") is True
        )
    except (KeyError, TypeError, ValueError):
        return None
    return noted if noted and Process(noted.pid, noted.started).is_alive else None


def note_ui(home: Path, url: str, pid: int, *, daily_refresh: bool) -> None:
    """Notes that the UI runs at this address in this process, and whether the schedule runs by default."""
    private_directory(home)
    record = {"url": url, "pid": pid, "started": Process.of(pid).started, "daily_refresh": daily_refresh}
    write_record(_file(home), record)


def forget_ui(home: Path, pid: int) -> None:
    """Removes the note about this process."""
    record = read_record(_file(home))
    if record and record.get("pid") == pid:
        with suppress(OSError):
            _file(home).unlink()


def _file(home: Path) -> Path:
    return home / "ui.json"
