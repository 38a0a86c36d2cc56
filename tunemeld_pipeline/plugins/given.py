"""What a source declares of its rows, in words, and what a row has of it."""

from collections.abc import Callable, Mapping

from tunemeld_pipeline.charts.playlists import PlaylistRow

GIVEN: Mapping[str, tuple[str, Callable[[PlaylistRow], object]]] = {
    "isrc": ("an ISRC", lambda row: row.described.isrc),
    "duration": ("a length", lambda row: row.described.duration_ms),
    "plays": ("plays", lambda row: row.play_count),
    "added": ("the time at which it was added", lambda row: row.added_at),
    "album": ("an album's id", lambda row: row.album_id),
    "cover": ("a cover", lambda row: row.album_cover_url),
}
"""By its name in `Gives`: in words, and what a row has of it."""
