"""The genres, the services, and which playlist each pair of them means.

This module reads and checks the catalogue file: the packaged `catalog.toml`, or the operator's file that TUNEMELD_CATALOG names.
`resources/` calls the services, and `playlists.py` reads their answers.
"""

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from tunemeld_pipeline.errors import CatalogError
from tunemeld_pipeline.suggestions import did_you_mean
from tunemeld_pipeline.text_files import read_small_text, toml_tables

PACKAGED_CATALOG = Path(__file__).with_name("catalog.toml")


class Service(StrEnum):
    """A service whose editors' playlists are read; the value is its name in the data."""

    SPOTIFY = "Spotify"
    APPLE_MUSIC = "AppleMusic"
    SOUNDCLOUD = "SoundCloud"

    @property
    def slug(self) -> str:
        """The name in file names, settings and paths: `spotify`, `apple_music`, `soundcloud`."""
        return self.name.lower()


NAMES = {"AppleMusic": "Apple Music", "Youtube": "YouTube"}


def name_of(key: str) -> str:
    """How people write a service or a source of counts, of which the data have the key, or what begins with one: `Youtube counts`."""
    first, space, rest = key.partition(" ")
    return f"{NAMES.get(first, first)}{space}{rest}"


def explained(what: str, why: str) -> str:
    """Something that a chart lacks and why, for people; `what` begins with a key, and `why` perhaps with the name that it stands for."""
    said_already = f"{name_of(what.partition(' ')[0])}: "
    return f"{name_of(what)}: {why.removeprefix(said_already)}"


PLAYLIST_HOSTS = {
    Service.SPOTIFY: "open.spotify.com",
    Service.APPLE_MUSIC: "music.apple.com",
    Service.SOUNDCLOUD: "soundcloud.com",
}


class Playlist(BaseModel):
    """One service's playlist of one genre."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)

    url: str
    name: str | None = None

    @property
    def spotify_id(self) -> str:
        """The id at the end of a Spotify address, for example `37i9dQZF1DX4dyzvuaRJ0n`."""
        return urlsplit(self.url).path.rstrip("/").rpartition("/")[2]


def _playlist_from_address(value: Any) -> Any:
    return {"url": value} if isinstance(value, str) else value


PlaylistEntry = Annotated[Playlist, BeforeValidator(_playlist_from_address)]


class Genre(BaseModel):
    """One genre: its key in the data, its name for people, and one playlist per service."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, defer_build=True)

    key: str = Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")
    display_name: str = Field(min_length=1)
    spotify: PlaylistEntry = Field(alias="Spotify")
    apple_music: PlaylistEntry = Field(alias="AppleMusic")
    soundcloud: PlaylistEntry = Field(alias="SoundCloud")

    def playlist(self, service: Service) -> Playlist:
        """The playlist that this service's editors keep for this genre."""
        return {
            Service.SPOTIFY: self.spotify,
            Service.APPLE_MUSIC: self.apple_music,
            Service.SOUNDCLOUD: self.soundcloud,
        }[service]


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


def load_catalog(path: Path | None = None) -> Catalog:
    """The catalogue in `path`, or the packaged one.

    Raises:
        CatalogError: the file is missing, is not TOML, or names an impossible playlist; every problem is listed.
    """
    source = path or PACKAGED_CATALOG
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
    try:
        catalog = Catalog.model_validate(
            {
                "genres": {
                    key: {"key": key, **table} if isinstance(table, dict) else table for key, table in genres.items()
                }
            }
        )
    except ValidationError as error:
        problems = [f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()]
        raise CatalogError(f"{source}: {'; '.join(problems)}") from error
    _refuse_impossible_playlists(catalog, source)
    return catalog


def _parts(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:  # an address like https://[
        return urlsplit("")


def _refuse_impossible_playlists(catalog: Catalog, source: Path) -> None:
    problems: list[str] = []
    seen: dict[str, str] = {}
    for genre in catalog.genres.values():
        for service in Service:
            url = genre.playlist(service).url
            place = f"genres.{genre.key}.{service}"
            parts = _parts(url)
            if parts.scheme != "https" or parts.hostname != PLAYLIST_HOSTS[service] or len(parts.path) < 2:
                problems.append(f"{place}: {url!r} is not an address on https://{PLAYLIST_HOSTS[service]}/")
            elif url in seen:
                problems.append(f"{place}: the same playlist as {seen[url]}")
            seen.setdefault(url, place)
    if problems:
        raise CatalogError(f"{source}: {'; '.join(problems)}")
