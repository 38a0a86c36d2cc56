"""Writes a new service's package: an invented service that runs, whose list, column and sandbox are there once it is installed.

Its files are in `template/`, with `@NAME@` and such in the places of what is known of the service.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.text_files import read_small_text, toml_tables

TEMPLATE = Path(__file__).with_name("template")
SUFFIX = ".in"
WORDS = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[ _-]?[A-Za-z0-9]+)*")
LONGEST = 40
NEXT = "tunemeld service list"


@dataclass(frozen=True, slots=True)
class ServiceNames:
    """What a service is called in each place, from what people call it."""

    name: str

    @property
    def words(self) -> list[str]:
        """Its words; `AudioMack` has two."""
        return re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", self.name)

    @property
    def key(self) -> str:
        """Its name in the data: `AudioMack`."""
        return "".join(word[:1].upper() + word[1:] for word in self.words)

    @property
    def slug(self) -> str:
        """Its name in settings and paths: `audio_mack`."""
        return "_".join(self.words).lower()

    @property
    def package(self) -> str:
        """The Python package."""
        return f"tunemeld_service_{self.slug}"

    @property
    def distribution(self) -> str:
        """What pip calls it."""
        return self.package.replace("_", "-")

    @property
    def host(self) -> str:
        """Where the invented service is."""
        return f"{self.slug.replace('_', '-')}.example"

    @property
    def short(self) -> str:
        """Two letters."""
        first, *more = self.words
        return (first[0] + (more[0][0] if more else first[1:2])).upper()


def write_package(name: str, place: Path) -> Path:
    """The folder of the new package, in `place`.

    Raises:
        PluginError: a service of that name is installed, the name is none, or the folder is there already.
    """
    names = ServiceNames(" ".join(name.split()))
    if not WORDS.fullmatch(names.name) or len(names.name) > LONGEST:
        raise PluginError(
            f"{name!r} is no name for a service; take letters, digits and spaces, a letter first", next_command=NEXT
        )
    for one in registry.services():
        if names.key.casefold() == one.key.casefold() or names.slug == one.slug:
            raise PluginError(f"{one.name} is installed already; choose another name", next_command=NEXT)
    folder = place / names.distribution
    if folder.exists():
        raise PluginError(f"{folder} is there already; choose another name or another folder", next_command=NEXT)
    values = _values(names)
    for source in sorted(TEMPLATE.rglob(f"*{SUFFIX}")):
        inside = (
            source.relative_to(TEMPLATE).as_posix().removesuffix(SUFFIX).replace("package/", f"{names.package}/", 1)
        )
        target = folder / inside
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_filled(source.read_text("utf-8"), values), "utf-8")
    return folder


def _values(names: ServiceNames) -> dict[str, str]:
    last = max(one.order for one in registry.services())
    genres = toml_tables(read_small_text(PACKAGED_CATALOG))["genres"]
    return {
        "NAME": names.name,
        "KEY": names.key,
        "SLUG": names.slug,
        "VARIABLE": names.slug.upper(),
        "PACKAGE": names.package,
        "DISTRIBUTION": names.distribution,
        "HOST": names.host,
        "SHORT": names.short,
        "ORDER": str(last + 10),
        "PLAYLISTS": "\n".join(f'\n[{genre}]\nurl = "https://{names.host}/playlist/{genre}"' for genre in genres),
    }


def _filled(text: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text
