"""The answer of oEmbed (oembed.com) as Spotify and SoundCloud give it: the name and cover of a playlist."""

from tunemeld_pipeline.wire_formats.reading import Format, Value
from tunemeld_pipeline.wire_formats.received import text_of, web_address

OEMBED = Format(
    name="oEmbed",
    needed={"name": Value("title", text_of, "title")},
    optional={
        "cover_url": Value("thumbnail_url", web_address),
        "description": Value("description", text_of),
    },
    ignored=(
        "author_name", "author_url", "cache_age", "height", "html", "iframe_url", "provider_name", "provider_url", "thumbnail_height",
        "thumbnail_width", "type", "version", "width",
    ),
)  # fmt: skip
