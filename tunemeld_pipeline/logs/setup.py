"""The one logging set-up, for every process of the project: structlog on top of the standard library's `logging`.

It decides who writes where and from which level on, and makes other libraries' lines look like ours. `logs/lines.py` decides what a line
says, `logs/files.py` keeps the files, `redaction.py` hides secrets, and `orchestration/run_logger.py` handles Dagster's own events.

A module logs with `log = get_logger(__name__)`, a sentence and fields: `log.info("playlist fetched", service=…, duration_ms=…)`. Fields
that hold for a whole piece of work are bound once with `structlog.contextvars.bound_contextvars`; threads that get `copy_context` have
them too.
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

from tunemeld_pipeline.logs.files import ProcessFile, log_folder, remove_old, rotate_printed
from tunemeld_pipeline.logs.lines import Event, LineBuilder, render_json, text_renderer
from tunemeld_pipeline.redaction import protect
from tunemeld_pipeline.settings.choices import LogFormat
from tunemeld_pipeline.settings.settings import Settings

OTHERS_LEVEL = logging.INFO
"""The most that other libraries log: pymongo's and urllib3's DEBUG lines hold whole commands and addresses, twice per call."""

OWN = ("tunemeld_pipeline", "django_backend")
LOUDER_OTHERS = {
    # A line for each error response, which the access log already has, and for each made-up host name.
    "django.request": logging.ERROR,
    "django.security.DisallowedHost": logging.CRITICAL,
    # What alembic does when Dagster's storage is created.
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
    """The logger of a module. Its lines go where `configure_logging` says; before that, only warnings are shown, on stderr."""
    logger: BoundLogger = structlog.get_logger(name)
    return logger


def configure_logging(settings: Settings, process: str, *, console: bool = True) -> None:
    """Sets up this process's logging; the first call counts, later ones only protect their settings' secrets.

    Every line goes as JSON into the process's file in `log_folder(settings)`; with `console`, to standard error too, in the
    settings' format.

    Args:
        process: what this process is: etl, api, sandbox, cli or dagster.
        console: whether lines also go to standard error, for a person or a log collector.
    """
    global _configured
    protect(settings)
    with _lock:
        if _configured is not None:
            return
        folder = log_folder(settings)
        largest = int(settings.log_file_megabytes * 1_000_000)
        rotate_printed(folder, largest=largest, kept=settings.log_files_kept)
        remove_old(folder, days=settings.log_days_kept, most_bytes=settings.log_total_megabytes * 1_000_000)
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
    """The file of this process, for lines that are already rendered."""
    return _configured


def hand_on(record: logging.LogRecord, least_shown: int) -> None:
    """Writes another library's record once: into the file, and to the terminal from the level `least_shown` up."""
    for handler in logging.getLogger().handlers:
        if record.levelno >= (handler.level if handler is _configured else max(handler.level, least_shown)):
            handler.handle(record)


def _formatter(constant: Mapping[str, object], render: Any) -> ProcessorFormatter:
    return ProcessorFormatter(
        processors=[LineBuilder(constant), render], foreign_pre_chain=[merge_contextvars, _with_record_fields]
    )


def _with_record_fields(logger: object, name: str, event: Event) -> Event:  # noqa: ARG001 - structlog's signature
    """Fields from other libraries' records, under our names."""
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
