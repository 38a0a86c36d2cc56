"""A service's package in this process: written by the kit, perhaps broken, and found by its entry point until the test ends."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.service_kit.new_package import ServiceNames, write_package

Install = Callable[..., Installed]
"""Writes a new service of this name, edits its files (`{"api.py": (old, new)}`), and installs it."""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Install]:
    added: set[str] = set()

    def installed(name: str = "Wavelet", edits: dict[str, tuple[str, str]] | None = None) -> Installed:
        names, folder = ServiceNames(name), write_package(name, tmp_path)
        for file, (old, new) in (edits or {}).items():
            path = folder / names.package / file
            text = path.read_text("utf-8")
            assert old in text, old
            path.write_text(text.replace(old, new), "utf-8")
        information = tmp_path / f"{names.package}-1.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {names.distribution}\nVersion: 1\n", "utf-8"
        )
        points = f"[tunemeld.services]\n{names.key} = {names.package}\n"
        (information / "entry_points.txt").write_text(points, "utf-8")
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.syspath_prepend(str(folder))
        registry._found.cache_clear()
        added.add(names.package)
        return registry.installed(names.key)

    yield installed
    monkeypatch.undo()
    for module in [one for one in sys.modules if one.partition(".")[0] in added]:
        del sys.modules[module]
    registry._found.cache_clear()
