"""A service's own lists: the one that its folder names for each packaged genre, in `playlists.toml`.

A table for each genre has `url`, an address or several of them, perhaps `name`, and `verified`, the day on which the list was last seen.
`charts/catalog.py` decides which genres take them.
"""

from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from tunemeld_pipeline.charts.catalog import Lists, Playlist
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.text_files import read_small_text, toml_tables

FILE = "playlists.toml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid")

    url: Annotated[
        tuple[str, ...],
        Field(min_length=1),
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
    ]
    name: str | None = None
    verified: date | None = None


_ENTRIES = TypeAdapter(dict[str, _Entry])


def read_own_lists(module: ModuleType) -> Lists:
    """The lists of the service that this module declares; none where its folder has no such file.

    Raises:
        PluginError: the file cannot be used, and why.
    """
    path = Path(module.__file__ or "").parent / FILE
    if not path.is_file():
        return {}
    try:
        entries = _ENTRIES.validate_python(toml_tables(read_small_text(path)))
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors())
        raise PluginError(f"its {FILE} cannot be used: {wrong}; mend the file") from error
    except (OSError, ValueError) as error:
        raise PluginError(f"its {FILE} cannot be read: {error}; mend the file") from error
    return {genre: tuple(Playlist(url=url, name=entry.name) for url in entry.url) for genre, entry in entries.items()}
