"""Fills the page's `index.html`: title, tags and share image for links, the page's head and the API's answers that it starts from, and
what browsers without scripts show.

Pure functions; everything that comes from a service is escaped. The tags follow the Open Graph protocol (ogp.me), Twitter's cards and
schema.org. The modules in `pages/` say what each page's are; `page_views.py` finds the answers, and `page_files.py` the template.
"""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from django_backend.languages import LANGUAGES, PARAMETER, Language
from django_backend.share_image import HEIGHT, WIDTH
from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.publishing.page_paths import HOME, chart_path, search_path

SITE = "TuneMeld"
LONGEST_NAME = 40
SIDE_BY_SIDE = 12
"""As many charts as stand side by side at the top of the page; `frontend/src/chart/genres.ts` draws the same."""

NAMED = 3
"""Tracks in a description, of which services show some 160 characters."""

SCHEMA_ORG = "https://schema.org"
NOT_INDEXED = '<meta name="robots" content="noindex">'
HAS_PATHS = '<meta name="tunemeld-paths" content="yes">'
"""By this the page knows that each of its pages has a path of its own; on a static host it has one page."""


@dataclass(frozen=True, slots=True)
class Picture:
    """The picture for a link's preview: its path, and what it shows."""

    path: str
    shows: str


@dataclass(frozen=True, slots=True)
class Alternate:
    """Another form of a page: its media type, title and path."""

    media_type: str
    title: str
    path: str


@dataclass(frozen=True, slots=True)
class PageHead:
    """What a page says of itself to browsers, search engines and the previews of links.

    Attributes:
        path: the page's own path, of all that lead to it.
        kind: Open Graph's type.
        facts: what it is about, in the words of schema.org; addresses in it that begin with a slash are this site's.
        is_indexed: whether search engines should show it.
    """

    title: str
    description: str
    path: str
    picture: Picture | None = None
    alternates: Sequence[Alternate] = ()
    kind: str = "website"
    facts: Mapping[str, Any] | None = None
    is_indexed: bool = True


def filled(template: str, language: Language, head: str, top: str, plain: str, answers: str = "") -> str:
    """The page.

    Args:
        head: as `head_tags` writes it.
        top: as `page_top` writes it.
        plain: what browsers without scripts show.
        answers: what the page starts from, as `answers_script` writes it.
    """
    spoken = template.replace('<html lang="en">', f'<html lang="{language.code}">', 1)
    return _filled(spoken, {"head": head, "app": top, "answers": answers, "noscript": plain})


def filled_without(template: str, language: Language, trouble: str, catalog: Catalog, answers: str = "") -> str:
    """The page for an address of which nothing exists or is available. It shows nothing else."""
    head = f"<title>{SITE}</title>\n    {NOT_INDEXED}\n    {HAS_PATHS}"
    return filled(template, language, head, page_top(language, SITE, catalog), f"<p>{escape(trouble)}</p>", answers)


def answers_script(bodies: Mapping[str, bytes]) -> str:
    """Answers of the API by their addresses, as data for the page, which then does not ask for them."""
    # A body is JSON, in which `<` stands in texts alone; so none of them can end the element.
    answers = ",".join(f"{json.dumps(path)}:{body.decode()}" for path, body in bodies.items()).replace("<", "\\u003c")
    return f'<script type="application/json" id="tunemeld-answers">{{{answers}}}</script>'


def page_top(language: Language, title: str, catalog: Catalog, current: str | None = None) -> str:
    """The top of the page as `frontend/src/components/App.tsx` draws it, so that it is there before any script runs.

    Args:
        current: the path of the shown chart, or of Today.
    """
    charts = [(chart_path(one.key), one.display_name) for one in catalog.genres.values()]
    is_many = len(charts) > SIDE_BY_SIDE
    beside = [one for one in charts if one[0] == current] if is_many else charts
    links = _list_of([(HOME, language.say("nav.today")), *beside], current)
    more = _all_charts(language, charts, current) if is_many else ""
    label = escape(language.say("nav.charts"))
    return (
        '<div class="page"><header class="top">'
        f'<a class="brand" href="{HOME}"><img src="/icon.svg" alt="" width="28" height="28">{SITE}</a>'
        f'<nav class="genres" aria-label="{label}">{links}{more}</nav>'
        f'<div class="settings">{search_form(language)}</div></header>'
        f'<main><div class="title"><h1>{escape(title)}</h1></div></main></div>'
    )


