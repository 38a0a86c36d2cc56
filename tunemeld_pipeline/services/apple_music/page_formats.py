"""What Apple Music's public page of a playlist holds, after the key tree of pages of 2025 and 2026: a script with JSON.

The whole list is there, without ISRCs. Its parts differ by `itemKind`, whose order changes. No whole page of 2026 was ever at hand:
what can be absent, is.
"""

import re
from collections.abc import Iterator
from typing import Any

from tunemeld_pipeline.services.apple_music.formats import MUSIC_VIDEO, STOREFRONT, cover_address, with_own_id
from tunemeld_pipeline.wire_formats.pages import cut, script_of
from tunemeld_pipeline.wire_formats.reading import (
    Format,
    Irregular,
    Value,
    Values,
    list_of,
    names,
    readable,
)
from tunemeld_pipeline.wire_formats.received import (
    Unreadable,
    count,
    id_of,
    length_in_ms,
    loads,
    text_of,
    web_address,
)

SCRIPT = "serialized-server-data"
HEADER, TRACKS = "containerDetailHeaderLockup", "trackLockup"
EDITORS = "appleCurator"


def artists(value: object) -> str | None:
    """The artists' one line, or the names of their links.

    Raises:
        Unreadable: it is neither a text nor a list.
    """
    return names("title")(value) if isinstance(value, list) else text_of(value)


def is_editors(links: object) -> bool | None:
    """Whether one of a list's owners is an editor of Apple's; None where none is named.

    Raises:
        Unreadable: this is no list.
    """
    kinds = [
        readable(link, "segue.destination.contentDescriptor.kind", text_of) for link in list_of(links or None) or []
    ]
    return EDITORS in kinds if any(kinds) else None


def country_of(storefront: object) -> str | None:
    """The market of a storefront.

    Raises:
        Unreadable: this is none.
    """
    text = text_of(storefront)
    if text is not None and not STOREFRONT.fullmatch(text):
        raise Unreadable("a storefront is two letters")
    return text.upper() if text else None


def _with_address(values: Values) -> Values:
    values = with_own_id({name: value for name, value in values.items() if name != "linked_artists"})
    named = values["service_track_id"]
    address = "" if named.startswith("name-") else f"https://music.apple.com/us/song/{named}"
    return {**values, "track_url": values["track_url"] or address}


PLAYLIST = Format(
    name="Apple Music page of a playlist",
    needed={"rows": Value("tracks", list_of, "rows")},
    optional={
        "rows_total": Value("header.trackCount", count),
        "name": Value("header.title", text_of),
        "editorial": Value("header.subtitleLinks", is_editors, parts=("segue.destination.contentDescriptor.kind",)),
        "cover_url": Value("header.artwork.dictionary.url", cover_address),
        "country": Value("country", country_of),
    },
)

ROW = Format(
    name="Apple Music page of a playlist, a row",
    refused={
        MUSIC_VIDEO: lambda item: readable(item, "contentDescriptor.kind", text_of) == "musicVideo",
    },
    needed={
        "track_name": Value("title", text_of, "title"),
        "artist_name": Value(("artistName", "subtitleLinks"), artists, "artist"),
    },
    optional={
        "service_track_id": Value("contentDescriptor.identifiers.storeAdamID", id_of),
        "track_url": Value("contentDescriptor.url", web_address),
        "duration_ms": Value("duration", length_in_ms),
        "album_cover_url": Value("artwork.dictionary.url", cover_address),
        "linked_artists": Value("subtitleLinks", names("title"), parts=("title",)),
    },
    kinds=("contentDescriptor.kind",),
    complete=_with_address,
)


def state_in(page: str) -> Any:
    """What the page's script holds.

    Raises:
        Irregular: the page has no such script, or it cannot be read.
    """
    try:
        return loads(script_of(page, SCRIPT))
    except (ValueError, RecursionError) as error:
        raise Irregular(str(error) if isinstance(error, Irregular) else f"its script {SCRIPT} cannot be read") from None


def list_in(state: Any) -> Any:
    """What a page's script says of its playlist, cut to what is read of it: `{"country", "header", "tracks"}`.

    Raises:
        Irregular: this is no page of a playlist.
    """
    containers = state.get("data") if isinstance(state, dict) else state
    if not isinstance(containers, list):
        raise Irregular(f"its script {SCRIPT} holds no pages")
    sections = [section for container in containers for section in _sections(container)]
    if not any(kind == TRACKS for kind, _ in sections):
        raise Irregular(f"the page has no {TRACKS}")
    headers = [item for kind, items in sections if kind == HEADER for item in items]
    body = {
        "country": next(filter(None, map(_storefront, containers)), None),
        "header": headers[0] if headers else None,
        "tracks": [item for kind, items in sections if kind == TRACKS for item in items],
    }
    return cut(PLAYLIST, "rows", ROW, body)


def _sections(container: Any) -> Iterator[tuple[str, list[Any]]]:
    for section in readable(container, "data.sections", list_of) or []:
        kind, items = readable(section, "itemKind", text_of), readable(section, "items", list_of)
        if kind and items:
            yield kind, items


def _storefront(container: Any) -> str | None:
    """The market that the page was made for: what it was requested with, or else what its address says."""
    named = readable(container, "intent.contentDescriptor.locale.storefront", text_of)
    address = readable(container, "data.canonicalURL", text_of) or ""
    found = re.match(r"https://music\.apple\.com/([a-z]{2})/", address)
    return named or (found[1] if found else None)
