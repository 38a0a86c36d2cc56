"""The one logging set-up, for every process of the project: structlog on top of the standard library's `logging`.

What belongs here: who writes where, from which level on, and how lines of other libraries become like ours. What does not: what a line
says (`logs/lines.py`), files (`logs/files.py`), secrets (`redaction.py`), and Dagster's own events (`orchestration/run_logger.py`).

A module logs by `log = get_logger(__name__)`, with a sentence and fields: `log.info("playlist fetched", service=…, duration_ms=…)`.
What holds for a whole piece of work is bound once with `structlog.contextvars.bound_contextvars`; threads that are given
`copy_context` have it too.
"""

import logging
import sys
import threading
from collections.abc import Mapping
from types import TracebackType
from typing import Any

import structlog
from structlog.contextvars import merge_contextvars
from structlog.stdlib import BoundLogger, ProcessorFormatter

from tunemeld_pipeline.logs.files import ProcessFile, log_folder, remove_old
from tunemeld_pipeline.logs.lines import Event, LineBuilder, render_json, text_renderer
from tunemeld_pipeline.redaction import protect
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

OTHERS_LEVEL = logging.INFO
"""Other libraries are not asked for more: pymongo's and urllib3's DEBUG lines are whole commands and addresses, twice a call."""

OWN = ("tunemeld_pipeline", "django_backend")
LOUDER_OTHERS = {
    # A line for each answer that is an error, which the access log has; and for each host name that somebody made up.
    "django.request": logging.ERROR,
    "django.security.DisallowedHost": logging.CRITICAL,
    # What alembic does to Dagster's own storage at its creation.
    "alembic": logging.WARNING,
}

structlog.configure(
    processors=[
        structlog.stdlib.filter_by_level,
        merge_contextvars,
        structlog.stdlib.PositionalArgumentsFormatter(),
        ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=BoundLogger,
    cache_logger_on_first_use=True,
)

_configured: ProcessFile | None = None
_lock = threading.Lock()


def get_logger(name: str) -> BoundLogger:
    """The logger of a module; its lines go where this process was configured to write, and only warnings to stderr where it was not."""
    logger: BoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(settings: Settings, process: str, *, console: bool = True) -> None:
    """Sets this process's logging up; the first call counts, later ones only protect their settings' secrets.

    Every line goes as JSON into the process's file in `log_folder(settings)`; with `console`, to standard error too, in the
    settings' format.

    Args:
        process: what this process is: etl, api, sandbox, cli or dagster.
        console: whether a person, or whatever collects standard error, is to see the lines as they are written.
    """
    global _configured
    protect(settings)
    with _lock:
        if _configured is not None:
            return
        folder = log_folder(settings)
        remove_old(folder, days=settings.log_days_kept, most_bytes=settings.log_total_megabytes * 1_000_000)
        largest = int(settings.log_file_megabytes * 1_000_000)
        _configured = ProcessFile(folder, process, largest=largest, kept=settings.log_files_kept)
    constant = {"environment": settings.environment.value, "version": settings.app_version, "process": process}
    _configured.setFormatter(_formatter(constant, render_json))
    handlers: list[logging.Handler] = [_configured]
    if console:
        stream = logging.StreamHandler(sys.stderr)
        as_json = settings.log_format is LogFormat.JSON
        stream.setFormatter(_formatter(constant, render_json if as_json else text_renderer(colors=sys.stderr.isatty())))
        handlers.append(stream)
    root = logging.getLogger()
    for old in root.handlers[:]:
        if type(old) is logging.StreamHandler:
            root.removeHandler(old)
    for handler in handlers:
        root.addHandler(handler)
    level = logging.getLevelNamesMapping()[settings.log_level]
    root.setLevel(max(level, OTHERS_LEVEL))
    for name in OWN:
        logging.getLogger(name).setLevel(level)
    for name, least in LOUDER_OTHERS.items():
        logging.getLogger(name).setLevel(max(level, least))
    logging.captureWarnings(True)
    threading.excepthook = _note_thread_error


def process_file() -> ProcessFile | None:
    """The file of this process, for lines that are ready as they are."""
    return _configured


def hand_on(record: logging.LogRecord, least_shown: int) -> None:
    """Writes a record that another library has made, once: into the file, and on the terminal from the level `least_shown` on."""
    for handler in logging.getLogger().handlers:
        if record.levelno >= (handler.level if handler is _configured else max(handler.level, least_shown)):
            handler.handle(record)


def _formatter(constant: Mapping[str, object], render: Any) -> ProcessorFormatter:
    return ProcessorFormatter(
        processors=[LineBuilder(constant), render], foreign_pre_chain=[merge_contextvars, _with_record_fields]
    )


def _with_record_fields(logger: object, name: str, event: Event) -> Event:  # noqa: ARG001 - structlog's signature
    """What other libraries know of a line, under our names."""
    record: logging.LogRecord = event["_record"]
    status = getattr(record, "status_code", None)
    if isinstance(status, int):
        event["status"] = status
    fields = getattr(record, "tunemeld", None)
    if isinstance(fields, dict):
        event.update(fields)
    return event


def _note_thread_error(arguments: threading.ExceptHookArgs) -> None:
    if arguments.exc_type is SystemExit:
        return
    error, trace = arguments.exc_value, arguments.exc_traceback
    exc_info: tuple[type[BaseException], BaseException, TracebackType | None] | None = (
        (arguments.exc_type, error, trace) if error is not None else None
    )
    name = arguments.thread.name if arguments.thread else "unknown"
    logging.getLogger(__name__).error("thread %s ended with an error", name, exc_info=exc_info)
