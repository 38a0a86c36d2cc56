"""What MusicBrainz says of recordings, after a recorded answer and its documentation (its data are CC0)."""

from typing import Any

from tunemeld_pipeline.wire_formats.reading import NULL_ROW, Format, Value, list_of, names, readable
from tunemeld_pipeline.wire_formats.received import Unreadable, id_of, is_blank, isrc_of, length_in_ms, text_of


def first_isrc(entries: object) -> str | None:
    """The first ISRC of a recording, which may have several; None where it has none.

    Raises:
        Unreadable: this is no list, or none of it is an ISRC.
    """
    listed = list_of(entries) or []
    found = [isrc for entry in listed if (isrc := _isrc(entry)) is not None]
    if listed and not found:
        raise Unreadable("none of these is an ISRC")
    return next(iter(found), None)


def _isrc(entry: Any) -> str | None:
    """An ISRC as a look-up writes it, a text, or as a search once did, `{"id"}`."""
    return readable({"isrc": entry}, "isrc.id" if isinstance(entry, dict) else "isrc", isrc_of)


SEARCH = Format(
    name="MusicBrainz search",
    needed={"recordings": Value("recordings", list_of, "recordings")},
    ignored=("count", "created", "offset"),
)

RECORDING = Format(
    name="MusicBrainz recording",
    refused={NULL_ROW: is_blank},
    needed={
        "track_id": Value("id", id_of, "id"),
        "name": Value("title", text_of, "title"),
        "artist_name": Value("artist-credit", names("name"), "artist", parts=("name",)),
    },
    optional={"duration_ms": Value("length", length_in_ms), "isrc": Value("isrcs", first_isrc)},
    ignored=(
        "aliases", "artist-credit[].artist", "artist-credit[].joinphrase", "artist-credit-id", "disambiguation", "first-release-date",
        "releases", "relations", "score", "tags", "video",
    ),
)  # fmt: skip

ISRCS_OF = Format(
    name="MusicBrainz recording, its ISRCs",
    needed={"track_id": Value("id", id_of, "id")},
    optional={"isrc": Value("isrcs", first_isrc)},
    ignored=("disambiguation", "first-release-date", "length", "title", "video"),
)
