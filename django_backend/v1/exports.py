"""The views of what can be taken along: charts as files, a top ten for other people's pages, and what oEmbed says of it."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from django.conf import settings

from django_backend.caching import Rendering, rendering
from django_backend.found import Found
from django_backend.problems import ProblemKind
from django_backend.process import RENDERED
from django_backend.refusals import Refusal
from django_backend.requests import rendered
from django_backend.shown_chart import shown_chart
from django_backend.v1.charts import chart_page
from django_backend.v1.embed_page import POLICY, embed_html
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.publishing.forms import JSON_TYPE, Content
from tunemeld_pipeline.publishing.page_paths import chart_path
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.charts import GenreChart
from tunemeld_pipeline.publishing.v1.exports import FORMATS, exported_chart, file_name
from tunemeld_pipeline.publishing.v1.oembed import OEmbed, oembed, oembed_xml
from tunemeld_pipeline.publishing.v1.values import json_text

HTML = "text/html; charset=utf-8"
OEMBED_XML = "text/xml; charset=utf-8"
EMBEDDED = (
    ("Content-Security-Policy", POLICY),
    # A page that isolates itself may still show it.
    ("Cross-Origin-Resource-Policy", "cross-origin"),
)


def export_view(ending: str) -> Callable[[Asked], Found]:
    """The view of the charts in one format."""
    media_type, write = FORMATS[ending]

    def view(asked: Asked) -> Found:
        def make(page: Rendering) -> Content:
            shown = GenreChart.model_validate_json(page.body)
            exported = exported_chart(shown, asked.get("service"))
            attached = ("Content-Disposition", f'attachment; filename="{file_name(exported, ending)}"')
            described = links.described(asked.address, None)
            return Content(write(exported), page.modified, media_type, described, (attached,))

        return RENDERED.derived(asked.address, chart_page(asked["genre"], asked.get("date")), make)

    return view


def embed(asked: Asked) -> Found:
    """A genre's top ten as a page."""

    def make(page: Rendering) -> Content:
        shown = shown_chart(_genre(asked), page.body, is_past=False)
        return Content(embed_html(shown, asked.root), page.modified, HTML, headers=EMBEDDED)

    return RENDERED.derived(asked.address, chart_page(asked["genre"], None), make, asked.root)


def oembed_of(asked: Asked) -> Found:
    """What oEmbed says of one of this site's pages.

    Raises:
        Refusal: the address is none of a genre's pages here.
    """
    url = asked.needed("url", "url is needed: the address of a genre's page")
    genre = embedded_genre(url, asked.root)
    if genre is None:
        message = f"this site has pages such as {asked.root}{chart_path(next(iter(settings.CATALOG.genres)))}, and not that one"
        raise Refusal(404, message, {"known": list(settings.CATALOG.genres)}, kind=ProblemKind.UNKNOWN_PAGE)
    width, height = asked.get("maxwidth"), asked.get("maxheight")
    answer = oembed(genre, asked.root, int(width) if width else None, int(height) if height else None)
    # Not kept: it takes no longer to make, and anybody can ask for any size.
    source = rendered(links.GENRES, None)
    is_xml = asked.get("format") == "xml"
    body, media_type = (oembed_xml(answer), OEMBED_XML) if is_xml else (json_text(answer), JSON_TYPE)
    content = Content(body, source.page.modified, media_type, links.described(asked.address, OEmbed))
    page = rendering(asked.path, content, source.page.made_from)
    return Found(page, source.stale_seconds, source.source)


def embedded_genre(url: str, root: str) -> Genre | None:
    """The genre of a page of this site, or of its top ten; None for any other address. TLS may end at a proxy, so both schemes do."""
    try:
        parts = urlsplit(url)
    except ValueError:  # such as https://[
        return None
    is_whole = parts.scheme in ("http", "https") and parts.netloc == urlsplit(root).netloc
    if not is_whole and (parts.scheme or parts.netloc or not parts.path.startswith("/")):
        return None
    match parts.path.split("/"):
        case [""] | ["", ""]:
            # As charts were addressed once; the site itself has no top ten, and is shown by its first genre's.
            key = parse_qs(parts.query).get("genre", [next(iter(settings.CATALOG.genres))])[0]
        case ["", "charts", key] | ["", "charts", key, _] | ["", "embed", key]:
            pass
        case _:
            return None
    found: Genre | None = settings.CATALOG.genres.get(key)
    return found


def _genre(asked: Asked) -> Genre:
    found: Genre = settings.CATALOG.genres[asked["genre"]]
    return found
