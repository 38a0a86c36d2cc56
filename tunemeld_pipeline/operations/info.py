"""What an installation is made of: versions, paths, the machine; nothing that is secret.

These are facts for somebody who helps. `operations/health.py` says whether all of it is well, and `tunemeld config show` shows every
setting's value.
"""

import os
import platform
import shutil
import sys
from importlib.metadata import PackageNotFoundError, version

from tunemeld_pipeline.local.mongod import mongod_status
from tunemeld_pipeline.settings.places import project_root
from tunemeld_pipeline.settings.settings import Settings

PACKAGES = ("dagster", "django", "pymongo", "pydantic", "requests", "typer", "granian")
"""The packages that misbehave most often."""


def system_info(settings: Settings) -> dict[str, str]:
    """Name → fact, in the order in which they are read."""
    local = mongod_status(settings.home)
    database = (
        "MONGODB_URL (hidden)" if settings.mongodb_url else f"local, {'runs' if local.running else 'does not run'}"
    )
    return {
        "tunemeld": _version("tunemeld"),
        "python": f"{platform.python_version()} ({sys.executable})",
        "system": f"{platform.platform()}, {os.cpu_count()} processors",
        "environment": settings.environment.value,
        "upstreams": settings.upstreams.value,
        "environment file": str(settings.provenance.env_file or "none"),
        "checkout": str(project_root() or "none, installed as a package"),
        "home": str(settings.home),
        "dagster home": str(settings.dagster_folder),
        "logs": str(settings.home / "logs"),
        "database": f"{database}, {settings.database_name}",
        "mongod": f"{local.binary or 'none'}",
        "cache": settings.cache.value,
        "disk": _free(settings),
        **{name: _version(name) for name in PACKAGES},
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"


def _free(settings: Settings) -> str:
    place = settings.home
    while not place.exists():
        place = place.parent
    return f"{shutil.disk_usage(place).free / 1e9:.1f} GB free"
