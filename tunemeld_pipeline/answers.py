"""What the verbs of the upstream services return.

What belongs here: values that carry an answer from a resource to the functions that work on it, and which missing answer makes a run
degraded. What does not: how an answer is asked for or read (`resources/`).
"""

from dataclasses import dataclass, field

from tunemeld_pipeline.errors import NotFound, QuotaExhausted, UpstreamError
from tunemeld_pipeline.models import PlaylistDescription, Upstream


@dataclass(frozen=True, slots=True)
class FetchedPlaylist:
    """A playlist as it came: the body exactly as received, or several pages' bodies as a JSON array.

    `incomplete` says why pages are missing at the end, and `description` is what the body itself tells of the playlist.
    """

    data_json: str
    description: PlaylistDescription = field(default_factory=PlaylistDescription)
    incomplete: str | None = None


@dataclass(frozen=True, slots=True)
class SpotifyTrack:
    """One answer to a search. `isrc` is None where the interface that was asked does not tell it."""

    track_id: str
    name: str
    artist_name: str
    duration_ms: int | None
    album_id: str | None
    cover_url: str | None
    isrc: str | None


def degrading(error: UpstreamError | None, upstream: Upstream) -> UpstreamError | None:
    """The error, where it makes a run degraded.

    Running out of a quota is no failure: the rest waits for the next quota day. Nor is what a replay never recorded.
    """
    if isinstance(error, QuotaExhausted) or (upstream == "replay" and isinstance(error, NotFound)):
        return None
    return error
