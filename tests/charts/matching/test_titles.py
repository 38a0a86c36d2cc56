"""Titles taken apart."""

import pytest

from tunemeld_pipeline.charts.matching.titles import ParsedTitle, parse_title, readings
from tunemeld_pipeline.charts.matching.versions import Version, VersionKind


def credits_of(parsed: ParsedTitle) -> list[str]:
    return [name.folded for name in parsed.credits]


def test_a_title_falls_into_base_version_and_guests() -> None:
    parsed = parse_title("Glass Rivers (feat. Ona Vale) [Kestrel Remix]", "Marrow")
    assert parsed.base == "Glass Rivers"
    assert parsed.versions == {Version(VersionKind.REMIX, "kestrel")}
    assert credits_of(parsed) == ["marrow", "ona vale"]


@pytest.mark.parametrize(
    "title",
    [
        "Glass Rivers (feat. Ona Vale)",
        "Glass Rivers [ft. Ona Vale]",
        "Glass Rivers featuring Ona Vale",
        "Glass Rivers - feat. Ona Vale",
        "Glass Rivers (with Ona Vale)",
        "Glass Rivers (Official Video) ft. Ona Vale",
        "Marrow feat. Ona Vale - Glass Rivers",
        "Marrow - Glass Rivers (feat. Ona Vale",
    ],
)
def test_guests_are_found_wherever_they_stand(title: str) -> None:
    parsed = parse_title(title, "Marrow")
    assert parsed.key == "glass rivers"
    assert credits_of(parsed) == ["marrow", "ona vale"]


@pytest.mark.parametrize(
    "title",
    ["A Feat of Weather", "What Is Left of Rain", "Ten ft Under", "Dance With A Lantern", "Live Forever", "Remix"],
)
def test_ordinary_titles_stay_whole(title: str) -> None:
    assert parse_title(title, "Marrow").base == title


@pytest.mark.parametrize(
    "title",
    [
        "Marrow - Glass Rivers",
        "Glass Rivers - Marrow",
        "MARROW – Glass Rivers",
        "Marrow | Glass Rivers",
        "Marrow— Glass Rivers",
    ],
)
def test_artist_and_title_are_told_apart(title: str) -> None:
    assert parse_title(title, "Marrow", "Tidal Dock").key == "glass rivers"


def test_an_uploader_who_is_a_label_leaves_the_artist_to_the_title() -> None:
    parsed = parse_title("Marrow - Glass Rivers", "Tidal Dock", "Tidal Dock")
    assert parsed.key == "glass rivers"
    assert "marrow" in credits_of(parsed)


def test_a_dash_between_unknown_parts_is_read_in_every_way() -> None:
    read = readings("Rain - Shine", "Marrow", None)
    assert [reading.key for reading in read] == ["rain", "shine", "rain"]
    assert [[name.folded for name in reading.moved] for reading in read] == [[], ["rain"], ["shine"]]
    assert read[0].whole == "rainshine"


@pytest.mark.parametrize(
    "announcement",
    [
        "PREMIERE: ",
        "Premiere - ",
        "[PREMIERE] ",
        "Exclusive: ",
        "PREMIERE | ",
        "Première: ",
        "Tidal Dock Premiere: ",
        "FREE DL // ",
    ],
)
def test_an_announcement_is_taken_off(announcement: str) -> None:
    parsed = parse_title(f"{announcement}Marrow - Glass Rivers", "Marrow", "Tidal Dock")
    assert (parsed.key, credits_of(parsed)) == ("glass rivers", ["marrow"])


def test_a_song_can_be_called_like_an_announcement() -> None:
    assert parse_title("Exclusive - Live", "Marrow").key == "exclusive"
    assert parse_title("Premiere", "Marrow").key == "premiere"


@pytest.mark.parametrize("artist", ["Tam", "Tam & Odile", "Tidal Dock"])
def test_a_repeated_artist_is_taken_off(artist: str) -> None:
    read = readings("Tam & Odile - Tam, Odile - Undertow", artist, artist)
    assert read[0].key == "undertow"
    assert {"tam", "odile"} <= set(credits_of(read[0]))


