"""What a note says of the version, and how two versions relate."""

import pytest

from tunemeld_pipeline.charts.matching.versions import Relation, Version, VersionKind, recognise, relate


def test_a_remix_is_known_by_its_remixer() -> None:
    assert recognise("Kestrel Remix") == frozenset({Version(VersionKind.REMIX, "kestrel")})


@pytest.mark.parametrize(
    ("note", "versions"),
    [
        ("Remix", {Version(VersionKind.REMIX)}),
        ("Remixed by Kestrel", {Version(VersionKind.REMIX, "kestrel")}),
        ("Kestrel Edit", {Version(VersionKind.REMIX, "kestrel ~edit"), Version(VersionKind.EDIT)}),
        ("Kestrel Extended Remix", {Version(VersionKind.REMIX, "kestrel"), Version(VersionKind.EXTENDED)}),
        ("Techno Mix", {Version(VersionKind.REMIX, "techno ~mix")}),
        ("Radio Edit", {Version(VersionKind.EDIT)}),
        ("7 Inch Version", {Version(VersionKind.EDIT)}),
        ("Extended Mix", {Version(VersionKind.EXTENDED)}),
        ("Live", {Version(VersionKind.LIVE)}),
        ("Live at the Pier, 2019", {Version(VersionKind.LIVE, "pier 2019")}),
        ("Acoustic", {Version(VersionKind.ACOUSTIC)}),
        ("Piano Version", {Version(VersionKind.ACOUSTIC, "piano")}),
        ("Sped Up", {Version(VersionKind.SPED_UP)}),
        ("slowed + reverb", {Version(VersionKind.SLOWED, "reverb")}),
        ("Instrumental", {Version(VersionKind.INSTRUMENTAL)}),
        ("Acapella", {Version(VersionKind.ACAPELLA)}),
        ("Karaoke Version", {Version(VersionKind.KARAOKE)}),
        ("In the Style of Marrow", {Version(VersionKind.KARAOKE)}),
        ("Marrow's Version", {Version(VersionKind.RERECORDING, "marrow")}),
        ("Re-Recorded", {Version(VersionKind.RERECORDING)}),
        ("Demo", {Version(VersionKind.DEMO)}),
        ("Kestrel VIP Mix", {Version(VersionKind.VIP)}),
        ("Mashup", {Version(VersionKind.MASHUP)}),
        ("Tam Cover", {Version(VersionKind.COVER)}),
        ("Pt. II", {Version(VersionKind.PART, "2")}),
        ("Part 2", {Version(VersionKind.PART, "2")}),
        ("Spanish Version", {Version(VersionKind.LANGUAGE, "spanish")}),
        ("Interlude", {Version(VersionKind.SECTION, "interlude")}),
        ("Moonlit Version", {Version(VersionKind.VARIANT, "moonlit")}),
    ],
)
def test_every_kind_of_version_is_recognised(note: str, versions: set[Version]) -> None:
    assert recognise(note) == frozenset(versions)


@pytest.mark.parametrize(
    "note",
    [
        "2011 Remaster",
        "Remastered 2024",
        "Explicit",
        "Clean",
        'From "The Long Quay"',
        "Bonus Track",
        "Deluxe Edition",
        "Original Mix",
        "Official Video",
        "Prod. by Odile",
    ],
)
def test_notes_that_leave_the_recording_what_it_is(note: str) -> None:
    assert recognise(note) == frozenset()


@pytest.mark.parametrize(
    "note",
    [
        "Live Your Life",
        "Live Forever",
        "I Like The",
        "Part of Me",
        "No I Won't",
        "Everybody",
        "Dub Be Good",
        "Pardon My French",
    ],
)
def test_words_of_a_title_are_not_versions(note: str) -> None:
    assert recognise(note) is None


def relation(a: str, b: str) -> Relation:
    return relate(recognise(a) or frozenset(), recognise(b) or frozenset())


