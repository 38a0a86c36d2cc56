"""What is known of each source of lists: how its tries ended, and until when it rests.

`upstream/ladder.py` decides by it which source is asked, and `storage/sources.py` keeps it.
"""

from enum import StrEnum
from typing import Annotated

from pydantic import Field

from tunemeld_pipeline.charts.documents import SCHEMA_VERSION, Model, Moment, ServiceName


class SourceOutcome(StrEnum):
    """How one try of a source of lists ended, see `upstream/ladder.py`."""

    OK = "ok"
    PARTIAL = "partial"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    QUOTA = "quota"
    DRIFT = "drift"
    DOWN = "down"


StoredOutcome = Annotated[SourceOutcome, Field(strict=False)]


class ListCoverage(Model):
    """What the last try of a source came to for one genre's list, and the rows that its last good one gave, of those that there are."""

    at: Moment
    outcome: StoredOutcome
    rows: int | None = None
    rows_total: int | None = None


class Look(Model):
    """What the canary saw of a source: one list, compared with the look before and with what the source declares.

    `unlike` says what is not as it was or as it should be; where there is any, `body` is the file that has the answer.
    """

    at: Moment
    url: str
    name: str | None = None
    rows: int | None = None
    rows_before: int | None = None
    unlike: list[str] = []
    body: str | None = None


class SourceState(Model):
    """`source_states`: what is known of one source of lists: its tries, and until when it rests.

    `failures` are those in a row, `rests` the rests in a row; `last_reason` says why the last try was not good. `lists` is by genre, `look`
    the canary's last one.
    """

    source: str
    service_name: ServiceName
    schema_version: int = SCHEMA_VERSION
    last_tried_at: Moment
    last_outcome: StoredOutcome
    last_reason: str | None = None
    last_ok_at: Moment | None = None
    failures: int = 0
    rests: int = 0
    rests_until: Moment | None = None
    lists: dict[str, ListCoverage] = {}
    look: Look | None = None
