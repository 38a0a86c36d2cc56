"""Playlists as the services send them, read into rows by the lists of `wire_formats/`. Positions never close up: a row that cannot
be read leaves a gap, and is reported by position and reason, never dropped silently.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunemeld_pipeline.charts.catalog import Service, name_of
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.services.apple_music import formats as apple_music
from tunemeld_pipeline.services.soundcloud import formats as soundcloud
from tunemeld_pipeline.services.spotify import formats as spotify
from tunemeld_pipeline.wire_formats.reading import Format, IrregularItem, Values, by_reason
from tunemeld_pipeline.wire_formats.received import loads

MAX_ROWS = apple_music.MAX_ROWS


@dataclass(frozen=True, slots=True)
class PlaylistRow:
    """One row of one service's playlist. `position` counts from 1; `described` is what the row says of its recording.

    The matching takes `described` as it is, so a row's names, length and ISRC are read from the body once and never copied.
    """

    service: Service
    position: int
    service_track_id: str
    track_url: str
    described: Row
    album_id: str | None = None
    album_cover_url: str | None = None
    play_count: int | None = None

    @property
    def key(self) -> str:
        """What identifies the row in look-ups and as a provisional track id, for example `SoundCloud:1676685261`."""
        return self.described.key


@dataclass(frozen=True, slots=True)
class ParsedPlaylist:
    """A service's rows in its order, those that could not be read, and how often an optional value could not be, by its path."""

    rows: list[PlaylistRow]
    length: int
    irregular: list[IrregularItem]
    unreadable: dict[str, int] = field(default_factory=dict)

    def reasons(self) -> dict[str, int]:
        """How many rows are irregular, by reason."""
        return by_reason(self.irregular)


@dataclass(frozen=True, slots=True)
class _ListFormat:
    """Where one page of a service's playlist has its rows, and how a row is read."""

    page: Format
    rows: str
    row: Format


FORMATS = {
    Service.SPOTIFY: _ListFormat(spotify.PLAYLIST_PAGE, "items", spotify.PLAYLIST_ITEM),
    Service.APPLE_MUSIC: _ListFormat(apple_music.PLAYLIST, "rows", apple_music.SONG),
    Service.SOUNDCLOUD: _ListFormat(soundcloud.PLAYLIST_PAGE, "items", soundcloud.PLAYLIST_ITEM),
}


def parse_playlist(service: Service, data_json: str) -> ParsedPlaylist:
    """The rows of a stored body: one page as received, or a JSON array of several.

    Raises:
        MalformedResponse: the body does not have the structure of this service's playlists, or no row of it can be read.
    """
    try:
        body = loads(data_json)
    except (ValueError, RecursionError) as error:
        raise _no_playlist(service, data_json) from error
    return read_playlist(service, body if isinstance(body, list) else [body], data_json)


def read_playlist(service: Service, pages: Sequence[Any], data_json: str) -> ParsedPlaylist:
    """The rows of decoded pages; `data_json` is the body that they come from, for what an error says.

    Raises:
        MalformedResponse: as `parse_playlist`.
    """
    listed = FORMATS[service]
    beside_rows = Counter[str]()
    try:
        entries = [entry for page in pages for entry in listed.page.read(page, beside_rows)[listed.rows]]
    except (ValueError, RecursionError) as error:
        raise _no_playlist(service, data_json) from error
    if len(entries) > MAX_ROWS:
        raise MalformedResponse(
            name_of(service), f"{len(entries)} rows are more than a playlist has (at most {MAX_ROWS})"
        )
    reading = listed.row.read_all(entries, _row_of(service))
    if entries and not reading.items:
        raise MalformedResponse(
            name_of(service),
            f"none of its {len(entries)} rows can be read; first: {reading.irregular[0].sentence(name_of(service))}",
            sample=data_json,
        )
    first = {row.key: row.position for row in reversed(reading.items)}
    rows = [row for row in reading.items if first[row.key] == row.position]
    twice = [
        IrregularItem(row.position, "id of an earlier row") for row in reading.items if first[row.key] != row.position
    ]
    irregular = sorted([*reading.irregular, *twice], key=lambda one: one.position)
    return ParsedPlaylist(rows, len(entries), irregular, dict(beside_rows + reading.unreadable))


def _no_playlist(service: Service, data_json: str) -> MalformedResponse:
    return MalformedResponse(
        name_of(service),
        f"its body does not have the structure of a playlist: {data_json[:200]!r}",
        sample=data_json,
    )


def _row_of(service: Service) -> Callable[[int, Values], PlaylistRow]:
    def row(position: int, values: dict[str, Any]) -> PlaylistRow:
        described = Row(
            title=values.pop("track_name"),
            artist=values.pop("artist_name"),
            duration_ms=values.pop("duration_ms"),
            isrc=values.pop("isrc", None),
            uploader=values.pop("uploader", None),
            service=service.value,
            key=f"{service}:{values['service_track_id']}",
        )
        return PlaylistRow(service=service, position=position, described=described, **values)

    return row
