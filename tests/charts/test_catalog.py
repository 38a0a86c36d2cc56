"""The genres and their playlists: what is packaged, what an operator may write, and what is refused."""

from pathlib import Path

import pytest

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG, Genre, Playlist, read_catalog
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.errors import CatalogError
from tunemeld_pipeline.plugins.registry import explained, in_order, keys, load_catalog, name_of, service

SYNTH = """
[genres.synth]
display_name = "Synth"
Spotify = "https://open.spotify.com/playlist/37i9dQZF1DXsynthsynths"
AppleMusic = { url = "https://music.apple.com/us/playlist/synth/pl.0123", name = "Synth List" }
SoundCloud = "https://soundcloud.com/synth/sets/weekly"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "catalog.toml"
    path.write_text(text, "utf-8")
    return path


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(CatalogError) as caught:
        load_catalog(written(folder, text))
    return str(caught.value)


def test_the_packaged_catalogue_has_four_genres_with_a_playlist_of_each_service() -> None:
    catalog = load_catalog()

    assert list(catalog.genres) == ["country", "dance", "pop", "rap"]
    assert catalog.genre("dance").display_name == "Dance"
    assert last_part(catalog.genre("dance").playlist("Spotify").url) == "37i9dQZF1DX4dyzvuaRJ0n"
    for genre in catalog.genres.values():
        for key in keys():
            assert f"//{service(key).hosts[0]}/" in genre.playlist(key).url


def test_an_operators_own_file_takes_its_place_as_a_whole(tmp_path: Path) -> None:
    catalog = load_catalog(written(tmp_path, SYNTH))

    assert list(catalog.genres) == ["synth"]
    assert catalog.genre("synth").playlist("AppleMusic").name == "Synth List"
    assert catalog.genre("synth").playlist("SoundCloud").name is None


def test_an_unknown_genre_is_refused_with_the_known_ones() -> None:
    with pytest.raises(CatalogError, match="unknown genre 'polka'; the catalogue knows country, dance, pop, rap"):
        load_catalog().genre("polka")


def test_a_spotify_id_is_read_with_a_slash_or_a_query_behind_it(tmp_path: Path) -> None:
    text = SYNTH.replace("synthsynths", "synthsynths/?si=abc")

    assert (
        load_catalog(written(tmp_path, text))
        .genre("synth")
        .playlist("Spotify")
        .url.partition("?")[0]
        .rstrip("/")
        .rpartition("/")[2]
        == "37i9dQZF1DXsynthsynths"
    )


def test_every_problem_is_reported_at_once(tmp_path: Path) -> None:
    text = SYNTH.replace("open.spotify.com", "spotify.example.org").replace("https://soundcloud", "http://soundcloud")

    message = refusal(tmp_path, text)

    assert "genres.synth.Spotify: 'https://spotify.example.org/" in message
    assert "genres.synth.SoundCloud: 'http://soundcloud.com/" in message


def test_one_playlist_for_two_genres_is_refused(tmp_path: Path) -> None:
    message = refusal(tmp_path, SYNTH + SYNTH.replace("[genres.synth]", "[genres.wave]"))

    assert "genres.wave.Spotify: the same playlist as genres.synth.Spotify" in message


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", r"has no \[genres\.…\] table"),
        ("genres = 3", r"has no \[genres\.…\] table"),
        ("[genres]", "genres"),
        ("[genres]\nsynth = 3", "genres.synth"),
        ("[genres.synth]", "display_name"),
        (SYNTH.replace("[genres.synth]", "[genres.'Synth Pop']"), "key"),
        (SYNTH + "mood = 'dark'\n", "mood"),
        (SYNTH.replace("Spotify =", "Tidal ="), "Spotify"),
        ("[genres", "not TOML"),
    ],
)
def test_a_catalogue_that_cannot_be_meant_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    with pytest.raises(CatalogError, match=complaint):
        load_catalog(written(tmp_path, text))


def test_a_file_that_is_not_there_is_refused_with_the_setting_to_change(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="set TUNEMELD_CATALOG to a readable file"):
        load_catalog(tmp_path / "absent.toml")


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(CatalogError, match="not TOML"):
        load_catalog(tmp_path / "catalog.toml")


@pytest.mark.parametrize(
    ("key", "fits"), [("s", True), ("s" * 32, True), ("s" * 33, False), ("9s", False), ("s9_-", True), ("S", False)]
)
def test_a_genres_key_has_up_to_32_letters_and_begins_with_one(tmp_path: Path, key: str, fits: bool) -> None:
    text = SYNTH.replace("[genres.synth]", f"[genres.{key}]")

    if fits:
        assert list(load_catalog(written(tmp_path, text)).genres) == [key]
    else:
        assert f"genres.{key}.key" in refusal(tmp_path, text)


@pytest.mark.parametrize(("name", "fits"), [("", False), ("S", True)])
def test_a_genres_name_has_a_letter_at_least(tmp_path: Path, name: str, fits: bool) -> None:
    text = SYNTH.replace('"Synth"', f'"{name}"')

    if fits:
        assert load_catalog(written(tmp_path, text)).genre("synth").display_name == name
    else:
        assert "genres.synth.display_name" in refusal(tmp_path, text)


@pytest.mark.parametrize(("path", "fits"), [("", False), ("/", False), ("/s", True)])
def test_a_playlists_address_has_a_path(tmp_path: Path, path: str, fits: bool) -> None:
    text = SYNTH.replace("/synth/sets/weekly", path)

    if fits:
        assert load_catalog(written(tmp_path, text)).genre("synth").playlist("SoundCloud").url.endswith(path)
    else:
        assert "genres.synth.SoundCloud" in refusal(tmp_path, text)


@pytest.mark.parametrize(
    ("key", "name"),
    [
        ("AppleMusic", "Apple Music"),
        ("Youtube", "YouTube"),
        ("Spotify", "Spotify"),
        ("AppleMusic playlist", "Apple Music playlist"),
        ("Youtube counts", "YouTube counts"),
        ("ISRC look-ups", "ISRC look-ups"),
        ("rolled back to 2026-03-02", "rolled back to 2026-03-02"),
    ],
)
def test_people_read_a_name_where_the_data_have_a_key(key: str, name: str) -> None:
    assert name_of(key) == name


def test_a_reason_does_not_repeat_the_name_that_it_stands_beside() -> None:
    assert explained("AppleMusic playlist", "Apple Music: answered 500") == "Apple Music playlist: answered 500"
    assert explained("ISRC look-ups", "Spotify: answered 500") == "ISRC look-ups: Spotify: answered 500"


@pytest.mark.parametrize(
    ("key", "family", "market"),
    [("rap", "rap", None), ("lo-fi", "lo-fi", None), ("rap--us", "rap", "US"), ("lo-fi--br", "lo-fi", "BR")],
)
def test_a_key_may_name_a_market(key: str, family: str, market: str | None) -> None:
    genre = Genre(key=key, display_name="A", playlists={})
    assert (genre.family, genre.market) == (family, market)


@pytest.mark.parametrize("key", ["rap--usa", "rap--u1", "rap--", "rap--us--gb", "rap---us"])
def test_a_key_with_two_hyphens_and_no_market_is_refused(tmp_path: Path, key: str) -> None:
    file = tmp_path / "catalog.toml"
    file.write_text(f'[genres.{key}]\ndisplay_name = "A"\nSpotify = "https://open.spotify.com/playlist/1"')
    with pytest.raises(CatalogError, match=r"after -- a key names a market by the two letters of ISO 3166-1"):
        load_catalog(file)


def test_an_unknown_genres_next_command_shows_the_known_ones() -> None:
    with pytest.raises(CatalogError) as refused:
        load_catalog().genre("polka")
    assert refused.value.next_command == "tunemeld status"


def test_a_reason_that_begins_with_another_name_keeps_it() -> None:
    assert (
        explained("SoundCloud playlist counts", "Apple Music: down") == "SoundCloud playlist counts: Apple Music: down"
    )
    assert explained("AppleMusic daily playlist", "Apple Music: down") == "Apple Music daily playlist: down"


KNOWN = [service("Spotify"), service("Deezer")]
LIST = "https://open.spotify.com/playlist/37i9dQZF1DXsynthsynths"


def problems(folder: Path, text: str, **more: dict[str, str]) -> str:
    """What is wrong with a catalogue where Spotify and Deezer are installed, without the file's name."""
    with pytest.raises(CatalogError) as refused:
        read_catalog(written(folder, text), KNOWN, **more)
    return str(refused.value).removeprefix(f"{folder / 'catalog.toml'}: ")


