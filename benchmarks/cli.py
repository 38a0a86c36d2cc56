"""How soon `tunemeld` answers: help, completion and version, as ratios to an empty Python in the same run.

It starts the command as a shell does, and times it. Each line alternates between the command and `python -c pass`, so that both meet the
same machine, and compares the medians. Run it with `python -m benchmarks.cli`.
"""

import argparse
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TUNEMELD = Path(sys.executable).with_name("tunemeld")
EMPTY = [sys.executable, "-c", "pass"]
PROMISED_SECONDS = 0.5
"""For an idle machine; on a busy one, ratios say more."""

COMPLETION = {"_TUNEMELD_COMPLETE": "complete_bash"}
ASKED: dict[str, tuple[list[str], dict[str, str], bool]] = {
    "--version": (["--version"], {}, False),
    "--help, pipe": (["--help"], {}, False),
    "--help, terminal": (["--help"], {}, True),
    "etl run --help, terminal": (["etl", "run", "--help"], {}, True),
    "completion of a group": ([], {**COMPLETION, "COMP_WORDS": "tunemeld e", "COMP_CWORD": "1"}, False),
    "completion of an option": ([], {**COMPLETION, "COMP_WORDS": "tunemeld etl run --", "COMP_CWORD": "3"}, False),
    "config show": (["config", "show"], {}, False),
}
"""What is timed → arguments, variables, and whether it runs on a terminal."""


def seconds(command: list[str], folder: Path, variables: dict[str, str], *, terminal: bool) -> float:
    """The time from starting a command to its end, its output thrown away."""
    environment = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", **variables}
    began = time.perf_counter()
    if not terminal:
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        return time.perf_counter() - began
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
    return time.perf_counter() - began


def main() -> int:
    """Prints a line for each; 1 if one took longer than promised and `--strict` is given."""
    parser = argparse.ArgumentParser(description="Time the answers of tunemeld against an empty Python.")
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--strict", action="store_true", help="fail where a median is above half a second")
    options = parser.parse_args()
    slow = []
    with tempfile.TemporaryDirectory() as folder:
        print(f"{'':26}{'empty':>9}{'tunemeld':>10}{'ratio':>8}")
        for name, (arguments, variables, terminal) in ASKED.items():
            empty, ours = [], []
            for _ in range(options.rounds):
                empty.append(seconds(EMPTY, Path(folder), {}, terminal=terminal))
                ours.append(seconds([str(TUNEMELD), *arguments], Path(folder), variables, terminal=terminal))
            floor, median = statistics.median(empty), statistics.median(ours)
            slow += [name] if median > PROMISED_SECONDS else []
            print(f"{name:26}{floor * 1000:6.0f} ms{median * 1000:7.0f} ms{median / floor:8.1f}")
    return 1 if slow and options.strict else 0


if __name__ == "__main__":
    sys.exit(main())
