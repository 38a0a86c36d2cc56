"""Draws the preview picture of a shared link as PNG bytes: a genre's top five, with their positions on each service.

It shows no covers, since that would mean a request from here to each service's host. `fonts.py` finds the fonts, and
`page_views.py` decides when to draw.
"""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw

from django_backend.fonts import Font, runs
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.plugins.registry import service as service_of
from tunemeld_pipeline.plugins.registry import services

WIDTH, HEIGHT = 1200, 630
"""The size for Open Graph and Twitter's large cards."""

FINER = 2
"""The picture is drawn at twice its size and scaled down, for smooth edges."""

ROWS = 5
TITLE_SIZE = 84
GROUND, TEXT, QUIET, LINE = "#14151a", "#f4f3ef", "#a3a4ad", "#2b2d35"
MARGIN = 64
FIRST_ROW, ROW_HEIGHT = 232, 66
TITLE_LEFT = MARGIN + 64
BADGE_WIDTH, BADGE_HEIGHT, BADGE_GAP = 92, 40, 14
BADGES_ROOM = 480
"""For all badges together: with more services than fit, each badge is narrower."""

ARTIST_GAP = 16
ELLIPSIS = "…"


def share_image(chart: ShownChart, date: str) -> bytes:
    """A PNG of 1200 x 630 pixels; `date` is the text to show."""
    picture = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), GROUND)
    canvas = _Canvas(ImageDraw.Draw(picture))
    badges = _Badges([service_of(key) for key in chart.services])
    number = len(badges.services)
    for index, one in enumerate(badges.services):
        canvas.box(index * WIDTH // number, 0, (index + 1) * WIDTH // number, 10, one.colours.dark)
    canvas.text(MARGIN - 4, 142, chart.genre.display_name, 92, TEXT, WIDTH - 2 * MARGIN - 300)
    canvas.text(MARGIN, 192, chart.claim(), 28, QUIET, badges.left - MARGIN - 24)
    canvas.text_left_of(WIDTH - MARGIN, 102, "TuneMeld", 40, TEXT)
    canvas.text_left_of(WIDTH - MARGIN, 142, date, 26, QUIET)
    for index, one in enumerate(badges.services):
        name = one.name if canvas.width(one.name, 16) <= badges.width + BADGE_GAP - 4 else one.short
        canvas.centred(badges.middle(index), 192, name, 16, QUIET)
    for index, row in enumerate(chart.rows[:ROWS]):
        _draw_row(canvas, FIRST_ROW + index * ROW_HEIGHT, row, badges)
    if not chart.rows:
        canvas.text(MARGIN, FIRST_ROW + 60, "No song is on two lists", 40, QUIET, WIDTH - 2 * MARGIN)
    canvas.text(MARGIN, HEIGHT - 30, _footer(chart), 22, QUIET, WIDTH - 2 * MARGIN)
    written = io.BytesIO()
    picture.reduce(FINER).save(written, "PNG", optimize=True)
    return written.getvalue()


def track_image(title: str, credit: str, said: Sequence[str]) -> bytes:
    """The picture of a recording: its names and a few sentences."""
    picture = Image.new("RGB", (WIDTH * FINER, HEIGHT * FINER), GROUND)
    canvas = _Canvas(ImageDraw.Draw(picture))
    there = services()
    for index, one in enumerate(there):
        canvas.box(index * WIDTH // len(there), 0, (index + 1) * WIDTH // len(there), 10, one.colours.dark)
    canvas.text_left_of(WIDTH - MARGIN, 102, "TuneMeld", 40, TEXT)
    room = WIDTH - 2 * MARGIN
    # If no font can draw the title, only the artist is shown.
    canvas.text(MARGIN - 3, 280, title if runs(title, TITLE_SIZE) else credit, TITLE_SIZE, TEXT, room)
    canvas.text(MARGIN, 350, credit, 44, QUIET, room)
    canvas.box(MARGIN, 400, WIDTH - MARGIN, 401, LINE)
    for index, sentence in enumerate(said):
        canvas.text(MARGIN, 460 + index * 48, sentence, 32, TEXT if index == 0 else QUIET, room)
    written = io.BytesIO()
    picture.reduce(FINER).save(written, "PNG", optimize=True)
    return written.getvalue()


def _footer(chart: ShownChart) -> str:
    more = len(chart.rows) - ROWS
    return (
        f"and {more} more, with play counts from around the world"
        if more > 0
        else "with play counts from around the world"
    )


def _draw_row(canvas: "_Canvas", top: int, row: ShownRow, badges: "_Badges") -> None:
    base = top + 44
    canvas.box(MARGIN, top, WIDTH - MARGIN, top + 1, LINE)
    canvas.text(MARGIN, base, str(row.rank), 34, QUIET, TITLE_LEFT - MARGIN)
    room = badges.left - TITLE_LEFT - 28
    # If no font can draw the title, only the artist is shown.
    title, artist = (row.title, row.artist) if runs(row.title, 34) else (row.artist, "")
    aside = min(canvas.width(artist, 26) + ARTIST_GAP, room // 3) if artist else 0
    taken = canvas.text(TITLE_LEFT, base, title, 34, TEXT, room - aside) + ARTIST_GAP
    canvas.text(TITLE_LEFT + taken, base, artist, 26, QUIET, room - taken)
    for index, one in enumerate(badges.services):
        position = row.positions.get(one.key)
        middle = badges.middle(index)
        if position is None:
            canvas.centred(middle, base - 4, "–", 26, LINE)
        else:
            canvas.badge(badges.left_of(index), top + 14, badges.width, one.colours.dark)
            canvas.centred(middle, base - 2, str(position), 26, GROUND)


class _Badges:
    """Where the services' badges are, one column each."""

    def __init__(self, services: list[Service]) -> None:
        self.services = services
        self.width = min(BADGE_WIDTH, BADGES_ROOM // len(services) - BADGE_GAP)
        self.left = WIDTH - MARGIN - len(services) * (self.width + BADGE_GAP) + BADGE_GAP

    def left_of(self, index: int) -> int:
        return self.left + index * (self.width + BADGE_GAP)

    def middle(self, index: int) -> int:
        return self.left_of(index) + self.width // 2


class _Canvas:
    """Draws in the final picture's pixels, at a higher resolution."""

    def __init__(self, draw: ImageDraw.ImageDraw) -> None:
        self._draw = draw

    def box(self, left: int, top: int, right: int, bottom: int, colour: str) -> None:
        self._draw.rectangle((left * FINER, top * FINER, right * FINER - 1, bottom * FINER - 1), fill=colour)

    def badge(self, left: int, top: int, width: int, colour: str) -> None:
        corners = [side * FINER for side in (left, top, left + width, top + BADGE_HEIGHT)]
        self._draw.rounded_rectangle(corners, radius=BADGE_HEIGHT * FINER // 2, fill=colour)

    def text(self, left: int, base: int, text: str, size: int, colour: str, room: int) -> int:
        """Writes as much of the text as fits; returns its width."""
        fitting = _fitting(text, size * FINER, room * FINER)
        return self._write(left * FINER, base, fitting, colour) // FINER

    def width(self, text: str, size: int) -> int:
        return round(_width(runs(text, size * FINER)) / FINER)

    def text_left_of(self, right: int, base: int, text: str, size: int, colour: str) -> None:
        pieces = runs(text, size * FINER)
        self._write(right * FINER - round(_width(pieces)), base, pieces, colour)

    def centred(self, middle: int, base: int, text: str, size: int, colour: str) -> None:
        pieces = runs(text, size * FINER)
        self._write(middle * FINER - round(_width(pieces) / 2), base, pieces, colour)

    def _write(self, left: int, base: int, pieces: list[tuple[str, Font]], colour: str) -> int:
        at = float(left)
        for text, font in pieces:
            self._draw.text((at, base * FINER), text, fill=colour, font=font, anchor="ls")
            at += font.getlength(text)
        return round(at) - left


def _fitting(text: str, size: int, room: int) -> list[tuple[str, Font]]:
    """The longest prefix of the text that fits."""
    pieces = runs(text, size)
    if _width(pieces) <= room:
        return pieces
    shortest, longest = 0, len(text)
    while shortest < longest:
        middle = (shortest + longest + 1) // 2
        if _width(runs(text[:middle].rstrip() + ELLIPSIS, size)) <= room:
            shortest = middle
        else:
            longest = middle - 1
    return runs(text[:shortest].rstrip() + ELLIPSIS, size) if shortest else []


def _width(pieces: list[tuple[str, Font]]) -> float:
    return sum(font.getlength(text) for text, font in pieces)
