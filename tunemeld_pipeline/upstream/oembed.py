"""What oEmbed (oembed.com) says of a playlist."""

from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.upstream.client import Answer
from tunemeld_pipeline.wire_formats import oembed
from tunemeld_pipeline.wire_formats.reading import ReadItems


def read_oembed(answer: Answer) -> ReadItems[PlaylistDescription]:
    """A playlist's name, cover and description, as oEmbed gives them."""
    return oembed.OEMBED.read_one(answer.data, lambda values: PlaylistDescription(**values))
