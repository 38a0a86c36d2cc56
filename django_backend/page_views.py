"""The views of the web page: each of its pages with the tags that a shared link needs, and the pictures for links' previews.

They decide which answers of `/v1` an address means, and make each page and picture once per answer. The modules in `pages/` say what a
page says, `page_head.py` and `share_image.py` write it; `serving.py` sends the page's other files, which are in `page_files.py`.
"""

import threading
from collections.abc import Callable, Hashable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from cachetools import LRUCache
from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict

from django_backend.caching import REVALIDATED_CONTROL, VARY, Rendering
from django_backend.content_policy import DOCS_POLICY, page_policy
from django_backend.found import Found, Unanswerable
from django_backend.languages import ENGLISH, Language, named_language, wanted_language
from django_backend.names import NamedLocks
from django_backend.page_files import BuiltPage
from django_backend.page_head import PageHead, answers_script, filled, filled_without, head_tags, page_top
from django_backend.pages.agreement import agreement_head, agreement_title, plain_agreement
from django_backend.pages.artist import artist_head, plain_artist
from django_backend.pages.chart import chart_head, plain_chart
from django_backend.pages.my_songs import plain_songs, songs_head
from django_backend.pages.search import plain_search, search_head
from django_backend.pages.today import plain_today, today_head
from django_backend.pages.track import plain_track, standing_sentences, title_of, track_head
from django_backend.problems import ProblemKind
from django_backend.process import PAGE_FILES, RENDERED
from django_backend.refusals import RETRY_SECONDS, Redirect, Refusal, json_answer, refusing
from django_backend.requests import NO_DAY, is_newest, known, page_answer, rendered
from django_backend.share_image import share_image, track_image
from django_backend.shown_chart import ShownChart, shown_chart
from django_backend.v1.answering import cut
from django_backend.v1.charts import chart_page
from django_backend.v1.editors import agreement_found
from django_backend.v1.parameters import SLUG_OF_ARTIST, TRACK_ID, WORDS
from django_backend.v1.parameters import Asked as AskedOfApi
from django_backend.v1.recordings import artist_found, search_found, track_found
from tunemeld_pipeline.charts.observation import is_day
from tunemeld_pipeline.publishing.forms import response, uncompressed_response
from tunemeld_pipeline.publishing.page_paths import HOME, MY_SONGS, chart_path, track_path
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS
from tunemeld_pipeline.publishing.responses import success
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.agreement import Agreement
from tunemeld_pipeline.publishing.v1.artists import ArtistDetails
from tunemeld_pipeline.publishing.v1.search import SearchResults
from tunemeld_pipeline.publishing.v1.today import Today
from tunemeld_pipeline.publishing.v1.tracks import TrackDetails

WELCOME = Path(__file__).with_name("static") / "welcome.html"
HTML, PNG = "text/html; charset=utf-8", "image/png"
VARY_BY_ACCEPT = f"Accept, Accept-Language, {VARY}"
KEPT = 128

STARTED_FROM = {
    links.GENRES: "genre,name,family,market,date,upstream",
    links.SERVICES: "service,name,short,kind,gives,unit,counts_need,sources,hosts,colours,player",
}
"""What every page starts from: paths, and the fields that `frontend/src/api/paths.ts` asks for. With a thousand genres, all fields would be
megabytes."""

OF_A_CHART = ("genre", "date", "sort", "order", "q", "counts", "track")
"""What the site's own address said of a chart before charts had paths of their own."""


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


