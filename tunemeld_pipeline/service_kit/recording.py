"""Makes a contract body of an answer: of the list only so much as its first rows are made of, and nothing that looks like a secret.

What may be left out is found by reading: whatever the first rows are read without is left out of the body's lists. Nothing is fetched here.
"""

import json
import re
from pathlib import Path
from typing import Any

from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.service_kit.bodies import ContractBody, folder_of, pages_of, place_of, write_listing
from tunemeld_pipeline.service_kit.reading_checks import State, states_of
from tunemeld_pipeline.service_kit.values import Way, is_place, replaced, value_at, ways
from tunemeld_pipeline.upstream.drift_bodies import without_tokens

ROWS = 5
NAME = re.compile(r"[^a-z0-9]+")


def record(found: Installed, source: Source, text: str, name: str, place: Path | None = None) -> ContractBody:
    """Writes an answer as a contract body, with its listing, into the service's folder, or another.

    Raises:
        MalformedResponse: it is no list of this source.
        OSError: it cannot be written.
    """
    pages = without_tokens(shortened(source, pages_of(text), text))
    folder = place or place_of(source, folder_of(found))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{NAME.sub('_', name.casefold()).strip('_') or 'a_list'}.json"
    content = pages[0] if len(pages) == 1 and not isinstance(pages[0], list) else pages
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", "utf-8")
    body = ContractBody(found.service, source, path)
    write_listing(body)
    return body


def shortened(source: Source, pages: list[Any], text: str, rows: int = ROWS) -> list[Any]:
    """The pages without what their first rows are read without: entries of lists, from the last on.

    Raises:
        MalformedResponse: they are no list of this source.
    """
    wanted = _first(source, pages, text, rows)
    for _ in range(2):  # what an entry refers to goes once the entry has gone
        for way in [(), *_lists(pages)]:
            pages = _without_idle(source, pages, way, text, wanted)
    return pages


def _lists(pages: list[Any]) -> list[Way]:
    """The ways to everything that has several entries, the outer ones first."""
    return [way for way in ways(pages) if len(_entries(value_at(pages, way))) > 1]


def _entries(thing: Any) -> list[Any]:
    """The places of a list, or the numbers of an object of numbered entries."""
    if isinstance(thing, list):
        return list(range(len(thing)))
    numbered = [name for name in thing if is_place(name)] if isinstance(thing, dict) else []
    return sorted(numbered, key=int)


def _without_idle(source: Source, pages: list[Any], way: Way, text: str, wanted: dict[int, State]) -> list[Any]:
    try:
        places = _entries(value_at(pages, way))
    except (KeyError, IndexError, TypeError):  # it went with what it was in
        return pages
    shorter = _only(pages, way, places[: max(len(wanted), 1)])
    if _reads(source, shorter, text, wanted):
        pages, places = shorter, places[: max(len(wanted), 1)]
    for place in reversed(places):
        left = [one for one in _entries(value_at(pages, way)) if one != place]
        if left and _reads(source, shorter := _only(pages, way, left), text, wanted):
            pages = shorter
    return pages


def _only(pages: list[Any], way: Way, places: list[Any]) -> Any:
    thing = value_at(pages, way)
    if isinstance(thing, list):
        return replaced(pages, way, [thing[at] for at in places])
    kept = {name: value for name, value in thing.items() if not is_place(name) or name in places}
    return replaced(pages, way, kept)


def _first(source: Source, pages: list[Any], text: str, rows: int) -> dict[int, State]:
    states = states_of(source.read(pages, text))
    return {position: states[position] for position in sorted(states)[:rows]}


def _reads(source: Source, pages: list[Any], text: str, wanted: dict[int, State]) -> bool:
    try:
        return _first(source, pages, text, len(wanted)) == wanted
    except MalformedResponse:
        return False
