"""What the jobs that keep the installation in order share: how the one step of each fails."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.redaction import redact


@contextmanager
def plain_failure() -> Iterator[None]:
    """Fails the step with an error's own words, without secrets and without another try."""
    try:
        yield
    except TuneMeldError as error:
        raise dg.Failure(redact(str(error)), metadata={"error": type(error).__name__}, allow_retries=False) from None
