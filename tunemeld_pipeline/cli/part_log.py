"""The one log of the supervised parts: each line as JSON or for people, and in a file where no other process has written it.

Our own processes write their lines to files of their own. What others print (Dagster, granian, the supervisor itself) goes to the
supervisor's file here, with the name of the part. `supervision/output.py` reads and prints the lines.
"""

import json
import re
import time
from collections.abc import Mapping
from typing import Any

from tunemeld_pipeline.logs.files import ProcessFile, log_folder
from tunemeld_pipeline.logs.lines import LEVELS, json_line, text_renderer, timestamp
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

PROCESS = "supervisor"
"""The first word of the file's name."""

OURS = {"timestamp", "level", "event", "logger", "process"}
"""The fields of every line that one of our processes wrote, which has it in its own file too."""

LEVEL_WORD = re.compile(r"(?:^|[\s\[-])(DEBUG|INFO|WARNING|ERROR|CRITICAL)(?=[\s\]:-])")


class PartLog:
    """Turns a part's lines into those of the one log.

    Args:
        settings: where the files are, and in which form lines are printed.
        colour: whether the reader understands colours.
    """

    def __init__(self, settings: Settings, *, colour: bool) -> None:
        self._as_json = settings.log_format is LogFormat.JSON
        self._render = text_renderer(colors=colour)
        self._constant = {
            "environment": settings.environment.value,
            "version": settings.app_version,
            "process": PROCESS,
        }
        largest = int(settings.log_file_megabytes * 1_000_000)
        self._file = ProcessFile(log_folder(settings), PROCESS, largest=largest, kept=settings.log_files_kept)

    def __call__(self, part: str, text: str) -> str | None:
        """What is printed of a line: JSON where that was chosen, else the line for people; None for the line as it is."""
        line = _parsed(text)
        is_ours = line is not None and line.keys() >= OURS
        event = {**(line or {}), "part": part} if is_ours else self._event(part, text, line)
        if not is_ours and (text.strip() or line):
            self._file.write(f"{json_line(event)}\n".encode())
        if self._as_json:
            return json_line(event) if text.strip() else ""
        return (
            None if line is None else self._render(None, "", {key: one for key, one in event.items() if key != "part"})
        )

    def close(self) -> None:
        """Closes the file."""
        self._file.close()

    def _event(self, part: str, text: str, line: Mapping[str, Any] | None) -> dict[str, Any]:
        """A line that is not ours, with the fields of ours; of Dagster's JSON, its other fields stay."""
        more = dict(line or {})
        level = str(more.pop("level", None) or _level(text)).lower()
        return {
            "timestamp": timestamp(time.time()),
            "level": level if level in LEVELS else "info",
            "event": str(more.pop("event", None) or more.pop("message", None) or text),
            "logger": str(more.pop("logger", part)),
            **self._constant,
            "part": part,
            **{key: one for key, one in more.items() if key not in ("timestamp", "process")},
        }


def _parsed(text: str) -> dict[str, Any] | None:
    if not text.startswith("{"):
        return None
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) else None


def _level(text: str) -> str:
    match = LEVEL_WORD.search(text[:200])
    return match[1] if match else "info"
