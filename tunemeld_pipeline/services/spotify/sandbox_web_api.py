"""Spotify's own Web API and its accounts service, as an application in development mode sees them.

Tokens, search with ISRCs, tracks by id, and the limits of 2024 to 2026 follow Spotify's reference. This API has no play counts.
"""

import re
from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response

from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Recording, World
from tunemeld_pipeline.services.spotify.sandbox_gateway import search_catalogue, track, tracks_by_id

ACCESS_TOKEN = "sandbox-access-token"  # noqa: S105
TOKEN_LIFETIME = 3600
LARGEST_PAGE = 10
"""In development mode since February 2026."""
MOST_IDS = 50
FILTER = re.compile(r'\b(track|artist|album|isrc|year):\s*("[^"]*"|.*?)(?=\s+\w+:|$)', re.IGNORECASE)


class SpotifyWebApi(Upstream):
    """`GET /search`, `GET /tracks`, `GET /tracks/ID`; the editors' playlists have answered 404 since November 2024."""

    name = "spotify_web_api"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        del playlists  # every upstream is made alike; look-ups need none
        self._world = world

    def refusal(self, call: Call) -> Response | None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            return _error(401, "No token provided")
        return None if token == ACCESS_TOKEN else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        match problem:
            case Problem.UNAUTHORIZED:
                return _error(401, "Invalid access token")
            case Problem.FORBIDDEN:
                return _error(403, "Forbidden.")
            case Problem.TOO_MANY:
                return _error(429, "API rate limit exceeded")
            case Problem.QUOTA:
                return _error(429, "Too many requests", reason="QUOTA_EXCEEDED")
            case Problem.BROKEN:
                return _error(500, "Server error.")
            case Problem.UNKNOWN:
                return _error(404, "Service not found")

    def endpoint(self, call: Call) -> str:
        return call.path.partition("/")[0]

    def bucket(self, call: Call) -> str | None:  # noqa: ARG002
        return self.name

    def answer(self, call: Call) -> Response:
        resource, _, identity = call.path.partition("/")
        match resource:
            case "search":
                return self._search(call)
            case "tracks" if identity:
                found = tracks_by_id(self._world, [identity], call.day, call.root)[0]
                return json_answer(found) if found else _error(404, "Resource not found")
            case "tracks":
                ids = [part for part in call.query.get("ids", "").split(",") if part]
                if len(ids) > MOST_IDS:
                    return _error(400, "Too many ids requested")
                return json_answer({"tracks": tracks_by_id(self._world, ids, call.day, call.root)})
            case "playlists":
                return _error(404, "Resource not found")
        return self.problem(Problem.UNKNOWN, call)

    def _search(self, call: Call) -> Response:
        """`q` is words, `track:… artist:…`, or `isrc:…`; the answer is `{"tracks": {"href", "items", "limit", "next", …}}`."""
        query = call.query.get("q", "")
        if not query:
            return _error(400, "No search query")
        if call.query.get("type") != "track":
            return _error(400, "Bad search type field" if call.query.get("type") else "Missing parameter type")
        limit, offset = call.number("limit", 5), call.number("offset", 0)
        if not 1 <= limit <= LARGEST_PAGE:
            return _error(400, "Invalid limit")
        filters = {name.lower(): value.strip('"').strip() for name, value in FILTER.findall(query)}
        if "isrc" in filters:
            found = self._by_isrc(filters["isrc"], call)
        else:
            words = " ".join(value for name, value in filters.items() if name != "year") if filters else query
            found = list(search_catalogue(self._world, words, call.day))
        href = f"{call.root}/spotify_web_api/search?offset={offset}&limit={limit}"
        page = found[offset : offset + limit]
        return json_answer(
            {
                "tracks": {
                    "href": href,
                    "items": [track(self._world, recording, call.day, call.root) for recording in page],
                    "limit": limit,
                    "next": href if offset + limit < len(found) else None,
                    "offset": offset,
                    "previous": href if offset else None,
                    "total": len(found),
                }
            }
        )

    def _by_isrc(self, isrc: str, call: Call) -> list[Recording]:
        place = self._world.identifiers.recording_of(isrc)
        recording = self._world.recording(place, call.day) if place is not None else None
        # The number alone decodes to a place; only with the right year is it the recording's ISRC.
        if recording is None or recording.isrc != isrc.upper() or not recording.on_spotify:
            return []
        return [recording]


class SpotifyAccounts(Upstream):
    """`POST /api/token` with Basic authentication and `grant_type=client_credentials`."""

    name = "spotify_accounts"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        """Every upstream is made alike; this one needs neither."""

    def refusal(self, call: Call) -> Response | None:
        return None if call.has_basic(f"{SANDBOX_KEY}:{SANDBOX_KEY}") else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        match problem:
            case Problem.UNAUTHORIZED:
                return _oauth_error(400, "invalid_client", "Invalid client")
            case Problem.FORBIDDEN:
                return _oauth_error(403, "access_denied", "Access denied")
            case Problem.TOO_MANY | Problem.QUOTA:
                return _oauth_error(429, "too_many_requests", "Too many requests")
            case Problem.BROKEN:
                return _oauth_error(500, "server_error", "Unexpected status: 500")
            case Problem.UNKNOWN:
                return _oauth_error(404, "not_found", "Not found")

    def answer(self, call: Call) -> Response:
        """`{"access_token", "token_type": "Bearer", "expires_in": 3600}`."""
        if call.path != "api/token":
            return self.problem(Problem.UNKNOWN, call)
        if call.method != "POST":
            return _oauth_error(405, "method_not_allowed", "Use POST")
        form = parse_qs(call.body.decode(errors="replace"))
        if form.get("grant_type") != ["client_credentials"]:
            return _oauth_error(400, "unsupported_grant_type", "grant_type parameter is missing or not supported")
        return json_answer({"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": TOKEN_LIFETIME})


def _error(status: int, message: str, reason: str | None = None) -> Response:
    error: dict[str, Any] = {"status": status, "message": message}
    if reason is not None:
        error["reason"] = reason
    return json_answer({"error": error}, status)


def _oauth_error(status: int, error: str, description: str) -> Response:
    return json_answer({"error": error, "error_description": description}, status)