def test_a_number_can_be_the_title() -> None:
    assert parse_title("Tam & Odile - ten", "Tam", "Tam").key == "10"


def test_a_song_named_like_its_artist_is_not_taken_for_the_artist() -> None:
    assert parse_title("Marrow - Live", "Marrow").key == "marrow"


def test_a_subtitle_is_kept_apart() -> None:
    assert parse_title("Glass Rivers (Lantern)", "Marrow").subtitles == ("lantern",)


def test_a_bracket_that_opens_a_title_is_part_of_it() -> None:
    assert parse_title("(Over) Water", "Marrow").key == "over water"
    assert parse_title("(Interlude)", "Marrow").key == "interlude"


def test_a_performer_can_be_a_version() -> None:
    assert Version(VersionKind.KARAOKE) in parse_title("Glass Rivers", "Sing Shed Karaoke").versions


@pytest.mark.parametrize("title", ["", " - ", "()", "((((", "feat.", "feat. Ona Vale", "\x00", "﷽" * 10])
def test_no_title_is_too_odd(title: str) -> None:
    assert parse_title(title, "", "").base is not None


def test_notes_in_a_bracket_in_a_bracket_are_taken_apart_however_deep() -> None:
    found = parse_title("Glass Rivers (Marrow Remix [Live (at the Pier)])", "Ona Vale")

    assert {version.kind for version in found.versions} >= {VersionKind.REMIX, VersionKind.LIVE}
    assert parse_title("Glass Rivers (tipsy " + "(slow " * 3_000, "Ona Vale").base == "Glass Rivers"


@pytest.mark.parametrize(
    ("title", "base", "artists"),
    [
        ("Marrow: Tin Rivers", "Tin Rivers", ["marrow"]),
        ("Tin Rivers by Marrow", "Tin Rivers", ["marrow"]),
        ("Tin Rivers w/ Odile", "Tin Rivers", ["odile"]),
        ("Marrow 'Tin Rivers' MV", "Tin Rivers", ["marrow"]),
        ('Marrow "Tin Rivers" (Official Video)', "Tin Rivers", ["marrow"]),
        ("Marrow “Tin Rivers”", "Tin Rivers", ["marrow"]),
    ],
)
def test_a_title_can_name_its_artist_without_a_dash(title: str, base: str, artists: list[str]) -> None:
    found = readings(title, "Tidal Dock")
    assert found[0].moved == ()
    assert [([name.folded for name in one.moved], one.base) for one in found[1:]] == [(artists, base)]


@pytest.mark.parametrize(
    ("title", "base", "place"),
    [
        ("03. Tin Rivers", "Tin Rivers", "03"),
        ("07 - Tin Rivers", "Tin Rivers", "07"),
        ("12) Tin Rivers", "Tin Rivers", "12"),
        ("A1 Tin Rivers", "Tin Rivers", "a1"),
        ("[GLH001] Tin Rivers", "Tin Rivers", "glh001"),
        ("GLH014 | Tin Rivers", "Tin Rivers", "glh014"),
    ],
)
def test_a_place_in_front_of_a_title_can_be_left_out(title: str, base: str, place: str) -> None:
    assert [(one.base, one.place) for one in readings(title, "Marrow")][-1] == (base, place)


@pytest.mark.parametrize(
    "title", ["24 Rivers", "7 Rivers", "22 - Live", "A1", "Area 51", "GLH Rivers", "Remixed by Odile"]
)
def test_other_numbers_belong_to_the_title(title: str) -> None:
    assert {one.place for one in readings(title, "Marrow")} == {""}


@pytest.mark.parametrize("title", ["Tin Rivers Remix by Odile", "Stand by Odile", "Covered by Odile"])
def test_by_is_no_artists_before_what_was_done(title: str) -> None:
    assert all(one.moved == () for one in readings(title, "Marrow"))


def test_a_phrase_in_front_of_a_title_is_also_a_subtitle() -> None:
    first, second = readings("(I Can't Get) Tin Rivers", "Marrow")
    assert (first.key, second.key, second.subtitles) == ("i cant get tin rivers", "tin rivers", ("i cant get",))
    assert len(readings("(Copper) Tin Rivers", "Marrow")) == 1
