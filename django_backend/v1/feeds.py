"""The views of the feeds, each format its own; both are written from one page of the genre."""

from collections.abc import Callable

from django_backend.caching import Rendering
from django_backend.found import Found
from django_backend.process import RENDERED
from django_backend.requests import rendered
from django_backend.v1.feed_formats import FORMATS
from django_backend.v1.parameters import Asked
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.feeds import GenreFeed


def feed_view(ending: str) -> Callable[[Asked], Found]:
    """The view of the feeds in one format."""
    media_type, write = FORMATS[ending]

    def view(asked: Asked) -> Found:
        def make(page: Rendering) -> Content:
            feed = GenreFeed.model_validate_json(page.body)
            links_of_feed = links.described(asked.address, None)
            return Content(write(feed, asked.root), page.modified, media_type, links_of_feed)

        source = rendered(links.feed_source(asked["genre"]), asked["genre"])
        return RENDERED.derived(asked.address, source, make, asked.root)

    return view
