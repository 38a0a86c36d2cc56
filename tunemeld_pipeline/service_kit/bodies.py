"""A service's contract bodies: answers of its own making in each source's wire format, and the listing that each must read to.

They are in the folder `contract/SOURCE/` beside the service's `__init__`, where SOURCE is what follows the dot in the source's name, with
`.2` and so on for a later format. `NAME.json` is a body exactly as it is stored, and `NAME.listing.json` what is read from it.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from importlib import import_module
from pathlib import Path
from typing import Any

from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.services import Service
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.wire_formats.received import loads

CONTRACT = "contract"
LISTING = ".listing.json"


@dataclass(frozen=True, slots=True)
class ContractBody:
    """One body of one source."""

    service: Service
    source: Source
    path: Path

    @property
    def name(self) -> str:
        """What tests call it, for example `deezer.api/short`."""
        return f"{self.source.name}/{self.path.stem}"

    @property
    def text(self) -> str:
        """The body as it would be stored."""
        return self.path.read_text("utf-8")

    @property
    def pages(self) -> list[Any]:
        """Its decoded pages, new ones each time."""
        return pages_of(self.text)

    @property
    def listing(self) -> Path:
        """The file of what it must read to."""
        return self.path.with_name(f"{self.path.stem}{LISTING}")

    def read(self) -> Listing:
        """What it reads to now; MalformedResponse where it is no list of its source."""
        return self.source.read(self.pages, self.text)

    def expected(self) -> Any:
        """What it must read to; None where nobody has written that."""
        return json.loads(self.listing.read_text("utf-8")) if self.listing.is_file() else None


def pages_of(text: str) -> list[Any]:
    """The decoded pages of a stored body."""
    content = loads(text)
    return content if isinstance(content, list) else [content]


def folder_of(found: Installed) -> Path:
    """The folder of an installed service.

    Raises:
        PluginError: its module has no file.
    """
    file = import_module(found.module).__file__
    if file is None:
        raise PluginError(f"{found.module} has no file; make it a folder with an __init__.py")
    return Path(file).parent


def place_of(source: Source, folder: Path) -> Path:
    """Where a source's bodies are, in the folder of its service."""
    own = source.name.partition(".")[2]
    return folder / CONTRACT / (own if source.format == 1 else f"{own}.{source.format}")


def contract_bodies(found: Installed) -> list[ContractBody]:
    """The bodies of a service, source by source."""
    folder = folder_of(found)
    return [
        ContractBody(found.service, source, path)
        for source in found.sources
        for path in sorted(place_of(source, folder).glob("*.json"))
        if not path.name.endswith(LISTING)
    ]


def write_listing(body: ContractBody) -> bool:
    """Writes down what a body reads to now, for somebody to look at; whether that is something else than before."""
    text = json.dumps(listing_as_json(body.read()), ensure_ascii=False, indent=1) + "\n"
    if body.listing.is_file() and body.listing.read_text("utf-8") == text:
        return False
    body.listing.write_text(text, "utf-8")
    return True


def listing_as_json(listing: Listing) -> dict[str, Any]:
    """A listing as its file has it: everything that is known of it."""
    facts = {one.name: getattr(listing, one.name) for one in fields(listing)}
    rows, irregular = facts.pop("rows"), facts.pop("irregular")
    return {
        **dict(_known(facts)),
        "rows": [_row_as_json(row) for row in rows],
        "irregular": {str(one.position): one.reason for one in irregular},
    }


def _row_as_json(row: PlaylistRow) -> dict[str, Any]:
    own = {one.name: getattr(row, one.name) for one in fields(row) if one.name not in ("service", "described")}
    described = {one.name: getattr(row.described, one.name) for one in fields(row.described)}
    return dict(_known(own | {name: value for name, value in described.items() if name not in ("service", "key")}))


def _known(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if value is None or value in ("", {}):
            continue
        yield name, value.isoformat() if isinstance(value, datetime) else value
