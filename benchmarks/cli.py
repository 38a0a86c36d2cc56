"""How soon `tunemeld` answers: help, completion, status, a chart, settings, as ratios to an empty Python in the same run.

It starts the command as a shell does, and measures its processor time and its time. Each line alternates between the command, `python -c
pass` and an import of the two libraries that whatever looks at the database needs, so that all meet the same machine, and compares the
medians. Run it with `python -m benchmarks.cli`.
"""

import argparse
import os
import pty
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

TUNEMELD = Path(sys.executable).with_name("tunemeld")
EMPTY = [sys.executable, "-c", "pass"]
LIBRARIES = [sys.executable, "-c", "import pydantic_settings, pymongo"]
PROMISED_SECONDS = 0.5
"""For an idle machine; on a busy one, ratios say more."""

PROMISED_RATIO = 1.5
"""Of `tunemeld status` to the libraries."""

COMPLETION = {"_TUNEMELD_COMPLETE": "complete_bash"}


class Asked(NamedTuple):
    """What is measured: arguments, variables, whether it runs on a terminal and whether it asks the database."""

    arguments: tuple[str, ...]
    variables: Mapping[str, str] = MappingProxyType({})
    terminal: bool = False
    stored: bool = False


ASKED = {
    "--version": Asked(("--version",)),
    "--help, pipe": Asked(("--help",)),
    "--help, terminal": Asked(("--help",), terminal=True),
    "etl run --help, terminal": Asked(("etl", "run", "--help"), terminal=True),
    "completion of a group": Asked((), {**COMPLETION, "COMP_WORDS": "tunemeld e", "COMP_CWORD": "1"}),
    "completion of an option": Asked((), {**COMPLETION, "COMP_WORDS": "tunemeld etl run --", "COMP_CWORD": "3"}),
    "config show": Asked(("config", "show")),
    "status": Asked(("status",), stored=True),
    "chart dance": Asked(("chart", "dance"), stored=True),
    "changes dance": Asked(("changes", "dance"), stored=True),
    "etl status": Asked(("etl", "status"), stored=True),
    "runs": Asked(("runs",), stored=True),
}


class Took(NamedTuple):
    """Seconds of the processor, and from the start to the end."""

    processor: float
    whole: float


def took(command: list[str], folder: Path, variables: dict[str, str], *, terminal: bool) -> Took:
    """What a command takes, its output thrown away."""
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **variables}
    before, began = _processor(), time.perf_counter()
    if terminal:
        _in_terminal(command, folder, environment)
    else:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode in (0, 3), done.stderr
    return Took(_processor() - before, time.perf_counter() - began)


def _in_terminal(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    ours, theirs = pty.openpty()
    process = subprocess.Popen(command, cwd=folder, env=environment, stdout=theirs, stderr=theirs)
    os.close(theirs)
    try:
        while os.read(ours, 65536):
            pass
    except OSError:
        pass  # this is how Linux reports that the other end is closed
    os.close(ours)
    assert process.wait() == 0


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@contextmanager
def demonstrated(folder: Path) -> Iterator[dict[str, str]]:
    """The variables that lead to a database with two days of invented music; its servers end with the block."""
    home = {"TUNEMELD_HOME": str(folder / "home"), "PATH": os.environ["PATH"]}
    subprocess.run(
        [TUNEMELD, "demo", "--days", "2", "--no-serve"], cwd=folder, env=home, capture_output=True, check=True
    )
    try:
        yield home
    finally:
        subprocess.run([TUNEMELD, "db", "stop"], cwd=folder, env=home, capture_output=True, check=True)


def main() -> int:
    """Prints a line for each; 1 if one is worse than promised and `--strict` is given."""
    parser = argparse.ArgumentParser(description="Time the answers of tunemeld against an empty Python.")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument(
        "--strict", action="store_true", help="fail where a median is above half a second, or status above its ratio"
    )
    options = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory(prefix="tunemeld-") as name, demonstrated(Path(name)) as home:
        print(
            f"{'milliseconds':26}{'empty':>8}{'ours':>7}{'ratio':>7}{'of the libraries':>18}{'processor':>11}{'ratio':>7}"
        )
        for what, asked in ASKED.items():
            command = [str(TUNEMELD), *asked.arguments]
            variables = {**asked.variables, **(home if asked.stored else {})}
            rounds: list[tuple[Took, Took, Took]] = []
            for _ in range(options.rounds):
                floors = (took(one, Path(name), {}, terminal=asked.terminal) for one in (EMPTY, LIBRARIES))
                rounds.append((*floors, took(command, Path(name), variables, terminal=asked.terminal)))  # type: ignore[arg-type]
            empty, libraries, ours = (_median(column) for column in zip(*rounds, strict=True))
            of_libraries = ours.processor / libraries.processor
            if ours.whole > PROMISED_SECONDS or (what == "status" and of_libraries > PROMISED_RATIO):
                slow.append(what)
            print(
                f"{what:26}{empty.whole * 1000:8.0f}{ours.whole * 1000:7.0f}{ours.whole / empty.whole:7.1f}"
                f"{of_libraries:18.2f}{ours.processor * 1000:11.0f}{ours.processor / empty.processor:7.1f}"
            )
    return 1 if slow and options.strict else 0


def _median(found: tuple[Took, ...]) -> Took:
    return Took(statistics.median(one.processor for one in found), statistics.median(one.whole for one in found))


if __name__ == "__main__":
    sys.exit(main())
