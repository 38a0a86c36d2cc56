"""What a folder declares of how a service is read: sources of its lists, what counts its plays, and what all of these need.

A folder's `__init__.py` has `SERVICE` and `SOURCES`, or `COUNTS` and `COUNTING`, or both, and perhaps `SETTINGS` and `ISRCS`; of a
`COUNTING` or `ISRCS` there may be several. One with `ISRC_SOURCE` and `ISRCS` has neither lists nor counts. All of them are values; the
clients that call anything are in modules beside it, and are imported by a run alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo
from enum import Enum, StrEnum
from functools import partial
from typing import Any, TypeAlias

from tunemeld_pipeline.charts.observation import PACIFIC, pacific_day, utc_day
from tunemeld_pipeline.charts.playlists import ListFormat, Listing, read_listing
from tunemeld_pipeline.charts.services import Service

Read = Callable[[Sequence[Any], str], Listing]
"""Reads the decoded pages of a list; the second argument is the body that they come from, for what an error says. Pure.

Raises MalformedResponse where the body is not a list of this source, and nothing else.
"""


class SettingKind(Enum):
    """What the value of a setting is."""

    TEXT = "text"
    SECRET = "secret"  # noqa: S105
    FILE = "file"
    """The path of a file; what it holds may be a secret."""


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting that a folder declares.

    Attributes:
        name: that of its variable: the folder's slug in capitals, `_`, and more, such as `SPOTIFY_CLIENT_ID`.
        description: its meaning, a sentence.
        default: its value where nobody sets one, as text.
        obtain: what to do to have a value, for the message that says that there is none: "get a key at rapidapi.com".
        together: the names of settings that are set all or none, this one among them.
    """

    name: str
    description: str
    kind: SettingKind = SettingKind.TEXT
    default: str = ""
    obtain: str = ""
    together: tuple[str, ...] = ()

    @property
    def field(self) -> str:
        """Its attribute of the settings object."""
        return self.name.lower()


RAPIDAPI_KEY = Setting(
    "RAPIDAPI_KEY",
    "The key of RapidAPI, the gateway through which the sources named rapidapi read.",
    SettingKind.SECRET,
    obtain="get a key at rapidapi.com",
)
"""The one setting that several folders declare: one key opens all of the gateway."""


@dataclass(frozen=True, slots=True)
class Host:
    """A host that a client reaches; it reaches no other.

    Attributes:
        key: its name among all hosts, and its path under the sandbox's root.
        address: the live service's base address, without a slash at the end.
        per_second: how many requests a second it may get.
        description: what is there, for the setting of its address.
        address_setting: the setting that overrides the address; empty: `KEY_BASE_URL`.
        rate_setting: the setting that overrides the rate; empty: `KEY_RATE_LIMIT`. Hosts may share one, and then the rate.
    """

    key: str
    address: str
    per_second: float
    description: str = ""
    address_setting: str = ""
    rate_setting: str = ""

    @property
    def address_field(self) -> str:
        """The attribute of the settings object that has its address."""
        return (self.address_setting or f"{self.key}_base_url").lower()

    @property
    def rate_field(self) -> str:
        """The attribute of the settings object that has its rate."""
        return (self.rate_setting or f"{self.key}_rate_limit").lower()


class Purpose(StrEnum):
    """What a call is for: units are kept for the first purposes, so the later ones cannot use them up."""

    COUNTS = "counts"
    """Today's playlists and counts: what was not read today can never be read again."""
    LOOKUPS = "lookups"
    """Looking up a recording for the first time."""
    REST = "rest"
    """Everything that can wait: look-ups that found nothing before, and checks."""


