"""The access log: one line per request.

It bypasses `logging`, which takes longer than everything else in answering a rendered path, but writes the same fields.
`tunemeld_pipeline/logs/setup.py` sets up all other logs.
"""

import json
import os
import time

from django_backend.names import remembered
from tunemeld_pipeline.logs.files import ProcessFile
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

STDOUT = 1
RENDERED = "worker"
"""The source of answers to paths that we know word for word; any other path may contain a secret that somebody typed."""


_quoted = remembered(1_000)(json.dumps)


class AccessLog:
    """One line per request on standard output and in the process's file. Each line is a single write, so workers' lines never mix.

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

    def write(
        self, method: str, path: str, status: int, size: int, seconds: float, request_id: str, source: str
    ) -> None:
        """Logs an answer: its `size` in bytes, and the `source` that made it (worker, shared cache, django)."""
        if not self._enabled:
            return
        now = time.time()
        moment = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}Z"
        if source != RENDERED:
            path = redact(path)
        # Only the method and the path come from the client.
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
                # Nobody reads the log any more; the answer must still go out.
                self._shown = False
