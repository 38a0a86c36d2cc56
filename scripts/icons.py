"""Draws the page's icon, `frontend/public/icon.svg`, as the pictures that phones and desktops want for an installed page.

python -m scripts.icons
"""

import re
from pathlib import Path

from PIL import Image, ImageColor, ImageDraw

PUBLIC = Path(__file__).parents[1] / "frontend" / "public"
PAPER = "#f4f4f6"
"""The page's paper (styles/tokens.css): home screens put pictures without a ground on black."""

FINER = 4
CIRCLE = re.compile(r'<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)" fill="(#\w+)" fill-opacity="([\d.]+)"')
VIEW = 32

PICTURES = {
    "icon-192.png": (192, 1.0, None),
    "icon-512.png": (512, 1.0, None),
    # The part that every mask leaves is a circle of 80%; the three circles reach as far as the edge of the view.
    "icon-maskable.png": (512, 0.72, PAPER),
    "apple-touch-icon.png": (180, 0.82, PAPER),
}
"""By name: pixels, how much of them the icon takes, and its ground."""


def draw(pixels: int, share: float, ground: str | None) -> Image.Image:
    """The icon as a square of so many pixels."""
    size = pixels * FINER
    scale, margin = size * share / VIEW, size * (1 - share) / 2
    picture = Image.new("RGBA", (size, size), ground or (0, 0, 0, 0))
    for x, y, radius, colour, opacity in CIRCLE.findall((PUBLIC / "icon.svg").read_text("utf-8")):
        centre = margin + float(x) * scale, margin + float(y) * scale
        reach = float(radius) * scale
        box = [at + sign * reach for sign in (-1, 1) for at in centre]
        layer = Image.new("RGBA", (size, size), (0, 0, 0, 0))
        fill = (*ImageColor.getrgb(colour)[:3], round(255 * float(opacity)))
        ImageDraw.Draw(layer).ellipse(box, fill)
        picture.alpha_composite(layer)
    return picture.resize((pixels, pixels), Image.Resampling.LANCZOS)


def main() -> None:
    """Writes all pictures."""
    for name, (pixels, share, ground) in PICTURES.items():
        draw(pixels, share, ground).save(PUBLIC / name, optimize=True)


if __name__ == "__main__":
    main()
