"""A chart as a file to take along: JSPF, XSPF, M3U8, CSV or text, for players, spreadsheets and other services.

Pure functions from the chart's rows to text. The formats are XSPF version 1 (xspf.org/spec) and its JSON twin JSPF, extended M3U in UTF-8,
CSV after RFC 4180, and one line a recording. Names come from services: whatever a format would take for its own signs is made harmless.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree

from pydantic import Field

from tunemeld_pipeline.charts.documents import VIDEOS
from tunemeld_pipeline.plugins.registry import count_sources, in_order
from tunemeld_pipeline.publishing.v1.charts import ChartRow, GenreChart
from tunemeld_pipeline.publishing.v1.plain_text import plain_line
from tunemeld_pipeline.publishing.v1.values import Address, Moment, Row, Value

XSPF_NAMESPACE = "http://xspf.org/ns/0/"
ISRC_RELATION = "https://isrc.ifpi.org/"
"""The relation under which XSPF and JSPF carry a recording's ISRC; the format wants an address."""

BYTE_ORDER_MARK = "\ufeff"
"""Spreadsheets read a CSV file as UTF-8 by it."""

URI_SIGNS = ":/?#[]@!$&'()*+,;=%-._~"
FORMULA = re.compile(r"(?:^|(?<=;))(?=\s*[=+\-@|%＝＋－＠])")
"""The places in a text where a spreadsheet would begin to read a formula, also one that takes `;` for the comma."""


class JspfTrack(Row):
    """A recording as JSPF has it; what is not known is left out."""

    location: list[Address] | None = Field(None, description="Its addresses.")
    title: str | None = Field(None, description="Its title.")
    creator: str | None = Field(None, description="Its artists.")
    image: Address | None = Field(None, description="Its album's cover.")
    duration: int | None = Field(None, description="Its length in milliseconds.")
    meta: list[dict[str, str]] | None = Field(
        None, description="Its ISRC, under the relation `https://isrc.ifpi.org/`."
    )


class JspfPlaylist(Value):
    """A chart as JSPF has it."""

    title: str = Field(description="The playlist's name.")
    creator: str = Field(description="Who made it: TuneMeld.")
    date: Moment = Field(description="The beginning of the chart's day.")
    track: list[JspfTrack] = Field(description="The recordings, best first.")


class Jspf(Value):
    """A chart as a JSPF document."""

    playlist: JspfPlaylist = Field(description="The chart.")


@dataclass(frozen=True, slots=True)
class ExportedRow:
    """One recording of the chart; `urls` and `positions` by service, `totals` and `gains` (of seven days) by source of counts."""

    rank: int
    title: str
    artist: str
    isrc: str | None
    duration_ms: int | None
    cover_url: str | None
    urls: Mapping[str, str]
    positions: Mapping[str, int]
    status: str | None
    movement: int | None
    peak_rank: int | None
    weeks_on_chart: int | None
    totals: Mapping[str, int]
    gains: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class ExportedChart:
    """A genre's chart of a day (YYYY-MM-DD).

    Attributes:
        service: the service whose addresses the file has; None for those of all.
        services, sources: what there is of them, in the order in which they are shown.
    """

    genre: str
    display_name: str
    date: str
    rows: Sequence[ExportedRow]
    services: Sequence[str]
    sources: Sequence[str]
    service: str | None = None

    @property
    def title(self) -> str:
        """The name of the playlist."""
        return f"TuneMeld {self.display_name}, {self.date}"

    def addresses(self, row: ExportedRow) -> list[str]:
        """The row's addresses in the order of the services; only those of the chosen service, if one was chosen."""
        wanted = [self.service] if self.service else [*self.services, *sorted({*row.urls} - {*self.services})]
        return [address for name in wanted if (address := _uri(row.urls.get(name)))]


def jspf(chart: ExportedChart) -> str:
    """The chart as JSPF: one object, `playlist`."""
    playlist = JspfPlaylist(
        title=chart.title,
        creator="TuneMeld",
        date=datetime.fromisoformat(chart.date),
        track=[_jspf_track(chart, row) for row in chart.rows],
    )
    return Jspf(playlist=playlist).model_dump_json(exclude_none=True)


def xspf(chart: ExportedChart) -> str:
    """The chart as XSPF, an XML document."""
    playlist = ElementTree.Element("playlist", {"version": "1", "xmlns": XSPF_NAMESPACE})
    _child(playlist, "title", chart.title)
    _child(playlist, "creator", "TuneMeld")
    _child(playlist, "date", f"{chart.date}T00:00:00Z")
    tracks = ElementTree.SubElement(playlist, "trackList")
    for row in chart.rows:
        track = ElementTree.SubElement(tracks, "track")
        for address in chart.addresses(row):
            _child(track, "location", address)
        _child(track, "title", plain_line(row.title))
        _child(track, "creator", plain_line(row.artist))
        _child(track, "image", _uri(row.cover_url))
        _child(track, "duration", str(row.duration_ms) if row.duration_ms else "")
        if row.isrc:
            _child(track, "meta", row.isrc, rel=ISRC_RELATION)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(playlist, encoding="unicode")


