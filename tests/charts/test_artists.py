"""Artists: which names a credit has, which slugs they may get, and who is meant where several bear one name."""

from itertools import islice

import pytest

from tests.documents import MONDAY
from tunemeld_pipeline.charts.artists import MOST_ARTISTS, Credit, credits_in, meant_by, slugs_for
from tunemeld_pipeline.charts.recordings import Artist


def artist(slug: str, country: str | None = None) -> Artist:
    return Artist(
        insert_timestamp=MONDAY, run_id="r", upstream="sandbox", slug=slug, name="Flex", key="flex", country=country
    )


def test_a_credit_names_its_artists_in_order_and_each_once() -> None:
    credited = credits_in("Marrow, Ona Vale & Flex (UK) feat. MARROW")
    assert [(one.name, one.key, one.country) for one in credited] == [
        ("Marrow", "marrow", None),
        ("Ona Vale", "onavale", None),
        ("Flex (UK)", "flex", "uk"),
    ]
    assert len(credits_in(", ".join(f"Singer {number}" for number in range(100)))) == MOST_ARTISTS
    assert credits_in("") == []


@pytest.mark.parametrize(
    "name", ["The Lanterns", "Lanterns Official", "lanterns", "LANTERNS!", "Lántèrns", "LanternsVEVO"]
)
def test_spellings_of_a_name_have_one_key(name: str) -> None:
    assert [one.key for one in credits_in(name)] == ["lanterns"]


@pytest.mark.parametrize(
    ("name", "country", "slugs"),
    [
        ("Ona Vale", None, ["ona-vale", "ona-vale-2", "ona-vale-3"]),
        ("Flex (South Korea)", "south korea", ["flex", "flex-south-korea", "flex-2"]),
        ("Полночь", None, ["polnoch", "polnoch-2", "polnoch-3"]),
        ("Ó l'áfur", None, ["o-lafur", "o-lafur-2", "o-lafur-3"]),
    ],
)
def test_slugs_are_the_name_in_plain_letters_then_with_the_country_then_numbered(
    name: str, country: str | None, slugs: list[str]
) -> None:
    assert list(islice(slugs_for(Credit(name, "key", country)), 3)) == slugs


def test_a_name_without_letters_has_a_slug_of_its_own() -> None:
    first, second = (next(slugs_for(Credit(name, name))) for name in ("!!!", "???"))
    assert first.startswith("artist-")
    assert second.startswith("artist-")
    assert first != second


def test_who_is_meant_depends_on_the_countries_that_are_known() -> None:
    plain, uk, usa = artist("flex"), artist("flex-uk", "uk"), artist("flex-usa", "usa")
    assert meant_by(Credit("Flex", "flex"), [uk, plain]) == plain
    assert meant_by(Credit("Flex", "flex"), [uk, usa]) == uk
    assert meant_by(Credit("Flex", "flex", "usa"), [plain, uk, usa]) == usa
    assert meant_by(Credit("Flex", "flex", "usa"), [uk, plain]) == plain
    assert meant_by(Credit("Flex", "flex", "usa"), [uk]) is None
    assert meant_by(Credit("Flex", "flex"), []) is None
