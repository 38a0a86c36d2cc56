"""Why a run failed, judged by what Dagster has recorded of it, without Dagster: our own error in the chain of causes, or the last one.

`orchestration/findings.py` reads the failures from Dagster's events, and `operations/run_tables.py` from its tables.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tunemeld_pipeline.errors import TuneMeldError

UNSAID = "the run failed without saying why; see its page in the UI"


@dataclass(frozen=True, slots=True)
class RecordedError:
    """An error as Dagster keeps it: the name of its class, its text, and what it comes from."""

    kind: str | None
    text: str
    cause: "RecordedError | None" = None

    @property
    def innermost(self) -> "RecordedError":
        """Our own error in the chain of causes, else the last one."""
        error = self
        while error.kind not in _classes() and error.cause is not None:
            error = error.cause
        return error

    @property
    def own_class(self) -> type[TuneMeldError] | None:
        """The class of our own error that this is, or comes from; None where it is another's."""
        return _classes().get(self.innermost.kind or "")

    @property
    def message(self) -> str:
        """The innermost error's text."""
        error = self.innermost
        # Dagster keeps an error as its class name, of some with the module, and its text, joined by a colon.
        return re.sub(rf"^([\w.]+\.)?{re.escape(error.kind or '')}: ", "", error.text).strip()


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """A failure of a step or of the run itself: what our own code said of it, where it did, and the error."""

    said: str | None = None
    error: RecordedError | None = None


def why_failed(failures: Iterable[RecordedFailure]) -> str:
    """The message of a run's first failure: that of our own code if it said something, else of the innermost error."""
    seen = list(failures)
    said = next((one.said for one in seen if one.said), None)
    error = first_error(seen)
    return said or (error.message if error else UNSAID)


def first_error(failures: Iterable[RecordedFailure]) -> RecordedError | None:
    """The error of the first failure that has one."""
    return next((one.error for one in failures if one.error is not None), None)


def class_named(name: str) -> type[TuneMeldError] | None:
    """The class of our own errors with this name."""
    return _classes().get(name)


def _classes() -> dict[str, type[TuneMeldError]]:
    found: dict[str, type[TuneMeldError]] = {}
    waiting: list[type[TuneMeldError]] = [TuneMeldError]
    while waiting:
        kind = waiting.pop()
        found[kind.__name__] = kind
        waiting += kind.__subclasses__()
    return found
