"""A contract body made of an answer: its first rows, whatever they refer to, and no secret."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.service_kit.broken import good
from tunemeld_pipeline.errors import MalformedResponse
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.service_kit.bodies import listing_as_json
from tunemeld_pipeline.service_kit.recording import record, shortened
from tunemeld_pipeline.upstream.drift_bodies import without_tokens

SOURCE = Source("wavelet.api", good, "nowhere:Client")


def answer(rows: int) -> dict[str, Any]:
    return {
        "items": [
            {"id": at, "title": f"Song {at}" if at != 2 else None, "artists": [{"name": f"Act {at}"}], "markets": ["AD", "AE", "AF"]}
            for at in range(1, rows + 1)
        ],
        "total": rows,
    }  # fmt: skip


def test_only_what_the_first_rows_are_made_of_is_kept() -> None:
    pages = [answer(40), answer(3)]
    (page,) = shortened(SOURCE, pages, "")
    assert [one["id"] for one in page["items"]] == [1, 2, 3, 4, 5]
    assert page["items"][0]["artists"] == [{"name": "Act 1"}]
    assert page["items"][0]["markets"] == ["AD"]
    assert page["total"] == 40


def test_an_answer_that_is_no_list_is_refused() -> None:
    with pytest.raises(MalformedResponse):
        shortened(SOURCE, [{"error": "no"}], "{}")


def test_tokens_and_signatures_are_removed() -> None:
    pages = [
        {
            "accessToken": "3f9a2c7d1e5b",
            "preview": "https://cdn.example/a.mp3?hdnea=exp=1764~acl=/a*~hmac=0f1e2d",
            "next": "https://api.example/list?client_id=abcdef123456&offset=50",
            "cover": "https://cdn.example/a.jpg?size=600",
            "title": "Keys &amp; Tokens",
        }
    ]
    (page,) = without_tokens(pages)
    assert page == {
        "accessToken": "[redacted]",
        "preview": "https://cdn.example/a.mp3",
        "next": "https://api.example/list",
        "cover": "https://cdn.example/a.jpg?size=600",
        "title": "Keys &amp; Tokens",
    }


def test_what_is_written_reads_to_its_listing(tmp_path: Path) -> None:
    found = registry.installed("Spotify")
    body = record(found, SOURCE, json.dumps(answer(9)), "A list: of ours", tmp_path)
    assert body.path == tmp_path / "a_list_of_ours.json"
    assert body.expected() == listing_as_json(body.read())
    assert body.expected()["irregular"] == {"2": "no title"}
