"""The values of a body: the way to each, those that are alike, and the body with one of them changed."""

from tunemeld_pipeline.service_kit.values import by_kind, entries_around, kind_of, replaced, ways, written

PAGES = [{"items": [{"id": 1, "tags": ["a"]}, {"id": 2, "tags": []}], "total": 2}]


def test_a_way_leads_to_every_value() -> None:
    assert [written(way) for way in ways(PAGES) if len(way) > 1] == [
        "items", "items[0]", "items[0].id", "items[0].tags", "items[0].tags[0]", "items[1]", "items[1].id", "items[1].tags", "total",
    ]  # fmt: skip


def test_values_of_alike_entries_are_of_one_kind() -> None:
    alike = by_kind(PAGES)[kind_of(PAGES, (0, "items", 0, "id"))]
    assert alike == [(0, "items", 0, "id"), (0, "items", 1, "id")]


def test_entries_that_say_what_they_are_are_of_several_kinds() -> None:
    pages = [{"included": [{"type": "tracks", "id": "1"}, {"type": "artists", "id": "1"}]}]
    assert kind_of(pages, (0, "included", 0, "id")) != kind_of(pages, (0, "included", 1, "id"))


def test_rows_under_numbers_are_entries_too() -> None:
    pages = [{"details": {"0": {"name": "a"}, "1": {"name": "b"}, "count": 2}}]
    assert kind_of(pages, (0, "details", "0", "name")) == kind_of(pages, (0, "details", "1", "name"))
    assert entries_around((0, "details", "0", "name")) == [(0, "details", "0")]


def test_a_changed_body_leaves_the_one_before_as_it_was() -> None:
    changed = replaced(PAGES, (0, "items", 1, "id"), None)
    assert changed[0]["items"][1]["id"] is None
    assert PAGES[0]["items"][1]["id"] == 2  # type: ignore[index]
    assert changed[0]["items"][0] is PAGES[0]["items"][0]  # type: ignore[index]
