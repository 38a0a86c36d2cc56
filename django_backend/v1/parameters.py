"""The parameters of the operations: what each means, how it is documented, and how a request's value becomes its canonical one.

A request with a parameter that the operation does not have is refused, since a misspelt one would otherwise do nothing.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from django.conf import settings
from django.http import QueryDict

from django_backend.problems import ProblemKind
from django_backend.refusals import Refusal
from django_backend.requests import NO_DAY, known
from tunemeld_pipeline.charts.catalog import MARKET
from tunemeld_pipeline.charts.observation import is_day
from tunemeld_pipeline.plugins.registry import in_order
from tunemeld_pipeline.publishing.reading import GRAPH_DAYS, GRAPH_WINDOWS
from tunemeld_pipeline.publishing.v1.followed import MOST_IDS
from tunemeld_pipeline.publishing.v1.links import address

Json = dict[str, Any]

LONGEST_ID = 200
LONGEST_SEARCH = 200
SLUG = re.compile("[a-z0-9]+(-[a-z0-9]+)*")
OEMBED_FORMATS = ("json", "xml")

LONGEST_LIMIT = 1_000
"""More rows than any list has."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter of an operation.

    Attributes:
        schema: the JSON Schema of its values.
        read: a value as text to its canonical form.
        place: where it stands in the address.
        example: a value for examples.
        is_required: whether it has to be given; those in the path always have.
    """

    name: str
    description: str
    schema: Json
    read: Callable[[str], str]
    place: Literal["path", "query"] = "query"
    example: str | None = None
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for: the path, and the canonical values of its parameters, those of the path included."""

    path: str
    values: Mapping[str, str]
    names: tuple[str, ...]
    """The names of the parameters that stand in the query."""

    root: str = ""
    """Scheme and host of this site in the request, for answers that hold whole addresses of it."""

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def get(self, name: str) -> str | None:
        """The value of a parameter; None if the request does not give it."""
        return self.values.get(name)

    def needed(self, name: str, message: str) -> str:
        """The value of a parameter without which there is no answer.

        Raises:
            Refusal: the request does not give it; it says `message`.
        """
        if (value := self.values.get(name)) is None:
            raise _invalid(name, message)
        return value

    @property
    def address(self) -> str:
        """The path with its canonical query: requests that mean the same have the same address."""
        return address(self.path, **{name: self.values.get(name) for name in self.names})

    def without(self, *names: str) -> "Asked":
        """The same without some of the query's parameters."""
        return replace(self, values={name: one for name, one in self.values.items() if name not in names})


def read_asked(
    path: str, parameters: Sequence[Parameter], arguments: Mapping[str, object], query: QueryDict, root: str = ""
) -> Asked:
    """What a request asks for.

    Args:
        path: the path of the request.
        arguments: the values in the path.
        query: those in the query.
        root: scheme and host of this site in the request.

    Raises:
        Refusal: a parameter is unknown, given twice, or its value is not valid.
    """
    in_query = {one.name for one in parameters if one.place == "query"}
    for name in query:
        if name not in in_query:
            message = f"unknown parameter; this path has {', '.join(sorted(in_query)) or 'none'}"
            raise _invalid(name[:100], message, known=sorted(in_query))
        if len(query.getlist(name)) > 1:
            raise _invalid(name, f"{name} is given twice; give it once")
    given = {name: str(value) for name, value in (*arguments.items(), *query.items())}
    values = {one.name: one.read(given[one.name]) for one in parameters if one.name in given}
    return Asked(path, values, tuple(sorted(in_query)), root)


def fields_of(row: Any) -> Parameter:
    """The choice among a row's fields; `row` is its model."""
    names = list(row.model_fields)

    def read(text: str) -> str:
        chosen = text.split(",")
        unknown = [one for one in chosen if one not in names]
        if unknown:
            message = f"unknown field {unknown[0][:40]!r}; choose among {', '.join(names)}"
            raise _invalid("fields", message, known=names)
        return ",".join(name for name in names if name in chosen)

    description = f"Only these fields of each row, separated by commas: {', '.join(names)}."
    one = "|".join(names)
    return Parameter(
        "fields", description, {"type": "string", "pattern": f"^({one})(,({one}))*$"}, read, example=",".join(names[:2])
    )


def _limit(text: str) -> str:
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= LONGEST_LIMIT):
        raise _invalid("limit", f"limit must be a whole number from 1 to {LONGEST_LIMIT}")
    return str(int(text))


def _market(text: str) -> str:
    if MARKET.fullmatch(text.lower()) is None:
        raise _invalid("market", "market must be two letters, as US")
    return text.upper()


def _date(text: str) -> str:
    if not is_day(text):
        raise _invalid("date", NO_DAY)
    return text


def _day_reader(name: str) -> Callable[[str], str]:
    """What reads a day that is not the only one of its request."""

    def read(text: str) -> str:
        if not is_day(text):
            raise _invalid(name, f"{name} must be a calendar day, written as 2026-01-31")
        return text

    return read


def _window(text: str) -> str:
    if text not in map(str, GRAPH_WINDOWS):
        raise _invalid("days", f"days must be one of {', '.join(map(str, GRAPH_WINDOWS))}")
    return text


def _most(name: str) -> Callable[[str], str]:
    """What reads the most pixels that a page has room for."""

    def read(text: str) -> str:
        if not (text.isascii() and text.isdigit() and len(text) <= 5 and int(text) >= 1):
            raise _invalid(name, f"{name} must be a number of pixels, from 1 to 99999")
        return str(int(text))

    return read


def _oembed_format(text: str) -> str:
    if text not in OEMBED_FORMATS:
        raise _invalid("format", f"format must be one of {', '.join(OEMBED_FORMATS)}", known=list(OEMBED_FORMATS))
    return text


