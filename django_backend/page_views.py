"""`/` and `/share/{genre}.png`: the web page for browsers, with the tags that a shared link needs, and the picture for its preview.

What belongs here: which chart an address means, and that each page and picture is made once per chart. What does not: how they are
made (`page_head.py`, `share_image.py`) and the page's other files (`page_files.py`, which `serving.py` sends).
"""

import threading
from collections.abc import Callable, Hashable
from datetime import date
from pathlib import Path

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from django_backend.caching import REVALIDATED_CONTROL, VARY, Rendering
from django_backend.content_policy import DOCS_POLICY, page_policy
from django_backend.page_files import BuiltPage
from django_backend.page_head import Subject, filled, filled_without_chart, long_date
from django_backend.process import PAGE_FILES
from django_backend.refusals import RETRY_SECONDS, Refusal, json_answer, refusing
from django_backend.requests import chart, is_day, known, page_answer
from django_backend.share_image import share_image
from django_backend.shown_chart import ShownChart, shown_chart
from django_backend.worker import Found, Unanswerable
from tunemeld_pipeline.publishing.responses import response, success, uncompressed_response

WELCOME = Path(__file__).with_name("static") / "welcome.html"
HTML, PNG = "text/html; charset=utf-8", "image/png"
VARY_BY_ACCEPT = f"Accept, {VARY}"
KEPT = 128
LOCKS = 16


class MadeOnce:
    """Pages that are made from others: again when those have changed, and once however many requests wait."""

    def __init__(self, most: int = KEPT) -> None:
        self._kept: LRUCache[Hashable, tuple[Hashable, Rendering]] = LRUCache(most)
        self._lock = threading.Lock()
        # Few locks for all names: an address may hold any host, where all are allowed.
        self._makers = [threading.Lock() for _ in range(LOCKS)]

    def page(self, name: Hashable, source: Hashable, make: Callable[[], Rendering]) -> Rendering:
        """The page of this name, made from this source."""
        with self._makers[hash(name) % LOCKS]:
            with self._lock:
                made_from, page = self._kept.get(name, (None, None))
            if page is None or made_from != source:
                page = make()
                with self._lock:
                    self._kept[name] = (source, page)
            return page


_MADE = MadeOnce()


def welcome(request: HttpRequest) -> HttpResponse:
    """The web page for a browser; where to go from here for programs, and while no page is built."""
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
    """The picture for a genre's link, or for that of a past day's chart."""
    day = request.GET.get("date")
    found = chart(genre, day)

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
        answer = _page_without_chart(built, "This chart cannot be had at this moment; please try again.", 503)
        answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Content-Security-Policy"] = page_policy(settings.TUNEMELD, built.api)
    return answer


def _page_with_chart(request: HttpRequest, built: BuiltPage) -> HttpResponse:
    """The page that the address means.

    Raises:
        Refusal: there is no such genre, or no chart of that day.
        Unanswerable: it is not known.
    """
    asked_genre, day = request.GET.get("genre", ""), request.GET.get("date")
    if day is not None and not is_day(day):
        # As in the page itself, what means nothing is as if it were not there.
        day = None
    catalog = settings.CATALOG
    # Without one, the page opens with the first.
    shown = catalog.genres[known(asked_genre)] if asked_genre else next(iter(catalog.genres.values()))
    root = f"{request.scheme}://{request.get_host()}"
    subject = Subject(root, shown if asked_genre or day else None, date.fromisoformat(day) if day else None)
    try:
        found = chart(shown.key, day)
    except Refusal:
        if day is not None:
            raise
        # Nothing is there of this genre yet, which the page tells itself.
        return _uncached(filled(built.template, subject, None, catalog))

    def make() -> Rendering:
        text = filled(built.template, subject, _shown(shown.key, day, found), catalog)
        modified = max(found.page.modified, built.modified)
        return Rendering(
            response(text, found.page.version, modified), HTML, control=REVALIDATED_CONTROL, vary=VARY_BY_ACCEPT
        )

    page = _MADE.page(subject, (found.page.etag, built.modified), make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


def _page_without_chart(built: BuiltPage, trouble: str, status: int) -> HttpResponse:
    sentence = f"{trouble[:1].upper()}{trouble[1:].rstrip('.')}."
    return _uncached(filled_without_chart(built.template, sentence, settings.CATALOG), status)


def _uncached(text: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(text, content_type=HTML, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Vary"] = VARY_BY_ACCEPT
    return answer


def _shown(genre: str, day: str | None, found: Found) -> ShownChart:
    return shown_chart(settings.CATALOG.genres[genre], found.page.body, is_past=day is not None)
