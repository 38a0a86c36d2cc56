"""Which services and counts the settings configure, in which order a service's sources are tried, and what is said of the others."""

from pathlib import Path
from typing import Any

import pytest

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Source, Terms
from tunemeld_pipeline.plugins.registry import Installed, installed, load_catalog
from tunemeld_pipeline.settings.choices import Component
from tunemeld_pipeline.settings.configured import (
    configured,
    not_configured,
    unconfigured,
    usable_sources,
    used_counting,
)
from tunemeld_pipeline.settings.settings import Settings

DOCUMENTED, PAGE = Terms(True, "https://example.com/terms"), Terms(False, "https://example.com/terms", consent=True)


def live(**values: Any) -> Settings:
    return Settings.model_validate({"environment": "development", "upstreams": "live", **values})


def source(name: str, *needs: str, terms: Terms = DOCUMENTED) -> Source:
    return Source(f"soundcloud.{name}", lambda pages, body: None, "nowhere:Client", needs=needs, terms=terms)  # type: ignore[arg-type, return-value]


@pytest.fixture
def soundcloud(monkeypatch: pytest.MonkeyPatch) -> Installed:
    """SoundCloud with four sources: one with a key, one with another, a documented one without, and a page that wants consent."""
    known = installed("SoundCloud")
    sources = (
        source("page", terms=PAGE),
        source("free"),
        source("rapidapi", "RAPIDAPI_KEY"),
        source("own", "SPOTIFY_CLIENT_ID"),
    )
    more = Installed(known.service, sources, known.module, known.settings)
    monkeypatch.setitem(registry._found().installed, "SoundCloud", more)
    return more


def names(settings: Settings) -> list[str]:
    return [one.short_name for one in usable_sources(settings, "SoundCloud")]


@pytest.fixture
def two_services(tmp_path: Path) -> Path:
    path = tmp_path / "catalog.toml"
    lines = [
        'display_name = "Pop"',
        'AppleMusic = "https://music.apple.com/us/playlist/a/pl.1"',
        'SoundCloud = "https://soundcloud.com/a/sets/b"',
    ]
    path.write_text("\n".join(["[genres.pop]", *lines]), "utf-8")
    return path


def test_by_default_those_with_a_key_come_first_and_a_page_only_with_consent(soundcloud: Installed) -> None:
    assert names(live()) == ["free"]
    assert names(live(rapidapi_key="k")) == ["rapidapi", "free"]


def test_what_the_operator_names_is_tried_in_that_order_as_far_as_its_keys_are_set(soundcloud: Installed) -> None:
    chosen = {"soundcloud_sources": ("page", "own", "rapidapi")}

    assert names(live().model_copy(update=chosen)) == ["page"]
    assert names(live(rapidapi_key="k").model_copy(update=chosen)) == ["page", "rapidapi"]


def test_outside_live_the_first_source_is_used_without_any_key(soundcloud: Installed) -> None:
    assert names(Settings(environment="testing")) == ["page"]


def test_a_replay_has_the_services_of_which_something_is_recorded(tmp_path: Path) -> None:
    replayed = Settings(environment="testing", upstreams="replay", replay_dir=tmp_path)
    everywhere = list(load_catalog().genre("dance").services)
    assert list(configured(replayed, load_catalog()).genre("dance").services) == everywhere

    (tmp_path / "2026-03-02" / "dance").mkdir(parents=True)
    for name in ("spotify.json", "soundcloud.rapidapi.json"):
        (tmp_path / "2026-03-02" / "dance" / name).write_text("{}", "utf-8")

    assert list(configured(replayed, load_catalog()).genre("dance").services) == ["Spotify", "SoundCloud"]
    assert not_configured(replayed, "Deezer") == f"nothing of it is recorded in {tmp_path}"
    assert not_configured(replayed, "Spotify") is None


def test_a_source_that_the_service_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="there is no source telex; there are rapidapi"):
        live(apple_music_sources="telex")


def test_what_is_not_configured_is_said_with_the_setting_that_is_missing() -> None:
    assert not_configured(live(), "AppleMusic") == "RAPIDAPI_KEY is not set"
    assert not_configured(live(rapidapi_key="k"), "AppleMusic") is None
    assert not_configured(Settings(environment="testing"), "AppleMusic") is None


def test_counts_without_a_key_are_not_configured() -> None:
    youtube = next(one for one in registry.counted_by() if one.counts.key == "Youtube")

    assert used_counting(live(rapidapi_key="k"), youtube) is None
    assert unconfigured(live(rapidapi_key="k"))["YouTube counts"] == "YOUTUBE_API_KEY is not set"
    for settings in (live(youtube_api_key="k"), Settings(environment="testing")):
        assert used_counting(settings, youtube) is youtube.countings[0]


def test_without_a_key_what_a_list_shows_is_counted_where_one_of_its_sources_shows_it() -> None:
    spotify = next(one for one in registry.counted_by() if one.counts.key == "Spotify")
    gateway, listed = spotify.countings

    assert used_counting(live(), spotify) is None
    assert unconfigured(live())["Spotify counts"] == "RAPIDAPI_KEY is not set"
    for paged in (live(live_pages=True), live(spotify_sources="page")):
        assert used_counting(paged, spotify) is listed
        assert unconfigured(paged)["Spotify counts beyond its own list"] == "RAPIDAPI_KEY is not set"
    assert used_counting(live(live_pages=True, rapidapi_key="k"), spotify) is gateway


def test_the_pipeline_runs_with_the_services_that_are_configured(soundcloud: Installed, two_services: Path) -> None:
    settings = live(catalog_file=two_services)

    assert settings.missing_for(Component.PIPELINE) == []
    assert services(configured(settings, load_catalog(two_services))) == ["SoundCloud"]
    assert services(configured(live(rapidapi_key="k"), load_catalog(two_services))) == ["AppleMusic", "SoundCloud"]


def test_a_catalogue_none_of_whose_services_is_configured_is_refused_with_what_would_configure_one(
    two_services: Path,
) -> None:
    settings = live(catalog_file=two_services)

    with pytest.raises(SettingsError, match=r"RAPIDAPI_KEY: is required to read live data; get a key at rapidapi\.com"):
        settings.require_pipeline()


def services(catalog: Catalog) -> list[str]:
    return [service for genre in catalog.genres.values() for service in genre.services]