def _track_id(text: str) -> str:
    if len(text) > LONGEST_ID:
        raise Refusal(404, f"no id is longer than {LONGEST_ID} letters", kind=ProblemKind.UNKNOWN_TRACK)
    return text


def _ids(text: str) -> str:
    ids = sorted({one for one in text.split(",") if one})
    if not ids:
        raise _invalid("ids", "ids has no id; write some, separated by commas")
    if len(ids) > MOST_IDS:
        raise _invalid("ids", f"ids has at most {MOST_IDS} ids; ask for the others in another request")
    if any(len(one) > LONGEST_ID for one in ids):
        raise _invalid("ids", f"no id is longer than {LONGEST_ID} letters")
    return ",".join(ids)


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        message = "a slug has small letters, digits and hyphens; /v1/search?q= finds artists by their names"
        raise Refusal(404, message, kind=ProblemKind.UNKNOWN_ARTIST)
    return text


def _words(text: str) -> str:
    words = " ".join(text.split()).casefold()
    if len(words) > LONGEST_SEARCH:
        raise _invalid("q", f"q has at most {LONGEST_SEARCH} letters")
    if not any(map(str.isalnum, words)):
        raise _invalid("q", "q has no letter or digit; write a title or a name")
    return words


def _service(text: str) -> str:
    if text not in _SERVICES:
        raise Refusal(
            404,
            f"unknown service; choose one of {', '.join(_SERVICES)}",
            {"known": _SERVICES},
            kind=ProblemKind.UNKNOWN_SERVICE,
        )
    return text


def _invalid(name: str, message: str, **more: object) -> Refusal:
    return Refusal(400, message, {"parameter": name, **more}, kind=ProblemKind.INVALID_PARAMETER)


_GENRES = list(settings.CATALOG.genres)
_SERVICES = in_order(settings.CATALOG.services())

GENRE = Parameter(
    "genre", "The genre's key; `/v1/genres` lists them.", {"type": "string", "enum": _GENRES}, known, "path", _GENRES[0]
)
SERVICE = Parameter(
    "service",
    "The service's key; `/v1/services` lists them.",
    {"type": "string", "enum": _SERVICES},
    _service,
    "path",
    _SERVICES[0],
)
IN_MARKET = Parameter(
    "market",
    "Only the genres whose lists are made for this market, two letters (ISO 3166-1); without it, all.",
    {"type": "string", "pattern": "^[A-Za-z]{2}$"},
    _market,
    example="US",
)
DATE = Parameter(
    "date", "A past UTC day; without it, the newest.", {"type": "string", "format": "date"}, _date, example="2026-01-31"
)
TRACK_ID = Parameter(
    "track_id",
    "The recording's id: its ISRC, or the provisional id that lists and charts show.",
    {"type": "string", "maxLength": LONGEST_ID},
    _track_id,
    "path",
    "QZZ992600001",
)
TRACK_IDS = Parameter(
    "ids",
    f"Ids of recordings, separated by commas, at most {MOST_IDS}. The answer has those that are known, in the order of the ids.",
    {"type": "string", "minLength": 1},
    _ids,
    example="QZZ992600001",
    is_required=True,
)
SLUG_OF_ARTIST = Parameter(
    "slug", "The artist's slug.", {"type": "string", "pattern": f"^{SLUG.pattern}$"}, _slug, "path", "ona-vale"
)
WORDS = Parameter(
    "q",
    "Words of a title or of artists' names, in any order. Accents and case do not matter, a letter in a word may be wrong, and the"
    " last word may be only begun. The eight longest words count.",
    {"type": "string", "minLength": 1, "maxLength": LONGEST_SEARCH},
    _words,
    example="ona vale",
    is_required=True,
)
LIMIT = Parameter(
    "limit",
    "At most so many rows, from the first on, of each list of rows in the answer; without it, all.",
    {"type": "integer", "minimum": 1, "maximum": LONGEST_LIMIT},
    _limit,
    example="10",
)
FROM = Parameter(
    "from",
    "The earlier UTC day; without it, the last day with a chart before the later one.",
    {"type": "string", "format": "date"},
    _day_reader("from"),
    example="2026-01-30",
)
TO = Parameter(
    "to",
    "The later UTC day; without it, the newest with a chart.",
    {"type": "string", "format": "date"},
    _day_reader("to"),
    example="2026-01-31",
)
WINDOW = Parameter(
    "days",
    "The number of days to look back.",
    {"type": "integer", "enum": list(GRAPH_WINDOWS), "default": GRAPH_DAYS},
    _window,
    example=str(GRAPH_DAYS),
)
ADDRESSES_OF = replace(
    SERVICE,
    place="query",
    description="The service whose addresses the file has; without it, those of all services. Rows that are not on that service have none.",
)
OEMBED_URL = Parameter(
    "url",
    "The address of a genre on this site, whole or from the first slash on: its page (`/charts/pop`) or its top ten (`/embed/pop`).",
    {"type": "string", "format": "uri-reference"},
    str,
    example=f"/embed/{_GENRES[0]}",
    is_required=True,
)
MOST_WIDTH = Parameter(
    "maxwidth",
    "The most pixels that the frame may be wide.",
    {"type": "integer", "minimum": 1, "maximum": 99999},
    _most("maxwidth"),
    example="400",
)
MOST_HEIGHT = Parameter(
    "maxheight",
    "The most pixels that the frame may be high.",
    {"type": "integer", "minimum": 1, "maximum": 99999},
    _most("maxheight"),
    example="600",
)
OEMBED_FORMAT = Parameter(
    "format",
    "The format of the answer.",
    {"type": "string", "enum": list(OEMBED_FORMATS), "default": OEMBED_FORMATS[0]},
    _oembed_format,
)
