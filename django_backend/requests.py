"""Reads and checks what a request asks for: a known genre, a valid day, the chart that it means. Refuses anything else.

The data views (`views.py`) and the web page's views (`page_views.py`), which have the paths, share it.
"""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.process import RENDERED
from django_backend.refusals import Refusal
from django_backend.serving import SOURCE
from django_backend.worker import Found
from tunemeld_pipeline.charts.observation import is_day
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.publishing.responses import GRAPH_DAYS, GRAPH_WINDOWS

NEAREST_DAYS = 4


def known(genre: str) -> str:
    """The genre, if the catalogue has it.

    Raises:
        Refusal: the genre is unknown; the answer lists the known ones.
    """
    if genre not in settings.CATALOG.genres:
        there = list(settings.CATALOG.genres)
        raise Refusal(404, f"unknown genre; choose one of {', '.join(there)}", {"known": there})
    return genre


def rendered(path: str, genre: str | None) -> Found:
    """The rendered page of a path.

    Raises:
        Refusal: there is no data yet.
        Unanswerable: neither a cache nor the database can answer.
    """
    found = RENDERED.find(path, genre)
    if found is None:
        raise Refusal(404, f"there is no data for this path yet; `tunemeld etl run full --genre {genre}` makes it")
    return found


def chart(genre: str, day: str | None) -> Found:
    """The current chart of a genre, or a past day's chart.

    Raises:
        Refusal: an unknown genre, an invalid day, or a day without a chart.
        Unanswerable: neither a cache nor the database can answer.
    """
    if day is None:
        return rendered(f"/playlist-data/{known(genre)}", genre)
    return _of_day(genre, day, RENDERED.past_chart)


def graph(genre: str, days: str | None, day: str | None) -> Found:
    """The counts over time of the current chart's tracks, or of the tracks of a past day's chart up to that day.

    Raises:
        Refusal: an unknown genre, a number of days that is not offered, an invalid day, or a day without a chart.
        Unanswerable: neither a cache nor the database can answer.
    """
    path = f"/graph-data/{known(genre)}"
    if days is not None and days not in map(str, GRAPH_WINDOWS):
        raise Refusal(400, f"days must be one of {', '.join(map(str, GRAPH_WINDOWS))}")
    if day is None:
        return rendered(path if days is None else f"{path}?days={days}", genre)
    window = GRAPH_DAYS if days is None else int(days)
    return _of_day(genre, day, lambda genre, day: RENDERED.past_graph(genre, day, window))


def page_answer(request: HttpRequest, found: Found) -> HttpResponse:
    """The answer to this request from a page."""
    request.META[SOURCE] = found.source
    status, headers, body = found.page.answer(request.META, found.stale_seconds)
    answer = HttpResponse(body, status=status)
    del answer["Content-Type"]
    for name, value in headers:
        answer[name] = value
    return answer


def _of_day(genre: str, day: str, find: Callable[[str, str], Found | None]) -> Found:
    if not is_day(day):
        raise Refusal(400, "date must be a calendar day, written as 2026-01-31")
    try:
        found = find(known(genre), day)
    except NothingStored as error:
        raise Refusal(404, str(error)) from error
    if found is None:
        raise _no_chart(genre, day)
    return found


def _no_chart(genre: str, day: str) -> Refusal:
    days = RENDERED.dates(genre)
    if not days:
        return Refusal(
            404, f"no day has a chart yet; `tunemeld etl run full --genre {genre}` makes one", {"nearest": []}
        )
    wanted = date.fromisoformat(day)
    nearest = sorted(days, key=lambda one: abs(date.fromisoformat(one) - wanted))[:NEAREST_DAYS]
    return Refusal(404, f"{day} has no chart; the nearest days are {', '.join(nearest)}", {"nearest": nearest})
