"""The checks of a reader let a good one pass, and find each way in which others were broken."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.service_kit.broken import BODY, BROKEN, contract_body, good
from tunemeld_pipeline.charts.playlists import Listing
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Gives
from tunemeld_pipeline.service_kit import reading_checks
from tunemeld_pipeline.service_kit.bodies import ContractBody
from tunemeld_pipeline.service_kit.contract import all_bodies


def findings(check: str, body: ContractBody) -> list[str]:
    checking = getattr(reading_checks, check)
    found: Iterator[str] = checking(body, all_bodies()) if check == "taken_for_its_own" else checking(body)
    return list(found)


def test_a_good_reader_passes_every_check(tmp_path: Path) -> None:
    body = contract_body(good, tmp_path)
    checks = {check for check, _ in BROKEN.values()} | {"too_poor", "not_refused", "unclean"}
    assert {check: found for check in checks if (found := findings(check, body))} == {}


@pytest.mark.parametrize("wrong", BROKEN)
def test_a_broken_reader_is_found(wrong: str, tmp_path: Path) -> None:
    check, read = BROKEN[wrong]
    assert findings(check, contract_body(read, tmp_path)) != []


def test_a_finding_says_where_and_what(tmp_path: Path) -> None:
    _, read = BROKEN["it loses a row for an odd ISRC"]
    first, *_ = findings("lost_or_spoilt", contract_body(read, tmp_path))
    assert first == "items[0].isrc = '': row 1 is gone, and not counted"


def test_a_body_that_is_cut_off_and_read_is_found(tmp_path: Path) -> None:
    body = contract_body(lambda pages, text: Listing([], 0, []), tmp_path)
    assert findings("not_refused", body) == []  # what is no JSON any more is refused for every reader
    body.path.write_text("12345678901234567890", "utf-8")
    assert "cut at 8 sixteenths it is read" in findings("not_refused", body)


def test_a_body_that_is_cut_off_and_raises_something_else_is_found(tmp_path: Path) -> None:
    body = contract_body(lambda pages, text: pages[0]["items"], tmp_path)
    body.path.write_text("12345678901234567890", "utf-8")
    assert "cut at 8 sixteenths it raises TypeError, and no MalformedResponse" in findings("not_refused", body)


def test_a_source_that_gives_more_or_less_than_it_declares_is_found() -> None:
    spotify = registry.installed("Spotify")
    (first, *_) = spotify.sources
    declaring = replace(first, gives=Gives(isrc=True, plays=True, album=True, cover=True))
    found = list(reading_checks.unlike_what_it_gives(replace(spotify, sources=(declaring,)), declaring))
    assert found == [
        "spotify.rapidapi declares `plays`, and no row of its bodies has plays; take it out, or show it in a body",
        "rows of spotify.rapidapi have the time at which it was added, which it does not declare; declare `added`",
    ]
    assert list(reading_checks.unlike_what_it_gives(spotify, first)) == []


def test_a_body_with_too_few_rows_is_found(tmp_path: Path) -> None:
    assert findings("too_poor", contract_body(good, tmp_path, {"items": BODY["items"][:2]})) != []
    twice = [{**BODY["items"][0], "id": number} for number in (1, 2, 3)]
    assert findings("too_poor", contract_body(good, tmp_path, {"items": twice})) != []


def test_a_body_with_a_token_is_found(tmp_path: Path) -> None:
    with_a_token = {**BODY, "href": "https://api.wavelet.example/list?access_token=3f9a2c7d1e"}
    (finding,) = findings("unclean", contract_body(good, tmp_path, with_a_token))
    assert "3f9a2c7d1e" not in finding


def test_a_body_without_its_listing_is_found(tmp_path: Path) -> None:
    body = contract_body(good, tmp_path)
    assert json.loads(body.listing.read_text("utf-8"))["irregular"] == {"3": "no title"}
    body.listing.unlink()
    assert findings("unlike_its_listing", body) == [
        "a_list.listing.json is missing: write it with --write, and look at it"
    ]
