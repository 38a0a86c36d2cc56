"""Any log line is valid JSON, on one line and without secrets."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunemeld_pipeline.logs.lines import LONGEST_LINE, json_line, text_renderer, timestamp


class Unprintable:
    """Raises on every access."""

    def __repr__(self) -> str:
        raise RuntimeError("no")


class Uncountable(dict[str, Any]):
    """A mapping that cannot be gone through."""

    def items(self) -> Any:
        raise RuntimeError("no")


def circle() -> dict[str, Any]:
    found: dict[str, Any] = {}
    found["itself"] = found
    return found


def nested(levels: int) -> list[Any]:
    found: list[Any] = []
    for _ in range(levels):
        found = [found]
    return found


def read(event: dict[str, Any]) -> dict[str, Any]:
    """What a strict reader gets from the line."""
    line = json_line(event)
    assert len(line.encode().splitlines()) == 1
    assert len(line.splitlines()) == 1

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is no JSON")

    found = json.loads(line, parse_constant=refuse)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (b"caf\xe9 \x00", "caf\\xe9 \x00"),
        (float("nan"), "nan"),
        (float("-inf"), "-inf"),
        ("half a \ud83d character", "half a \\ud83d character"),
        ("two\nlines\u2028three\x85", "two\nlines\u2028three\x85"),
        (Unprintable(), "<Unprintable, which cannot be described>"),
        (ValueError("why"), "why"),
        ({("a", 1): 2}, {"('a', 1)": 2}),
        ([{1}, float("nan")], [[1], "nan"]),
        (Uncountable(a=1), "<Uncountable, which cannot be described>"),
        ([10**5000], ["<int, which cannot be described>"]),
        ("日本語", "日本語"),
    ],
)
def test_any_value_in_a_line_gives_valid_json(value: object, shown: object) -> None:
    assert read({"event": "x", "value": value})["value"] == shown


def test_circles_depth_and_length_are_cut() -> None:
    assert "members" in json.dumps(read({"event": "x", "value": circle()}))
    for levels in (200, 5_000):
        assert "members" in json.dumps(read({"event": "x", "value": nested(levels)}))
    assert read({"event": "x", "value": nested(50), "more": [[]] * 200})["value"] == nested(50)
    found = read({"event": "x" * 10**6, "value": list(range(10**6)), "more": {str(n): n for n in range(10**5)}})
    assert len(json.dumps(found)) < 2 * LONGEST_LINE
    assert "characters more" in found["event"]


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.builds(Unprintable),
    lambda inner: st.lists(inner) | st.dictionaries(st.text() | st.integers() | st.binary(), inner) | st.tuples(inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text(), anything))
def test_no_event_breaks_a_line(event: dict[str, Any]) -> None:
    read(event)


def test_what_stands_under_a_sensitive_name_is_hidden_at_any_depth() -> None:
    headers = {"X-RapidAPI-Key": 12345, "Accept": "x"}
    found = read({"event": "x", "password": ["abc"], "request": {"headers": headers}})
    assert (found["password"], found["request"]["headers"]) == (
        "[redacted]",
        {"X-RapidAPI-Key": "[redacted]", "Accept": "x"},
    )
    assert headers["X-RapidAPI-Key"] == 12345


def test_text_for_people_cannot_forge_a_line_or_speak_to_the_terminal() -> None:
    shown = text_renderer(colors=False)(None, "info", {"event": "a\nb \x1b[2J", "level": "info", "path": "/\r\x07"})
    assert shown.splitlines() == [shown]
    assert "\x1b" not in shown
    assert "\x07" not in shown
    assert "a\\nb" in shown


def test_times_are_utc_and_sort_as_text() -> None:
    assert timestamp(0) == "1970-01-01T00:00:00.000Z"
    assert timestamp(1.9996) == "1970-01-01T00:00:01.999Z"
