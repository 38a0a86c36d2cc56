"""Tidal in the sandbox: tokens, and playlists page by page in JSON:API's form, over the invented world."""

import base64
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.responses import Response

from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Artist, Recording, World

TOKEN = "tidal-access-token"
PAGE_SIZE = 20
ROWS = 50
"""Of a list."""

STATUS = {
    Problem.UNAUTHORIZED: (401, "UNAUTHORIZED"),
    Problem.FORBIDDEN: (403, "FORBIDDEN"),
    Problem.TOO_MANY: (429, "TOO_MANY_REQUESTS"),
    Problem.QUOTA: (429, "TOO_MANY_REQUESTS"),
    Problem.BROKEN: (500, "INTERNAL_SERVER_ERROR"),
    Problem.UNKNOWN: (404, "NOT_FOUND"),
}


class TidalApi(Upstream):
    """`GET /playlists/ID/relationships/items?countryCode=US&include=items,items.artists`."""

    name = "tidal"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        """All playlists are one endpoint."""
        return call.path.rpartition("/")[2]

    def refusal(self, call: Call) -> Response | None:
        """Wants the token."""
        return (
            None if call.headers.get("authorization") == f"Bearer {TOKEN}" else self.problem(Problem.UNAUTHORIZED, call)
        )

    def problem(self, problem: Problem, call: Call) -> Response:
        """JSON:API's errors."""
        status, code = STATUS[problem]
        return json_answer(
            {"errors": [{"id": "0", "status": str(status), "code": code, "detail": code.lower()}]}, status
        )

    def answer(self, call: Call) -> Response:
        """`{"data": […], "links": {"self", "next"?}, "included": […]}`; without a market there is nothing."""
        match call.path.split("/"):
            case ["playlists", identity, "relationships", "items"] if call.query.get("countryCode"):
                genre = self._playlists.genre("Tidal", unquote(identity))
            case _:
                genre = None
        if genre is None:
            return self.problem(Problem.UNKNOWN, call)
        entries = self._world.playlist(genre.key, "Tidal", call.day)
        offset = int(call.query.get("page[cursor]", "c0").removeprefix("c") or 0)
        page = entries[offset : offset + PAGE_SIZE]
        asked = {name: call.query[name] for name in ("countryCode", "include") if name in call.query}
        links = {"self": f"/{call.path}?{urlencode(asked)}"}
        if offset + PAGE_SIZE < len(entries):
            links["next"] = f"/{call.path}?{urlencode(asked | {'page[cursor]': f'c{offset + PAGE_SIZE}'})}"
        artists = {artist: None for entry in page for artist in _credited(entry.recording)}
        return json_answer(
            {
                "data": [
                    {"id": self._id(one.recording), "type": "tracks", "meta": {"addedAt": f"{one.added}T06:00:00Z"}}
                    for one in page
                ],
                "links": links,
                "included": [*(self._track(one.recording) for one in page), *map(_artist, artists)],
            }
        )

    def _id(self, recording: Recording) -> str:
        return str(self._world.identifiers.soundcloud(recording.ref))

    def _track(self, recording: Recording) -> dict[str, Any]:
        minutes, seconds = divmod(recording.duration_ms // 1000, 60)
        return {
            "id": self._id(recording),
            "type": "tracks",
            "attributes": {
                "title": recording.title,
                "version": recording.version,
                "isrc": recording.isrc,
                "duration": f"PT{minutes}M{seconds}S",
                "explicit": recording.explicit,
                "popularity": round(recording.strength, 3),
            },
            "relationships": {
                "artists": {"data": [{"id": artist.spotify_id, "type": "artists"} for artist in _credited(recording)]}
            },
        }


class TidalAuth(Upstream):
    """`POST /oauth2/token` with the application's id and secret."""

    name = "tidal_auth"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        """Every upstream is made alike; this one needs neither."""

    def refusal(self, call: Call) -> Response | None:
        """Wants the application."""
        words = base64.b64encode(f"{SANDBOX_KEY}:{SANDBOX_KEY}".encode()).decode()
        return (
            None if call.headers.get("authorization") == f"Basic {words}" else self.problem(Problem.UNAUTHORIZED, call)
        )

    def problem(self, problem: Problem, call: Call) -> Response:
        """OAuth's errors."""
        return json_answer({"error": "invalid_client", "error_description": problem.value}, STATUS[problem][0])

    def answer(self, call: Call) -> Response:
        """A token for a day."""
        if (call.method, call.path) != ("POST", "oauth2/token"):
            return self.problem(Problem.UNKNOWN, call)
        return json_answer({"access_token": TOKEN, "token_type": "Bearer", "expires_in": 86_400})


def _credited(recording: Recording) -> list[Artist]:
    return list(dict.fromkeys((*recording.artists, *recording.featured)))


def _artist(artist: Artist) -> dict[str, Any]:
    return {"id": artist.spotify_id, "type": "artists", "attributes": {"name": artist.name, "popularity": 0.5}}


UPSTREAMS = (TidalApi, TidalAuth)
