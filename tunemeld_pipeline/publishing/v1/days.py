"""`/v1/charts/{genre}/days`: the days that have a chart."""

from collections.abc import Sequence

from pydantic import Field

from tunemeld_pipeline.publishing.v1.links import chart
from tunemeld_pipeline.publishing.v1.values import Day, Row


class ChartedDate(Row):
    """A UTC day that has a chart."""

    date: Day = Field(description="The UTC day.", examples=["2026-01-31"])
    chart: str = Field(description="The address of that day's chart.", examples=["/v1/charts/pop?date=2026-01-31"])


def charted_dates(genre: str, dates: Sequence[str]) -> list[ChartedDate]:
    """The days, newest first; `dates` oldest first."""
    return [ChartedDate(date=one, chart=chart(genre, one)) for one in reversed(dates)]
