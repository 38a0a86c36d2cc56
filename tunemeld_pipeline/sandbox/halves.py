"""The sandbox halves of the installed services and sources of counts: which upstreams each plays, and how long its lists are.

A half is the module `sandbox` in a service's folder, with `UPSTREAMS`, classes that are made from the world and the catalogue's playlists,
`ROWS` where the service has lists, and `RECORDED` where recorded ones can be played. A folder without one cannot be played.
"""

from collections.abc import Iterable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Recorded, Upstream
from tunemeld_pipeline.sandbox.world import World

USUAL_ROWS = 50


def upstreams(world: World, playlists: PlaylistDirectory) -> list[Upstream]:
    """Everything that the sandbox plays for the installed services."""
    return [kind(world, playlists) for half in _halves(registry.modules()) for kind in half.UPSTREAMS]


def recorded() -> list[tuple[str, Recorded]]:
    """How recorded bodies are played, each with the key of its service."""
    return [
        (service.key, one)
        for service in registry.services()
        for half in _halves([registry.installed(service.key).module])
        for one in getattr(half, "RECORDED", ())
    ]


def sizes(rows: int | None = None) -> dict[str, int]:
    """Rows per list of each installed service, by key; as the real ones, or all the same."""
    found = {}
    for service in registry.services():
        halves = _halves([registry.installed(service.key).module])
        found[service.key] = (
            rows if rows is not None else (getattr(halves[0], "ROWS", USUAL_ROWS) if halves else USUAL_ROWS)
        )
    return found


def _halves(modules: Iterable[str]) -> list[Any]:
    return [import_module(f"{module}.sandbox") for module in modules if find_spec(f"{module}.sandbox")]
