"""Readers of one wire format, each broken in one way that readers have been broken in, and the good one that they are made from."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import ListFormat, Listing, PlaylistRow, read_listing
from tunemeld_pipeline.charts.services import Colours, Service
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.service_kit.bodies import ContractBody, write_listing
from tunemeld_pipeline.wire_formats.reading import Format, IrregularItem, Value, list_of, names
from tunemeld_pipeline.wire_formats.received import count, id_of, isrc_of, length_in_ms, text_of

WAVELET = Service("Wavelet", "wavelet", "Wavelet FM", "WV", 25, ("wavelet.example",), Colours("#333333", "#dddddd"))

PAGE = Format(
    name="Wavelet playlist",
    needed={"items": Value("items", list_of, "items")},
    optional={"total": Value("total", count)},
)
ROW = Format(
    name="Wavelet playlist, a row",
    needed={
        "service_track_id": Value("id", id_of, "id"),
        "track_name": Value("title", text_of, "title"),
        "artist_name": Value("artists", names("name"), "artist", parts=("name",)),
    },
    optional={"isrc": Value("isrc", isrc_of), "duration_ms": Value("ms", length_in_ms)},
    ignored=("type", "mood"),
    complete=lambda values: {**values, "track_url": ""},
)

BODY = {
    "items": [
        {"id": 11, "title": "Paper Lanterns", "artists": [{"name": "Ona Vale"}], "isrc": "QZZ992600011", "ms": 187342, "type": "song"},
        {"id": 12, "title": "Salt &amp; Cedar", "artists": [{"name": "Ilse"}, {"name": "Petra"}], "ms": 203118, "type": "song", "mood": []},
        {"id": 13, "title": "", "artists": [{"name": "Brückner"}], "isrc": "QZZ992600033", "ms": 0, "type": "song"},
        {"id": 14, "title": "Nachtzug", "artists": [{"name": "Tuva Lien"}], "isrc": "QZZ992600044", "ms": 176004, "type": "song"},
    ],
    "total": 4,
}  # fmt: skip

Read = Callable[[Sequence[Any], str], Listing]


def good(pages: Sequence[Any], body: str) -> Listing:
    """Reads as it should."""
    return read_listing(WAVELET, ListFormat(PAGE, "items", ROW), pages, body)


def contract_body(read: Read, folder: Path, content: Any = BODY, service: Service = WAVELET) -> ContractBody:
    """A body of a source that reads like this, in a folder of the test's; its listing is what the good reader reads."""
    path = folder / "a_list.json"
    path.write_text(json.dumps(content), "utf-8")
    write_listing(ContractBody(service, Source(f"{service.slug}.api", good, "nowhere:Client"), path))
    return ContractBody(service, Source(f"{service.slug}.api", read, "nowhere:Client"), path)


def _edited(edit: Callable[[PlaylistRow, Any], PlaylistRow | None]) -> Read:
    """The good reader, whose rows become others, or none, by what their entries hold."""

    def read(pages: Sequence[Any], body: str) -> Listing:
        listing = good(pages, body)
        entries = [entry for page in pages for entry in page["items"]]
        rows = [edited for row in listing.rows if (edited := edit(row, entries[row.position - 1])) is not None]
        return replace(listing, rows=rows)

    return read


def _described(row: PlaylistRow, **changes: Any) -> PlaylistRow:
    return replace(row, described=replace(row.described, **changes))


def _by_hand(row_of: Callable[[Any], tuple[str, str, str, int | None]]) -> Read:
    """A reader that takes rows apart by hand, and catches what that raises for a single row."""

    def read(pages: Sequence[Any], body: str) -> Listing:
        entries = _entries(pages)
        rows, irregular = [], []
        for position, entry in enumerate(entries, start=1):
            try:
                identity, title, artist, ms = row_of(entry)
                if not title:
                    raise ValueError
            except (KeyError, TypeError, ValueError, IndexError, AttributeError):
                irregular.append(IrregularItem(position, "unreadable"))
                continue
            described = Row(title, artist, ms, service="Wavelet", key=f"Wavelet:{identity}")
            rows.append(PlaylistRow("Wavelet", position, identity, "", described))
        if entries and not rows:
            raise MalformedResponse("Wavelet FM", "no row can be read")
        return Listing(rows, len(entries), irregular)

    return read


