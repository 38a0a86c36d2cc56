"""Content negotiation and conditional requests, as pure functions."""

from datetime import UTC, datetime, timedelta

import pytest

from django_backend.caching import STALE_CONTROL, Rendering, acceptable
from tunemeld_pipeline.publishing.forms import response

THEN = datetime(2026, 3, 2, 2, 30, 15, 500_000, tzinfo=UTC)
PAGE = Rendering(response("long " * 1_000, 7, THEN))


def test_it_works() -> None:
    status, headers, body = PAGE.answer({"HTTP_ACCEPT_ENCODING": "gzip, deflate, br"})
    assert (status, dict(headers)["Content-Encoding"]) == (200, "br")
    assert dict(headers)["Content-Length"] == str(len(body))
    assert dict(headers)["Last-Modified"] == "Mon, 02 Mar 2026 02:30:15 GMT"


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", ("identity",)),
        ("gzip", ("gzip", "identity")),
        ("gzip, br", ("br", "gzip", "identity")),
        ("GZIP;q=1.0, br;q=0.5", ("gzip", "br", "identity")),
        ("br;q=0, gzip", ("gzip", "identity")),
        ("*", ("br", "gzip", "identity")),
        ("*;q=0", ()),
        ("identity;q=0, gzip;q=0.1", ("gzip",)),
        ("identity, gzip;q=0.5", ("identity", "gzip")),
        ("gzip;q=nonsense", ("identity",)),
        ("deflate, zstd", ("identity",)),
    ],
)
def test_the_client_chooses_and_among_equals_the_smallest_is_sent(header: str, expected: tuple[str, ...]) -> None:
    assert acceptable(header) == expected


def test_a_tag_is_for_one_encoding() -> None:
    tags = {
        encoding: dict(PAGE.answer({"HTTP_ACCEPT_ENCODING": encoding}).headers)["ETag"]
        for encoding in ("identity", "gzip", "br")
    }
    assert len(set(tags.values())) == 3
    for encoding in tags:
        for other, tag in tags.items():
            asked = {"HTTP_ACCEPT_ENCODING": encoding, "HTTP_IF_NONE_MATCH": tag}
            assert PAGE.answer(asked).status == (304 if encoding == other else 200)


@pytest.mark.parametrize("tags", ["*", "W/{tag}", '"a", {tag}', '"a",{tag} , "b"'])
def test_a_tag_is_found_among_others_and_however_weak(tags: str) -> None:
    tag = dict(PAGE.answer({}).headers)["ETag"]
    answer = PAGE.answer({"HTTP_IF_NONE_MATCH": tags.format(tag=tag)})
    assert (answer.status, answer.body) == (304, b"")
    assert "Content-Type" not in dict(answer.headers)


def test_a_date_counts_only_where_there_is_no_tag() -> None:
    now = "Mon, 02 Mar 2026 02:30:15 GMT"
    before = "Mon, 02 Mar 2026 02:30:14 GMT"
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": now}).status == 304
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": before}).status == 200
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": now, "HTTP_IF_NONE_MATCH": '"other"'}).status == 200
    for nonsense in ("yesterday", "", "Mon, 99 Mar 2026 02:30:15 GMT", "Mon, 02 Mar 2026 02:30:15"):
        assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": nonsense}).status == 200


@pytest.mark.parametrize(
    ("same", "before"),
    [
        ("Mon, 02 Mar 2026 02:30:15 GMT", "Mon, 02 Mar 2026 02:30:14 GMT"),
        ("Monday, 02-Mar-26 02:30:15 GMT", "Monday, 02-Mar-26 02:30:14 GMT"),
        ("Mon Mar  2 02:30:15 2026", "Mon Mar  2 02:30:14 2026"),
    ],
)
def test_a_date_is_read_in_each_form_that_http_has(same: str, before: str) -> None:
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": same}).status == 304
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": before}).status == 200


def test_a_year_of_two_digits_is_at_most_fifty_years_away() -> None:
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": "Sunday, 06-Nov-94 08:49:37 GMT"}).status == 200


def test_a_stale_answer_says_so_and_is_kept_for_seconds_only() -> None:
    headers = dict(PAGE.answer({}, stale_seconds=90).headers)
    assert (headers["X-TuneMeld-Stale"], headers["X-TuneMeld-Age"]) == ("true", "90")
    assert headers["Cache-Control"] == STALE_CONTROL


def test_what_is_short_is_not_compressed() -> None:
    page = Rendering(response("short", 1, THEN + timedelta(seconds=1)))
    assert "Content-Encoding" not in dict(page.answer({"HTTP_ACCEPT_ENCODING": "br"}).headers)


def test_workers_agree_on_tags() -> None:
    twin = Rendering(response("long " * 1_000, 8, THEN))
    asked = {"HTTP_ACCEPT_ENCODING": "br"}
    assert dict(twin.answer(asked).headers)["ETag"] == dict(PAGE.answer(asked).headers)["ETag"]


@pytest.mark.parametrize(
    "date",
    ["yesterday", "Mon, 01 Jan 99999999999999 00:00:00 GMT", "Mon, 02 Mar 2026 02:30:15 +99999999999999", "\x00", ""],
)
def test_a_date_that_cannot_be_one_asks_for_the_whole_answer(date: str) -> None:
    assert PAGE.answer({"HTTP_IF_MODIFIED_SINCE": date}).status == 200
