"""What Spotify's public page of a playlist holds, after a recorded page of 2026: a script with JSON in base 64.

The page shows the first 30 rows, whatever the list's length, with exact play counts and without ISRCs. Of a list that does not exist it
says `NotFound`, with status 200.
"""

import base64
import binascii
import re
from typing import Any

from tunemeld_pipeline.services.spotify.formats import id_in
from tunemeld_pipeline.wire_formats.pages import cut, script_of
from tunemeld_pipeline.wire_formats.reading import (
    NOT_FOUND,
    NULL_ROW,
    Format,
    Irregular,
    Value,
    Values,
    largest_image,
    list_of,
    names,
    readable,
    value_at,
)
from tunemeld_pipeline.wire_formats.received import (
    Unreadable,
    count,
    is_blank,
    length_in_ms,
    loads,
    text_of,
)

SCRIPT = "initialState"
EDITORS = "spotify"
"""The account that the editors' lists belong to."""

COUNTRY = re.compile(r"[A-Z]{2}")


def is_editors(account: object) -> bool | None:
    """Whether a list belongs to Spotify's editors.

    Raises:
        Unreadable: this is no account's name.
    """
    name = text_of(account)
    return None if name is None else name == EDITORS


def country_of(value: object) -> str | None:
    """A country's two letters.

    Raises:
        Unreadable: it is something else.
    """
    text = text_of(value)
    if text is not None and not COUNTRY.fullmatch(text.upper()):
        raise Unreadable("a country is two letters")
    return text.upper() if text else None


def first_picture(entries: object) -> str | None:
    """The address of the first picture that has one.

    Raises:
        Unreadable: this is no list.
    """
    pictures = (readable(entry, "sources", largest_image("url", "height")) for entry in list_of(entries) or [])
    return next(filter(None, pictures), None)


def _is_gone(item: Any) -> bool:
    return readable(item, "itemV2.data.__typename", text_of) == "NotFound"


def _is_no_track(item: Any) -> bool:
    uri = readable(item, "itemV2.data.uri", text_of)
    return uri is not None and uri.startswith("spotify:") and not uri.startswith("spotify:track:")


def _with_address(values: Values) -> Values:
    return {**values, "track_url": f"https://open.spotify.com/track/{values['service_track_id']}"}


PLAYLIST = Format(
    name="Spotify page of a playlist",
    needed={"rows": Value("playlist.content.items", list_of, "rows")},
    optional={
        "rows_total": Value("playlist.content.totalCount", count),
        "name": Value("playlist.name", text_of),
        "description": Value("playlist.description", text_of),
        "cover_url": Value("playlist.images.items", first_picture, parts=("sources[].url", "sources[].height")),
        "editorial": Value("playlist.ownerV2.data.username", is_editors),
        "country": Value("country", country_of),
    },
)

ROW = Format(
    name="Spotify page of a playlist, a row",
    refused={
        NULL_ROW: lambda item: is_blank(readable(item, "itemV2.data", lambda data: data)),
        NOT_FOUND: _is_gone,
        "no song": _is_no_track,
    },
    needed={
        "service_track_id": Value("itemV2.data.uri", id_in, "id"),
        "track_name": Value("itemV2.data.name", text_of, "title"),
        "artist_name": Value("itemV2.data.artists.items", names("profile.name"), "artist", parts=("profile.name",)),
    },
    optional={
        "album_id": Value("itemV2.data.albumOfTrack.uri", id_in),
        "album_cover_url": Value(
            "itemV2.data.albumOfTrack.coverArt.sources", largest_image("url", "height"), parts=("url", "height")
        ),
        "duration_ms": Value(
            ("itemV2.data.duration.totalMilliseconds", "itemV2.data.trackDuration.totalMilliseconds"), length_in_ms
        ),
        "play_count": Value("itemV2.data.playcount", count),
    },
    kinds=("itemV2.data.__typename",),
    complete=_with_address,
)


def state_in(page: str) -> Any:
    """What the page's script holds.

    Raises:
        Irregular: the page has no such script, or it cannot be read.
    """
    try:
        return loads(base64.b64decode(script_of(page, SCRIPT), validate=True).decode())
    except (binascii.Error, UnicodeDecodeError, ValueError, RecursionError) as error:
        raise Irregular(str(error) if isinstance(error, Irregular) else f"its script {SCRIPT} cannot be read") from None


def list_in(state: Any, playlist_id: str) -> Any:
    """What a script says of its playlist, cut to what is read of it: `{"country", "playlist"}`; None where it says that there is none.

    Nothing of the page's session stays but its country.

    Raises:
        Irregular: this is no page of a playlist.
    """
    try:
        items = value_at(state, "entities.items")
    except Unreadable:
        items = None
    playlist = items.get(f"spotify:playlist:{playlist_id}") if isinstance(items, dict) else None
    if not isinstance(playlist, dict):
        raise Irregular("the page has no such playlist, and does not say that there is none")
    kinds = {readable(playlist, place, text_of) for place in ("__typename", "data.__typename")}
    if "NotFound" in kinds:
        return None
    country = readable(state, "session.product.country", text_of) or readable(state, "session.country", text_of)
    return cut(PLAYLIST, "rows", ROW, {"country": country, "playlist": playlist})
