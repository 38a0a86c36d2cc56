"""A stored body is read by the source and the format that it came in."""

import json

import pytest

from tunemeld_pipeline.errors import PluginError
from tunemeld_pipeline.plugins.reading import parse_playlist

BODY = json.dumps({"items": [{"track": {"id": "a", "name": "Alder", "artists": [{"name": "An Act"}]}}], "next": None})


@pytest.mark.parametrize("source", [None, "spotify.rapidapi"])
def test_a_body_without_a_source_is_that_of_the_first_release(source: str | None) -> None:
    assert [row.described.title for row in parse_playlist("Spotify", BODY, source, 1).rows] == ["Alder"]


@pytest.mark.parametrize(("source", "form"), [("spotify.gone", 1), ("spotify.rapidapi", 2)])
def test_a_body_of_an_unknown_source_or_format_is_refused_with_what_to_do(source: str, form: int) -> None:
    with pytest.raises(PluginError, match=f"comes from {source}, format {form}, which is not installed; install"):
        parse_playlist("Spotify", BODY, source, form)
