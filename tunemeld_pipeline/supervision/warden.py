"""`python -m tunemeld_pipeline.supervision.warden`: ends the parts of a supervisor that was killed.

What belongs here: knowing the running sessions, and noticing that the supervisor is gone. What does not: any decision while it
lives (`supervisor.py`). The supervisor holds the other end of this process's standard input: whatever ends it, SIGKILL included,
closes that, on every Unix. Linux's PR_SET_PDEATHSIG would reach only the supervisor's own children, and not theirs.
"""

import json
import signal
import sys
from dataclasses import asdict
from typing import IO

from tunemeld_pipeline.supervision.sessions import Session, end_sessions


def main() -> int:
    """Read which sessions run until nobody writes any more, then end those that are left."""
    # It outlives the supervisor on purpose, also where a terminal or a service manager ends both at once.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    running: dict[int, Session] = {}
    for line in sys.stdin:
        message = json.loads(line)
        if "ended" in message:
            running.pop(message["ended"], None)
        else:
            session = Session(**message["began"])
            running[session.leader] = session
    end_sessions(running.values(), hurry=lambda: False)
    return 0


def tell_began(pipe: IO[str], session: Session) -> None:
    """Tell a warden that a session runs from now on."""
    _tell(pipe, {"began": asdict(session)})


def tell_ended(pipe: IO[str], session: Session) -> None:
    """Tell a warden that nothing of a session is left."""
    _tell(pipe, {"ended": session.leader})


def _tell(pipe: IO[str], message: dict[str, object]) -> None:
    pipe.write(json.dumps(message) + "\n")
    pipe.flush()


if __name__ == "__main__":
    sys.exit(main())
