"""What the verbs of the upstream services return.

These values carry an answer from a resource to the functions that work on it; `resources/` asks for it and reads it.
"""

from dataclasses import dataclass, field

from tunemeld_pipeline.charts.documents import PlaylistDescription


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
