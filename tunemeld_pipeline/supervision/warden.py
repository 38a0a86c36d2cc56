"""`python -m tunemeld_pipeline.supervision.warden`: ends the parts of a supervisor that was killed.

It only knows the running sessions and notices when the supervisor is gone; while the supervisor lives, `supervisor.py` makes all decisions.
The supervisor holds the other end of this process's standard input: its end, even by SIGKILL, closes that pipe on every Unix. Linux's
PR_SET_PDEATHSIG would reach only the supervisor's own children, not theirs.
"""

import json
import signal
import sys
from dataclasses import asdict
from typing import IO

from tunemeld_pipeline.supervision.sessions import Session, end_sessions


def main() -> int:
    """Reads which sessions run until the pipe closes, then ends those that are left."""
    # It outlives the supervisor on purpose, even if a terminal or a service manager ends both at once.
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
    """Informs a warden that a session has begun."""
    _tell(pipe, {"began": asdict(session)})


def tell_ended(pipe: IO[str], session: Session) -> None:
    """Informs a warden that nothing is left of a session."""
    _tell(pipe, {"ended": session.leader})


def _tell(pipe: IO[str], message: dict[str, object]) -> None:
    pipe.write(json.dumps(message) + "\n")
    pipe.flush()


if __name__ == "__main__":
    sys.exit(main())
