"""The checks of a service's declaration and files find what is wrong with them."""

from dataclasses import replace
from pathlib import Path

import pytest

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.services import Colours
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.registry import Installed
from tunemeld_pipeline.service_kit import service_checks

SPOTIFY = "https://open.spotify.com/playlist/"


@pytest.fixture
def spotify() -> Installed:
    return registry.installed("Spotify")


def test_a_declaration_that_others_cannot_rely_on_is_found(spotify: Installed) -> None:
    wrong = replace(spotify.service, slug="Spot-ify", short="SPO", colours=Colours("green", "#4bd681"), weight=-1)
    (source, *_) = spotify.sources
    found = list(service_checks.wrongly_declared(replace(spotify, service=wrong, sources=(source,))))
    for word in ("slug", "short name", "'green'", "weight -1", "is not named Spot-ify."):
        assert any(word in sentence for sentence in found), word


def test_a_source_without_terms_or_hosts_is_found(spotify: Installed) -> None:
    bare = replace(spotify.sources[0], terms=None, hosts=())
    found = list(service_checks.wrongly_declared(replace(spotify, sources=(bare,))))
    assert [sentence for sentence in found if "terms" in sentence]
    assert [sentence for sentence in found if "declares no host" in sentence]


def test_a_source_without_a_body_is_found(spotify: Installed) -> None:
    other = replace(spotify.sources[0], name="spotify.other")
    (found,) = service_checks.without_a_body(replace(spotify, sources=(other,)))
    assert "spotify.other has no body" in found


def test_an_address_that_leads_nowhere_or_astray_is_found(spotify: Installed) -> None:
    whole = replace(
        spotify.service, playlist_id=lambda address: address, track_address=lambda identity: "https://x.example/"
    )
    found = list(service_checks.lost_addresses(replace(spotify, service=whole)))
    assert any(f"{SPOTIFY}37i9dQZF1DX0XUsuxWHRQd?si=x leads to" in sentence for sentence in found)
    assert any("which does not name it" in sentence for sentence in found)


def test_a_list_elsewhere_or_of_two_genres_is_found(spotify: Installed) -> None:
    one, other = Playlist(url=f"{SPOTIFY}1"), Playlist(url="https://open.spotify.example/playlist/1")
    found = list(service_checks.impossible_lists(replace(spotify, lists={"pop": (one,), "rap": (one, other)})))
    assert found == ["rap has the list of pop", f"rap: {other.url} is not on open.spotify.com"]
    assert list(service_checks.impossible_lists(replace(spotify, lists={}))) != []


@pytest.mark.parametrize(
    "picture", [None, "<p>", '<svg viewBox="0 0 1 1"><script>1</script></svg>', "<svg" + " " * 30_000]
)
def test_a_picture_that_is_none_or_does_something_is_found(
    spotify: Installed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, picture: str | None
) -> None:
    (tmp_path / "pictured").mkdir()
    (tmp_path / "pictured" / "__init__.py").write_text("", "utf-8")
    if picture is not None:
        (tmp_path / "pictured" / "icon.svg").write_text(picture, "utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "pictured", raising=False)
    assert list(service_checks.wrong_picture(replace(spotify, module="pictured"))) != []
