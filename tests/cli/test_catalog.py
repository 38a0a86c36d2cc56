"""`tunemeld catalog generate`: a catalogue of many genres and markets that can be read, and that the sandbox can play."""

from datetime import date
from pathlib import Path

import pytest

from tests.cli.conftest import Command
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.world import World


def test_it_works(tunemeld: Command, tmp_path: Path) -> None:
    ran = tunemeld("catalog", "generate", "--genres", "20", "--markets", "us,GB,us")
    assert ran.returncode == 0, ran.stderr
    file = tmp_path / "catalog.toml"
    file.write_text(ran.stdout, "utf-8")
    catalog = load_catalog(file)
    assert len(catalog.genres) == 40
    genre = catalog.genre("genre-0020--gb")
    assert (genre.display_name, genre.market, genre.services) == ("Genre 20 (GB)", "GB", tuple(keys()))
    world, directory = World(1, catalog, dict.fromkeys(keys(), 5)), PlaylistDirectory(catalog)
    for service in keys():
        assert directory.genre(service, genre.playlist(service).url) == genre
        assert len(world.playlist(genre.key, service, date(2026, 11, 22))) == 5


def test_without_markets_a_genre_names_none(tunemeld: Command, tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(tunemeld("catalog", "generate", "-n", "3").stdout, "utf-8")
    assert {one.market for one in load_catalog(file).genres.values()} == {None}


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (("--markets", "us,usa"), "'usa' is no market"),
        (("-n", "600", "--markets", "us,gb"), "1200 genres are more than the 1024"),
        (("-n", "0"), "greater than or equal to 1"),
    ],
)
def test_what_cannot_be_meant_is_refused(tunemeld: Command, words: tuple[str, ...], complaint: str) -> None:
    ran = tunemeld("catalog", "generate", *words)
    assert ran.returncode == 2
    assert complaint in " ".join(ran.stderr.split())
