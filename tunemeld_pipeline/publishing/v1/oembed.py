"""`/v1/oembed`: what oEmbed (oembed.com, version 1.0) says of a genre's page: a frame with its top ten."""

from html import escape
from typing import Literal
from xml.etree import ElementTree

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.publishing.v1.links import embed
from tunemeld_pipeline.publishing.v1.values import Address, Value

WIDTH, HEIGHT = 420, 640
"""CSS pixels that a top ten fills; less where the asking page has less room."""

CACHE_SECONDS = 86_400


class OEmbed(Value):
    """A frame for an address, of oEmbed's type `rich`."""

    version: Literal["1.0"] = Field(description="The version of oEmbed.")
    type: Literal["rich"] = Field(description="The type of what is shown.")
    title: str = Field(description="The title of what is shown.")
    provider_name: str = Field(description="This site's name.")
    provider_url: Address = Field(description="This site's address.")
    cache_age: int = Field(description="The seconds for which this answer may be kept.")
    width: int = Field(description="The frame's width in pixels, no more than `maxwidth`.")
    height: int = Field(description="The frame's height in pixels, no more than `maxheight`.")
    html: str = Field(description="The frame as HTML.")


def oembed(genre: Genre, root: str, most_width: int | None = None, most_height: int | None = None) -> OEmbed:
    """What oEmbed says of a genre's page, no larger than asked for; `root` is scheme and host of this site, as in the request."""
    width, height = min(WIDTH, most_width or WIDTH), min(HEIGHT, most_height or HEIGHT)
    title = f"{genre.display_name} top ten"
    return OEmbed(
        version="1.0",
        type="rich",
        title=title,
        provider_name="TuneMeld",
        provider_url=root,
        cache_age=CACHE_SECONDS,
        width=width,
        height=height,
        html=f'<iframe src="{escape(root + embed(genre.key))}" title="{escape(title)}" width="{width}" height="{height}" loading="lazy"'
        ' referrerpolicy="no-referrer" style="border:0;max-width:100%"></iframe>',
    )


def oembed_xml(answer: OEmbed) -> str:
    """The answer as XML, an element for each field."""
    root = ElementTree.Element("oembed")
    for name, value in answer.model_dump().items():
        ElementTree.SubElement(root, name).text = str(value)
    return '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n' + ElementTree.tostring(root, encoding="unicode")