@dataclass(frozen=True, slots=True)
class Said:
    """What a page says before any script runs; `title` is its heading, `current` the path that is marked among the links at its top."""

    head: PageHead
    title: str
    plain: str
    current: str | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address means.

    Attributes:
        name: what the page is kept under.
        path: the path of the answer of `/v1` that it shows.
        found: that answer; None where there is none yet, which the page itself says.
        say: says it in the page's own words, in a language.
    """

    name: Hashable
    path: str
    found: Found | None
    say: Callable[[Language], Said]


def home(request: HttpRequest) -> HttpResponse:
    """Today for a browser; links to start from for programs. An address that says something of a chart leads to that."""
    if "text/html" not in request.headers.get("Accept", ""):
        answer = json_answer(success({"documentation": "/docs", "openapi": "/openapi.json"}, "Welcome to TuneMeld"))
    elif (target := _chart_meant(request.GET)) is not None:
        answer = HttpResponse(status=301)
        del answer["Content-Type"]
        answer["Location"] = target
        answer["Cache-Control"] = "public, max-age=3600"
    else:
        return _web_page(request, _today)
    answer["Vary"] = VARY_BY_ACCEPT
    return answer


def chart(request: HttpRequest, genre: str, day: str | None = None) -> HttpResponse:
    """The page of a genre's chart, today's or a past day's."""
    return _web_page(request, lambda: _chart(genre, day))


def track(request: HttpRequest, track_id: str) -> HttpResponse:
    """The page of a recording."""
    return _web_page(request, lambda: _track(track_id))


def artist(request: HttpRequest, slug: str) -> HttpResponse:
    """The page of an artist."""
    return _web_page(request, lambda: _artist(slug))


def agreement(request: HttpRequest, genre: str) -> HttpResponse:
    """The page of how much a genre's editors agree."""
    return _web_page(request, lambda: _agreement(genre))


@refusing
def shell(request: HttpRequest) -> HttpResponse:
    """The page with nothing in it, which a browser keeps for when it is offline."""
    built = PAGE_FILES.built()
    if built is None:
        raise Refusal(404, "the page is not built; make page builds it", kind=ProblemKind.UNKNOWN_PATH)
    language = wanted_language(request)
    answer = _uncached(filled_without(built.template, language, language.say("status.offline"), settings.CATALOG))
    answer["Content-Security-Policy"] = page_policy(settings.TUNEMELD, built.api)
    return answer


def search(request: HttpRequest) -> HttpResponse:
    """The page of a search over everything."""
    return _web_page(request, lambda: _search(request.GET.get("q", "")))


def my_songs(request: HttpRequest) -> HttpResponse:
    """The page of the songs that a visitor has starred, which their browser alone knows."""

    def say(language: Language) -> Said:
        return Said(songs_head(language), language.say("songs.title"), plain_songs(language))

    return _web_page(request, lambda: Asked("my songs", MY_SONGS, None, say))


def first_chart(request: HttpRequest) -> HttpResponse:
    """Leads to the first genre's chart."""
    answer = HttpResponse(status=307)
    query = request.META.get("QUERY_STRING", "")
    answer["Location"] = chart_path(next(iter(settings.CATALOG.genres))) + (f"?{query}" if query else "")
    return answer


