"""What the methods of the upstream resources return: values that carry an answer from `resources/`, which fetches and reads it, to the
functions that work on it.
"""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FetchedPlaylist:
    """A playlist as received: the exact body, or several pages' bodies as a JSON array.

    `pages` are the same bodies decoded, so that the rows are read without decoding them again. `incomplete` says why pages are missing at
    the end.
    """

    data_json: str
    pages: tuple[Any, ...]
    incomplete: str | None = None


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One answer to a search. `isrc` is None where the interface does not give it."""

    track_id: str
    name: str
    artist_name: str
    duration_ms: int | None
    album_id: str | None
    cover_url: str | None
    isrc: str | None
