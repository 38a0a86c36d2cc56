"""Reads lists by the service and the source that they came from."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.charts.playlists import Listing, no_playlist
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.charts.tails import Read, with_tail
from tunemeld_pipeline.errors import MalformedResponse, PluginError
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import installed
from tunemeld_pipeline.wire_formats.received import loads

FIRST_SOURCE = "rapidapi"
"""What every body came from before sources were noted."""


def whole_list(raw: RawPlaylist, wider: Sequence[RawPlaylist]) -> Listing:
    """A stored list, with the rows at its end that its source cannot show and an earlier read did.

    Args:
        wider: what `wider_lists` has of it, the newest first; one that cannot be read any more shows nothing.

    Raises:
        PluginError: as `parse_playlist`.
        MalformedResponse: as `parse_playlist`.
    """
    earlier = []
    for one in wider:
        if one.insert_timestamp < raw.insert_timestamp:
            with suppress(MalformedResponse, PluginError):
                earlier.append(_read(one))
    return with_tail(_read(raw), earlier)


def _read(raw: RawPlaylist) -> Read:
    source = source_of(raw.service_name, raw.source, raw.format)
    listing = parse_playlist(raw.service_name, raw.data_json, raw.source, raw.format)
    return Read(listing, source.name, raw.insert_timestamp, bool(raw.incomplete))


def parse_playlist(service: str, data_json: str, source: str | None = None, form: int = 1) -> Listing:
    """The rows of a stored body: one page as received, or a JSON array of several.

    Args:
        source: which source's answer it is; None for a body from before sources were noted.
        form: the version of that source's format.

    Raises:
        PluginError: the service is not installed, or has no such source.
        MalformedResponse: the body does not have the structure of this service's playlists, or no row of it can be read.
    """
    return parse_body(installed(service).service, source_of(service, source, form), data_json)


def parse_body(service: Service, source: Source, data_json: str) -> Listing:
    """The same for a source at hand, whether its service is installed or not.

    Raises:
        MalformedResponse: as `parse_playlist`.
    """
    try:
        body = loads(data_json)
    except (ValueError, RecursionError) as error:
        raise no_playlist(service, data_json) from error
    return source.read(body if isinstance(body, list) else [body], data_json)


def read_playlist(
    service: str, pages: Sequence[Any], data_json: str, source: str | None = None, form: int = 1
) -> Listing:
    """The rows of decoded pages; `data_json` is the body that they come from, for what an error says.

    Raises:
        PluginError: as `parse_playlist`.
        MalformedResponse: as `parse_playlist`.
    """
    return source_of(service, source, form).read(pages, data_json)


def source_of(service: str, name: str | None = None, form: int = 1) -> Source:
    """The source of this name and format; that of the first release where a body names none.

    Raises:
        PluginError: the service is not installed, or has no such source.
    """
    found = installed(service)
    named = name or f"{found.service.slug}.{FIRST_SOURCE}"
    for source in found.sources:
        if (source.name, source.format) == (named, form):
            return source
    if name is None:
        return found.sources[0]
    raise PluginError(
        f"a list of {found.service.name} comes from {named}, format {form}, which is not installed;"
        " install the release or package that wrote it, or let the next run fetch the list anew"
    )
