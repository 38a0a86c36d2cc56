"""A service's own lists fill the genres of the catalogue that name no service."""

from pathlib import Path
from types import ModuleType

import pytest

from tunemeld_pipeline.charts.catalog import Playlist, read_catalog
from tunemeld_pipeline.errors import CatalogError, PluginError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.own_lists import read_own_lists

SPOTIFY = "https://open.spotify.com/playlist/"


def module_in(folder: Path, playlists: str | None) -> ModuleType:
    module = ModuleType("a_service")
    module.__file__ = str(folder / "__init__.py")
    if playlists is not None:
        (folder / "playlists.toml").write_text(playlists, "utf-8")
    return module


def catalogue(folder: Path, text: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text(text, "utf-8")
    return path


def test_a_folder_names_one_list_for_a_genre_or_several(tmp_path: Path) -> None:
    lists = read_own_lists(
        module_in(
            tmp_path,
            f'[dance]\nurl = "{SPOTIFY}1"\nname = "Dance"\nverified = 2026-11-28\n[pop]\nurl = ["{SPOTIFY}2", "{SPOTIFY}3"]',
        )
    )
    assert lists == {
        "dance": (Playlist(url=f"{SPOTIFY}1", name="Dance"),),
        "pop": (Playlist(url=f"{SPOTIFY}2"), Playlist(url=f"{SPOTIFY}3")),
    }


def test_a_folder_without_the_file_names_none(tmp_path: Path) -> None:
    assert read_own_lists(module_in(tmp_path, None)) == {}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[dance", "cannot be read"),
        ("[dance]", r"dance\.url"),
        ("[dance]\nurl = []", r"dance\.url"),
        ('[dance]\nurl = "x"\nverified = "lately"', r"dance\.verified"),
        ('[dance]\nurl = "x"\nadress = "y"', r"dance\.adress"),
        ("dance = 1", "dance"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused_with_the_reason(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(PluginError, match=why):
        read_own_lists(module_in(tmp_path, text))


def test_a_genre_that_names_no_service_is_made_of_the_services_own_lists(tmp_path: Path) -> None:
    lists = {"Spotify": {"dance": (Playlist(url=f"{SPOTIFY}1"),)}, "SoundCloud": {"rap": (Playlist(url="https://x"),)}}
    path = catalogue(tmp_path, '[genres.dance]\ndisplay_name = "Dance"')
    genre = read_catalog(path, registry.services(), lists).genre("dance")
    assert genre.playlists == {"Spotify": (Playlist(url=f"{SPOTIFY}1"),)}


def test_a_genre_that_names_a_service_is_made_of_what_it_names(tmp_path: Path) -> None:
    lists = {"Spotify": {"dance": (Playlist(url=f"{SPOTIFY}1"),)}}
    path = catalogue(
        tmp_path, '[genres.dance]\ndisplay_name = "Dance"\nSoundCloud = "https://soundcloud.com/an-editor/sets/a-list"'
    )
    assert read_catalog(path, registry.services(), lists).genre("dance").services == ("SoundCloud",)


def test_a_genre_for_which_no_service_has_a_list_is_refused(tmp_path: Path) -> None:
    path = catalogue(tmp_path, '[genres.synth]\ndisplay_name = "Synth"')
    with pytest.raises(CatalogError, match=r"genres\.synth: names no service; .* none has a list of its own for it"):
        registry.load_catalog(path)


def test_the_packaged_genres_are_made_of_the_packaged_services_lists() -> None:
    catalog = registry.load_catalog()
    for genre in catalog.genres.values():
        assert genre.services == registry.keys()
        assert genre.playlists["Spotify"] == registry.installed("Spotify").lists[genre.key]
