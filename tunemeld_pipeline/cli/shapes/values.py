"""Values that many shapes have: a moment in UTC, a day, a share."""

from typing import Annotated

from pydantic import Field

Moment = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Day = Annotated[str, Field(json_schema_extra={"format": "date"})]
Share = Annotated[float, Field(ge=0, le=1)]
