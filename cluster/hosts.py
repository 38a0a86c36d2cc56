"""A host: a home of its own, a name of its own where this user may give one, and the TuneMeld programs that run there.

Two hosts share no file. Where the user is root, each has a host name of its own (a UTS namespace), and may have a network of its own
(`networks.py`).
"""

import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.settings import SETTING_NAMES

TUNEMELD = str(Path(sys.executable).with_name("tunemeld"))
READY_SECONDS, END_SECONDS = 240.0, 150.0
ALL_IS_UP = "All is up"


class Host:
    """One machine.

    Args:
        name: its host name.
        folder: an empty folder, for its home and what its programs print.
        settings: field name → value, beside those that every host here has.
        network: the network namespace that it is in; None for this machine's own network.
    """

    def __init__(self, name: str, folder: Path, settings: Mapping[str, object], *, network: str | None = None) -> None:
        self.name, self.network = name, network
        self.folder = folder
        self.home = folder / "home"
        folder.mkdir()
        values = {
            "environment": "testing", "home": self.home, "log_level": "INFO", "log_format": "json", "daily_refresh": False, **settings,
        }  # fmt: skip
        own = {
            variable_name(name): str(value).lower() if value is True or value is False else str(value)
            for name, value in values.items()
        }
        ours = {variable_name(name) for name in SETTING_NAMES}
        self.environment = {name: value for name, value in os.environ.items() if name not in ours} | own
        self._programs: list[Program] = []

    def command(self, words: Sequence[str]) -> list[str]:
        """A `tunemeld` command on this host."""
        command = [TUNEMELD, *words]
        if os.geteuid() != 0:
            return command
        named = ["unshare", "--uts", "sh", "-c", f'hostname {self.name} && exec "$@"', "sh", *command]
        return ["ip", "netns", "exec", self.network, *named] if self.network else named

    def run(self, *words: str) -> str:
        """What a command prints; raises if its exit status is none of 0 and 3 (good but degraded)."""
        done = subprocess.run(
            self.command(words), env=self.environment, cwd=self.folder, capture_output=True, text=True, check=False
        )
        if done.returncode not in (0, 3):
            raise RuntimeError(
                f"{self.name}: tunemeld {' '.join(words)}: {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done.stdout

    def start(self, *words: str) -> "Program":
        """Starts a command that stays in the foreground, and waits until it says that all is up."""
        program = Program(self, words)
        self._programs.append(program)
        program.wait_until_up()
        return program

    def end(self) -> None:
        """Ends what runs here, and the servers that it started."""
        for program in self._programs:
            program.end()
        for process in processes_of(self.home):
            process.kill()


class Program:
    """A `tunemeld` command in the foreground, with all that it starts."""

    def __init__(self, host: Host, words: Sequence[str]) -> None:
        self.output_file = host.folder / f"{words[0]}.log"
        self._from = self.output_file.stat().st_size if self.output_file.exists() else 0
        self._name = f"{host.name}: tunemeld {' '.join(words)}"
        with self.output_file.open("ab") as output:
            self.process = subprocess.Popen(
                host.command(words),
                env=host.environment,
                cwd=host.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )

    @property
    def output(self) -> str:
        """What it has printed so far."""
        return self.output_file.read_bytes()[self._from :].decode(errors="replace")

    def wait_until_up(self) -> None:
        """Until it says that all is up; raises with its output where it ends before."""
        wait_until(lambda: ALL_IS_UP in self.output or self.process.poll() is not None, seconds=READY_SECONDS)
        if ALL_IS_UP not in self.output:
            raise RuntimeError(f"{self._name} did not come up:\n{self.output[-4000:]}")

    def tree(self) -> list[psutil.Process]:
        """Its processes, those that lead sessions of their own too."""
        try:
            leader = psutil.Process(self.process.pid)
            return [leader, *leader.children(recursive=True)]
        except psutil.Error:
            return []

    def pids(self) -> set[int]:
        """The ids of its processes."""
        return {process.pid for process in self.tree()}

    def kill(self) -> None:
        """Ends every process of it without a warning, as a power cut does."""
        for process in self.tree():
            try:
                process.kill()
            except psutil.Error:
                continue
        self.process.wait()

    def end(self) -> None:
        """Ends it: asks first."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self.kill()


def processes_of(home: Path) -> list[psutil.Process]:
    """The processes that carry this home in their environment, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and process.environ().get("TUNEMELD_HOME") == str(home):
                found.append(process)
        except psutil.Error:
            continue
    return found
