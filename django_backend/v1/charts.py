"""The views of charts and lists, of today and of past days."""

from collections.abc import Callable
from datetime import UTC, datetime

from django.conf import settings

from django_backend.found import Found
from django_backend.process import RENDERED
from django_backend.requests import made_of_day, rendered
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.charts import past_chart_of
from tunemeld_pipeline.publishing.v1.counts import past_counts
from tunemeld_pipeline.publishing.v1.days import ChartedDate
from tunemeld_pipeline.publishing.v1.lists import past_list
from tunemeld_pipeline.storage.store import Store


def chart(asked: Asked) -> Found:
    """A genre's chart, today's or a past day's."""
    return chart_page(asked["genre"], asked.get("date"))


def chart_page(genre: str, date: str | None) -> Found:
    """The page with a genre's chart, today's or a past day's."""
    return _of_day(links.chart(genre), links.chart(genre, date), genre, date, past_chart_of)


def counts(asked: Asked) -> Found:
    """The counts of a genre's chart, today's or a past day's."""
    return _of_day(asked.path, asked.address, asked["genre"], asked.get("date"), past_counts)


def days(asked: Asked) -> Found:
    """The days that have a chart; of a genre that was never published there are none, which is an answer too."""
    found = RENDERED.find(asked.path, asked["genre"])
    if found is None:
        path = links.days(asked["genre"])
        none = Content("[]", datetime.now(UTC), links=links.described(path, ChartedDate))
        found = RENDERED.made(asked.address, asked["genre"], lambda _: none)
        assert found is not None, "there is something to show"  # noqa: S101 - tells the type checker
    return found


def service_list(asked: Asked) -> Found:
    """A service's list, today's or a past day's."""
    service = asked["service"]
    return _of_day(
        asked.path,
        asked.address,
        asked["genre"],
        asked.get("date"),
        lambda store, genre, date: past_list(store, genre, service, date),
    )


def _of_day(
    path: str, address: str, genre: str, date: str | None, past: Callable[[Store, Genre, str], Content | None]
) -> Found:
    """Today's page of the path, or with `date` the page that `past` makes of that day, under its own address."""
    if date is None:
        return rendered(path, genre)
    described = settings.CATALOG.genres[genre]
    return made_of_day(address, genre, date, lambda store: past(store, described, date))