def test_each_problem_is_named_with_its_place_and_what_there_is(tmp_path: Path) -> None:
    table = '[genres.synth]\ndisplay_name = "Synth"\n'
    unknown = "no such service is installed; there are Spotify, Deezer"

    assert problems(tmp_path, f'{table}Tidal = "https://tidal.example/1"\nNapster = "x"') == (
        f"genres.synth.Tidal: {unknown}; genres.synth.Napster: {unknown}"
    )
    assert problems(tmp_path, table) == (
        "genres.synth: names no service; there are Spotify, Deezer, and none has a list of its own for it"
    )
    assert problems(tmp_path, f'{table}Spotify = "https://deezer.com/x"') == (
        "genres.synth.Spotify: 'https://deezer.com/x' is not an address on https://open.spotify.com/"
    )
    assert problems(tmp_path, f'{table}Deezer = "https://["').startswith(
        "genres.synth.Deezer: 'https://[' is not an address on https://www.deezer.com/"
    )
    assert problems(tmp_path, f'{table}Spotify = ["{LIST}", "{LIST}"]') == (
        "genres.synth.Spotify: the same playlist as genres.synth.Spotify"
    )
    assert problems(tmp_path, f"{table}Spotify = []") == (
        "genres.synth.Spotify: Tuple should have at least 1 item after validation, not 0"
    )
    # Two at once: one of the services and one of the shape.
    assert problems(tmp_path, f'[genres.synth]\nTidal = "{LIST}"') == (
        f"genres.synth.Tidal: {unknown}; genres.synth.display_name: Field required"
    )
    assert problems(tmp_path, f'[genres.synth]\ndisplay_name = "S"\nSpotify = "{LIST}"\n[genres]\nwave = 3'.replace(
        "[genres]\nwave = 3", "[genres.wave]\ndisplay_name = 'W'"
    )).startswith("genres.wave: names no service; there are")  # fmt: skip


