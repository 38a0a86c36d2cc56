"""Log lines: one JSON object each, with the id of the request that they belong to.

What belongs here: how a line is written. What does not: what is logged. The access log bypasses `logging`, which costs more than
all the rest of answering a rendered path.
"""

import json
import logging
import os
import time
from contextvars import ContextVar
from datetime import UTC, datetime

from tunemeld_pipeline.settings import LogFormat

STDOUT = 1

request_id: ContextVar[str] = ContextVar("request_id", default="")


class JsonFormatter(logging.Formatter):
    """A record as one line of JSON; a traceback is in `exception`, and never in an answer."""

    def format(self, record: logging.LogRecord) -> str:
        """The line, without its end."""
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextFormatter(logging.Formatter):
    """A record for people, in UTC like everything else."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: ARG002, N802 - the base's
        """The time as the access log writes it."""
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


class AccessLog:
    """One line per request on standard output, each in one write, so that those of several workers never mix.

    Args:
        form: JSON for machines, text for people.
        enabled: whether to write at all; no, where only warnings are wanted.
    """

    def __init__(self, form: LogFormat, *, enabled: bool) -> None:
        self._json = form is LogFormat.JSON
        self._enabled = enabled

    def write(
        self, method: str, path: str, status: int, size: int, seconds: float, request_id: str, source: str
    ) -> None:
        """Notes an answer: `size` in bytes, `source` tells who made it (worker, shared cache, django)."""
        if not self._enabled:
            return
        now = time.time()
        moment = f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(now))}.{int(now % 1 * 1000):03d}+00:00"
        if self._json:
            # Only the method and the path are others' words.
            line = (
                f'{{"time":"{moment}","level":"INFO","logger":"access","method":{json.dumps(method)},"path":{json.dumps(path)},'
                f'"status":{status},"bytes":{size},"ms":{seconds * 1000:.3f},"source":"{source}","request_id":"{request_id}"}}\n'
            )
        else:
            line = f"{moment} {method} {path!r} {status} {size} B {seconds * 1000:.1f} ms {source} {request_id}\n"
        try:
            os.write(STDOUT, line.encode())
        except OSError:
            # Nobody reads the log any more; that is no reason not to answer.
            self._enabled = False
