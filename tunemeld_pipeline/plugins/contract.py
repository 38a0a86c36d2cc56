"""What a service's folder declares besides its `Service`: the sources of its lists, each of which fetches a list and reads it.

A folder's `__init__.py` has `SERVICE` and `SOURCES`; the clients that fetch are in modules beside it, and are imported by a run alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from tunemeld_pipeline.charts.playlists import ListFormat, Listing, read_listing
from tunemeld_pipeline.charts.services import Service

Read = Callable[[Sequence[Any], str], Listing]
"""Reads the decoded pages of a list; the second argument is the body that they come from, for what an error says. Pure.

Raises MalformedResponse where the body is not a list of this source, and nothing else.
"""


@dataclass(frozen=True, slots=True)
class Source:
    """One way of reading a service's lists.

    Attributes:
        name: `SERVICE.SOURCE`, for example `spotify.rapidapi`; stored with every body.
        format: the version of its bodies' format; stored with every body.
        read: how a body becomes a list.
        client: where its client is, as `module:Class`; the class is a `ServiceClient` with `playlist`.
    """

    name: str
    read: Read
    client: str
    format: int = 1


def reader(service: Service, listed: ListFormat) -> Read:
    """Reads lists whose pages and rows have declared formats."""
    return partial(read_listing, service, listed)
