"""Single values of received bodies: what is kept, what is blank, what is unreadable."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.wire_formats.received import (
    MAX_TEXT,
    MAX_VALUES,
    TooManyValues,
    Unreadable,
    count,
    id_of,
    is_blank,
    isrc_of,
    length_in_ms,
    loads,
    moment_of,
    text_of,
    web_address,
)

READERS = (text_of, id_of, web_address, count, length_in_ms, moment_of, isrc_of)
BLANK = (
    None,
    "",
    " ",
    "\n\t",
    "\u200b",
    "\ufeff\u2060",
    "\xad",
    "\u3164",
    "\ufe0f",
    "&nbsp;",
    "&#8203;",
    "&amp;#160;",
    "\x00",
    "\x1b",
    "\u180b",
    "\u2065",
    "\U000e0100",
    [],
    {},
)


def test_it_works() -> None:
    assert (text_of("Glass Rivers"), id_of("6rqhFg"), id_of(1_676_685_261)) == ("Glass Rivers", "6rqhFg", "1676685261")
    assert web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"
    assert (count(0), count("66851111")) == (0, 66_851_111)
    assert loads('{"a": [1, null]}') == {"a": [1, None]}


@pytest.mark.parametrize("value", BLANK)
@pytest.mark.parametrize("read", READERS)
def test_what_is_blank_is_absent_whatever_it_should_be(read: Any, value: Any) -> None:
    assert is_blank(value)
    assert read(value) is None


@pytest.mark.parametrize("value", [5, 1.5, True, ["a"], {"a": 1}, "a" * (MAX_TEXT + 1)])
def test_what_is_no_text_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable, match="text"):
        text_of(value)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Tin &amp; Copper", "Tin & Copper"),
        ("Tin &amp;amp; Copper", "Tin & Copper"),
        ("Marrow&#39;s &quot;Rivers&quot;", 'Marrow\'s "Rivers"'),
        ("Caf&eacute; &#x2014; Live", "Café — Live"),
        ("half \ud83d", "half �"),
        ("a\x00b", "a�b"),
        ("💃", "💃"),
        ("❤️", "❤️"),
        (" \u200bGlass Rivers\xa0", "Glass Rivers"),
        ("Drum&Bass &copy 2", "Drum&Bass &copy 2"),
        ("AT&T; the song", "AT&T; the song"),
        ("Tin &amp;amp;amp;amp;amp;#39;n&#39; Copper", "Tin 'n' Copper"),
        ("Black &copycat; White", "Black &copycat; White"),
        ("\u200b \u200b\xadGlass Rivers\u2060 \ufeff", "Glass Rivers"),
        ("\x1b[31mRed\x9b", "\ufffd[31mRed\ufffd"),
        ("two\r\nlines\tand a tab", "two\r\nlines\tand a tab"),
    ],
)
def test_a_text_is_what_people_are_to_see(written: str, shown: str) -> None:
    assert text_of(written) == shown


def test_entities_of_an_address_are_resolved_and_its_parameters_stay() -> None:
    assert web_address("https://a.example/x?i=1&amp;uo=4") == "https://a.example/x?i=1&uo=4"
    assert web_address("https://a.example/x?a=1&copy=2&not=3") == "https://a.example/x?a=1&copy=2&not=3"


@pytest.mark.parametrize(
    "value", [True, 1.5, float("inf"), float("nan"), 0, -1, ["a"], "a\nb", "a\x00", "a\x1b", "\ud83d"]
)
def test_what_is_no_id_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        id_of(value)


@pytest.mark.parametrize(
    "value",
    [
        5,
        "javascript:alert(1)",
        "//example.org",
        "https://",
        "https://[",
        "https://a\nb/",
        "https://a\x00b/",
        "https://" + "a" * MAX_TEXT,
    ],
)
def test_only_web_addresses_become_links(value: Any) -> None:
    with pytest.raises(Unreadable):
        web_address(value)


@pytest.mark.parametrize(
    ("written", "number"),
    [("66851111", 66_851_111), (" 5 ", 5), (8087, 8087), ("0", 0), (1234.0, 1234), (2**63 - 1, 2**63 - 1)],
)
def test_a_number_is_read_however_it_is_written(written: object, number: int) -> None:
    assert count(written) == number


@pytest.mark.parametrize(
    "value", [True, -1, 2**63, 1.5, "x", "1e6", "1,234", "\u0661", float("inf"), float("nan"), ["1"]]
)
def test_what_is_no_count_is_unreadable_and_never_taken_for_absent(value: Any) -> None:
    with pytest.raises(Unreadable, match="no count"):
        count(value)


@pytest.mark.parametrize(
    "written",
    ["2026-02-20T05:00:00Z", "2026-02-20T01:00:00-04:00", "2026-02-20 05:00:00", 1_771_563_600, 1_771_563_600.0],
)
def test_a_time_is_read_in_utc_however_it_is_written(written: object) -> None:
    assert moment_of(written) == datetime(2026, 2, 20, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    "value", ["yesterday", "1771563600", "0001-01-01T00:00:00+01:00", 10**15, -1, True, 1.5, ["2026-02-20"]]
)
def test_what_is_no_time_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        moment_of(value)


def test_a_time_of_nothing_is_unknown() -> None:
    assert moment_of(0) is None


def test_a_length_of_nothing_is_unknown() -> None:
    assert [length_in_ms(value) for value in (0, "0", 0.0, "201000")] == [None, None, None, 201_000]


@pytest.mark.parametrize(
    "written",
    [
        "QZZ992600001",
        " qzz99-26-00001 ",
        "QZ-Z99-26-00001",
        "QZ Z99 26 00001",
        "ISRC QZZ992600001",
        "isrc: qz-z99-26-00001",
        "ISRCQZZ992600001",
        "QZ\u2013Z99\u201326\u201300001",
        "QZ\u2011Z99\u201126\u201100001",
        "QZ\u2212Z99\u221226\u221200001",
        "QZZ99\xa026\u200b00001",
        "QZ&ndash;Z99&ndash;26&ndash;00001",
    ],
)
def test_an_isrc_has_one_spelling_however_it_is_written(written: str) -> None:
    assert isrc_of(written) == "QZZ992600001"


def test_the_first_letters_of_an_icelandic_isrc_are_no_prefix() -> None:
    assert well_formed_isrc("ISRC12600001") == "ISRC12600001"


@pytest.mark.parametrize(
    "value",
    [
        "QZZ99260000",
        "1ZZ992600001",
        "QZZ9926O0001",
        "QZZ99260000\u0661",
        "QZZ99260000\uff11",
        "QZßZ92600001",
        992600001,
        "x" * 500,
    ],
)
def test_what_is_no_isrc_is_unreadable(value: Any) -> None:
    with pytest.raises(Unreadable):
        isrc_of(value)


def test_a_document_of_a_million_values_is_refused_before_it_is_parsed() -> None:
    assert len(loads(json.dumps(list(range(10_000))))) == 10_000
    with pytest.raises(TooManyValues, match="more than 1,000,000 values"):
        loads("[" + "0," * MAX_VALUES + "no JSON at all")