def m3u8(chart: ExportedChart) -> str:
    """The chart as extended M3U. A row without an address, which no player could open, is a comment."""
    lines = ["#EXTM3U", f"#PLAYLIST:{plain_line(chart.title)}"]
    for row in chart.rows:
        address = next(iter(chart.addresses(row)), None)
        seconds = round(row.duration_ms / 1000) if row.duration_ms else -1
        lines += [f"#EXTINF:{seconds},{_spoken(row)}", address] if address else [f"# no address: {_spoken(row)}"]
    return "\n".join(lines) + "\n"


def csv_table(chart: ExportedChart) -> str:
    """The chart as CSV with a line of names; a text that a spreadsheet would read as a formula gets an apostrophe."""
    services = [chart.service] if chart.service else list(chart.services)
    head = ["genre", "date", "rank", "status", "movement", "title", "artist", "isrc", "duration_ms", "peak_rank"]
    head += ["weeks_on_chart", *(f"position_{name}" for name in chart.services)]
    head += [f"{what}_{source}" for source in chart.sources for what in ("total", "gain_7d")]
    head += [f"url_{name}" for name in services]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
    writer.writerow(head)
    for row in chart.rows:
        counts = [count for one in chart.sources for count in (row.totals.get(one), row.gains.get(one))]
        cells: list[str | int | None] = [chart.genre, chart.date, row.rank, row.status, row.movement]
        cells += [row.title, row.artist, row.isrc, row.duration_ms, row.peak_rank, row.weeks_on_chart]
        cells += [row.positions.get(name) for name in chart.services]
        cells += [*counts, *(_uri(row.urls.get(name)) for name in services)]
        writer.writerow([_cell(one) for one in cells])
    return BYTE_ORDER_MARK + text.getvalue()


def text_lines(chart: ExportedChart) -> str:
    """One line a recording, "Artist - Title"; of a chosen service, the addresses alone, as its own apps take them."""
    lines = [_spoken(row) for row in chart.rows]
    if chart.service:
        lines = [address for row in chart.rows for address in chart.addresses(row)]
    return "".join(f"{line}\n" for line in lines)


def exported_chart(chart: GenreChart, service: str | None) -> ExportedChart:
    """A chart as it is answered, for a file; `service` is the one whose addresses the file has, None for all."""
    return ExportedChart(
        genre=chart.genre,
        display_name=chart.name,
        date=chart.date,
        rows=[_exported(row) for row in chart.tracks],
        services=in_order({*chart.lists, *(name for row in chart.tracks for name in row.services)}),
        sources=_sources(chart),
        service=service,
    )


FORMATS: Mapping[str, tuple[str, Callable[[ExportedChart], str]]] = {
    "jspf": ("application/jspf+json", jspf),
    "xspf": ("application/xspf+xml", xspf),
    "m3u8": ("audio/mpegurl; charset=utf-8", m3u8),
    "csv": ("text/csv; charset=utf-8; header=present", csv_table),
    "txt": ("text/plain; charset=utf-8", text_lines),
}
"""By the ending of a file's name, its media type and what writes it."""


def file_name(chart: ExportedChart, ending: str) -> str:
    """The name under which a browser keeps the file."""
    return f"tunemeld-{chart.genre}-{chart.date}.{ending}"


def _sources(chart: GenreChart) -> list[str]:
    """The sources of counts that the chart shows: none that is withheld."""
    shown = {*chart.coverage, *(source for row in chart.tracks for source in row.counts)}
    return [one.key for one in count_sources() if one.key in shown]


def _exported(row: ChartRow) -> ExportedRow:
    addresses = {name: place.url for name, place in row.services.items() if place.url}
    return ExportedRow(
        rank=row.rank,
        title=row.title or "",
        artist=row.artist or "",
        isrc=row.isrc,
        duration_ms=row.duration_ms,
        cover_url=row.cover_url,
        urls=addresses | ({VIDEOS: row.video_url} if row.video_url else {}),
        positions={name: place.rank for name, place in row.services.items()},
        status=row.status,
        movement=row.movement,
        peak_rank=row.peak_rank,
        weeks_on_chart=row.weeks_on_chart,
        totals={source: counted.last.count for source, counted in row.counts.items() if counted.last},
        gains={source: counted.gain_7d for source, counted in row.counts.items()},
    )


def _jspf_track(chart: ExportedChart, row: ExportedRow) -> JspfTrack:
    return JspfTrack(
        location=chart.addresses(row) or None,
        title=plain_line(row.title) or None,
        creator=plain_line(row.artist) or None,
        image=_uri(row.cover_url) or None,
        duration=row.duration_ms or None,
        meta=[{ISRC_RELATION: row.isrc}] if row.isrc else None,
    )


def _child(parent: ElementTree.Element, name: str, text: str, **attributes: str) -> None:
    """An element with this text; none without."""
    if text:
        ElementTree.SubElement(parent, name, attributes).text = text


def _spoken(row: ExportedRow) -> str:
    artist, title = plain_line(row.artist), plain_line(row.title)
    return f"{artist} - {title}" if artist else title


def _cell(value: str | int | None) -> str | int:
    if value is None:
        return ""
    return value if isinstance(value, int) else FORMULA.sub("'", plain_line(value))


def _uri(address: str | None) -> str:
    """The address in the signs that a URI may have; empty unless it is one of the web."""
    try:
        is_web = address is not None and urlsplit(address).scheme in ("http", "https")
    except ValueError:  # such as https://[
        is_web = False
    return quote(address or "", safe=URI_SIGNS) if is_web else ""
