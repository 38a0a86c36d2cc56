"""The views of the data paths: their parameters, and the page that each request means.

A plain request for a rendered path never gets here, since the layer in front (`serving.py`) answers it. `worker.py` renders and finds
the pages; the web page has its own views (`page_views.py`).
"""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.caching import Rendering
from django_backend.content_policy import DOCS_POLICY
from django_backend.found import Found
from django_backend.health import health_report, missing_genres
from django_backend.metrics import exposition
from django_backend.monitoring import for_monitoring
from django_backend.openapi import openapi_text
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal, json_answer, refusing
from django_backend.requests import chart, graph, known, page_answer, rendered
from tunemeld_pipeline.charts.documents import AGGREGATE
from tunemeld_pipeline.health import State
from tunemeld_pipeline.publishing.forms import response
from tunemeld_pipeline.publishing.responses import GENRES_PATH, error, success

STATIC = Path(__file__).with_name("static")


@refusing
def playlist_data(request: HttpRequest, genre: str) -> HttpResponse:
    """The chart of a genre: the current one, or a past day's."""
    return page_answer(request, chart(genre, request.GET.get("date")))


@refusing
def chart_dates(request: HttpRequest, genre: str) -> HttpResponse:
    """The days with a chart."""
    return _page(request, f"/chart-dates/{known(genre)}", genre)


@refusing
def service_playlist(request: HttpRequest, genre: str, service: str) -> HttpResponse:
    """One service's rows, or the consensus."""
    lists = [*settings.CATALOG.genre(known(genre)).services, AGGREGATE]
    if service not in lists:
        message = f"unknown service; choose one of {', '.join(lists)}"
        raise Refusal(404, message, {"known": lists}, kind=ProblemKind.UNKNOWN_SERVICE)
    return _page(request, f"/service-playlist/{genre}/{service}", genre)


@refusing
def graph_data(request: HttpRequest, genre: str) -> HttpResponse:
    """The counts over time of a chart's tracks: the current chart, or a past day's."""
    return page_answer(request, graph(genre, request.GET.get("days"), request.GET.get("date")))


@refusing
def last_updated(request: HttpRequest, genre: str) -> HttpResponse:
    """When a genre was last observed."""
    return _page(request, f"/last-updated/{known(genre)}", genre)


@refusing
def header_art(request: HttpRequest, genre: str) -> HttpResponse:
    """Names and covers of the services' playlists."""
    return _page(request, f"/header-art/{known(genre)}", genre)


@refusing
def genres(request: HttpRequest) -> HttpResponse:
    """The genres, and how fresh each is."""
    return _page(request, GENRES_PATH, None)


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


@for_monitoring
def health(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The state of every part that the product depends on."""
    report = health_report()
    unwell = [name for name, check in report["checks"].items() if check["state"] is not State.GOOD]
    if report["state"] is State.FAILED:
        return json_answer(error(f"failed: {', '.join(unwell)}; each check says what to do", report), 503)
    return json_answer(success(report, f"degraded: {', '.join(unwell)}" if unwell else "good"))


@for_monitoring
def metrics(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The metrics for Prometheus."""
    return HttpResponse(exposition(), content_type="text/plain; version=0.0.4; charset=utf-8")


def openapi(request: HttpRequest) -> HttpResponse:
    """The schema of this API."""
    return page_answer(request, Found(_schema(), None, "django"))


@cache
def _schema() -> Rendering:
    return Rendering(response(openapi_text(), 1, datetime.now(UTC)))


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
    return page_answer(request, rendered(path, genre))


def _file(name: str, content_type: str) -> HttpResponse:
    answer = HttpResponse((STATIC / name).read_bytes(), content_type=content_type)
    answer["Content-Security-Policy"] = DOCS_POLICY
    answer["Cache-Control"] = "public, max-age=300"
    return answer
