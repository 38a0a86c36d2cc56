"""What ReccoBeats says of Spotify's tracks, after public code that reads it: nobody has published an answer, and it was never tried by us.

Answers come in another order than was asked, and with gaps: which track one is about is the end of its address on Spotify.
"""

import re

from tunemeld_pipeline.wire_formats.reading import NULL_ROW, Format, Value, list_of, names
from tunemeld_pipeline.wire_formats.received import Unreadable, is_blank, isrc_of, length_in_ms, text_of

END = re.compile(r"(?:.*/)?([A-Za-z0-9]+)(?:\?.*)?")


def id_in_address(address: object) -> str | None:
    """The track that an address on Spotify leads to: its end.

    Raises:
        Unreadable: it ends in no id.
    """
    text = text_of(address)
    if text is None:
        return None
    found = END.fullmatch(text)
    if found is None:
        raise Unreadable("this address ends in no id")
    return found[1]


ANSWER = Format(name="ReccoBeats tracks", needed={"tracks": Value("content", list_of, "tracks")})

RECCOBEATS_TRACK = Format(
    name="ReccoBeats tracks, a track",
    refused={NULL_ROW: is_blank},
    needed={
        "track_id": Value("href", id_in_address, "id"),
        "title": Value("trackTitle", text_of, "title"),
        "artist": Value("artists", names("name"), "artist", parts=("name",)),
    },
    optional={"isrc": Value("isrc", isrc_of), "duration_ms": Value("durationMs", length_in_ms)},
    ignored=("artists[].href", "artists[].id", "availableCountries", "ean", "id", "popularity", "upc"),
)
