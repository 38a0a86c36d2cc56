"""The pictures that the sandbox's answers point to: two colours and a diagonal, drawn from the picture's name alone.

It makes PNG and SVG bytes; the answers in `upstreams/` choose the names.
"""

import colorsys
import struct
import zlib
from functools import lru_cache
from hashlib import blake2b

PNG_SIDE = 96
"""Pixels; small, since browsers scale it and may request thousands."""


def _colours(name: str) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    digest = blake2b(name.encode(), digest_size=2).digest()
    hue = digest[0] / 256
    first = colorsys.hls_to_rgb(hue, 0.42, 0.55)
    second = colorsys.hls_to_rgb((hue + 0.12 + digest[1] / 1024) % 1.0, 0.66, 0.6)
    return (
        (int(first[0] * 255), int(first[1] * 255), int(first[2] * 255)),
        (int(second[0] * 255), int(second[1] * 255), int(second[2] * 255)),
    )


@lru_cache(512)
def png(name: str) -> bytes:
    """A picture of 96 x 96 pixels in a palette of two colours (PNG specification, second edition)."""
    palette = b"".join(bytes(colour) for colour in _colours(name))
    slope = blake2b(name.encode(), digest_size=1).digest()[0] % 48
    rows = b"".join(
        b"\0" + bytes(1 if x + y * slope // 24 > PNG_SIDE else 0 for x in range(PNG_SIDE)) for y in range(PNG_SIDE)
    )
    header = struct.pack(">IIBBBBB", PNG_SIDE, PNG_SIDE, 8, 3, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    )


def svg(name: str) -> bytes:
    """The same two colours as a drawing without a fixed size."""
    first, second = (f"rgb({red},{green},{blue})" for red, green, blue in _colours(name))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
        f'<rect width="96" height="96" fill="{first}"/><path d="M96 0V96H0Z" fill="{second}"/></svg>'
    ).encode()
