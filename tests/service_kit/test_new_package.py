"""The package that `tunemeld service new` writes runs as it is, and is refused where something is in its way."""

from pathlib import Path

import pytest

from tests.service_kit.conftest import Install
from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.service_kit import reading_checks, service_checks
from tunemeld_pipeline.service_kit.bodies import contract_bodies
from tunemeld_pipeline.service_kit.contract import all_bodies
from tunemeld_pipeline.service_kit.new_package import ServiceNames, write_package


@pytest.mark.parametrize("name", ["Wavelet", "Audio Mack"])
def test_a_new_package_holds_what_every_service_must_hold(install: Install, name: str) -> None:
    found = install(name)
    for check in (
        service_checks.wrongly_declared,
        service_checks.without_a_body,
        service_checks.lost_addresses,
        service_checks.impossible_lists,
        service_checks.wrong_picture,
    ):
        assert list(check(found)) == []
    (body,) = contract_bodies(found)
    for checked in (
        reading_checks.unlike_its_listing,
        reading_checks.too_poor,
        reading_checks.impure,
        reading_checks.not_refused,
        reading_checks.lost_or_spoilt,
        reading_checks.unclean,
    ):
        assert list(checked(body)) == []
    assert list(reading_checks.taken_for_its_own(body, all_bodies())) == []


def test_its_list_is_in_the_catalogue_once_it_is_installed(install: Install) -> None:
    found = install()
    assert registry.services()[-1] == found.service
    for genre in registry.load_catalog().genres.values():
        assert genre.playlist("Wavelet").url == f"https://wavelet.example/playlist/{genre.key}"


@pytest.mark.parametrize(
    ("name", "key", "slug", "short"),
    [
        ("Tidal", "Tidal", "tidal", "TI"),
        ("Audio Mack", "AudioMack", "audio_mack", "AM"),
        ("YouTube Music", "YouTubeMusic", "you_tube_music", "YT"),
        ("wavelet9", "Wavelet9", "wavelet_9", "W9"),
    ],
)
def test_its_names_follow_from_what_people_call_it(name: str, key: str, slug: str, short: str) -> None:
    names = ServiceNames(name)
    assert (names.key, names.slug, names.short) == (key, slug, short)


@pytest.mark.parametrize(
    "name", ["", "9 Lives", "Dee/zer", "../up", "Ünder", "x" * 50, "spotify", "SoundCloud", "Apple music"]
)
def test_a_name_that_is_none_or_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(PluginError, match=r"is no name for a service|is installed already"):
        write_package(name, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "tunemeld-service-wavelet").mkdir()
    with pytest.raises(PluginError, match="is there already; choose another"):
        write_package("Wavelet", tmp_path)
    assert list((tmp_path / "tunemeld-service-wavelet").iterdir()) == []
