"""What a request asks for, and the answer from a rendered page: what the views of data and those of the web page share.

What belongs here: known genres, days of the calendar, the chart that is meant, and what is refused. What does not: the paths
(`views.py`, `page_views.py`).
"""

from collections.abc import Callable
from datetime import date

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.process import RENDERED
from django_backend.refusals import Refusal
from django_backend.serving import SOURCE
from django_backend.worker import Found
from tunemeld_pipeline.errors import NothingStored
from tunemeld_pipeline.publishing.responses import GRAPH_DAYS, GRAPH_WINDOWS

NEAREST_DAYS = 4


def known(genre: str) -> str:
    """The genre, which the catalogue has.

    Raises:
        Refusal: it has not; the answer lists the known ones.
    """
    if genre not in settings.CATALOG.genres:
        there = list(settings.CATALOG.genres)
        raise Refusal(404, f"unknown genre; known are {', '.join(there)}", {"known": there})
    return genre


def rendered(path: str, genre: str | None) -> Found:
    """The rendered page of a path.

    Raises:
        Refusal: there is nothing yet.
        Unanswerable: it is not known.
    """
    found = RENDERED.find(path, genre)
    if found is None:
        raise Refusal(404, f"nothing is there yet for this path; `tunemeld etl run full --genre {genre}` makes it")
    return found


def chart(genre: str, day: str | None) -> Found:
    """The current chart of a genre, or that of a past day.

    Raises:
        Refusal: an unknown genre, no day of the calendar, or a day without a chart.
        Unanswerable: it is not known.
    """
    if day is None:
        return rendered(f"/playlist-data/{known(genre)}", genre)
    return _of_day(genre, day, RENDERED.past_chart)


def graph(genre: str, days: str | None, day: str | None) -> Found:
    """The counts over time of the current chart's tracks, or of those of a past day's chart until that day.

    Raises:
        Refusal: an unknown genre or number of days, no day of the calendar, or a day without a chart.
        Unanswerable: it is not known.
    """
    path = f"/graph-data/{known(genre)}"
    if days is not None and days not in map(str, GRAPH_WINDOWS):
        raise Refusal(400, f"days is one of {', '.join(map(str, GRAPH_WINDOWS))}")
    if day is None:
        return rendered(path if days is None else f"{path}?days={days}", genre)
    window = GRAPH_DAYS if days is None else int(days)
    return _of_day(genre, day, lambda genre, day: RENDERED.past_graph(genre, day, window))


def is_day(text: str) -> bool:
    """Whether it is a day, written as 2026-01-31."""
    try:
        # Other forms of ISO 8601 are read too, and would be names for the same page.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def page_answer(request: HttpRequest, found: Found) -> HttpResponse:
    """What this request gets of a page."""
    request.META[SOURCE] = found.source
    status, headers, body = found.page.answer(request.META, found.stale_seconds)
    answer = HttpResponse(body, status=status)
    del answer["Content-Type"]
    for name, value in headers:
        answer[name] = value
    return answer


def _of_day(genre: str, day: str, find: Callable[[str, str], Found | None]) -> Found:
    if not is_day(day):
        raise Refusal(400, "date is a day of the calendar; write it as 2026-01-31")
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
