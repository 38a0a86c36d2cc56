"""What is read of Tidal's answers, in JSON:API's form: a page lists what is on the playlist, and the tracks and their artists are beside
that, under `included`. They are joined first, and then read like any other row.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tunemeld_pipeline.charts.playlists import ListFormat, Listing, read_listing
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.wire_formats.reading import Format, Value, Values, list_of, names
from tunemeld_pipeline.wire_formats.received import Unreadable, id_of, isrc_of, length_in_ms, text_of

JOINED = "joined rows"
DURATION = re.compile(r"PT(?:([0-9]{1,3})H)?(?:([0-9]{1,4})M)?(?:([0-9]{1,6})S)?")


def duration_in_ms(value: object) -> int | None:
    """`PT3M25S` in milliseconds."""
    if (text := text_of(value)) is None:
        return None
    if not (parts := DURATION.fullmatch(text)):
        raise Unreadable("a duration is written like PT3M25S")
    hours, minutes, seconds = (int(part or 0) for part in parts.groups())
    return length_in_ms(((hours * 60 + minutes) * 60 + seconds) * 1000)


def _completed(values: Values) -> Values:
    """The version is part of the title."""
    version = values.pop("version")
    named = f"{values['track_name']} ({version})" if version else values["track_name"]
    return {**values, "track_name": named, "track_url": f"https://tidal.com/track/{values['service_track_id']}"}


PAGE = Format(name="Tidal playlist, a page", needed={"rows": Value(JOINED, list_of, "data")})

ROW = Format(
    name="Tidal playlist, a row",
    refused={"a video": lambda row: row.get("type") == "videos"},
    needed={
        "service_track_id": Value("id", id_of, "id"),
        "track_name": Value("attributes.title", text_of, "title"),
        "artist_name": Value("artists", names("name"), "artist", parts=("name",)),
    },
    optional={
        "version": Value("attributes.version", text_of),
        "isrc": Value("attributes.isrc", isrc_of),
        "duration_ms": Value("attributes.duration", duration_in_ms),
    },
    complete=_completed,
)


def read(service: Service, pages: Sequence[Any], data_json: str) -> Listing:
    """The rows of a playlist's pages; `data_json` is the body that they come from, for what an error says."""
    listing = read_listing(service, ListFormat(PAGE, "rows", ROW), [_joined(page) for page in pages], data_json)
    return replace(listing, country=parameter(pages[0], "self", "countryCode"))


def _joined(page: Any) -> Any:
    """The page with its rows joined from what it lists and what is included; as it is where it is no page."""
    if not isinstance(page, dict) or not isinstance(page.get("data"), list):
        return page
    included = {key: one for one in _list(page.get("included")) if (key := _key(one))}
    rows = []
    for entry in page["data"]:
        track = included.get(_key(entry), {})
        named = _list(_at(track, "relationships", "artists", "data"))
        artists = [included.get(_key(one), {}).get("attributes") for one in named]
        joined = {"attributes": track.get("attributes"), "artists": artists}
        rows.append({**entry, **joined} if isinstance(entry, dict) else entry)
    return {JOINED: rows}


def _key(named: Any) -> tuple[str, str] | None:
    """What JSON:API knows a thing by; None for what names nothing."""
    kind, identity = _at(named, "type"), _at(named, "id")
    return (kind, identity) if isinstance(kind, str) and isinstance(identity, str) else None


def _at(thing: Any, *path: str) -> Any:
    for name in path:
        thing = thing.get(name) if isinstance(thing, dict) else None
    return thing


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def parameter(page: Any, link: str, name: str) -> str | None:
    """A parameter of one of a page's links, such as the cursor of the next one; None where there is none."""
    address = _at(page, "links", link)
    found = parse_qs(urlsplit(address).query).get(name) if isinstance(address, str) else None
    return found[0] if found else None
