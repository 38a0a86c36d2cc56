"""Starts several programs, watches them, restarts the ones that crash or hang, and ends all of them.

The order of events, signals and the messages for the person are here. `sessions.py` knows which processes belong to a part and how they
end, `probes.py` which of them hang, `warden.py` acts if this process is killed, and `output.py` is the log.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from types import FrameType

from tunemeld_pipeline.supervision.notify import ServiceManager
from tunemeld_pipeline.supervision.output import Followed, Output
from tunemeld_pipeline.supervision.parts import BackOff, Part
from tunemeld_pipeline.supervision.ports import require_free
from tunemeld_pipeline.supervision.probes import PATIENCE, Patience, Watch
from tunemeld_pipeline.supervision.sessions import Session, end_sessions
from tunemeld_pipeline.supervision.warden import tell_began, tell_ended

POLL_SECONDS = 0.1
LAST_LINES_SECONDS = 2.0
TWICE_SECONDS = 0.5
"""Signals closer than this count as one."""

CANNOT_START = 2
"""The exit status of our own commands if the settings cannot be used: trying again would not help."""

ENDED, FAILED = 0, 1
ENDING_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
WARDEN = (sys.executable, "-m", "tunemeld_pipeline.supervision.warden")


@dataclass
class _State:
    """The current state of one part."""

    part: Part
    depth: int
    back_off: BackOff
    process: subprocess.Popen[bytes] | None = None
    output: Followed | None = None
    watch: Watch | None = None
    began: float = 0.0
    is_ready: bool = False
    killed: set[int] = field(default_factory=set)
    hangs: bool = False
    not_before: float = 0.0
    last_lines: Sequence[str] = field(default_factory=tuple)

    @property
    def session(self) -> Session:
        assert self.process is not None, "it runs"  # noqa: S101 - for the type checker
        return Session(self.process.pid, self.part.patience, self.depth, self.part.gentle)


class Supervisor:
    """Runs several parts together in the foreground.

    Args:
        parts: what to start, in any order.
        output: their common log.
        most_failures: how many starts of one part in a row may fail before everything is ended; None for any number.
        on_ready: called with a part and its pid each time it becomes ready.
        on_end: called with a part and its pid each time it has ended.
        on_hang: called with a part, the pid of its process that hangs, and the reason, before that is killed.
        hung_after: when a process that does not answer counts as hanging.
    """

    def __init__(
        self,
        parts: Sequence[Part],
        output: Output,
        *,
        most_failures: int | None = None,
        on_ready: Callable[[Part, int], None] | None = None,
        on_end: Callable[[Part, int], None] | None = None,
        on_hang: Callable[[Part, int, str], None] | None = None,
        hung_after: Patience = PATIENCE,
    ) -> None:
        by_name = {part.name: part for part in parts}
        self._states = {
            name: _State(part, _depth(part, by_name), BackOff(most_failures)) for name, part in by_name.items()
        }
        self._output = output
        self._on_ready = on_ready
        self._on_end = on_end
        self._on_hang = on_hang
        self._hung_after = hung_after
        self._manager = ServiceManager()
        self._warden: subprocess.Popen[str] | None = None
        self._asked = 0
        self._first_asked = 0.0
        self._why = ""
        self._failed: _State | None = None
        self._status: int | None = None
        self._welcomed = False

    def run(self) -> int:
        """Starts all parts and stays until a signal, a closed terminal, or a part that cannot start.

        Returns:
            0 if it was asked to end, 2 if a part reported that its settings cannot be used, 1 if a part kept crashing.

        Raises:
            PortTaken: a port that a part needs is taken; nothing was started.
        """
        require_free(*(state.part.port for state in self._states.values() if state.part.port))
        before = self._take_signals()
        try:
            while not self._asked and self._status is None:
                self._step()
                if self._output.is_closed:
                    self._status, self._why = ENDED, "nobody reads the log any more"
                time.sleep(POLL_SECONDS)
        finally:
            self._end_all()
            for number, handler in before.items():
                signal.signal(number, handler)
        return ENDED if self._status is None else self._status

    def _take_signals(self) -> dict[signal.Signals, signal.Handlers]:
        before = {}

        def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
            now = time.monotonic()
            if not self._asked:
                self._asked, self._first_asked = 1, now
                self._why = self._why or signal.Signals(number).name
            # One keystroke can arrive twice, through a wrapping program; a closing terminal sends more than one signal.
            elif number != signal.SIGHUP and now - self._first_asked > TWICE_SECONDS:
                self._asked += 1

        for number in ENDING_SIGNALS:
            # Under nohup, a closed terminal must not end anything.
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, end)
        return before  # type: ignore[return-value]

    def _step(self) -> None:
        if not any(state.hangs for state in self._states.values()):
            self._manager.alive()
        self._keep_warden()
        for state in self._states.values():
            if self._asked or self._status is not None:
                return
            if state.process is None:
                if time.monotonic() >= state.not_before and self._has_what_it_needs(state):
                    self._start(state)
            elif (code := state.process.poll()) is not None:
                self._ended(state, code)
            elif not state.is_ready and _answers(state):
                self._ready(state, state.process.pid)
            else:
                self._end_hanging(state)
        if not self._welcomed and all(state.is_ready for state in self._states.values()):
            self._welcomed = True
            welcomes = [state.part.welcome for state in self._states.values() if state.part.welcome]
            self._output.say("\n".join([*welcomes, "All is up. Ctrl-C ends it, a second one at once."]))
            self._manager.ready("; ".join("\n".join(welcomes).splitlines()))

    def _ready(self, state: _State, pid: int) -> None:
        state.is_ready, state.hangs = True, False
        if state.watch is not None:
            state.watch.ready()
        if self._on_ready is not None:
            self._on_ready(state.part, pid)

    def _end_hanging(self, state: _State) -> None:
        """Kills the processes of a part that hang: one that is stopped or stuck does not listen to SIGTERM."""
        assert state.process is not None and state.watch is not None  # noqa: S101 - for the type checker
        hanging = state.watch.hanging()
        waited = time.monotonic() - state.began
        if not state.is_ready and waited > self._hung_after.start:
            hanging.setdefault(state.process.pid, f"it is not ready after {waited:.0f} s")
        # As long as one of them is still there, the service manager does not hear that all is well.
        state.hangs = bool(hanging) or (state.hangs and not state.is_ready)
        for pid, why in hanging.items():
            if pid in state.killed:
                continue
            state.killed.add(pid)
            which = state.part.name if pid == state.process.pid else f"{state.part.name}: process {pid}"
            self._output.say(f"{which} hangs: {why}; it is killed, and started again")
            self._manager.status(f"{which} hangs: {why}")
            if self._on_hang is not None:
                self._on_hang(state.part, pid, why)
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)

    def _has_what_it_needs(self, state: _State) -> bool:
        return all(self._states[name].is_ready for name in state.part.needs if name in self._states)

    def _keep_warden(self) -> None:
        if self._warden is not None and self._warden.poll() is None:
            return
        # In its own session, so a signal to this process's group or terminal does not reach it.
        self._warden = subprocess.Popen(  # noqa: S603
            WARDEN, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, start_new_session=True
        )
        for state in self._states.values():
            if state.process is not None:
                self._tell(tell_began, state.session)

    def _tell(self, message: Callable[..., None], session: Session) -> None:
        assert self._warden is not None and self._warden.stdin is not None, "it has a pipe"  # noqa: S101
        try:
            message(self._warden.stdin, session)
        except OSError:  # somebody ended it; the next step starts another and sends it everything
            self._output.say("the process that would end the parts if this one were killed is gone; starting another")

    def _start(self, state: _State) -> None:
        part = state.part
        try:
            state.process = subprocess.Popen(  # noqa: S603
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **part.environment},
                start_new_session=True,
            )
        except OSError as error:
            self._give_up(state, CANNOT_START, f"{part.command[0]} cannot be run: {error.strerror or error}")
            return
        self._tell(tell_began, state.session)
        assert state.process.stdout is not None  # noqa: S101 - for the type checker
        state.output = self._output.follow(part.name, state.process.stdout, part.ready_line)
        state.watch = Watch(state.process.pid, part.probes, self._hung_after)
        state.began = time.monotonic()
        state.is_ready = False
        state.killed = set()

    def _ended(self, state: _State, code: int) -> None:
        """Cleans up after a part that ended without being asked to, and decides whether to start it again."""
        assert state.process is not None and state.output is not None  # noqa: S101 - for the type checker
        ran = time.monotonic() - state.began
        end_sessions([state.session], hurry=lambda: self._asked > 0)
        state.output.wait(LAST_LINES_SECONDS)
        state.last_lines = tuple(state.output.last)
        self._forget(state)
        how = _how_it_ended(code)
        if code == CANNOT_START:
            self._give_up(state, CANNOT_START, f"it {how}, and trying again will not help")
            return
        delay = state.back_off.delay(ran)
        if delay is None:
            self._give_up(state, FAILED, f"it {how} after {ran:.0f} s, {state.back_off.failures} times in a row")
            return
        self._output.say(f"{state.part.name} {how} after {ran:.0f} s; it is started again in {delay:.0f} s")
        self._manager.status(f"{state.part.name} {how}; it is started again")
        state.not_before = time.monotonic() + delay

    def _forget(self, state: _State) -> None:
        assert state.process is not None  # noqa: S101 - for the type checker
        session = state.session
        if state.watch is not None:
            state.watch.end()
        state.process.wait()
        self._tell(tell_ended, session)
        state.process, state.output, state.watch, state.is_ready = None, None, None, False
        if self._on_end is not None:
            self._on_end(state.part, session.leader)

    def _give_up(self, state: _State, status: int, why: str) -> None:
        self._status, self._why = status, f"{state.part.name} cannot run: {why}"
        self._failed = state

    def _end_all(self) -> None:
        self._manager.stopping()
        running = [state for state in self._states.values() if state.process is not None]
        names = ", ".join(state.part.name for state in running)
        self._output.say(f"{self._why or 'an error'}: ending {names or 'nothing, since nothing runs'}")
        first = self._asked
        end_sessions([state.session for state in running], hurry=lambda: self._asked > first)
        for state in running:
            if state.output is not None:
                state.output.wait(LAST_LINES_SECONDS)
            self._forget(state)
        if self._warden is not None and self._warden.stdin is not None:
            with suppress(OSError):  # it ended before us, with the last message still on its way
                self._warden.stdin.close()
            self._warden.wait()
        if self._failed is not None:
            self._output.say("\n".join([self._why, *self._failed.last_lines]))
        else:
            self._output.say("All has ended.")
        self._output.close()


def _answers(state: _State) -> bool:
    if state.part.port is not None:
        return state.part.port.answers
    if state.part.ready_line is not None:
        return state.output is not None and state.output.has_said_it
    return True


def _depth(part: Part, by_name: dict[str, Part]) -> int:
    return 1 + max((_depth(by_name[name], by_name) for name in part.needs if name in by_name), default=-1)


def _how_it_ended(code: int) -> str:
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with status {code}" if code else "ended by itself"
