"""Reads lists by the service and the source that they came from."""

from collections.abc import Sequence
from typing import Any

from tunemeld_pipeline.charts.playlists import Listing, no_playlist
from tunemeld_pipeline.plugins.registry import installed
from tunemeld_pipeline.wire_formats.received import loads


def parse_playlist(service: str, data_json: str) -> Listing:
    """The rows of a stored body: one page as received, or a JSON array of several.

    Raises:
        MalformedResponse: the body does not have the structure of this service's playlists, or no row of it can be read.
    """
    try:
        body = loads(data_json)
    except (ValueError, RecursionError) as error:
        raise no_playlist(installed(service).service, data_json) from error
    return read_playlist(service, body if isinstance(body, list) else [body], data_json)


def read_playlist(service: str, pages: Sequence[Any], data_json: str) -> Listing:
    """The rows of decoded pages; `data_json` is the body that they come from, for what an error says.

    Raises:
        MalformedResponse: as `parse_playlist`.
    """
    return installed(service).sources[0].read(pages, data_json)
