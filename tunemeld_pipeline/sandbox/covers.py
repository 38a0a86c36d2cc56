"""The pictures that the sandbox's answers point to: invented album covers, each drawn from the picture's name alone.

It makes PNG and SVG bytes; the answers of the services' sandbox halves choose the names.
"""

import io
import math
from collections.abc import Callable, Iterator
from functools import lru_cache
from hashlib import blake2b

from PIL import Image, ImageDraw

PNG_SIDE = 192
"""Pixels: twice the largest that the page shows in its rows, for fine screens; browsers may request thousands."""

_DRAWN = 2 * PNG_SIDE
"""Drawn at twice the size and made smaller, so that edges are smooth."""

Colour = tuple[int, int, int]
Picture = ImageDraw.ImageDraw

_PALETTES = (
    "1b1f3b e84855 f9dc5c efbcd5 3185fc",
    "0b3954 bfd7ea ff6663 e0ff4f fefffe",
    "2d1e2f f15946 f9c22e 53b3cb e01a4f",
    "13262f 73628a cbc5ea eaeaea 313d5a",
    "264653 2a9d8f e9c46a f4a261 e76f51",
    "210124 750d37 b3dec1 dbd053 f1ffe7",
    "0d1321 1d2d44 748cab f0ebd8 ff9f1c",
    "3d348b 7678ed f7b801 f18701 f35b04",
    "06070e 29524a 94a187 c5afa0 e9bcb7",
    "5f0f40 9a031e fb8b24 e36414 0f4c5c",
    "212738 f97068 d1d646 edf2ef 57c4e5",
    "f2e9e4 22223b 4a4e69 9a8c98 c9ada7",
)


class _Chances:
    """Numbers that follow from a name alone."""

    def __init__(self, name: str) -> None:
        self._bytes = iter(blake2b(name.encode(), digest_size=64).digest())

    def among(self, count: int) -> int:
        """A whole number below `count`."""
        return next(self._bytes) % count

    def between(self, least: float, most: float) -> float:
        """A number in this range."""
        return least + (most - least) * next(self._bytes) / 255


def _palette(chances: _Chances) -> list[Colour]:
    """Five colours; the first is the ground."""
    chosen = [tuple(bytes.fromhex(text)) for text in _PALETTES[chances.among(len(_PALETTES))].split()]
    turn = chances.among(2)
    return [(red, green, blue) for red, green, blue in (*chosen[turn:], *chosen[:turn])]


def _disc(picture: Picture, across: float, down: float, radius: float, colour: Colour) -> None:
    """A disc, in shares of the picture's side."""
    box = [(part * _DRAWN) for part in (across - radius, down - radius, across + radius, down + radius)]
    picture.ellipse(box, fill=colour)


def _below(picture: Picture, heights: Iterator[float], colour: Colour) -> None:
    """Everything below a line whose height at equal steps is given, in shares of the side."""
    points = [part * _DRAWN for part in heights]
    line = [(place * _DRAWN / (len(points) - 1), height) for place, height in enumerate(points)]
    picture.polygon([(0, _DRAWN), *line, (_DRAWN, _DRAWN)], fill=colour)


def _sun(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    across, radius = chances.between(0.3, 0.7), chances.between(0.24, 0.36)
    _disc(picture, across, 0.48, radius, colours[2])
    for band in range(5):
        top = (0.5 + band * 0.075) * _DRAWN
        picture.rectangle([0, top, _DRAWN, top + (0.008 + band * 0.009) * _DRAWN], fill=colours[0])
    picture.rectangle([0, 0.84 * _DRAWN, _DRAWN, _DRAWN], fill=colours[1])


def _rings(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    across, down, drift = chances.between(0.25, 0.75), chances.between(0.3, 0.75), chances.between(-0.02, 0.02)
    for ring in range(9):
        _disc(picture, across + ring * drift, down, 0.9 - ring * 0.1, colours[1 + ring % 4])


def _waves(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    _disc(picture, chances.between(0.2, 0.8), 0.27, chances.between(0.1, 0.16), colours[4])
    for layer in range(4):
        turn, high, often = chances.between(0, 6), chances.between(0.03, 0.09), chances.between(1, 2.4)
        base = 0.42 + layer * 0.15
        heights = (base + high * math.sin(turn + often * math.tau * place / 48) for place in range(49))
        _below(picture, heights, colours[(layer + 1) % 5])


def _tiles(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    count = 3 + chances.among(2)
    side = _DRAWN / count
    for place in range(count * count):
        left, top = place % count * side, place // count * side
        corner, colour, under = chances.among(4), 1 + chances.among(4), chances.among(3)
        picture.rectangle([left, top, left + side, top + side], fill=colours[0 if under else (colour % 4) + 1])
        # A quarter of a disc around one of the tile's corners.
        middle_x, middle_y = left + side * (corner % 2), top + side * (corner // 2)
        box = [middle_x - side, middle_y - side, middle_x + side, middle_y + side]
        begin = (0, 90, 270, 180)[corner]
        picture.pieslice(box, begin, begin + 90, fill=colours[colour])


def _stripes(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    width, slope = chances.between(0.09, 0.16), chances.between(-0.9, 0.9)
    for stripe in range(-12, 24, 2):
        left = stripe * width * _DRAWN
        shift = slope * _DRAWN
        corners = [
            (left, 0),
            (left + width * _DRAWN, 0),
            (left + width * _DRAWN + shift, _DRAWN),
            (left + shift, _DRAWN),
        ]
        picture.polygon(corners, fill=colours[1 + stripe // 2 % 2])
    _disc(picture, 0.5, 0.5, chances.between(0.22, 0.34), colours[3])
    _disc(picture, 0.5, 0.5, chances.between(0.04, 0.12), colours[0])


def _peaks(picture: Picture, colours: list[Colour], chances: _Chances) -> None:
    _disc(picture, chances.between(0.2, 0.8), chances.between(0.2, 0.36), chances.between(0.1, 0.18), colours[3])
    for layer in range(3):
        heights = iter([chances.between(0.38, 0.78) + layer * 0.1 for _ in range(7)])
        _below(picture, heights, colours[(1, 2, 4)[layer]])


_MOTIFS: tuple[Callable[[Picture, list[Colour], _Chances], None], ...] = (
    _sun,
    _rings,
    _waves,
    _tiles,
    _stripes,
    _peaks,
)


@lru_cache(512)
def png(name: str) -> bytes:
    """The cover as a picture in 32 colours, some four kilobytes."""
    chances = _Chances(name)
    colours = _palette(chances)
    image = Image.new("RGB", (_DRAWN, _DRAWN), colours[0])
    _MOTIFS[chances.among(len(_MOTIFS))](ImageDraw.Draw(image), colours, chances)
    small = image.resize((PNG_SIDE, PNG_SIDE), Image.Resampling.BOX).quantize(32, dither=Image.Dither.NONE)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


def svg(name: str) -> bytes:
    """The same colours as a drawing without a fixed size."""
    ground, *others = (f"rgb({red},{green},{blue})" for red, green, blue in _palette(_Chances(name)))
    discs = "".join(
        f'<circle cx="48" cy="{56 - 4 * ring}" r="{44 - 11 * ring}" fill="{colour}"/>'
        for ring, colour in enumerate(others)
    )
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{ground}"/>{discs}</svg>'
    ).encode()
