"""The paths: what each is asked with, and what it answers with.

What belongs here: known genres and services, parameters, and which page is meant. What does not: how a page is rendered or found
(`rendered.py`), nor what all answers share (`serving.py`). A plain request for a rendered path does not come here: the layer in
front answers it.
"""

from datetime import date
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.health import health_report, missing_genres
from django_backend.metrics import exposition
from django_backend.openapi import openapi_text
from django_backend.pages import RENDERED
from django_backend.refusals import Refusal, json_answer, refusing
from django_backend.rendered import Found
from django_backend.serving import SOURCE
from tunemeld_pipeline.catalog import Service
from tunemeld_pipeline.models import AGGREGATE
from tunemeld_pipeline.responses import GENRES_PATH, GRAPH_WINDOWS, error, success

SERVICES = (*(one.value for one in Service), AGGREGATE)
STATIC = Path(__file__).with_name("static")
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)
NEAREST_DAYS = 4


@refusing
def playlist_data(request: HttpRequest, genre: str) -> HttpResponse:
    """The chart of a genre: the current one, or that of a past day."""
    day = request.GET.get("date")
    if day is None:
        return _page(request, f"/playlist-data/{_known(genre)}", genre)
    if not _is_day(day):
        raise Refusal(400, "date is a day of the calendar; write it as 2026-01-31")
    found = RENDERED.past_chart(_known(genre), day)
    if found is None:
        raise _no_chart(genre, day)
    return _answer(request, found)


@refusing
def chart_dates(request: HttpRequest, genre: str) -> HttpResponse:
    """The days that have a chart."""
    return _page(request, f"/chart-dates/{_known(genre)}", genre)


@refusing
def service_playlist(request: HttpRequest, genre: str, service: str) -> HttpResponse:
    """One service's rows, or the consensus."""
    if service not in SERVICES:
        raise Refusal(404, f"unknown service; known are {', '.join(SERVICES)}", {"known": list(SERVICES)})
    return _page(request, f"/service-playlist/{_known(genre)}/{service}", genre)


@refusing
def graph_data(request: HttpRequest, genre: str) -> HttpResponse:
    """The counts over time of the tracks of the chart."""
    path, days = f"/graph-data/{_known(genre)}", request.GET.get("days")
    if days is None:
        return _page(request, path, genre)
    windows = [str(one) for one in GRAPH_WINDOWS]
    if days not in windows:
        raise Refusal(400, f"days is one of {', '.join(windows)}")
    return _page(request, f"{path}?days={days}", genre)


@refusing
def last_updated(request: HttpRequest, genre: str) -> HttpResponse:
    """When a genre was last observed."""
    return _page(request, f"/last-updated/{_known(genre)}", genre)


@refusing
def header_art(request: HttpRequest, genre: str) -> HttpResponse:
    """Names and covers of the services' playlists."""
    return _page(request, f"/header-art/{_known(genre)}", genre)


@refusing
def genres(request: HttpRequest) -> HttpResponse:
    """The genres, and how fresh each is."""
    return _page(request, GENRES_PATH, None)


def welcome(request: HttpRequest) -> HttpResponse:
    """Where to go from here."""
    if "text/html" in request.headers.get("Accept", ""):
        answer = _file("welcome.html", "text/html; charset=utf-8")
    else:
        answer = json_answer(success({"documentation": "/docs", "openapi": "/openapi.json"}, "Welcome to TuneMeld"))
    answer["Vary"] = "Accept"
    return answer


def live(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether this process answers."""
    return json_answer(success({"live": True}))


def ready(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Whether this worker can answer for every genre."""
    missing = missing_genres(RENDERED, settings.CATALOG)
    data = {"ready": not missing, "missing": missing}
    if missing:
        return json_answer(
            error(f"nothing to serve yet for {', '.join(missing)}; run `tunemeld etl run full`", data), 503
        )
    return json_answer(success(data))


def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Every part that the product depends on."""
    report = health_report()
    unwell = [name for name, check in report["checks"].items() if not check["healthy"]]
    if report["overall_healthy"]:
        return json_answer(success(report, f"degraded: {', '.join(unwell)}" if unwell else "ok"))
    return json_answer(error(f"not healthy: {', '.join(unwell)}; each check says what to do", report), 503)


def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """What is counted, for Prometheus."""
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def openapi(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The schema of this API."""
    return HttpResponse(openapi_text(), content_type="application/json")


def docs(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """A page to try the API."""
    return _file("docs.html", "text/html; charset=utf-8")


def docs_script(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The script of that page."""
    return _file("docs.js", "text/javascript; charset=utf-8")


def docs_style(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The style of the pages."""
    return _file("docs.css", "text/css; charset=utf-8")


def _page(request: HttpRequest, path: str, genre: str | None) -> HttpResponse:
    found = RENDERED.find(path, genre)
    if found is None:
        raise Refusal(404, f"nothing is there yet for this path; `tunemeld etl run full --genre {genre}` makes it")
    return _answer(request, found)


def _answer(request: HttpRequest, found: Found) -> HttpResponse:
    request.META[SOURCE] = found.source
    status, headers, body = found.page.answer(request.META, found.stale_seconds)
    answer = HttpResponse(body, status=status)
    del answer["Content-Type"]
    for name, value in headers:
        answer[name] = value
    return answer


def _known(genre: str) -> str:
    if genre not in settings.CATALOG.genres:
        known = list(settings.CATALOG.genres)
        raise Refusal(404, f"unknown genre; known are {', '.join(known)}", {"known": known})
    return genre


def _is_day(text: str) -> bool:
    try:
        # Other forms of ISO 8601 are read too, and would be names for the same page.
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _no_chart(genre: str, day: str) -> Refusal:
    days = RENDERED.dates(genre)
    if not days:
        return Refusal(
            404, f"no day has a chart yet; `tunemeld etl run full --genre {genre}` makes one", {"nearest": []}
        )
    wanted = date.fromisoformat(day)
    nearest = sorted(days, key=lambda one: abs(date.fromisoformat(one) - wanted))[:NEAREST_DAYS]
    return Refusal(404, f"{day} has no chart; the nearest days are {', '.join(nearest)}", {"nearest": nearest})


def _file(name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse((STATIC / name).read_bytes(), content_type=content_type)
    answer["Content-Security-Policy"] = PAGE_POLICY
    answer["Cache-Control"] = "public, max-age=300"
    return answer
