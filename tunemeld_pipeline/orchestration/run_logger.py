"""The one logger of all runs: puts Dagster's lines and events into our log.

Each line of `context.log` and each event of a run becomes a line like all others, once. `logs/setup.py` sets up logging; in a process that
Dagster started for a run, that happens when the run begins.
"""

import inspect
import logging
from collections.abc import Mapping
from types import FrameType
from typing import Any

import dagster as dg

from tunemeld_pipeline.assets.partitions import settings
from tunemeld_pipeline.logs.setup import configure_logging, hand_on
from tunemeld_pipeline.run_tags import PARTITION_TAG

TOLD_APART = frozenset(
    {dg.DagsterEventType.RUN_START, dg.DagsterEventType.RUN_SUCCESS, dg.DagsterEventType.RUN_CANCELED}
)
"""Events that a person reading at level INFO expects to see; Dagster logs them at DEBUG."""

CONSEQUENCE = "Dependencies for step"
"""How Dagster's error line for every step after a failed one begins; the failed step has its own line."""

BETWEEN = ("logging", "dagster._core.log_manager", __name__)

Fields = dict[str, Any]


@dg.logger(
    config_schema={
        "log_level": dg.Field(
            str,
            default_value=settings.log_level,
            description="The lowest level of a run's lines that go to the terminal.",
        )
    },
    description="A run's lines in the log files of TuneMeld and on the terminal.",
)
def run_logger(context: dg.InitLoggerContext) -> logging.Logger:
    """Logs again what Dagster passes to it, with the run, the genre and the asset."""
    configure_logging(settings, "dagster")
    levels = logging.getLevelNamesMapping()
    return RunLogger(levels[settings.log_level], least_shown=levels[str(context.logger_config["log_level"]).upper()])


class RunLogger(logging.Logger):
    """A logger outside the tree of loggers: it passes its records on itself, so none is written twice.

    Args:
        level: the lowest level that is written at all.
        least_shown: the lowest level that goes to the terminal.
    """

    def __init__(self, level: int, least_shown: int) -> None:
        super().__init__("dagster", level)
        self._least_shown = least_shown

    def log(self, level: int, msg: object, *args: Any, **kwargs: Any) -> None:
        """Writes one line; this is the only method that Dagster calls."""
        extra: Mapping[str, Any] = kwargs.get("extra") or {}
        meta: Mapping[str, Any] = extra.get("dagster_meta") or {}
        event = meta.get("dagster_event")
        fields = _place(meta)
        if event is not None:
            level = _level(event, level)
            fields |= _event_fields(event)
        elif str(meta.get("orig_message")).startswith(CONSEQUENCE):
            level = logging.INFO
        if not self.isEnabledFor(level):
            return
        caller = _caller()
        name = str(caller.f_globals.get("__name__", "")) if caller else ""
        record = self.makeRecord(
            name if name.startswith("tunemeld_pipeline.") else self.name,
            level,
            caller.f_code.co_filename if caller else "",
            caller.f_lineno if caller else 0,
            meta.get("orig_message") or msg,
            args if not meta else (),
            kwargs.get("exc_info"),
            caller.f_code.co_name if caller else "",
        )
        record.__dict__["tunemeld"] = fields | (extra.get("tunemeld") or {})
        hand_on(record, self._least_shown)


def _place(meta: Mapping[str, Any]) -> Fields:
    genre = (meta.get("job_tags") or {}).get(PARTITION_TAG)
    named = {"run_id": meta.get("run_id"), "genre": genre, "asset": meta.get("step_key")}
    return {name: value for name, value in named.items() if value}


def _level(event: dg.DagsterEvent, level: int) -> int:
    """The level that the event deserves; an error that was already logged where it was handled is not logged as one again."""
    data: Any = event.event_specific_data
    if event.is_step_failure and getattr(data, "user_failure_data", None) is not None:
        return logging.DEBUG
    if (
        event.event_type is dg.DagsterEventType.RUN_FAILURE
        and getattr(data, "first_step_failure_event", None) is not None
    ):
        return logging.INFO
    if getattr(data, "passed", True) is False:
        return logging.WARNING
    return max(level, logging.INFO) if event.event_type in TOLD_APART else level


def check_reason(evaluation: dg.AssetCheckEvaluation) -> str:
    """What an asset check found, as its metadata say it: `low: Spotify; coverage/spotify: 0.31`."""
    return "; ".join(f"{name}: {value.value}" for name, value in evaluation.metadata.items())


def _event_fields(event: dg.DagsterEvent) -> Fields:
    data: Any = event.event_specific_data
    fields: Fields = {"event_type": event.event_type_value}
    if getattr(data, "passed", True) is False:
        fields |= {"check": data.check_name, "reason": check_reason(data)}
    error = getattr(data, "error", None)
    if error is not None:
        cause = error
        while cause.cause is not None:
            cause = cause.cause
        fields |= {"error_type": cause.cls_name, "exception": error.to_string()}
    return fields


def _caller() -> FrameType | None:
    """The frame that logged, below the frames of Dagster and `logging`."""
    frame = inspect.currentframe()
    while frame is not None and frame.f_globals.get("__name__") in BETWEEN:
        frame = frame.f_back
    return frame