def _entries(pages: Sequence[Any]) -> list[Any]:
    try:
        return [entry for page in pages for entry in list(page["items"])]
    except (KeyError, TypeError) as error:
        raise MalformedResponse("Wavelet FM", "no list") from error


def _changing_pages(pages: Sequence[Any], body: str) -> Listing:
    listing = good(pages, body)
    for page in pages:
        page["items"].reverse()
    return listing


def _by_chance(pages: Sequence[Any], body: str) -> Listing:
    return replace(good(pages, body), country=str(random.random()))


def _with_a_file(pages: Sequence[Any], body: str) -> Listing:
    Path(__file__).read_text("utf-8")
    return good(pages, body)


def _closing_up(pages: Sequence[Any], body: str) -> Listing:
    listing = good(pages, body)
    return replace(listing, rows=[replace(row, position=at) for at, row in enumerate(listing.rows, start=1)])


def _uncounted(pages: Sequence[Any], body: str) -> Listing:
    return replace(good(pages, body), irregular=[])


def _whole_list(pages: Sequence[Any], body: str) -> Listing:
    listing = good(pages, body)
    if any(one.position != 3 for one in listing.irregular):
        raise MalformedResponse("Wavelet FM", "a row is odd")
    return listing


def _anything(pages: Sequence[Any], body: str) -> Listing:
    """Takes every list of objects for its own."""
    entries = [one for page in pages for value in page.values() if isinstance(value, list) for one in value]
    described = Row("A title", "An artist")
    rows = [PlaylistRow("Wavelet", at, str(at), "", described) for at, _ in enumerate(entries, start=1)]
    return Listing(rows, len(entries), [])


def _raising(pages: Sequence[Any], body: str) -> Listing:
    return Listing([], len(pages[0]["items"]), [])


def _lost_with_an_odd_isrc(row: PlaylistRow, entry: Any) -> PlaylistRow | None:
    return row if entry.get("isrc") is None or row.described.isrc else None


def _named_unknown(pages: Sequence[Any], body: str) -> Listing:
    named = [
        {**page, "items": [{**one, "title": one.get("title") or "Unknown"} if isinstance(one, dict) else one for one in page["items"]]}
        if isinstance(page, dict) and isinstance(page.get("items"), list)
        else page
        for page in pages
    ]  # fmt: skip
    return good(named, body)


BROKEN: dict[str, tuple[str, Read]] = {
    "it changes what it reads": ("impure", _changing_pages),
    "it reads by chance": ("impure", _by_chance),
    "it opens a file": ("impure", _with_a_file),
    "it closes up positions": ("unlike_its_listing", _closing_up),
    "it does not count what it leaves out": ("unlike_its_listing", _uncounted),
    "it does not count a row that is lost": ("lost_or_spoilt", _uncounted),
    "it closes up positions over a row that is lost": ("lost_or_spoilt", _closing_up),
    "it refuses a list for one row": ("lost_or_spoilt", _whole_list),
    "it takes another service's list": ("taken_for_its_own", _anything),
    "it raises what comes": ("taken_for_its_own", _raising),
    "it loses a row for an odd ISRC": ("lost_or_spoilt", _edited(_lost_with_an_odd_isrc)),
    "it makes a title up": ("lost_or_spoilt", _named_unknown),
    "it writes a number as a title": (
        "lost_or_spoilt",
        _by_hand(lambda one: (str(one["id"]), str(one["title"]), one["artists"][0]["name"] + "", int(one["ms"]))),
    ),
    "it needs an optional value": (
        "lost_or_spoilt",
        _by_hand(lambda one: (str(one["id"]), one["title"].strip(), one["artists"][0]["name"].strip(), int(one["ms"]))),
    ),
    "it takes a length as it comes": (
        "lost_or_spoilt",
        _by_hand(lambda one: (str(one["id"]), one["title"].strip(), one["artists"][0]["name"].strip(), one["ms"])),
    ),
}
"""What is wrong with each reader, and the check that finds it."""