@refusing
def share(request: HttpRequest, genre: str) -> HttpResponse:
    """The preview picture for a link to a genre, or to a past day's chart."""
    day = request.GET.get("date")
    if day is not None and not is_day(day):
        raise Refusal(400, NO_DAY, kind=ProblemKind.INVALID_PARAMETER)
    found = chart_page(known(genre), day)

    def make() -> Rendering:
        chart = _shown(ENGLISH, genre, day, found)
        picture = share_image(chart, ENGLISH.day(chart.day))
        return Rendering(uncompressed_response(picture, found.page.version, found.page.modified), PNG)

    page = _MADE.page(("share", genre, day), found.page.etag, make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


@refusing
def share_track(request: HttpRequest, track_id: str) -> HttpResponse:
    """The preview picture for a link to a recording."""
    found = _track_found(track_id)

    def make() -> Rendering:
        track = TrackDetails.model_validate_json(found.page.body)
        said = standing_sentences(ENGLISH, settings.CATALOG, track)
        picture = track_image(title_of(ENGLISH, track), track.credit or "", said)
        return Rendering(uncompressed_response(picture, found.page.version, found.page.modified), PNG)

    page = _MADE.page(("share", "track", track_id), found.page.etag, make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


def _chart_meant(query: QueryDict) -> str | None:
    """The address of the chart that the site's own address with this query once meant; None if it means the site."""
    said = {name: str(query[name]) for name in OF_A_CHART if query.get(name)}
    if not said:
        return None
    genre, day = said.pop("genre", next(iter(settings.CATALOG.genres))), said.pop("date", None)
    return chart_path(genre, day if day and is_day(day) else None, **said)


def _today() -> Asked:
    found = rendered(links.TODAY, None)

    def say(language: Language) -> Said:
        today = Today.model_validate_json(found.page.body)
        head = today_head(language, settings.CATALOG, today)
        return Said(head, language.say("today.title"), plain_today(language, settings.CATALOG, today), HOME)

    return Asked("today", links.TODAY, found, say)


def _chart(genre: str, day: str | None) -> Asked:
    """The chart of a genre and day.

    Raises:
        Refusal: there is no such genre, or no chart for that day.
        Unanswerable: it is not known.
    """
    shown = settings.CATALOG.genres[known(genre)]
    if day is not None and not is_day(day):
        raise Refusal(404, NO_DAY, kind=ProblemKind.NO_CHART)
    # The page asks for the newest chart without its day, however it was come by.
    charted = None if is_newest(genre, day) else day
    found = None
    try:
        found = chart_page(genre, charted)
    except Refusal:
        if charted is not None:
            raise
        # This genre has no data yet; the page itself says so.

    def say(language: Language) -> Said:
        chart = _shown(language, genre, day, found) if found else None
        head = chart_head(language, shown, date.fromisoformat(day) if day else None, chart)
        return Said(head, shown.display_name, plain_chart(language, chart), chart_path(genre))

    return Asked(("chart", genre, day), links.chart(genre, charted), found, say)


def _track_found(track_id: str) -> Found:
    return track_found(links.track(track_id), TRACK_ID.read(track_id))


def _track(track_id: str) -> Asked:
    """A recording.

    Raises:
        Redirect: its id is another one now, whose page is elsewhere.
        Refusal: no list and no chart ever had it.
        Unanswerable: it is not known.
    """
    try:
        found = _track_found(track_id)
    except Redirect as redirect:
        target = track_path("") + redirect.target.removeprefix(links.track(""))
        raise Redirect(target, is_permanent=redirect.status == 308) from redirect

    def say(language: Language) -> Said:
        track = TrackDetails.model_validate_json(found.page.body)
        plain = plain_track(language, settings.CATALOG, track)
        return Said(track_head(language, settings.CATALOG, track), title_of(language, track), plain)

    return Asked(("track", track_id), links.track(track_id), found, say)


def _artist(slug: str) -> Asked:
    """An artist.

    Raises:
        Refusal: nobody has this slug.
        Unanswerable: it is not known.
    """
    path = links.artist(SLUG_OF_ARTIST.read(slug))
    found = artist_found(path, slug)

    def say(language: Language) -> Said:
        artist = ArtistDetails.model_validate_json(found.page.body)
        return Said(artist_head(language, artist), artist.name, plain_artist(language, settings.CATALOG, artist))

    return Asked(("artist", slug), path, found, say)


def _agreement(genre: str) -> Asked:
    """How much a genre's editors agree.

    Raises:
        Refusal: there is no such genre.
        Unanswerable: it is not known.
    """
    shown = settings.CATALOG.genres[known(genre)]
    path = links.agreement(genre, GRAPH_DAYS)
    found = None
    with suppress(Refusal):
        # Without a chart yet, the page itself says so.
        found = agreement_found(path, genre, GRAPH_DAYS)

    def say(language: Language) -> Said:
        answer = Agreement.model_validate_json(found.page.body) if found else None
        head = agreement_head(language, shown, answer)
        return Said(head, agreement_title(language, shown), plain_agreement(language, shown, answer))

    return Asked(("agreement", genre), path, found, say)


def _search(given: str) -> Asked:
    """What a search finds; without a text, nothing yet.

    Raises:
        Refusal: the text has no word, or is too long.
        Unanswerable: it is not known.
    """
    text = WORDS.read(given) if given.strip() else None
    path = links.search(text or "")
    found = search_found(path, text) if text else None

    def say(language: Language) -> Said:
        results = SearchResults.model_validate_json(found.page.body) if found else None
        plain = plain_search(language, settings.CATALOG, text, results)
        return Said(search_head(language, text), language.say("search.link"), plain)

    return Asked(("search", text), path, found, say)


def _web_page(request: HttpRequest, find: Callable[[], Asked]) -> HttpResponse:
    """The page of an address; without a built page, words that say so."""
    built = PAGE_FILES.built()
    if built is None:
        answer = HttpResponse(WELCOME.read_bytes(), content_type=HTML)
        answer["Content-Security-Policy"] = DOCS_POLICY
        answer["Cache-Control"] = "no-store"
        answer["Vary"] = VARY_BY_ACCEPT
        return answer
    language = wanted_language(request)
    try:
        answer = _page_of(request, built, language, find())
    except Redirect as redirect:
        answer = HttpResponse(status=redirect.status)
        del answer["Content-Type"]
        answer["Location"] = redirect.target
        answer["Cache-Control"] = "no-store"
        return answer
    except Refusal as refusal:
        # The API's own words are in English.
        trouble = refusal.message if language is ENGLISH else language.say("plain.missing")
        answer = _page_without(built, language, trouble, refusal.status)
    except Unanswerable:
        answer = _page_without(built, language, language.say("plain.unavailable"), 503)
        answer["Retry-After"] = str(RETRY_SECONDS)
    answer["Content-Security-Policy"] = page_policy(settings.TUNEMELD, built.api)
    return answer


def _page_of(request: HttpRequest, built: BuiltPage, language: Language, asked: Asked) -> HttpResponse:
    root = f"{request.scheme}://{request.get_host()}"
    shared, found, named = _shared(), asked.found, named_language(request)

    def text(written: Mapping[str, Found]) -> str:
        said = asked.say(language)
        top = page_top(language, said.title, settings.CATALOG, said.current)
        head = head_tags(root, said.head, named)
        return filled(built.template, language, head, top, said.plain, answers_script(_bodies(written)))

    if found is None:
        return _uncached(text(shared))
    # What is stale the page asks for itself, and learns how old it is.
    written = shared if found.stale_seconds is not None else {**shared, asked.path: found}

    def make() -> Rendering:
        modified = max(built.modified, *(one.page.modified for one in (found, *written.values())))
        forms = response(text(written), found.page.version, modified)
        return Rendering(forms, HTML, control=REVALIDATED_CONTROL, vary=VARY_BY_ACCEPT)

    source = (found.page.etag, built.modified, *(one.page.etag for one in written.values()))
    page = _MADE.page((root, asked.name, language.code, named is None), source, make)
    return page_answer(request, Found(page, found.stale_seconds, found.source))


def _page_without(built: BuiltPage, language: Language, trouble: str, status: int) -> HttpResponse:
    sentence = f"{trouble[:1].upper()}{trouble[1:].rstrip('.')}."
    script = answers_script(_bodies(_shared()))
    return _uncached(filled_without(built.template, language, sentence, settings.CATALOG, script), status)


def _shared() -> dict[str, Found]:
    """What every page starts from, by address, as far as there is an answer."""
    found = {}
    for path, fields in STARTED_FROM.items():
        with suppress(Refusal, Unanswerable):
            asked = AskedOfApi(path, {"fields": fields}, ("fields",))
            found[asked.address] = RENDERED.derived(
                asked.address, rendered(path, None), partial(cut, rows=(), asked=asked)
            )
    return found


def _bodies(answers: Mapping[str, Found]) -> dict[str, bytes]:
    return {path: found.page.body for path, found in answers.items()}


def _uncached(text: str, status: int = 200) -> HttpResponse:
    answer = HttpResponse(text, content_type=HTML, status=status)
    answer["Cache-Control"] = "no-store"
    answer["Vary"] = VARY_BY_ACCEPT
    return answer


def _shown(language: Language, genre: str, day: str | None, found: Found) -> ShownChart:
    return shown_chart(settings.CATALOG.genres[genre], found.page.body, is_past=day is not None, language=language)
