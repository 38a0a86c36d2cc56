"""Which public pages somebody here has agreed to have read by a command that they run, in `consent.json` of TUNEMELD_HOME.

Reading them unattended, day after day, is the setting TUNEMELD_LIVE_PAGES; a source whose interface is documented needs neither.
"""

import json
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from tunemeld_pipeline.local.processes import private_directory
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import in_order, installed, load_catalog
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.settings.settings import Settings


def pages(settings: Settings) -> list[Source]:
    """The sources of the catalogue's services that need consent, in the services' order.

    Raises:
        CatalogError, PluginError: the catalogue cannot be read, or names a service that is not installed.
    """
    services = in_order(load_catalog(settings.catalog_file).services())
    sources = (source for service in services for source in installed(service).sources)
    return [source for source in sources if source.terms and source.terms.consent]


def agreed(settings: Settings) -> dict[str, str]:
    """The sources that were agreed to, each with when; none where nobody was asked, or the file cannot be read."""
    try:
        given = json.loads(_file(settings).read_text("utf-8"))["pages"]
        return {str(name): str(at) for name, at in given.items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def agree(settings: Settings, sources: Iterable[Source], at: datetime) -> Path:
    """Remembers that these were agreed to.

    Raises:
        OSError: it cannot be written.
    """
    private_directory(settings.home)
    given = agreed(settings) | {source.name: at.isoformat(timespec="seconds") for source in sources}
    file = _file(settings)
    with open(file, "w", encoding="utf-8", opener=private) as opened:
        json.dump({"pages": given}, opened, indent=1)
        opened.write("\n")
    return file


def _file(settings: Settings) -> Path:
    return settings.home / "consent.json"
