"""What was left out of the services' answers: as numbers of a step, which Dagster plots, and as the sentences of a run's summary."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.plugins.registry import folders, slug_of
from tunemeld_pipeline.wire_formats.reading import ReadItems

IRREGULAR_ROWS = "irregular_rows"
"""`irregular_rows/SERVICE` is a list's number of rows that could not be read, `irregular_rows/SERVICE/REASON` that of each reason."""

IRREGULAR_ITEMS = "irregular_items"
"""`irregular_items/SERVICE/ENDPOINT/REASON`: the same for the items of look-ups and counts."""

UNREADABLE_VALUES = "unreadable_values"
"""`unreadable_values/SERVICE/ENDPOINT/PATH`: how often an optional value was there and could not be read."""

PLAYLIST = "playlist"


def of_playlists(read: Mapping[str, Listing]) -> dict[str, int]:
    """A step's numbers of the lists that it read."""
    numbers: dict[str, int] = {}
    for service, parsed in read.items():
        slug = slug_of(service)
        numbers[f"{IRREGULAR_ROWS}/{slug}"] = len(parsed.irregular)
        numbers |= {f"{IRREGULAR_ROWS}/{slug}/{why}": times for why, times in parsed.reasons().items()}
        numbers |= {f"{UNREADABLE_VALUES}/{slug}/{PLAYLIST}/{path}": times for path, times in parsed.unreadable.items()}
    return numbers


def of_answer(slug: str, endpoint: str, reading: ReadItems[Any]) -> Counter[str]:
    """A step's numbers of one answer of a look-up or of counts."""
    items = {f"{IRREGULAR_ITEMS}/{slug}/{endpoint}/{why}": times for why, times in reading.reasons().items()}
    values = {f"{UNREADABLE_VALUES}/{slug}/{endpoint}/{path}": times for path, times in reading.unreadable.items()}
    return Counter(items | values)


def sentences(steps: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """What a run's steps left out, a sentence for each service and endpoint.

    Args:
        steps: each step's numbers, by asset. Lists are read by two of them, and are reported once.
    """
    lists = steps.get("track_playlist") or steps.get("raw_playlists", {})
    reported: Counter[str] = Counter()
    for numbers in steps.values():
        reported.update({name: int(times) for name, times in numbers.items() if name.startswith(f"{IRREGULAR_ITEMS}/")})
        reported.update({name: int(times) for name, times in numbers.items() if _is_value_of_an_answer(name)})
    reported.update({name: int(times) for name, times in lists.items() if _is_of_a_list(name)})
    places: dict[tuple[str, str, str], list[str]] = {}
    for name, times in sorted(reported.items()):
        kind, slug, *rest = name.split("/", 3)
        endpoint, what = (PLAYLIST, rest[0]) if kind == IRREGULAR_ROWS else (rest[0], rest[1])
        places.setdefault((slug, endpoint, kind), []).append(f"{times} {what}")
    names = {folder.named.slug: folder.named.name for folder in folders()}
    return [
        f"{names.get(slug, slug)} {endpoint}: {_WHAT[kind]}: {', '.join(parts)}"
        for (slug, endpoint, kind), parts in places.items()
    ]


_WHAT = {
    IRREGULAR_ROWS: "rows left out",
    IRREGULAR_ITEMS: "items left out",
    UNREADABLE_VALUES: "values that could not be read",
}


def _is_of_a_list(name: str) -> bool:
    parts = name.split("/")
    return (parts[0] == IRREGULAR_ROWS and len(parts) > 2) or (parts[0] == UNREADABLE_VALUES and parts[2] == PLAYLIST)


def _is_value_of_an_answer(name: str) -> bool:
    parts = name.split("/")
    return parts[0] == UNREADABLE_VALUES and parts[2] != PLAYLIST
