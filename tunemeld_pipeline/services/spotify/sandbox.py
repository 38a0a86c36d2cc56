"""Spotify in the sandbox: the endpoints that are played, how long its lists are, and how recorded ones are played."""

from collections.abc import Mapping, Sequence
from typing import Any

from tunemeld_pipeline.sandbox.upstreams.wire import Call, Recorded
from tunemeld_pipeline.services.spotify.sandbox_gateway import Spotify
from tunemeld_pipeline.services.spotify.sandbox_oembed import SpotifyOembed
from tunemeld_pipeline.services.spotify.sandbox_page import SpotifyPage
from tunemeld_pipeline.services.spotify.sandbox_reccobeats import ReccoBeats
from tunemeld_pipeline.services.spotify.sandbox_web_api import SpotifyAccounts, SpotifyWebApi

ROWS = 75
"""Of a list, as the real ones."""

UPSTREAMS = (Spotify, SpotifyWebApi, SpotifyAccounts, SpotifyOembed, SpotifyPage, ReccoBeats)


def _asked(call: Call) -> tuple[str, int] | None:
    return (call.query.get("id", ""), call.number("offset", 0)) if call.path == "playlist_tracks" else None


def _by_offset(pages: Sequence[Any]) -> Mapping[int, Any]:
    """Each page at its own offset, the first at 0 where it names none; nothing after one whose place is not known."""
    found: dict[int, Any] = {}
    for number, page in enumerate(pages):
        offset = page.get("offset", None if number else 0) if isinstance(page, dict) else None
        if not isinstance(offset, int):
            break
        found[offset] = page
    return found


def _asked_of_a_page(call: Call) -> tuple[str, int] | None:
    kind, _, identity = call.path.partition("/")
    return (identity, 0) if kind == "playlist" else None


RECORDED = (
    Recorded("spotify.rapidapi", Spotify.name, _asked, _by_offset),
    Recorded("spotify.page", SpotifyPage.name, _asked_of_a_page, ending="html"),
)
