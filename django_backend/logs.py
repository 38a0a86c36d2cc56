"""The access log: a line for each request.

What belongs here: how that line is written. What does not: all other lines (`tunemeld_pipeline/logs/setup.py`). It bypasses `logging`,
which costs more than all the rest of answering a rendered path, but its fields are the same.
"""

import json
import os
import time
from functools import lru_cache

from tunemeld_pipeline.logs.files import ProcessFile
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

STDOUT = 1
RENDERED = "worker"
"""The source of an answer whose path we know word for word; in any other path somebody may have written a secret."""


_quoted = lru_cache(1_000)(json.dumps)


class AccessLog:
    """One line per request on standard output and in the process's file, each in one write, so that several workers' never mix.

    Args:
        settings: whether to write at all (no, where only warnings are wanted), and in which format on standard output.
        file: the process's log file, if it has one; always JSON.
    """

    def __init__(self, settings: Settings, file: ProcessFile | None) -> None:
        self._json = settings.log_format is LogFormat.JSON
        self._enabled = settings.log_level in ("DEBUG", "INFO")
        self._file = file
        self._shown = True
        constant = {"environment": settings.environment.value, "version": settings.app_version, "process": "api"}
        self._constant = f'"level":"info","event":"request","logger":"access",{json.dumps(constant)[1:-1]}'

    def write(
        self, method: str, path: str, status: int, size: int, seconds: float, request_id: str, source: str
    ) -> None:
        """Notes an answer: `size` in bytes, `source` tells who made it (worker, shared cache, django)."""
        if not self._enabled:
            return
        now = time.time()
        moment = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"
        if source != RENDERED:
            path = redact(path)
        # Only the method and the path are others' words.
        line = (
            f'{{"timestamp":"{moment}",{self._constant},"pid":{os.getpid()},"request_id":"{request_id}",'
            f'"duration_ms":{seconds * 1000:.3f},"status":{status},"method":{_quoted(method)},"path":{_quoted(path)},'
            f'"bytes":{size},"source":"{source}"}}\n'
        ).encode()
        if self._file is not None:
            self._file.write(line)
        if self._shown:
            if not self._json:
                line = f"{moment} {method} {path!r} {status} {size} B {seconds * 1000:.1f} ms {source} {request_id}\n".encode()
            try:
                os.write(STDOUT, line)
            except OSError:
                # Nobody reads it any more; that is no reason not to answer.
                self._shown = False