@dataclass(frozen=True, slots=True)
class Bucket:
    """One budget of calls to an upstream, so many units a day.

    Attributes:
        name: its name in the data and in commands; the setting `NAME_DAILY_BUDGET` overrides the units.
        service: the name that people use for the upstream.
        units: how many a day.
        description: of that setting.
        title: its name for people; empty: that of the service.
        zone: where its day begins at midnight.
        tells_plan: whether answers say what is left of a plan besides our own daily budget.
        keeps: for which purposes units are kept aside per genre; none where all its calls matter alike.
    """

    name: str
    service: str
    units: int
    description: str
    title: str = ""
    zone: tzinfo = UTC
    tells_plan: bool = False
    keeps: tuple[Purpose, ...] = ()

    @property
    def field(self) -> str:
        """The attribute of the settings object that has its units."""
        return f"{self.name}_daily_budget"

    def day(self, at: datetime) -> str:
        """The quota day of a moment, as YYYY-MM-DD."""
        return pacific_day(at) if self.zone is PACIFIC else utc_day(at)

    def resets_at(self, at: datetime) -> datetime:
        """The first moment of the quota day after `at`, in UTC; a day in California has 23 or 25 hours twice a year."""
        tomorrow = at.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(tomorrow, time(), self.zone).astimezone(UTC)

    def a_day_before(self, at: datetime) -> datetime:
        """The same time by the zone's clock, on the quota day before that of `at`; 24 hours before may be another day."""
        return (at.astimezone(self.zone) - timedelta(days=1)).astimezone(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """What a client needs, and what it may reach.

    Attributes:
        needs: the names of the settings without which it is not configured; none: it takes no key.
        hosts: all that its client may reach.
        budgets: what its calls are paid from; none where nobody counts them.
    """

    needs: tuple[str, ...] = ()
    hosts: tuple[Host, ...] = ()
    budgets: tuple[Bucket, ...] = ()


@dataclass(frozen=True, slots=True)
class Gives:
    """What rows of a source have besides title, artist and the service's own id. `album` is the album's id.

    Attributes:
        seldom: the names of those that many rows lack; every other one is there in nine rows of ten.
    """

    isrc: bool = False
    duration: bool = True
    plays: bool = False
    added: bool = False
    album: bool = False
    cover: bool = False
    seldom: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """On what terms a source is read.

    Attributes:
        documented: whether it is an API that is documented for its users; a page that anybody can read otherwise.
        address: where the terms are.
        consent: whether the operator must name the source to have it used.
    """

    documented: bool
    address: str
    consent: bool = False


@dataclass(frozen=True, slots=True)
class Source(Reach):
    """One way of reading a service's lists.

    Attributes:
        name: `SERVICE.SOURCE`, for example `spotify.rapidapi`; stored with every body.
        read: how a body becomes a list.
        client: where its client is, as `module:Class`; the class is a `ListClient`.
        format: the version of its bodies' format; stored with every body.
        gives: what its rows have.
        terms: on what terms it is read; None where nobody has said.
    """

    name: str
    read: Read
    client: str
    format: int = 1
    gives: Gives = Gives()
    terms: Terms | None = None

    @property
    def short_name(self) -> str:
        """Its name among the sources of its service."""
        return self.name.rpartition(".")[2]


@dataclass(frozen=True, slots=True)
class Counting(Reach):
    """One way of reading a source of counts; its client is a `CountClient`.

    Attributes:
        client: where it is, as `module:Class`. One that reaches no host counts what its service's own list shows.
        least_coverage: the share of a chart that it counts as a rule; below it something is wrong. None where less is usual.
    """

    client: str
    least_coverage: float | None = None


@dataclass(frozen=True, slots=True)
class IsrcLookup(Reach):
    """How ISRCs are looked up that no list has.

    Attributes:
        client: where its client is: an `IsrcClient`, which finds tracks by words, or a `HintClient`, which takes ids.
        title: its name for people; empty: that of the folder.
        begins: what the keys of its answers begin with, where they are remembered; each look-up's is another.
        by_id: whether it takes the ids of its folder's service.
        background: whether it is so slow that runs use only what it has found before, and it is asked between them.
    """

    client: str
    title: str = ""
    begins: str = ""
    by_id: bool = False
    background: bool = False


Access: TypeAlias = Source | Counting | IsrcLookup
"""Whatever has a client."""


def reader(service: Service, listed: ListFormat) -> Read:
    """Reads lists whose pages and rows have declared formats."""
    return partial(read_listing, service, listed)
