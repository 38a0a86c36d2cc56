"""`/` and `/share/{genre}.png`: the web page with the tags that a shared link needs, and the picture for the link's preview.

It decides which chart an address means, and makes each page and picture once per chart. `page_head.py` and `share_image.py` make
them; `serving.py` sends the page's other files, which are in `page_files.py`.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from datetime import date
from pathlib import Path

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.caching import REVALIDATED_CONTROL, VARY, Rendering
from django_backend.content_policy import DOCS_POLICY, page_policy
from django_backend.names import NamedLocks
from django_backend.page_files import BuiltPage
from django_backend.page_head import Subject, answers_script, filled, filled_without_chart, long_date
from django_backend.problems import ProblemKind
from django_backend.process import PAGE_FILES
from django_backend.refusals import RETRY_SECONDS, Refusal, json_answer, refusing
from django_backend.requests import NO_DAY, is_newest, known, page_answer, rendered
from django_backend.share_image import share_image
from django_backend.shown_chart import ShownChart, shown_chart
from django_backend.v1.charts import chart_page
from django_backend.worker import Found, Unanswerable
from tunemeld_pipeline.charts.observation import is_day
from tunemeld_pipeline.publishing.forms import response, uncompressed_response
from tunemeld_pipeline.publishing.responses import success
from tunemeld_pipeline.publishing.v1 import links

WELCOME = Path(__file__).with_name("static") / "welcome.html"
HTML, PNG = "text/html; charset=utf-8", "image/png"
VARY_BY_ACCEPT = f"Accept, {VARY}"
KEPT = 128


class MadeOnce:
    """Pages made from other pages: rebuilt when those change, and only once even if many requests wait."""

    def __init__(self, most: int = KEPT) -> None:
        self._kept: LRUCache[Hashable, tuple[Hashable, Rendering]] = LRUCache(most)
        self._lock = threading.Lock()
        self._makers = NamedLocks()

    def page(self, name: Hashable, source: Hashable, make: Callable[[], Rendering]) -> Rendering:
        """The page with this name, made from this source."""
        with self._makers.of(name):
            with self._lock:
                made_from, page = self._kept.get(name, (None, None))
            if page is None or made_from != source:
                page = make()
                with self._lock:
                    self._kept[name] = (source, page)
            return page


_MADE = MadeOnce()


def welcome(request: HttpRequest) -> HttpResponse:
    """The web page for a browser; links to start from for programs, or if no page is built."""
    if "text/html" not in request.headers.get("Accept", ""):
        answer = json_answer(success({"documentation": "/docs", "openapi": "/openapi.json"}, "Welcome to TuneMeld"))
    elif (built := PAGE_FILES.built()) is not None:
        return _web_page(request, built)
    else:
        answer = HttpResponse(WELCOME.read_bytes(), content_type=HTML)
        answer["Content-Security-Policy"] = DOCS_POLICY
        answer["Cache-Control"] = "no-store"
    answer["Vary"] = VARY_BY_ACCEPT
    return answer


@refusing
def share(request: HttpRequest, genre: str) -> HttpResponse:
    """The preview picture for a link to a genre, or to a past day's chart."""
    day = request.GET.get("date")
    if day is not None and not is_day(day):
        raise Refusal(400, NO_DAY, kind=ProblemKind.INVALID_PARAMETER)
    found = chart_page(known(genre), day)

    def make() -> Rendering:
        chart = _shown(genre, day, found)
        picture = share_image(chart, long_date(chart.day))
        return Rendering(uncompressed_response(picture, found.page.version, found.page.modified), PNG)

    page = _MADE.page(("share", genre, day), found.page.etag, make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


def _web_page(request: HttpRequest, built: BuiltPage) -> HttpResponse:
    try:
        answer = _page_with_chart(request, built)
    except Refusal as refusal:
        answer = _page_without_chart(built, refusal.message, refusal.status)
    except Unanswerable:
        answer = _page_without_chart(built, "This chart is unavailable right now; please try again.", 503)
        answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Content-Security-Policy"] = page_policy(settings.TUNEMELD, built.api)
    return answer


def _page_with_chart(request: HttpRequest, built: BuiltPage) -> HttpResponse:
    """The page that the address means.

    Raises:
        Refusal: there is no such genre, or no chart for that day.
        Unanswerable: it is not known.
    """
    asked_genre, day = request.GET.get("genre", ""), request.GET.get("date")
    if day is not None and not is_day(day):
        # Like the page itself, ignore values that make no sense.
        day = None
    catalog = settings.CATALOG
    # Without a genre, the page opens with the first one.
    shown = catalog.genres[known(asked_genre)] if asked_genre else next(iter(catalog.genres.values()))
    root = f"{request.scheme}://{request.get_host()}"
    is_named = bool(asked_genre or day)
    subject = Subject(root, shown if is_named else None, date.fromisoformat(day) if day else None)
    # The page asks for the newest chart without its day, however it was come by.
    charted = None if is_newest(shown.key, day) else day
    shared = _shared()
    try:
        found = chart_page(shown.key, charted)
    except Refusal:
        if charted is not None:
            raise
        # This genre has no data yet; the page itself says so.
        return _uncached(filled(built.template, subject, None, catalog, answers_script(_bodies(shared))))
    # What is stale the page asks for itself, and learns how old it is.
    written = shared if found.stale_seconds is not None else {**shared, links.chart(shown.key, charted): found}

    def make() -> Rendering:
        chart = _shown(shown.key, day, found)
        text = filled(built.template, subject, chart, catalog, answers_script(_bodies(written)))
        modified = max(built.modified, *(one.page.modified for one in (found, *written.values())))
        return Rendering(
            response(text, found.page.version, modified), HTML, control=REVALIDATED_CONTROL, vary=VARY_BY_ACCEPT
        )

    source = (found.page.etag, built.modified, *(one.page.etag for one in written.values()))
    page = _MADE.page((root, shown.key, is_named, day), source, make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


def _page_without_chart(built: BuiltPage, trouble: str, status: int) -> HttpResponse:
    sentence = f"{trouble[:1].upper()}{trouble[1:].rstrip('.')}."
    script = answers_script(_bodies(_shared()))
    return _uncached(filled_without_chart(built.template, sentence, settings.CATALOG, script), status)


def _shared() -> dict[str, Found]:
    """What every page starts from, by path, as far as there is an answer."""
    found = {}
    for path in (links.GENRES, links.SERVICES):
        with suppress(Refusal, Unanswerable):
            found[path] = rendered(path, None)
    return found


def _bodies(answers: Mapping[str, Found]) -> dict[str, bytes]:
    return {path: found.page.body for path, found in answers.items()}


def _uncached(text: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(text, content_type=HTML, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Vary"] = VARY_BY_ACCEPT
    return answer


def _shown(genre: str, day: str | None, found: Found) -> ShownChart:
    return shown_chart(settings.CATALOG.genres[genre], found.page.body, is_past=day is not None)
