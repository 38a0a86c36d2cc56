"""What is taken out of a public page: one script, and of its values those that a format names."""

import pytest

from tunemeld_pipeline.wire_formats.pages import cut, script_of
from tunemeld_pipeline.wire_formats.reading import Format, Irregular, Value, list_of, names
from tunemeld_pipeline.wire_formats.received import text_of

PAGE = Format(
    name="a page",
    needed={"rows": Value("list.items", list_of, "rows")},
    optional={"owner": Value("list.owner.name", text_of)},
)
ROW = Format(
    name="a row",
    needed={"title": Value(("title", "other.title"), text_of, "title")},
    optional={"artists": Value("artists", names("profile.name"), parts=("profile.name",))},
    kinds=("kind",),
)


def test_the_script_with_the_id_is_read() -> None:
    page = '<html><script>{"a": 1}</script><script id="other">no</script><SCRIPT type="x" id=data>{"b": "<i>"}</SCRIPT></html>'
    assert script_of(page, "data") == '{"b": "<i>"}'


@pytest.mark.parametrize(
    "page", ["", "no page", '<script id="data">{"b": 1', '<div id="data">x</div>', '<script id="dat">x</script>']
)
def test_a_page_without_the_whole_script_is_refused(page: str) -> None:
    with pytest.raises(Irregular, match="no whole script data"):
        script_of(page, "data")


def test_only_what_the_formats_name_is_kept() -> None:
    row = {
        "title": "Alder",
        "other": {"title": "Birch", "token": "secret"},
        "artists": [{"profile": {"name": "An Act", "token": "secret"}, "token": "secret"}, "An Act"],
        "kind": "song",
        "token": "secret",
    }
    body = {"token": "secret", "list": {"items": [row, None, "odd"], "owner": {"name": "editors", "token": "secret"}}}
    assert cut(PAGE, "rows", ROW, body) == {
        "list": {
            "items": [
                {
                    "title": "Alder",
                    "other": {"title": "Birch"},
                    "artists": [{"profile": {"name": "An Act"}}, None],
                    "kind": "song",
                },
                None,
                None,
            ],
            "owner": {"name": "editors"},
        }
    }


def test_what_is_of_another_kind_than_expected_is_not_kept() -> None:
    body = {
        "list": {"items": [{"title": {"token": "secret"}, "artists": "secret", "kind": ["a", {"token": "secret"}]}]}
    }
    assert cut(PAGE, "rows", ROW, body) == {"list": {"items": [{"title": None, "artists": None, "kind": ["a", None]}]}}
