"""Spotify's public page of a playlist, played: the first 30 rows in a script, as a browser without an account gets them."""

import base64
import json
from typing import Any

from starlette.responses import HTMLResponse, Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.upstreams.public_page import PublicPage
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem
from tunemeld_pipeline.sandbox.world import Recording
from tunemeld_pipeline.services.spotify.sandbox_gateway import COVER_SIZES, cover, credited, track_name

SHOWN = 30
"""The rows that the page holds, whatever the list's length."""


class SpotifyPage(PublicPage):
    """`GET /playlist/ID`."""

    name = "spotify_page"

    def endpoint(self, call: Call) -> str:
        return call.path.partition("/")[0]

    def page(self, call: Call) -> Response:
        return self._answer(call, "spotify")

    def answer_of_another_owner(self, call: Call) -> Response:
        return self._answer(call, "a-listener")

    def _answer(self, call: Call, owner: str) -> Response:
        """A list that does not exist has a page too, with status 200."""
        kind, _, identity = call.path.partition("/")
        if kind != "playlist" or not identity or "/" in identity:
            return self.problem(Problem.UNKNOWN, call)
        genre = self._playlists.genre("Spotify", identity)
        found = self._playlist(genre, owner, call) if genre else {"__typename": "NotFound"}
        state = {
            "session": {
                "me": None,
                "product": {"country": "US", "catalogue": "premium", "product": "PREMIUM"},
                "locale": "en",
                "isAnonymous": True,
                "accessToken": "sandbox-session-token",
                "country": "US",
            },
            "entities": {"items": {f"spotify:playlist:{identity}": found}, "recommendations": {}, "saved": {}},
        }
        script = base64.b64encode(json.dumps(state, ensure_ascii=False).encode()).decode()
        return HTMLResponse(
            f'<!DOCTYPE html><html><head><title>Sandbox</title></head><body><div id="main"></div>'
            f'<script id="appServerConfig" type="text/plain">e30=</script>'
            f'<script id="initialState" type="text/plain">{script}</script></body></html>'
        )

    def _playlist(self, genre: Genre, owner: str, call: Call) -> dict[str, Any]:
        playlist = genre.playlist("Spotify")
        identity = last_part(playlist.url)
        entries = self._world.playlist(genre.key, "Spotify", call.day)
        items = [self._item(entry.recording, genre.key, call) for entry in entries[:SHOWN]]
        return {
            "__typename": "Playlist",
            "content": {
                "__typename": "PlaylistItemsPage",
                "items": items,
                "pagingInfo": {"nextOffset": SHOWN if len(entries) > SHOWN else None},
                "totalCount": len(entries),
            },
            "description": f"Invented {genre.display_name} tracks, made by the TuneMeld sandbox.",
            "followers": 1_000_000,
            "id": identity,
            "images": {
                "items": [
                    {"sources": [{"height": None, "url": f"{call.root}/covers/playlist-{identity}.png", "width": None}]}
                ]
            },
            "name": playlist.name or f"Sandbox {genre.display_name}",
            "ownerV2": {
                "data": {"__typename": "User", "name": owner, "uri": f"spotify:user:{owner}", "username": owner}
            },
            "uri": f"spotify:playlist:{identity}",
        }

    def _item(self, recording: Recording, genre: str, call: Call) -> dict[str, Any]:
        if recording.chance(f"gone {genre}") < 0.0008:
            return {"itemV2": {"__typename": "TrackResponseWrapper", "data": {"__typename": "NotFound"}}}
        album = recording.album
        data = {
            "__typename": "Track",
            "albumOfTrack": {
                "coverArt": {
                    "sources": [
                        {"height": size, "url": cover(call.root, album.spotify_id, size), "width": size}
                        for size in COVER_SIZES
                    ]
                },
                "name": album.title,
                "uri": f"spotify:album:{album.spotify_id}",
            },
            "artists": {
                "items": [
                    {"profile": {"name": artist.name}, "uri": f"spotify:artist:{artist.spotify_id}"}
                    for artist in credited(recording)
                ]
            },
            "availableMarkets": {"items": [{"countryCode": "US"}]},
            "contentRating": {"label": "EXPLICIT" if recording.explicit else "NONE"},
            "discNumber": 1,
            "duration": {"totalMilliseconds": recording.duration_ms},
            "name": track_name(recording),
            "playability": {"playable": True},
            "playcount": str(self._world.plays(recording, "Spotify", call.day)),
            "trackNumber": 1,
            "uri": f"spotify:track:{recording.spotify_id}",
        }
        return {"itemV2": {"__typename": "TrackResponseWrapper", "data": data}}
