"""What a service is: who publishes lists of tracks, as a plain value.

`plugins/registry.py` knows which services are installed. The data and the domain's functions know a service by its key alone.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from urllib.parse import urlsplit


class ListKind(StrEnum):
    """Who chooses what is on a service's lists: its editors, or its listeners. A chart of listeners weighs nothing by default."""

    EDITORIAL = "editorial"
    CHART = "chart"


def last_part(address: str) -> str:
    """The last part of an address's path, for example the id in `https://open.spotify.com/playlist/37i9dQZF1DX4dyzvuaRJ0n?si=x`."""
    return urlsplit(address).path.rstrip("/").rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour of a service's badges on the page's light and on its dark ground, as `#rrggbb`."""

    light: str
    dark: str


@dataclass(frozen=True, slots=True)
class Player:
    """A service's own player, which a page shows in a frame.

    Attributes:
        track: a regular expression, of what Python's and browsers' have in common, for the addresses of recordings, from their beginning.
        address: the player's address; `{1}` is the first group of `track`, encoded as a part of an address.
        height: in pixels; None for a video, 16 wide and 9 high.
    """

    track: str
    address: str
    height: int | None = None

    @property
    def origin(self) -> str:
        """The scheme and host that a page must allow in frames."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


@dataclass(frozen=True, slots=True)
class Service:
    """A service.

    Attributes:
        key: its name in the data, for example `AppleMusic`.
        slug: its name in settings, paths and file names, for example `apple_music`.
        name: its name for people, for example "Apple Music".
        short: two letters for it, where there is room for no more.
        order: its place among the services, smallest first; equal ones go by key.
        hosts: where the addresses of its playlists are.
        colours: of its badges.
        kind: who chooses what is on its lists.
        weight: of its lists in the consensus, unless the operator sets another; that of a chart of listeners is always 0.
        playlist_id: how the address of a playlist becomes the playlist's id.
        track_address: how a track's id becomes the address of its page; None where an id alone leads nowhere.
        player: its player; None where it has none, or where its terms allow none.
        cover_hosts: where its covers are, as a Content-Security-Policy names hosts.
    """

    key: str
    slug: str
    name: str
    short: str
    order: int
    hosts: tuple[str, ...]
    colours: Colours
    kind: ListKind = ListKind.EDITORIAL
    weight: float = 1.0
    playlist_id: Callable[[str], str] = last_part
    track_address: Callable[[str], str] | None = None
    player: Player | None = None
    cover_hosts: tuple[str, ...] = ()

    def weighing(self, chosen: float | None) -> float:
        """What its lists weigh in the consensus, where the operator has chosen this; a chart of listeners never counts."""
        if self.kind is ListKind.CHART:
            return 0.0
        return self.weight if chosen is None else chosen


@dataclass(frozen=True, slots=True)
class IsrcSource:
    """What has neither lists nor counts, and is asked for ISRCs alone: a catalogue of recordings.

    Attributes:
        key: its name among all services and sources.
        slug: its name in settings, paths and file names.
        name: its name for people.
    """

    key: str
    slug: str
    name: str


@dataclass(frozen=True, slots=True)
class CountSource:
    """Where plays or views are counted.

    Attributes:
        key: its name in the data, for example `Youtube`; that of a service where the service counts.
        slug: its name in settings, paths and file names.
        name: its name for people.
        short: two letters for it.
        order: its place among the sources, smallest first.
        colours: of its badges.
        unit: what it counts, in the plural: "plays" or "views".
        player: its player; None where it has none. Where a service counts, the service's.
        cover_hosts: where its covers are.
    """

    key: str
    slug: str
    name: str
    short: str
    order: int
    colours: Colours
    unit: str = "plays"
    player: Player | None = None
    cover_hosts: tuple[str, ...] = ()
