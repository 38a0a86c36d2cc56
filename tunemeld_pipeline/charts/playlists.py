"""Playlists as the services send them, read into rows by the lists of `wire_formats/`. Positions never close up: a row that cannot
be read leaves a gap, and is reported by position and reason, never dropped silently.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypedDict

from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.wire_formats.reading import Format, IrregularItem, Values, by_reason

MAX_ROWS = 10_000
"""More rows than this are no playlist: Spotify's own limit is 10,000."""


@dataclass(frozen=True, slots=True)
class PlaylistRow:
    """One row of one service's playlist. `position` counts from 1; `described` is what the row says of its recording.

    `added_at` is when the editors added the row, None where the source does not say. `seen_at` is None on the rows of a read; where a
    source cannot show a row that an earlier one did, it is when the row was last seen.

    The matching takes `described` as it is, so a row's names, length and ISRC are read from the body once and never copied.
    """

    service: str
    position: int
    service_track_id: str
    track_url: str
    described: Row
    album_id: str | None = None
    album_cover_url: str | None = None
    play_count: int | None = None
    added_at: datetime | None = None
    seen_at: datetime | None = None

    @property
    def key(self) -> str:
        """What identifies the row in look-ups and as a provisional track id, for example `SoundCloud:1676685261`."""
        return self.described.key


class ListFacts(TypedDict, total=False):
    """What a body says of its list besides the rows, as `Listing` has it; what is left out, it does not say."""

    rows_total: int | None
    name: str | None
    description: str | None
    cover_url: str | None
    editorial: bool | None
    country: str | None
    edited_at: datetime | None


@dataclass(frozen=True, slots=True)
class Listing:
    """A service's rows in its order, with what its body says of the list. What the source does not say is None.

    Attributes:
        length: how many rows came, read or not.
        irregular: those that could not be read.
        unreadable: how often an optional value could not be read, by its path.
        rows_total: how many rows the service says the list has.
        name: what the service calls it; `description` and `cover_url` are what people see besides.
        editorial: whether its owner is the service's editors.
        country: the market that it was read for, as two capital letters.
        edited_at: when its editors last changed it, or else last added a row.
    """

    rows: list[PlaylistRow]
    length: int
    irregular: list[IrregularItem]
    unreadable: dict[str, int] = field(default_factory=dict)
    rows_total: int | None = None
    name: str | None = None
    description: str | None = None
    cover_url: str | None = None
    editorial: bool | None = None
    country: str | None = None
    edited_at: datetime | None = None

    def reasons(self) -> dict[str, int]:
        """How many rows are irregular, by reason."""
        return by_reason(self.irregular)


def no_facts(pages: Sequence[Values]) -> ListFacts:  # noqa: ARG001
    """For sources whose pages say nothing of their list."""
    return {}


@dataclass(frozen=True, slots=True)
class ListFormat:
    """Where one page of a service's playlist has its rows, how a row is read, and what the pages say of the list.

    Of several playlists that are one list, `facts` gets the pages of all, in order; at least one.
    """

    page: Format
    rows: str
    row: Format
    facts: Callable[[Sequence[Values]], ListFacts] = no_facts


def read_listing(service: Service, listed: ListFormat, pages: Sequence[Any], data_json: str) -> Listing:
    """The rows of a list's decoded pages; `data_json` is the body that they come from, for what an error says.

    Raises:
        MalformedResponse: the body does not have the structure of this service's playlists, or no row of it can be read.
    """
    beside_rows = Counter[str]()
    try:
        read = [listed.page.read(page, beside_rows) for page in pages]
    except (ValueError, RecursionError) as error:
        raise no_playlist(service, data_json) from error
    entries = [entry for page in read for entry in page[listed.rows]]
    if len(entries) > MAX_ROWS:
        raise MalformedResponse(service.name, f"{len(entries)} rows are more than a playlist has (at most {MAX_ROWS})")
    reading = listed.row.read_all(entries, _row_of(service))
    if entries and not reading.items:
        raise MalformedResponse(
            service.name,
            f"none of its {len(entries)} rows can be read; first: {reading.irregular[0].sentence(service.name)}",
            sample=data_json,
        )
    first = {row.key: row.position for row in reversed(reading.items)}
    rows = [row for row in reading.items if first[row.key] == row.position]
    twice = [
        IrregularItem(row.position, "id of an earlier row") for row in reading.items if first[row.key] != row.position
    ]
    irregular = sorted([*reading.irregular, *twice], key=lambda one: one.position)
    facts = listed.facts(read) if read else {}
    if not 0 < (facts.get("rows_total") or 0) <= MAX_ROWS:
        facts["rows_total"] = None  # nobody has such a list
    if facts.get("edited_at") is None:
        facts["edited_at"] = max((row.added_at for row in rows if row.added_at), default=None)
    return Listing(rows, len(entries), irregular, dict(beside_rows + reading.unreadable), **facts)


def no_playlist(service: Service, data_json: str) -> MalformedResponse:
    """The refusal of a body that is no playlist."""
    return MalformedResponse(
        service.name,
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
            service=service.key,
            key=f"{service.key}:{values['service_track_id']}",
        )
        return PlaylistRow(service=service.key, position=position, described=described, **values)

    return row
