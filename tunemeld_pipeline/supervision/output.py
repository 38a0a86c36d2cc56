"""One log of several programs: each line whole, with the name of the part that wrote it.

It reads the parts' output and writes it to the terminal, a pipe or the journal. What each part logs, and its log files, are set up in
`logs/setup.py`.
"""

import os
import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, Full, Queue
from threading import Event, Thread
from typing import IO

LINES_WAITING = 10_000
LINE_BYTES = 64 * 1024
LINES_KEPT = 8
DRAIN_SECONDS = 2.0
OWN_NAME = "tunemeld"
COLOURS = (36, 33, 35, 32, 34, 96, 93, 95)
ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)")


class Output:
    """Writes the parts' lines, one at a time, to one file.

    A separate thread writes, so a paused terminal (Ctrl-S) does not block code that has to end something.

    Args:
        descriptor: the file descriptor to write to, for example 1.
        names: the names of the parts, for the column's width and a colour each.
        colour: whether the reader understands colours; otherwise the parts' own are removed too.
        form: given a part's name and a line without colours, the line to print in its place; None for the line as it is.
        bare: whether lines are printed without the part's name before them, because the form holds it.
    """

    def __init__(
        self,
        descriptor: int,
        names: Sequence[str],
        *,
        colour: bool,
        form: Callable[[str, str], str | None] | None = None,
        bare: bool = False,
    ) -> None:
        self.is_closed = False
        """Whether the reader is gone: the terminal was closed, or the program at the other end of the pipe has ended."""
        self._descriptor = descriptor
        self._colour = colour
        self._form = form
        self._bare = bare
        self._width = max(map(len, (OWN_NAME, *names)))
        self._colours: Mapping[str, int] = {name: COLOURS[n % len(COLOURS)] for n, name in enumerate(names)}
        self._lines: Queue[bytes] = Queue(LINES_WAITING)
        self._ended = Event()
        self._writer = Thread(target=self._write, daemon=True)
        self._writer.start()

    def say(self, text: str) -> None:
        """Writes the supervisor's own message. Never waits: if nobody reads the lines, it is lost with the rest."""
        for line in text.splitlines():
            try:
                self._lines.put_nowait(self._formatted(OWN_NAME, self._shown(OWN_NAME, line)))
            except Full:
                return

    def follow(self, name: str, pipe: IO[bytes], awaited: str | None = None) -> "Followed":
        """Reads what a part writes into its pipe, until the last process that holds the pipe has ended."""
        followed = Followed(awaited)

        def read() -> None:
            with pipe:
                while line := pipe.readline(LINE_BYTES):
                    text = line.decode("utf-8", errors="replace").rstrip("\r\n")
                    shown = self._shown(name, text)
                    followed.note(ANSI.sub("", text), ANSI.sub("", shown))
                    for one in shown.splitlines() or [""]:
                        self._lines.put(self._formatted(name, one))

        followed.thread = Thread(target=read, daemon=True)
        followed.thread.start()
        return followed

    def close(self) -> None:
        """Writes the lines that still wait, for at most two seconds."""
        self._ended.set()
        self._writer.join(DRAIN_SECONDS)

    def _shown(self, name: str, text: str) -> str:
        formed = self._form(name, ANSI.sub("", text)) if self._form is not None else None
        return text if formed is None else formed

    def _formatted(self, name: str, text: str) -> bytes:
        if self._bare:
            return f"{text}\n".encode("utf-8", errors="replace") if text else b""
        prefix = f"{name:<{self._width}} |"
        if self._colour:
            style = f"\x1b[{self._colours[name]}m" if name in self._colours else "\x1b[1m"
            line = f"{style}{prefix}\x1b[0m {text}\x1b[0m\n"
        else:
            line = f"{prefix} {ANSI.sub('', text)}\n"
        return line.encode("utf-8", errors="replace")

    def _write(self) -> None:
        while True:
            try:
                line = self._lines.get(timeout=0.1)
            except Empty:
                if self._ended.is_set():
                    return
                continue
            # Lines are accepted even if nobody reads them: the parts must not wait for room in their pipes.
            while line and not self.is_closed:
                try:
                    line = line[os.write(self._descriptor, line) :]
                except OSError:
                    self.is_closed = True


class Followed:
    """One part's output: its last lines, and whether it has said that it is ready.

    Args:
        awaited: the beginning of the line to wait for.
    """

    def __init__(self, awaited: str | None) -> None:
        self.has_said_it = False
        self.thread: Thread | None = None
        self.last: deque[str] = deque(maxlen=LINES_KEPT)
        self._awaited = awaited

    def note(self, text: str, shown: str) -> None:
        """Takes in a line, as the part wrote it and as it is shown."""
        if shown.strip():
            self.last.append(shown)
        if self._awaited is not None and text.startswith(self._awaited):
            self.has_said_it = True

    def wait(self, seconds: float) -> None:
        """Waits until everything that a part wrote has been read."""
        if self.thread is not None:
            self.thread.join(seconds)
