"""What failed: a step, or what it stands on."""

import pytest

from tunemeld_pipeline.watching.run_failures import UNSAID, RecordedError, RecordedFailure, why_failed

STEP = "DagsterExecutionStepExecutionError"


@pytest.mark.parametrize(
    ("failure", "why"),
    [
        (RecordedFailure(error=RecordedError("NothingToPublish", "NothingToPublish: no list")), "no list"),
        (RecordedFailure(error=RecordedError("ValueError", "ValueError: a bug")), "a bug"),
        (RecordedFailure("the list is empty", noted="a step failed"), "the list is empty"),
        (
            RecordedFailure("away", RecordedError(STEP, "", RecordedError("DatabaseUnavailable", "away"))),
            "infrastructure failure: away",
        ),
        (
            RecordedFailure(
                error=RecordedError(STEP, "", RecordedError("sqlalchemy.exc.OperationalError", "no connection"))
            ),
            "infrastructure failure: no connection",
        ),
        (RecordedFailure(noted="its process is gone"), "infrastructure failure: its process is gone"),
        (RecordedFailure(), UNSAID),
    ],
)
def test_a_failure_of_the_infrastructure_is_told_apart(failure: RecordedFailure, why: str) -> None:
    assert why_failed([failure]) == why
