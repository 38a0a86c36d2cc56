"""The description of a supervised program, and the back-off that decides when one that crashed is started again.

`cli/parts.py` has TuneMeld's own parts, and `supervisor.py` runs them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunemeld_pipeline.supervision.ports import Port
from tunemeld_pipeline.supervision.probes import Probe

STABLE_SECONDS = 60.0
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0


@dataclass(frozen=True)
class Part:
    """One program among several.

    Attributes:
        name: its name in the log and on the command line.
        command: the program and its arguments. It must stay in the foreground.
        port: where it listens. The port is checked before anything starts, and the part is ready once it accepts connections there.
        ready_line: for a part without a port, the beginning of the line that says that it is ready.
        needs: the names of the parts that must be ready before it starts, and that end after it.
        welcome: a message for the person once all parts are ready, for example an address to open.
        environment: variables in addition to those of this process.
        patience: seconds from SIGTERM until it is killed.
        probes: what to ask it while it runs; a process that no longer answers is killed.
        gentle: never killed sooner than that, even after a second Ctrl-C, because it has to end others itself.
    """

    name: str
    command: tuple[str, ...]
    port: Port | None = None
    ready_line: str | None = None
    needs: tuple[str, ...] = ()
    welcome: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 20.0
    probes: tuple[Probe, ...] = ()
    gentle: bool = False


@dataclass
class BackOff:
    """When a part that crashed is started again: after 1 s, 2 s, 4 s … 30 s, and from 1 s again once it has run for a minute.

    Attributes:
        most: how many starts in a row may fail; None for any number.
    """

    most: int | None = None
    failures: int = 0

    def delay(self, ran_seconds: float) -> float | None:
        """Seconds to wait after a run of this many seconds; None if it is not worth trying again."""
        self.failures = 1 if ran_seconds >= STABLE_SECONDS else self.failures + 1
        if self.most is not None and self.failures > self.most:
            return None
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** (min(self.failures, 10) - 1)))
