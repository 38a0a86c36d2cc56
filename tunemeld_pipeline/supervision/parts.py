"""What a supervisor is told of each program, and when one that crashed is started again.

What belongs here: the description of a part and the back-off. What does not: which parts TuneMeld has (`cli/parts.py`) and
carrying any of it out (`supervisor.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from tunemeld_pipeline.supervision.ports import Port

STABLE_SECONDS = 60.0
FIRST_DELAY = 1.0
LONGEST_DELAY = 30.0


@dataclass(frozen=True)
class Part:
    """One program among several.

    Attributes:
        name: how the log and the command line call it.
        command: the program and its arguments. It is not to leave the foreground.
        port: where it listens: checked before anything starts, and it is ready once it accepts connections there.
        ready_line: how the line begins by which it says that it is ready, for one without a port.
        needs: the names of the parts that have to be ready before it starts, and that end after it.
        welcome: what a person is told once all parts are ready, for example an address to open.
        environment: variables beside those of this process.
        patience: seconds that it has from SIGTERM until it is killed.
        gentle: not killed sooner than that, however much of a hurry somebody is in: it ends others in its turn.
    """

    name: str
    command: tuple[str, ...]
    port: Port | None = None
    ready_line: str | None = None
    needs: tuple[str, ...] = ()
    welcome: str | None = None
    environment: Mapping[str, str] = field(default_factory=dict)
    patience: float = 20.0
    gentle: bool = False


@dataclass
class BackOff:
    """When a part that ended by itself is started again: after 1 s, 2 s, 4 s … 30 s; once it has run for a minute, anew.

    Attributes:
        most: how many starts in a row may fail; None for any number.
    """

    most: int | None = None
    failures: int = 0

    def delay(self, ran_seconds: float) -> float | None:
        """Seconds to wait after a run of so many seconds; None where it is not worth trying again."""
        self.failures = 1 if ran_seconds >= STABLE_SECONDS else self.failures + 1
        if self.most is not None and self.failures > self.most:
            return None
        return float(min(LONGEST_DELAY, FIRST_DELAY * 2 ** (min(self.failures, 10) - 1)))