def test_the_same_remix_by_two_remixers_in_any_order() -> None:
    assert relation("Kestrel & Tam Remix", "Tam x Kestrel Remix") is Relation.SAME


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("Kestrel Remix", ""),
        ("Kestrel Remix", "Odile Remix"),
        ("Live", "Acoustic"),
        ("Pt. 1", "Pt. 2"),
        ("Live at the Pier", "Live at the Mill"),
    ],
)
def test_two_versions_conflict(a: str, b: str) -> None:
    assert relation(a, b) is Relation.CONFLICT


def test_a_remix_without_a_name_may_be_the_named_one() -> None:
    assert relation("Remix", "Kestrel Remix") is Relation.UNNAMED
    assert (
        relate(recognise("Remix") or frozenset(), recognise("Kestrel Remix") or frozenset(), artists=["kestrel"])
        is Relation.SAME
    )


def test_an_edit_is_a_matter_of_length() -> None:
    assert relation("Radio Edit", "") is Relation.LENGTH
    assert relation("Extended Mix", "") is Relation.EXTENDED


def remix(by: str) -> frozenset[Version]:
    return frozenset({Version(VersionKind.REMIX, by)})


@pytest.mark.parametrize(
    ("a", "b", "artists", "relation"),
    [
        ("odile", "odile ~edit", (), Relation.REWORDED),
        ("odile ~flip", "odile ~edit", (), Relation.REWORDED),
        ("odile ~edit", "odile ~edit", (), Relation.SAME),
        ("odile", "odile tam", (), Relation.REWORDED),
        ("odile", "odile tam", ("tam",), Relation.SAME),
        ("odile", "dj odile", (), Relation.SAME),
        ("odile", "odile #dub", (), Relation.CONFLICT),
        ("odile", "tam", (), Relation.CONFLICT),
        ("odile", "", (), Relation.UNNAMED),
        ("odile", "", ("odile",), Relation.SAME),
    ],
)
def test_a_remix_in_other_words_may_be_another(a: str, b: str, artists: tuple[str, ...], relation: Relation) -> None:
    assert relate(remix(a), remix(b), artists=artists) is relate(remix(b), remix(a), artists=artists) is relation


@pytest.mark.parametrize(
    ("kind", "a", "b", "relation"),
    [
        (VersionKind.SPED_UP, "", "nightcore", Relation.REWORDED),
        (VersionKind.SLOWED, "reverb", "super reverb", Relation.REWORDED),
        (VersionKind.ACOUSTIC, "piano", "guitar", Relation.CONFLICT),
        (VersionKind.LIVE, "pier", "pier leeds", Relation.SAME),
    ],
)
def test_a_treatment_in_other_words_may_be_another(kind: VersionKind, a: str, b: str, relation: Relation) -> None:
    one, other = frozenset({Version(kind, a)}), frozenset({Version(kind, b)})
    assert relate(one, other) is relate(other, one) is relation


def test_a_versions_names_are_without_marks() -> None:
    assert Version(VersionKind.REMIX, "odile tam ~edit #2").names == "odile tam"


@pytest.mark.parametrize(
    "note",
    [
        "GLH014",
        "GLH-1234",
        "GLH 014",
        "Glasshaus Records",
        "Tidal Dock Recordings",
        "Video Oficial",
        "Out Friday",
        "Re-Mastered",
        "Title Track",
        "Opening Theme",
        "Eurovision 2024",
        "Debut Single",
        "Full Audio",
        "Color Coded Lyrics (Eng)",
        "Letra",
    ],
)
def test_who_released_it_and_when_changes_nothing(note: str) -> None:
    assert recognise(note) == frozenset()


@pytest.mark.parametrize(
    "note", ["Live 2019", "LIVE-2019", "Area 51", "GLH 14", "Home Recordings", "Records", "BPM 128"]
)
def test_what_is_only_like_a_catalogue_number_or_a_label_is_none(note: str) -> None:
    assert recognise(note) != frozenset()
