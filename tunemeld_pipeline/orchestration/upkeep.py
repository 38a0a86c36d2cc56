"""What the jobs that keep the installation in order share: how the one step of each fails, and where those that ask services are on."""

from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from tunemeld_pipeline.assets.partitions import settings
from tunemeld_pipeline.errors import TuneMeldError
from tunemeld_pipeline.redaction import redact
from tunemeld_pipeline.settings.choices import Upstreams

WHERE_LIVE = (
    dg.DefaultScheduleStatus.RUNNING
    if settings.upstreams is Upstreams.LIVE and settings.daily_refresh
    else dg.DefaultScheduleStatus.STOPPED
)
"""The status of a schedule that asks the live services besides the daily refresh: on where that refresh is."""


@contextmanager
def plain_failure() -> Iterator[None]:
    """Fails the step with an error's own words, without secrets and without another try."""
    try:
        yield
    except TuneMeldError as error:
        raise dg.Failure(redact(str(error)), metadata={"error": type(error).__name__}, allow_retries=False) from None
