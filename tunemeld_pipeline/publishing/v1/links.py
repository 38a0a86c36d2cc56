"""The addresses of `/v1`, and which answer links to which.

Relations are those of IANA's registry: `self`, `prev` and `next` (the days beside), `describedby`, and on the older paths
`successor-version` (RFC 5829) and `deprecation` (RFC 9745).
"""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from urllib.parse import quote, urlencode

from tunemeld_pipeline.charts.documents import AGGREGATE
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.publishing.forms import JSON_TYPE, Link

GENRES = "/v1/genres"
TODAY = "/v1/today"
OEMBED = "/v1/oembed"
OEMBED_TYPE = "application/json+oembed"
SERVICES = "/v1/services"
DOCS = "/docs"
SCHEMA = "/openapi.json#/components/schemas/"

DEPRECATED_SINCE = datetime(2026, 11, 28, tzinfo=UTC)
"""Since when the older paths have a successor."""


def address(path: str, **query: str | None) -> str:
    """The address of a path with these parameters, those that are None left out, in the order of their names."""
    given = sorted((name, value) for name, value in query.items() if value is not None)
    return quote(path) + (f"?{urlencode(given)}" if given else "")


def chart(genre: str, date: str | None = None) -> str:
    """The address of a genre's chart, today's or a past day's."""
    return address(f"/v1/charts/{genre}", date=date)


def days(genre: str) -> str:
    """The address of the days that have a chart."""
    return f"/v1/charts/{genre}/days"


def counts(genre: str, date: str | None = None) -> str:
    """The address of the counts of a genre's chart, today's or a past day's."""
    return address(f"/v1/charts/{genre}/counts", date=date)


def feed(genre: str, ending: str) -> str:
    """The address of a genre's feed: `atom` or `json`."""
    return f"/feeds/{genre}.{ending}"


def feed_source(genre: str) -> str:
    """The name of what both feeds of a genre are written from; no request can name it, since it does not begin with a slash."""
    return f"feeds/{genre}"


def embed(genre: str) -> str:
    """The address of a genre's top ten for other people's pages."""
    return f"/embed/{genre}"


def oembed(page: str) -> str:
    """The address at which oEmbed describes a page of this site, of which the whole address is given."""
    return address(OEMBED, url=page)


def service_list(genre: str, service: str, date: str | None = None) -> str:
    """The address of a service's list, today's or a past day's."""
    return address(f"/v1/lists/{genre}/{service}", date=date)


def track(track_id: str) -> str:
    """The address of a recording."""
    return address(f"/v1/tracks/{track_id}")


def followed(ids: Iterable[str]) -> str:
    """The address of where some recordings stand now."""
    return address("/v1/tracks", ids=",".join(ids))


def artist(slug: str) -> str:
    """The address of an artist."""
    return address(f"/v1/artists/{slug}")


def agreement(genre: str, days: int) -> str:
    """The address of how much a genre's services agree on each of so many days."""
    return address(f"/v1/agreement/{genre}", days=str(days))


def search(text: str) -> str:
    """The address of a search."""
    return address("/v1/search", q=text)


def described(itself: str, schema: type | None, more: Iterable[Link] = ()) -> tuple[Link, ...]:
    """The links of an answer: itself, what describes it, and more; `schema` is None for an answer in no JSON of ours."""
    schemas = [Link(f"{SCHEMA}{schema.__name__}", "describedby", JSON_TYPE)] if schema else []
    return (Link(itself, "self"), *more, *schemas, Link(DOCS, "describedby", "text/html"))


def days_beside(date: str | None, dates: Sequence[str]) -> tuple[str | None, str | None]:
    """The days before and after a day among those that have a chart, oldest first; without a day, the one before the newest."""
    if date is None:
        return (dates[-2] if len(dates) > 1 else None), None
    before = [one for one in dates if one < date]
    after = [one for one in dates if one > date]
    return (before[-1] if before else None), (after[0] if after else None)


def successors(path: str, date: str | None = None) -> tuple[Link, ...]:
    """What takes the place of an older path, and where that is explained; nothing where the path is no older one."""
    first, *rest = path.removeprefix("/").split("/")
    targets: list[str] = []
    match first, rest:
        case (("genres" | "last-updated"), _):
            targets = [GENRES]
        case "playlist-data", [genre]:
            targets = [chart(genre, date)]
        case "graph-data", [genre]:
            targets = [counts(genre, date)]
        case "chart-dates", [genre]:
            targets = [days(genre)]
        case "service-playlist", [genre, service]:
            targets = [chart(genre) if service == AGGREGATE else service_list(genre, service)]
        case "header-art", [genre]:
            targets = [service_list(genre, service) for service in keys()]
    if not targets:
        return ()
    return (*(Link(one, "successor-version") for one in targets), Link(DOCS, "deprecation", "text/html"))
