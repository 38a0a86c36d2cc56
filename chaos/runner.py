"""A process that runs the daily job on orders, and the object that gives them: `python -m chaos.runner FILE_DESCRIPTOR`.

It does one run after another in a process that may be killed at any moment, and that the next order starts again; `schedule.py` decides
which runs are ordered. An order is a line `{"genre", "as_of"}` on standard input, an outcome is a line on the given file descriptor.
"""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

RUN_SECONDS = 600.0
"""A run that takes longer counts as hanging. Frozen for 20 s, with its deadlines of a minute, a run ends within two minutes; where thirty
processes share two processors, loading the code alone may take as long."""


@dataclass(frozen=True)
class Run:
    """The outcome of one ordered run. `outcome`: fresh, degraded, failed, crashed (an error that nobody foresaw), killed, hung."""

    genre: str
    as_of: str
    outcome: str
    run_id: str = ""
    detail: str = ""

    @property
    def published(self) -> bool:
        """Whether it reported that it had published its chart."""
        return self.outcome in ("fresh", "degraded")


class Runner:
    """A process for runs; used by one thread, killed by another."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._answers = -1
        self._busy = threading.Event()

    def run(self, genre: str, as_of: str) -> Run:
        """Does one run and returns any outcome; the process is started if there is none."""
        self._ensure_started()
        assert self._process is not None and self._process.stdin is not None
        self._busy.set()
        try:
            self._process.stdin.write(json.dumps({"genre": genre, "as_of": as_of}).encode() + b"\n")
            self._process.stdin.flush()
            line = self._line()
        except BrokenPipeError:
            line = b""
        finally:
            self._busy.clear()
        if line is None:
            self.end()
            return Run(genre, as_of, "hung")
        if not line:
            self.end()
            return Run(genre, as_of, "killed")
        return Run(genre, as_of, **json.loads(line))

    def kill(self) -> bool:
        """Sends SIGKILL in the middle of a run; False if there is no run."""
        process = self._process
        if process is None or not self._busy.is_set():
            return False
        process.kill()
        return True

    def freeze(self, seconds: float) -> bool:
        """Stops the process for so long in the middle of a run; False if there is no run."""
        process = self._process
        if process is None or not self._busy.is_set():
            return False
        process.send_signal(signal.SIGSTOP)
        time.sleep(seconds)
        process.send_signal(signal.SIGCONT)
        return True

    def end(self) -> None:
        """Ends the process."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            if self._process.stdin is not None:
                self._process.stdin.close()
            os.close(self._answers)
            self._process = None

    def _ensure_started(self) -> None:
        if self._process is not None and self._process.poll() is None:
            return
        self.end()
        self._answers, theirs = os.pipe()
        command = [sys.executable, "-m", "chaos.runner", str(theirs)]
        quiet = subprocess.DEVNULL  # outcomes are reported on the pipe
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=quiet, stderr=quiet, pass_fds=[theirs])
        os.close(theirs)

    def _line(self) -> bytes | None:
        """The next line; empty if the process has ended, None if no line comes."""
        found, ends = b"", time.monotonic() + RUN_SECONDS
        # Not select.select(), which refuses numbers from 1,024 on: this process also holds clients' connections.
        answers = select.poll()
        answers.register(self._answers, select.POLLIN)
        while not found.endswith(b"\n"):
            if not answers.poll(1000 * max(0.0, ends - time.monotonic())):
                return None
            piece = os.read(self._answers, 65_536)
            if not piece:
                return b""
            found += piece
        return found


def main() -> None:
    """Carries out orders until standard input ends."""
    from tunemeld_pipeline.errors import TuneMeldError
    from tunemeld_pipeline.operations.runs import open_instance, run_genre
    from tunemeld_pipeline.settings.sources import load_settings

    answers = int(sys.argv[1])
    for line in sys.stdin:
        order = json.loads(line)
        try:
            with open_instance(load_settings()) as instance:
                outcome = run_genre(instance, order["genre"], as_of=order["as_of"])
            how = ("degraded" if outcome.degraded else "fresh") if outcome.success else "failed"
            answer = {"outcome": how, "run_id": outcome.run_id, "detail": outcome.error or ", ".join(outcome.degraded)}
        except TuneMeldError as error:
            answer = {"outcome": "failed", "detail": str(error)[:500]}
        except Exception as error:  # noqa: BLE001 - any error is counted, and the next order may do better
            answer = {"outcome": "crashed", "detail": f"{type(error).__name__}: {error}"[:500]}
        os.write(answers, json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main()
