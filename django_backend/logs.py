"""The access log: one line per request.

It bypasses `logging`, which takes longer than everything else in answering a rendered path, but writes the same fields. A thread of its own
writes the lines: a request would lose its turn to another one during each write, and wait for whoever reads the log.
`tunemeld_pipeline/logs/setup.py` sets up all other logs.
"""

import json
import logging
import os
import queue
import select
import threading
import time
from functools import lru_cache

from django_backend.names import remembered
from tunemeld_pipeline.logs.files import ProcessFile
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

STDOUT = 1
MOST_WAITING = 10_000
"""Lines that wait for a slow disk or a slow reader of standard output; further ones are dropped and counted."""

RENDERED = "worker"
"""The source of answers to paths that we know word for word; any other path may contain a secret that somebody typed."""


_logger = logging.getLogger(__name__)
_quoted = remembered(1_000)(json.dumps)


@lru_cache(2)
def _second(moment: int) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(moment))


class AccessLog:
    """One line per request on standard output and in the process's file, soon after the answer.

    Lines that wait are written together, up to what a pipe takes as one write, so workers' lines never mix. What still waits when a
    worker is killed is lost.

    Args:
        settings: whether to write at all (not if the level is warning or higher), and the format on standard output.
        file: the process's log file, if it has one; always JSON.
    """

    def __init__(self, settings: Settings, file: ProcessFile | None) -> None:
        self._json = settings.log_format is LogFormat.JSON
        self._enabled = settings.log_level in ("DEBUG", "INFO")
        self._file = file
        self._shown = True
        constant = {"environment": settings.environment.value, "version": settings.app_version, "process": "api"}
        self._constant = f'"level":"info","event":"request","logger":"access",{json.dumps(constant)[1:-1]}'
        self._waiting: queue.SimpleQueue[tuple[bytes, bytes]] = queue.SimpleQueue()
        self._lost = 0
        if self._enabled:
            threading.Thread(target=self._write_waiting, name="access log", daemon=True).start()

    def write(
        self, method: str, path: str, status: int, size: int, seconds: float, request_id: str, source: str
    ) -> None:
        """Logs an answer: its `size` in bytes, and the `source` that made it (worker, shared cache, django)."""
        if not self._enabled:
            return
        if self._waiting.qsize() >= MOST_WAITING:
            self._lost += 1
            return
        now = time.time()
        moment = f"{_second(int(now))}.{int(now % 1 * 1000):03d}Z"
        if source != RENDERED:
            path = redact(path)
        # Only the method and the path come from the client.
        line = (
            f'{{"timestamp":"{moment}",{self._constant},"pid":{os.getpid()},"request_id":"{request_id}",'
            f'"duration_ms":{seconds * 1000:.3f},"status":{status},"method":{_quoted(method)},"path":{_quoted(path)},'
            f'"bytes":{size},"source":"{source}"}}\n'
        ).encode()
        shown = line
        if not self._json:
            shown = (
                f"{moment} {method} {path!r} {status} {size} B {seconds * 1000:.1f} ms {source} {request_id}\n".encode()
            )
        self._waiting.put((line, shown))

    def _write_waiting(self) -> None:
        following = None
        while True:
            following = self._write_together(following or self._waiting.get())

    def _write_together(self, first: tuple[bytes, bytes]) -> tuple[bytes, bytes] | None:
        """Writes a line and those that wait behind it; returns the one that has been taken and no longer fits."""
        lines, size = [first], max(map(len, first))
        following = None
        while not self._waiting.empty():
            following = self._waiting.get()
            size += max(map(len, following))
            if size > select.PIPE_BUF:
                break
            lines.append(following)
            following = None
        if self._lost:
            lost, self._lost = self._lost, 0
            _logger.warning("%d lines of the access log were dropped; whoever reads it is too slow", lost)
        if self._file is not None:
            self._file.write(b"".join(line for line, _ in lines))
        if self._shown:
            try:
                os.write(STDOUT, b"".join(shown for _, shown in lines))
            except OSError:
                # Nobody reads the log any more; the answers still go out.
                self._shown = False
        return following
