"""Several playlists of one service as one list."""

import json
from typing import Any

import pytest

from tunemeld_pipeline.plugins.reading import parse_playlist, read_playlist
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.fetching import joined


def page(*names: str) -> Any:
    rows = [{"track": {"id": name.lower(), "name": name, "artists": [{"name": "An Act"}]}} for name in names]
    return {"items": rows, "next": None}


def fetched(*pages: Any, incomplete: str | None = None) -> FetchedPlaylist:
    body = json.dumps(pages[0] if len(pages) == 1 else pages)
    return FetchedPlaylist(body, pages, incomplete=incomplete)


@pytest.mark.parametrize("second", [(page("Cedar"),), (page("Cedar"), page("Alder", "Elm"))])
def test_the_rows_of_each_playlist_follow_those_of_the_one_before(second: tuple[Any, ...]) -> None:
    both = joined([fetched(page("Alder", "Birch")), fetched(*second, incomplete="a page is missing")])

    stored = parse_playlist("Spotify", both.data_json)
    assert stored == read_playlist("Spotify", both.pages, both.data_json)
    named = [(row.position, row.described.title) for row in stored.rows]
    assert named == [(1, "Alder"), (2, "Birch"), (3, "Cedar"), *([(5, "Elm")] if len(second) > 1 else [])]
    assert both.incomplete == "a page is missing"


def test_a_single_playlist_stays_as_it_was_received() -> None:
    alone = fetched(page("Alder"))

    assert joined([alone]) is alone
