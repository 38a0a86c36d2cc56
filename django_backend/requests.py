"""Reads and checks what a request asks for: a known genre, a valid day, the chart that it means. Refuses anything else.

The data views (`views.py`) and the web page's views (`page_views.py`), which have the paths, share it.
"""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.caching import FRESH_CONTROL, LASTING_CONTROL
from django_backend.found import Found
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal
from django_backend.serving import SOURCE
from tunemeld_pipeline.charts.observation import is_day, utc_day
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS, GRAPH_WINDOWS, RENDERED_WINDOWS
from tunemeld_pipeline.publishing.responses import graph_content, past_chart_content, past_graph_content
from tunemeld_pipeline.storage.store import Store

NEAREST_DAYS = 4
MOST_NAMED = 60
"""The most genres that a sentence names."""

NO_DAY = "date must be a calendar day, written as 2026-01-31"


def known(genre: str) -> str:
    """The genre, if the catalogue has it.

    Raises:
        Refusal: the genre is unknown; the answer lists the known ones.
    """
    if genre not in settings.CATALOG.genres:
        there = list(settings.CATALOG.genres)
        choice = f"choose one of {', '.join(there)}" if len(there) <= MOST_NAMED else "/v1/genres lists them"
        raise Refusal(404, f"unknown genre; {choice}", {"known": there}, kind=ProblemKind.UNKNOWN_GENRE)
    return genre


def rendered(path: str, genre: str | None) -> Found:
    """The rendered page of a path.

    Raises:
        Refusal: there is no data yet.
        Unanswerable: neither a cache nor the database can answer.
    """
    found = RENDERED.find(path, genre)
    return _there(found, genre)


def _there(found: Found | None, genre: str | None) -> Found:
    if found is None:
        message = f"there is no data for this path yet; `tunemeld etl run full --genre {genre}` makes it"
        raise Refusal(404, message, kind=ProblemKind.NO_DATA)
    return found


def chart(genre: str, day: str | None) -> Found:
    """The current chart of a genre, or a past day's chart.

    Raises:
        Refusal: an unknown genre, an invalid day, or a day without a chart.
        Unanswerable: neither a cache nor the database can answer.
    """
    if day is None:
        return rendered(f"/playlist-data/{known(genre)}", genre)
    return _of_day(genre, day, f"/playlist-data/{genre}?date={day}", past_chart_content)


def graph(genre: str, days: str | None, day: str | None) -> Found:
    """The counts over time of the current chart's tracks, or of the tracks of a past day's chart up to that day.

    Raises:
        Refusal: an unknown genre, a number of days that is not offered, an invalid day, or a day without a chart.
        Unanswerable: neither a cache nor the database can answer.
    """
    path = f"/graph-data/{known(genre)}"
    if days is not None and days not in map(str, GRAPH_WINDOWS):
        raise Refusal(
            400, f"days must be one of {', '.join(map(str, GRAPH_WINDOWS))}", kind=ProblemKind.INVALID_PARAMETER
        )
    window = GRAPH_DAYS if days is None else int(days)
    if day is None:
        asked = path if days is None else f"{path}?days={days}"
        if window in RENDERED_WINDOWS:
            return rendered(asked, genre)
        return _there(RENDERED.made(asked, genre, lambda store: graph_content(store, genre, window)), genre)
    address = f"{path}?date={day}&days={window}"
    return _of_day(genre, day, address, lambda store, genre, day: past_graph_content(store, genre, day, window))


def is_newest(genre: str, day: str | None) -> bool:
    """Whether a day is that of the genre's newest chart, as far as this worker knows."""
    newest = RENDERED.materialization(genre)
    return newest is not None and day == utc_day(newest.shown_as_of)


def control_of(genre: str, day: str) -> str:
    """The Cache-Control of a day's answer: only a day with a later one is past, since the newest one's runs may be repeated."""
    newest = RENDERED.materialization(genre)
    return LASTING_CONTROL if newest is not None and day < utc_day(newest.shown_as_of) else FRESH_CONTROL


def page_answer(request: HttpRequest, found: Found) -> HttpResponse:
    """The answer to this request from a page."""
    request.META[SOURCE] = found.source
    status, headers, body = found.page.answer(request.META, found.stale_seconds)
    answer = HttpResponse(body, status=status)
    del answer["Content-Type"]
    for name, value in headers:
        answer[name] = value
    return answer


def _of_day(genre: str, day: str, address: str, content: Callable[[Store, str, str], Content | None]) -> Found:
    if not is_day(day):
        raise Refusal(400, NO_DAY, kind=ProblemKind.INVALID_PARAMETER)
    return made_of_day(address, known(genre), day, lambda store: content(store, genre, day))


def made_of_day(address: str, genre: str, day: str, make: Callable[[Store], Content | None]) -> Found:
    """The page under this address that is made of one day of a known genre.

    Raises:
        Refusal: the day has no chart.
        Unanswerable: the page is not in memory, and the database is unreachable.
    """
    try:
        found = RENDERED.made(address, genre, make, control_of(genre, day))
    except NothingStored as error:
        raise Refusal(404, str(error), kind=ProblemKind.NO_CHART) from error
    if found is None:
        raise no_chart(genre, day)
    return found


def no_chart(genre: str, day: str) -> Refusal:
    """The refusal of a day without a chart, which names the nearest days."""
    days = RENDERED.dates(genre)
    if not days:
        message = f"no day has a chart yet; `tunemeld etl run full --genre {genre}` makes one"
        return Refusal(404, message, {"nearest": []}, kind=ProblemKind.NO_CHART)
    wanted = date.fromisoformat(day)
    nearest = sorted(days, key=lambda one: abs(date.fromisoformat(one) - wanted))[:NEAREST_DAYS]
    return Refusal(
        404,
        f"{day} has no chart; the nearest days are {', '.join(nearest)}",
        {"nearest": nearest},
        kind=ProblemKind.NO_CHART,
    )
