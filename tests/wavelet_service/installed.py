"""Wavelet FM as a package that is installed: a folder for the path of a process, with a catalogue that names it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tunemeld_pipeline.local.processes import read_record, wait_until
from tunemeld_pipeline.plugins import registry

CATALOG = "catalog.toml"
ENTRY_POINTS = "[tunemeld.services]\nWavelet = tests.wavelet_service\n"
GENRES = """
[genres.dance]
display_name = "Dance"
Spotify = "https://open.spotify.com/playlist/37i9dQZF1DX4dyzvuaRJ0n"
AppleMusic = "https://music.apple.com/us/playlist/danceXL/pl.6bf4415b83ce4f3789614ac4c3675740"
Wavelet = "https://wavelet.example/dance"
"""


def install(folder: Path) -> None:
    """Writes what pip would write, and the catalogue."""
    information = folder / "wavelet_service-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: wavelet-service\nVersion: 1\n", "utf-8")
    (information / "entry_points.txt").write_text(ENTRY_POINTS, "utf-8")
    (folder / CATALOG).write_text(GENRES, "utf-8")


@contextmanager
def playing(folder: Path) -> Iterator[str]:
    """The root of a sandbox that plays Wavelet FM, which is installed in `folder` and in this process, for as long as the block lasts."""
    install(folder)
    announce = folder / "announced.json"
    options = ["--tracks", "100", "--catalog", str(folder / CATALOG), "--announce", str(announce)]
    process = subprocess.Popen(
        [sys.executable, "-m", "tunemeld_pipeline.sandbox.serve", *options],
        env={**os.environ, "PYTHONPATH": str(folder)},
    )
    sys.path.insert(0, str(folder))
    registry._found.cache_clear()
    try:
        assert wait_until(lambda: announce.exists() or process.poll() is not None, seconds=300)
        yield (read_record(announce) or {})["url"]
    finally:
        sys.path.remove(str(folder))
        registry._found.cache_clear()
        process.terminate()
        process.wait(timeout=300)
