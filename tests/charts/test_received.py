"""Single values of received bodies: what is kept, what is left out, what is refused."""

import json
from typing import Any

import pytest

from tunemeld_pipeline.charts.received import (
    MAX_TEXT,
    MAX_VALUES,
    TooManyValues,
    count,
    count_from_text,
    id_of,
    loads,
    optional_text,
    text_of,
    web_address,
)


def test_it_works() -> None:
    assert (text_of("Glass Rivers"), id_of("6rqhFg"), id_of(1_676_685_261)) == ("Glass Rivers", "6rqhFg", "1676685261")
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"
    assert (count(0), count_from_text("66851111")) == (0, 66_851_111)
    assert loads('{"a": [1, null]}') == {"a": [1, None]}


@pytest.mark.parametrize("value", [None, "", " ", 5, [], {}, True, "a" * (MAX_TEXT + 1)])
def test_what_is_no_name_is_refused_or_left_out(value: Any) -> None:
    with pytest.raises(ValueError, match="name or id"):
        text_of(value)
    assert optional_text(value) is None


@pytest.mark.parametrize(("value", "kept"), [("half \ud83d", "half �"), ("a\x00b", "a�b"), ("💃", "💃")])
def test_what_no_database_can_hold_is_replaced_in_names_and_refused_in_ids(value: str, kept: str) -> None:
    assert text_of(value) == kept
    with pytest.raises(ValueError, match="no id has"):
        id_of("a\nb")


@pytest.mark.parametrize("value", [True, 1.5, float("inf"), float("nan"), None, [], ""])
def test_what_is_no_id_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="id"):
        id_of(value)


@pytest.mark.parametrize(
    "value", [None, 5, "", "javascript:alert(1)", "//example.org", "https://a\nb/", "https://" + "a" * MAX_TEXT]
)
def test_only_web_addresses_become_links(value: Any) -> None:
    assert web_address(value) is None


@pytest.mark.parametrize("value", [True, -1, 2**63, 1.0, "x", float("inf"), None])
def test_what_is_no_count_is_absent(value: Any) -> None:
    assert count(value) is None
    assert count_from_text(value) is None


def test_a_document_of_a_million_values_is_refused_before_it_is_parsed() -> None:
    assert len(loads(json.dumps(list(range(10_000))))) == 10_000
    with pytest.raises(TooManyValues, match="more than 1,000,000 values"):
        loads("[" + "0," * MAX_VALUES + "no JSON at all")
