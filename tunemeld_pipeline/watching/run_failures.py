"""Why a run failed, judged by what Dagster has recorded of it, without Dagster: our own error in the chain of causes, or the last one.

`orchestration/findings.py` reads the failures from Dagster's events, and `operations/run_tables.py` from its tables.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tunemeld_pipeline.errors import DatabaseUnavailable, LeaseLost, LocalServerError, TuneMeldError

INFRASTRUCTURE = (DatabaseUnavailable, LocalServerError, LeaseLost)
"""Our own errors that are no fault of a step: the same step succeeds once the database or machine is well."""

OF_DAGSTER = frozenset(
    {
        *("OperationalError", "InterfaceError", "DBAPIError", "DisconnectionError", "TimeoutError"),  # SQLAlchemy's
        *("DagsterLaunchFailedError", "DagsterUserCodeUnreachableError", "DagsterCodeLocationLoadError"),
    }
)
"""Errors by which Dagster's storage, its code server or a broker is out of reach."""

INFRASTRUCTURE_FAILURE = "infrastructure failure: "
"""Begins the reason of a run that failed so; a genre without today's chart is refreshed again on the same day."""

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
    def is_infrastructure(self) -> bool:
        """Whether the database, Dagster's storage, a broker or the machine failed, and not a step."""
        own = self.own_class
        return issubclass(own, INFRASTRUCTURE) if own is not None else self._chain() & OF_DAGSTER != set()

    def _chain(self) -> set[str]:
        kinds, error = set[str](), self
        while True:
            # Of some classes Dagster keeps the module too.
            kinds.add((error.kind or "").rpartition(".")[2])
            if error.cause is None:
                return kinds
            error = error.cause

    @property
    def message(self) -> str:
        """The innermost error's text."""
        error = self.innermost
        # Dagster keeps an error as its class name, of some with the module, and its text, joined by a colon.
        return re.sub(rf"^([\w.]+\.)?{re.escape(error.kind or '')}: ", "", error.text).strip()


@dataclass(frozen=True, slots=True)
class RecordedFailure:
    """A failure of a step or of the run itself: what our own code said of it, where it did, the error, and what Dagster notes beside it.

    A run that fails without an error was ended from outside: its process is gone.
    """

    said: str | None = None
    error: RecordedError | None = None
    noted: str | None = None


def why_failed(failures: Iterable[RecordedFailure]) -> str:
    """The message of a run's first failure: that of our own code if it said something, else of the innermost error.

    One that is no fault of a step begins with INFRASTRUCTURE_FAILURE.
    """
    seen = list(failures)
    said = next((one.said for one in seen if one.said), None)
    error = first_error(seen)
    if error is None and said is None:
        noted = next((one.noted for one in seen if one.noted), None)
        return f"{INFRASTRUCTURE_FAILURE}{noted}" if noted else UNSAID
    kind = INFRASTRUCTURE_FAILURE if error is not None and error.is_infrastructure else ""
    return kind + (said or (error.message if error else UNSAID))


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