def _all_charts(language: Language, charts: Sequence[tuple[str, str]], current: str | None) -> str:
    """The list of many charts, which opens without a script too."""
    summary = escape(language.say("nav.all", count=len(charts)))
    return f'<details class="all-charts"><summary>{summary}</summary><div class="finder">{_list_of(charts, current)}</div></details>'


def _list_of(places: Iterable[tuple[str, str]], current: str | None) -> str:
    """Links to places by their paths and names; `current` is marked."""
    links = (
        f'<li><a href="{escape(path)}"{_current(path == current)}>{escape(name)}</a></li>' for path, name in places
    )
    return f"<ul>{''.join(links)}</ul>"


def search_form(language: Language, text: str = "") -> str:
    """A field that searches over everything, without a script too."""
    words = escape(language.say("search.field"))
    return (
        f'<form class="find" role="search" action="{search_path()}"><input class="find-field" type="text" name="q"'
        f' value="{escape(text)}" placeholder="{words}" aria-label="{words}" autocomplete="off" required></form>'
    )


def _current(is_current: bool) -> str:
    return ' aria-current="page"' if is_current else ""


def head_tags(root: str, head: PageHead, named: Language | None = None) -> str:
    """Title, description, addresses, share image and facts.

    Args:
        root: scheme and host of the site, as in the visitor's request.
        named: the language that the address names; the page without one is in the language of the visitor's browser.
    """
    address = _address_in(root + head.path, named)
    tags = [
        f"<title>{escape(head.title)}</title>",
        _meta("name", "description", head.description),
        f'<link rel="canonical" href="{escape(address)}">',
        *(_in_each_language(root + head.path) if head.is_indexed else [NOT_INDEXED]),
        *(
            f'<link rel="alternate" type="{one.media_type}" title="{escape(one.title)}" href="{escape(root + one.path)}">'
            for one in head.alternates
        ),
        _meta("property", "og:site_name", SITE),
        _meta("property", "og:type", head.kind),
        _meta("property", "og:title", head.title),
        _meta("property", "og:description", head.description),
        _meta("property", "og:url", address),
        *(_picture(root, head.picture) if head.picture else ()),
        _meta("name", "twitter:card", "summary_large_image" if head.picture else "summary"),
        _meta("name", "twitter:title", head.title),
        _meta("name", "twitter:description", head.description),
        *([_facts(root, head.facts)] if head.facts else []),
        HAS_PATHS,
    ]
    return "\n    ".join(tags)


def _address_in(address: str, language: Language | None) -> str:
    return address if language is None else f"{address}{'&' if '?' in address else '?'}{PARAMETER}={language.code}"


def _in_each_language(address: str) -> list[str]:
    named = [("x-default", address), *((one.code, _address_in(address, one)) for one in LANGUAGES.values())]
    return [f'<link rel="alternate" hreflang="{code}" href="{escape(one)}">' for code, one in named]


def _picture(root: str, picture: Picture) -> list[str]:
    address = root + picture.path
    return [
        _meta("property", "og:image", address),
        _meta("property", "og:image:type", "image/png"),
        _meta("property", "og:image:width", str(WIDTH)),
        _meta("property", "og:image:height", str(HEIGHT)),
        _meta("property", "og:image:alt", picture.shows),
        _meta("name", "twitter:image", address),
    ]


def _facts(root: str, facts: Mapping[str, Any]) -> str:
    text = json.dumps({"@context": SCHEMA_ORG, **_whole(root, facts)}, ensure_ascii=False).replace("<", "\\u003c")
    return f'<script type="application/ld+json">{text}</script>'


def _whole(root: str, facts: Any) -> Any:
    """The same with whole addresses."""
    match facts:
        case Mapping():
            return {name: _whole(root, value) for name, value in facts.items()}
        case list() | tuple():
            return [_whole(root, one) for one in facts]
        case str() if facts.startswith("/"):
            return root + facts
        case _:
            return facts


def short(text: str) -> str:
    """A name as a description has room for it."""
    return text if len(text) <= LONGEST_NAME else f"{text[: LONGEST_NAME - 1].rstrip()}…"


def _meta(kind: str, name: str, content: str) -> str:
    return f'<meta {kind}="{name}" content="{escape(content)}">'


def _filled(template: str, parts: Mapping[str, str]) -> str:
    for name, text in parts.items():
        template = _replaced(template, name, text)
    return template


def _replaced(template: str, name: str, text: str) -> str:
    """The template with `text` in place of what is between its two marks, or in place of its single mark."""
    mark, end = f"<!--tunemeld:{name}-->", f"<!--/tunemeld:{name}-->"
    return re.sub(f"{mark}(?:.*?{end})?", lambda _: text, template, count=1, flags=re.DOTALL)