def test_a_service_that_cannot_be_loaded_is_left_out_where_another_is_named(tmp_path: Path) -> None:
    table = '[genres.synth]\ndisplay_name = "Synth"\nTidal = "https://tidal.example/1"\n'
    left_out = {"Tidal": "Tidal: broken", "Qobuz": "Qobuz: broken too"}

    both = read_catalog(written(tmp_path, f'{table}Spotify = "{LIST}"'), KNOWN, left_out=left_out)
    assert both.genre("synth").services == ("Spotify",)
    assert both.services() == {"Spotify"}
    assert problems(tmp_path, table, left_out=left_out) == (
        "genres.synth: names no service that can be used: Tidal: broken"
    )
    assert problems(tmp_path, f"{table}Qobuz = 'x'", left_out=left_out) == (
        "genres.synth: names no service that can be used: Tidal: broken; Qobuz: broken too"
    )


def test_a_genre_that_names_no_service_gets_the_services_own_lists_in_their_order(tmp_path: Path) -> None:
    own = {
        "Deezer": {"synth": (Playlist(url="https://www.deezer.com/playlist/1"),)},
        "Spotify": {"synth": (Playlist(url=LIST),), "wave": ()},
    }
    source = written(tmp_path, '[genres.synth]\ndisplay_name = "Synth"')

    assert read_catalog(source, KNOWN, own).genre("synth").services == ("Spotify", "Deezer")
    assert read_catalog(source, KNOWN, {"Deezer": own["Deezer"]}).genre("synth").services == ("Deezer",)


def test_services_are_in_their_order_and_not_in_the_files(tmp_path: Path) -> None:
    text = f'[genres.synth]\nDeezer = "https://www.deezer.com/playlist/1"\nSpotify = "{LIST}"\ndisplay_name = "S"'
    genre = read_catalog(written(tmp_path, text), KNOWN).genre("synth")

    assert genre.services == ("Spotify", "Deezer") == tuple(in_order(genre.services))
    assert genre.playlists["Spotify"] == (Playlist(url=LIST),)
    assert genre.playlist("Spotify").name is None


def test_a_file_that_cannot_be_used_says_why_and_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CatalogError) as absent:
        read_catalog(tmp_path / "absent.toml", KNOWN)
    assert str(absent.value) == (
        f"{tmp_path / 'absent.toml'}: cannot be read (No such file or directory); set TUNEMELD_CATALOG to a readable file"
    )
    assert problems(tmp_path, "genres = 3") == f"has no [genres.…] table; copy one from {PACKAGED_CATALOG}"
    assert problems(tmp_path, "[genres").startswith("not TOML, mend it: ")


def test_a_genre_that_is_nearly_right_is_suggested_and_another_is_not() -> None:
    for asked, end in (("danse", "; did you mean dance?"), ("polka", "; choose one of them")):
        with pytest.raises(CatalogError) as refused:
            load_catalog().genre(asked)
        assert str(refused.value) == f"unknown genre {asked!r}; the catalogue knows country, dance, pop, rap{end}"
