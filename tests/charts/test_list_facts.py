"""What is known of a list whose pages each say a part of it."""

from datetime import UTC, datetime

from tunemeld_pipeline.charts.list_facts import facts_of

EARLIER, LATER = datetime(2026, 3, 1, tzinfo=UTC), datetime(2026, 3, 2, tzinfo=UTC)
NOTHING = {
    "rows_total": None,
    "name": None,
    "description": None,
    "cover_url": None,
    "editorial": None,
    "country": None,
    "edited_at": None,
}


def test_one_page_says_all() -> None:
    page = {
        "rows_total": 60,
        "name": "Fresh Currents",
        "description": "What is new.",
        "cover_url": "https://example.org/cover",
        "editorial": True,
        "country": "US",
        "edited_at": EARLIER,
    }
    assert facts_of([page]) == page


def test_of_names_pictures_and_markets_what_is_said_first_counts() -> None:
    first = {"name": "Fresh Currents", "country": "US"}
    second = {"name": "More", "description": "Second.", "cover_url": "https://example.org/2", "country": "DE"}
    assert facts_of([first, second]) == {
        **NOTHING,
        "name": "Fresh Currents",
        "description": "Second.",
        "cover_url": "https://example.org/2",
        "country": "US",
    }


def test_the_rows_of_all_playlists_are_added_and_the_newest_date_counts() -> None:
    pages = [{"rows_total": 60, "edited_at": LATER}, {"rows_total": None}, {"rows_total": 40, "edited_at": EARLIER}]
    assert facts_of(pages) == {**NOTHING, "rows_total": 100, "edited_at": LATER}


def test_it_is_the_editors_only_where_no_page_names_another_owner() -> None:
    assert facts_of([{"editorial": True}, {"editorial": None}, {"editorial": True}])["editorial"] is True
    assert facts_of([{"editorial": True}, {"editorial": False}])["editorial"] is False
    assert facts_of([{"editorial": False}])["editorial"] is False


def test_nothing_is_known_where_nothing_is_said() -> None:
    assert facts_of([]) == NOTHING
    assert facts_of([{}, {"rows_total": 0}]) == NOTHING
