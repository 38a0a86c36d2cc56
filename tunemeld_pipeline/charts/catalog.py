"""The genres, and which playlists of which services each of them means.

This module reads and checks the text of a catalogue; which services there are, and which lists of their own they have, are arguments.
`plugins/registry.py` reads the packaged `catalog.toml` or the operator's file.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.errors import CatalogError
from tunemeld_pipeline.suggestions import did_you_mean
from tunemeld_pipeline.text_files import read_small_text, toml_tables

PACKAGED_CATALOG = Path(__file__).with_name("catalog.toml")


OF_MARKET = "--"
"""Between a genre and its market in a key: `rap--us`. See docs/adr/0017-markets-in-keys.md."""

MARKET = re.compile("[a-z]{2}")


class Playlist(BaseModel):
    """One service's playlist of one genre."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    url: str
    name: str | None = None


def _playlist_from_address(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


def _several(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


Lists = Mapping[str, tuple[Playlist, ...]]
"""A service's own lists, by genre."""

PlaylistEntry = Annotated[Playlist, BeforeValidator(_playlist_from_address)]
PlaylistEntries = Annotated[tuple[PlaylistEntry, ...], Field(min_length=1), BeforeValidator(_several)]


class Genre(BaseModel):
    """One genre: its key in the data, its name for people, and one or more playlists of each of its services, in the services' order.

    A key that ends in `--` and two letters, `rap--us`, is a genre in one market.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    display_name: str = Field(min_length=1)
    playlists: dict[str, PlaylistEntries]

    @field_validator("key")
    @classmethod
    def _names_a_market(cls, key: str) -> str:
        family, marked, market = key.partition(OF_MARKET)
        if marked and (not family or MARKET.fullmatch(market) is None):
            raise ValueError(f"after {OF_MARKET} a key names a market by the two letters of ISO 3166-1, as in rap--us")
        return key

    @property
    def family(self) -> str:
        """The genre without its market: `rap` for `rap--us`."""
        return self.key.partition(OF_MARKET)[0]

    @property
    def market(self) -> str | None:
        """The market that its lists are made for, as two letters (ISO 3166-1): `US` for `rap--us`; None if it names none."""
        return self.key.partition(OF_MARKET)[2].upper() or None

    @property
    def services(self) -> tuple[str, ...]:
        """The keys of the services whose lists this genre is made of."""
        return tuple(self.playlists)

    def playlist(self, service: str) -> Playlist:
        """The first playlist of this service, by its key."""
        return self.playlists[service][0]


class Catalog(BaseModel):
    """All genres, in the order in which they are shown."""

    model_config = ConfigDict(frozen=True, defer_build=True)

    genres: dict[str, Genre] = Field(min_length=1)

    def genre(self, key: str) -> Genre:
        """One genre.

        Raises:
            CatalogError: no genre has that name; the message lists the known ones.
        """
        try:
            return self.genres[key]
        except KeyError:
            raise CatalogError(
                f"unknown genre {key!r}; the catalogue knows {', '.join(self.genres)}"
                + (did_you_mean(key, self.genres) or "; choose one of them"),
                next_command="tunemeld status",
            ) from None

    def services(self) -> frozenset[str]:
        """The keys of the services that any genre names."""
        return frozenset(service for genre in self.genres.values() for service in genre.services)


def read_catalog(
    source: Path,
    services: Sequence[Service],
    lists: Mapping[str, Lists] | None = None,
    left_out: Mapping[str, str] | None = None,
) -> Catalog:
    """The catalogue in a file. A genre that names no service is made of the lists that the services themselves have for it.

    Args:
        services: those that are installed, in their order.
        lists: their own lists, by service.
        left_out: those that cannot be loaded, by key, and why; a genre is read without them, where it names another.

    Raises:
        CatalogError: the file is missing, is not TOML, or names an unknown service or an impossible playlist; every problem is listed.
    """
    try:
        tables = toml_tables(read_small_text(source))
    except OSError as error:
        raise CatalogError(
            f"{source}: cannot be read ({error.strerror}); set TUNEMELD_CATALOG to a readable file"
        ) from error
    except ValueError as error:
        raise CatalogError(f"{source}: not TOML, mend it: {error}") from error
    genres = tables.get("genres")
    if not isinstance(genres, dict):
        raise CatalogError(f"{source}: has no [genres.…] table; copy one from {PACKAGED_CATALOG}")
    known = {service.key: service for service in services}
    genres = {key: _filled(key, table, known, lists or {}) for key, table in genres.items()}
    problems = _unknown_services(genres, known, left_out or {})
    try:
        catalog = Catalog.model_validate({"genres": {key: _genre(key, table, known) for key, table in genres.items()}})
    except ValidationError as error:
        problems += [f"{_place(item['loc'])}: {item['msg']}" for item in error.errors()]
        raise CatalogError(f"{source}: {'; '.join(problems)}") from error
    problems += _impossible_playlists(catalog, known)
    if problems:
        raise CatalogError(f"{source}: {'; '.join(problems)}")
    return catalog


def _filled(key: str, table: Any, known: Mapping[str, Service], lists: Mapping[str, Lists]) -> Any:
    """The table, with the services' own lists where it names no service at all."""
    if not isinstance(table, dict) or table.keys() - {"display_name"}:
        return table
    return table | {service: lists[service][key] for service in known if key in lists.get(service, {})}


def _genre(key: str, table: Any, known: Mapping[str, Service]) -> Any:
    """The table with its services in their order; the rest of it is judged as it is."""
    if not isinstance(table, dict):
        return table
    playlists = {service: table[service] for service in known if service in table}
    return {
        "key": key,
        "playlists": playlists,
        **({"display_name": table["display_name"]} if "display_name" in table else {}),
    }


def _unknown_services(
    genres: Mapping[str, Any], known: Mapping[str, Service], left_out: Mapping[str, str]
) -> list[str]:
    problems = []
    for key, table in genres.items():
        if not isinstance(table, dict):
            continue
        others = [name for name in table if name not in known and name not in left_out and name != "display_name"]
        problems += [
            f"genres.{key}.{name}: no such service is installed; there are {', '.join(known)}" for name in others
        ]
        if others or any(service in table for service in known):
            continue
        lost = [left_out[name] for name in table if name in left_out]
        if lost:
            problems.append(f"genres.{key}: names no service that can be used: {'; '.join(lost)}")
        else:
            problems.append(
                f"genres.{key}: names no service; there are {', '.join(known)}, and none has a list of its own for it"
            )
    return problems


def _place(parts: tuple[int | str, ...]) -> str:
    return ".".join(str(part) for part in parts if part != "playlists")


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # an address like https://[
        return urlsplit("")


def _impossible_playlists(catalog: Catalog, known: Mapping[str, Service]) -> list[str]:
    problems: list[str] = []
    seen: dict[str, str] = {}
    for genre in catalog.genres.values():
        for key, playlists in genre.playlists.items():
            for playlist in playlists:
                url, place, hosts = playlist.url, f"genres.{genre.key}.{key}", known[key].hosts
                parts = _parts(url)
                if parts.scheme != "https" or parts.hostname not in hosts or len(parts.path) < 2:
                    there = " or ".join(f"https://{host}/" for host in hosts)
                    problems.append(f"{place}: {url!r} is not an address on {there}")
                elif url in seen:
                    problems.append(f"{place}: the same playlist as {seen[url]}")
                seen.setdefault(url, place)
    return problems
