"""Which services are found, in which order, and what becomes of one that cannot be used."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.packages import WAVELET, install_package
from tunemeld_pipeline.errors import CatalogError, PluginError
from tunemeld_pipeline.plugins import registry


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """Installs a package with this code as the service Wavelet, until the test ends."""

    def installed(code: str) -> None:
        install_package(tmp_path, code)
        monkeypatch.syspath_prepend(str(tmp_path))
        monkeypatch.delitem(__import__("sys").modules, "wavelet_service", raising=False)
        registry._found.cache_clear()

    registry._found.cache_clear()
    yield installed
    monkeypatch.undo()
    registry._found.cache_clear()


def catalogue(folder: Path, *services: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text("\n".join(["[genres.synth]", 'display_name = "Synth"', *services]), "utf-8")
    return path


def test_the_packaged_services_are_found_in_their_order() -> None:
    assert registry.keys() == ("Spotify", "AppleMusic", "SoundCloud", "Deezer")
    assert [one.key for one in registry.count_sources()] == ["Spotify", "Youtube", "SoundCloud"]
    assert registry.left_out() == {}


def test_another_packages_service_is_the_packaged_ones_equal(install: object, tmp_path: Path) -> None:
    install(WAVELET)  # type: ignore[operator]

    assert registry.keys() == ("Spotify", "AppleMusic", "Wavelet", "SoundCloud", "Deezer")
    assert registry.name_of("Wavelet playlist") == "Wavelet FM playlist"
    path = catalogue(
        tmp_path,
        'SoundCloud = "https://soundcloud.com/s/1"',
        'Wavelet = ["https://wavelet.example/1", "https://wavelet.example/2"]',
    )
    genre = registry.load_catalog(path).genre("synth")
    assert genre.services == ("Wavelet", "SoundCloud")
    assert [one.url for one in genre.playlists["Wavelet"]] == ["https://wavelet.example/1", "https://wavelet.example/2"]


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("raise RuntimeError('no such luck')", "no such luck"),
        ("import a_module_that_is_not_there", "a_module_that_is_not_there"),
        ("SERVICE = SOURCES = ()", "is not a service with the key Wavelet"),
        (WAVELET.replace('"Wavelet",', '"Ripple",'), "is not a service with the key Wavelet"),
        (WAVELET + "SOURCES = ()", "list one at least"),
        (WAVELET.replace('"wavelet.api"', '"api"'), "is to be called wavelet.NAME"),
        (
            WAVELET.replace('Setting("WAVELET_TOKEN"', 'Setting("TOKEN"'),
            "its setting TOKEN does not begin with wavelet",
        ),
        (WAVELET.replace('Host("wavelet"', 'Host("spotify"'), "its host spotify does not begin with wavelet"),
        (
            WAVELET.replace("needs=(", 'needs=("WAVELET_KEY",'),
            "it needs WAVELET_KEY, which its SETTINGS do not declare",
        ),
        (WAVELET + "SETTINGS = ('WAVELET_TOKEN',)", "its SETTINGS are not settings"),
        (WAVELET + "ISRCS = 1", "its ISRCS is no IsrcLookup"),
    ],
)
def test_a_service_that_cannot_be_loaded_is_left_out_with_the_reason(install: object, code: str, why: str) -> None:
    install(code)  # type: ignore[operator]

    assert registry.keys() == ("Spotify", "AppleMusic", "SoundCloud", "Deezer")
    assert why in registry.left_out()["Wavelet"]
    with pytest.raises(PluginError, match="Wavelet"):
        registry.installed("Wavelet")


def test_a_genre_is_read_without_a_service_that_cannot_be_loaded(install: object, tmp_path: Path) -> None:
    install("raise RuntimeError('no such luck')")  # type: ignore[operator]
    wavelet, spotify = 'Wavelet = "https://wavelet.example/1"', 'Spotify = "https://open.spotify.com/playlist/1"'

    assert registry.load_catalog(catalogue(tmp_path, wavelet, spotify)).genre("synth").services == ("Spotify",)
    with pytest.raises(CatalogError, match=r"genres\.synth: names no service that can be used: .*no such luck"):
        registry.load_catalog(catalogue(tmp_path, wavelet))


def test_a_genre_without_one_of_the_packaged_services_is_good(tmp_path: Path) -> None:
    path = catalogue(tmp_path, 'Spotify = "https://open.spotify.com/playlist/1"')

    assert registry.load_catalog(path).genre("synth").services == ("Spotify",)


def test_an_unknown_service_is_refused_with_the_installed_ones(tmp_path: Path) -> None:
    path = catalogue(tmp_path, 'Ripple = "https://ripple.example/1"', 'Spotify = "https://open.spotify.com/playlist/1"')

    with pytest.raises(
        CatalogError, match=r"genres\.synth\.Ripple: no such service is installed; there are Spotify, AppleMusic, "
    ):
        registry.load_catalog(path)


def test_a_genre_without_any_service_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match=r"genres\.synth: names no service; there are Spotify, "):
        registry.load_catalog(catalogue(tmp_path))


def test_keys_of_services_that_are_gone_come_last() -> None:
    assert registry.in_order({"Zune", "SoundCloud", "Napster", "Spotify"}) == [
        "Spotify",
        "SoundCloud",
        "Napster",
        "Zune",
    ]
