"""One set-up for every process: the same fields for every logger, context that travels, nothing twice, nothing secret."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tunemeld_pipeline.logs.files import log_files
from tunemeld_pipeline.logs.lines import HEAD, ORIGIN

CANARY = "canary-7f3a9c"

SET_UP = f"""
import logging, sys, threading, warnings
from contextvars import copy_context
from pathlib import Path
from structlog.contextvars import bound_contextvars
from tunemeld_pipeline.logs.setup import configure_logging, get_logger
from tunemeld_pipeline.settings.settings import Settings

settings = Settings(home=Path(sys.argv[1]), rapidapi_key="{CANARY}", log_level="DEBUG", log_format=sys.argv[2])
log = get_logger("tunemeld_pipeline.example")
configure_logging(settings, "etl")
configure_logging(settings, "cli")
"""


class Outcome:
    """What a script left behind: the lines of its file, and what it printed on standard error."""

    def __init__(self, home: Path, stderr: str) -> None:
        files = log_files(home / "logs")
        self.stderr = stderr
        self.text = "".join(file.path.read_text() for file in files)
        self.lines: list[dict[str, Any]] = [json.loads(line) for line in self.text.splitlines()]

    def line(self, event: str) -> dict[str, Any]:
        """The one line with this event."""
        (found,) = [line for line in self.lines if line["event"] == event]
        return found


def logged(script: str, home: Path, log_format: str = "json") -> Outcome:
    """Runs a script in a process of its own, whose logging is set up."""
    command = [sys.executable, "-c", SET_UP + script, str(home), log_format]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return Outcome(home, answer.stderr)


def test_every_logger_writes_the_same_fields(tmp_path: Path) -> None:
    script = """
log.info("ours", service="Spotify", duration_ms=1.5, status=200)
for name in ("pymongo.topology", "urllib3.connectionpool", "django.request", "dagster.daemon", "root"):
    logging.getLogger(None if name == "root" else name).error("from %s", name, extra={"status_code": 500})
warnings.warn("a warning")
"""
    found = logged(script, tmp_path)
    assert found.lines == [json.loads(line) for line in found.stderr.splitlines()]
    assert len(found.lines) == 7
    for line in found.lines:
        assert list(line)[:11] == [*HEAD, *ORIGIN]
        assert (line["environment"], line["process"]) == ("development", "etl")
    ours, theirs = found.line("ours"), found.line("from pymongo.topology")
    assert (ours["logger"], ours["level"]) == ("tunemeld_pipeline.example", "info")
    assert (ours["service"], ours["duration_ms"], ours["status"]) == ("Spotify", 1.5, 200)
    assert (ours["module"], ours["function"]) == ("<string>", "<module>")
    assert theirs["line"] == ours["line"] + 2
    assert (theirs["logger"], theirs["level"], theirs["status"]) == ("pymongo.topology", "error", 500)


def test_context_travels_with_the_work_into_threads_and_ends_with_it(tmp_path: Path) -> None:
    script = """
with bound_contextvars(genre="dance", run_id="r1"):
    thread = threading.Thread(target=copy_context().run, args=(log.info, "in a thread"))
    thread.start()
    thread.join()
    logging.getLogger("urllib3").warning("of another library")
log.info("after it")
"""
    found = logged(script, tmp_path)
    for event in ("in a thread", "of another library"):
        line = found.line(event)
        assert (line["genre"], line["run_id"]) == ("dance", "r1")
    assert "genre" not in found.line("after it")


def test_others_debug_lines_are_left_out_and_ours_are_there(tmp_path: Path) -> None:
    script = 'log.debug("ours"); logging.getLogger("pymongo.command").debug("a whole command")'
    assert [line["event"] for line in logged(script, tmp_path).lines] == ["ours"]


def test_an_error_has_its_type_and_traceback_and_no_secret(tmp_path: Path) -> None:
    script = f"""
def ask(key):
    headers = {{"X-RapidAPI-Key": key}}
    raise ValueError(f"refused https://x.example/a?key={{key}} with {{headers}}")
try:
    ask("{CANARY}")
except ValueError as error:
    log.exception("it failed", headers={{"Authorization": "Bearer {CANARY}"}}, url="mongodb://u:{CANARY}@h")
    logging.getLogger("requests").error("it failed too", exc_info=True)
thread = threading.Thread(target=ask, args=("{CANARY}",), name="worker")
thread.start()
thread.join()
"""
    for log_format in ("json", "text"):
        found = logged(script, tmp_path / log_format, log_format)
        for event in ("it failed", "it failed too", "thread worker ended with an error"):
            line = found.line(event)
            assert (line["error_type"], line["level"]) == ("ValueError", "error")
            assert "in ask" in line["exception"]
            assert line["exception"].rstrip().endswith("'[redacted]'}")
        for text in (found.text, found.stderr):
            assert CANARY not in text


def test_text_is_for_people_and_the_file_stays_json(tmp_path: Path) -> None:
    found = logged('log.warning("one thing", genre="rap")', tmp_path, "text")
    assert found.line("one thing")["genre"] == "rap"
    (printed,) = found.stderr.splitlines()
    assert printed.startswith(found.line("one thing")["timestamp"])
    assert "one thing" in printed
    assert "genre=rap" in printed
    assert "environment" not in printed


@pytest.mark.parametrize("fault", ["import os; os.close(2)", "settings.home.joinpath('logs').write_text('a file')"])
def test_nowhere_to_write_stops_nothing(fault: str, tmp_path: Path) -> None:
    script = f"{fault}\nlog.error('gone')\nprint('went on')"
    tmp_path.joinpath("home").mkdir()
    command = [sys.executable, "-c", SET_UP + script, str(tmp_path / "home"), "json"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (answer.returncode, answer.stdout) == (0, "went on\n")
