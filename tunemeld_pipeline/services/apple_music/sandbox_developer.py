"""Apple Music's documented API, played: a playlist with its first tracks, and further pages, for a developer token.

Bodies and errors follow Apple's reference. The sandbox knows nobody's public key: it checks a token's claims, not who signed it.
"""

import base64
import binascii
import json
from datetime import UTC, datetime
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Entry, World, slug
from tunemeld_pipeline.services.apple_music.sandbox_words import artists_line, track_name

LARGEST_PAGE = 100
LONGEST_TOKEN_SECONDS = 15_777_000
"""Half a year."""

ERRORS = {
    Problem.UNAUTHORIZED: (401, "40100", "Unauthorized"),
    Problem.FORBIDDEN: (403, "40300", "Forbidden"),
    Problem.TOO_MANY: (429, "42900", "Too Many Requests"),
    Problem.QUOTA: (429, "42900", "Too Many Requests"),
    Problem.BROKEN: (500, "50000", "Upstream Service Error"),
    Problem.UNKNOWN: (404, "40400", "Resource Not Found"),
}


class AppleMusicApi(Upstream):
    """`GET /v1/catalog/us/playlists/pl.ID?include=tracks`, `/v1/catalog/us/playlists/pl.ID/tracks?limit=100&offset=100`."""

    name = "apple_music_api"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        return "playlists/tracks" if call.path.endswith("/tracks") else "playlists"

    def refusal(self, call: Call) -> Response | None:
        scheme, _, token = call.headers.get("authorization", "").partition(" ")
        good = scheme.lower() == "bearer" and _is_developers(token)
        return None if good else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        status, code, detail = ERRORS[problem]
        error = {"id": "SANDBOX", "title": detail, "detail": detail, "status": str(status), "code": code}
        return json_answer({"errors": [error]}, status)

    def answer(self, call: Call) -> Response:
        return self._answer(call, "editorial")

    def answer_of_another_owner(self, call: Call) -> Response:
        return self._answer(call, "user-shared")

    def _answer(self, call: Call, kind: str) -> Response:
        match call.path.split("/"):
            case ["v1", "catalog", storefront, "playlists", identity, *rest] if rest in ([], ["tracks"]):
                genre = self._playlists.genre("AppleMusic", identity)
            case _:
                genre = None
        if genre is None:
            return self.problem(Problem.UNKNOWN, call)
        path = f"/v1/catalog/{storefront}/playlists/{identity}"
        page = self._page(genre, path, call)
        return json_answer(page if rest else {"data": [self._playlist(genre, path, kind, page, call)]})

    def _page(self, genre: Genre, path: str, call: Call) -> dict[str, Any]:
        entries = self._world.playlist(genre.key, "AppleMusic", call.day)
        limit = min(call.number("limit", LARGEST_PAGE) or LARGEST_PAGE, LARGEST_PAGE)
        offset = call.number("offset", 0)
        page: dict[str, Any] = {"data": [self._track(entry, call) for entry in entries[offset : offset + limit]]}
        if offset + limit < len(entries):
            page["next"] = f"{path}/tracks?offset={offset + limit}"
        return page

    def _playlist(self, genre: Genre, path: str, kind: str, page: dict[str, Any], call: Call) -> dict[str, Any]:
        playlist = genre.playlist("AppleMusic")
        identity = last_part(playlist.url)
        entries = self._world.playlist(genre.key, "AppleMusic", call.day)
        return {
            "id": identity,
            "type": "playlists",
            "href": path,
            "attributes": {
                "name": playlist.name or f"Sandbox {genre.display_name}",
                "curatorName": "Sandbox Editors",
                "description": {"standard": f"Invented {genre.display_name} tracks, made by the TuneMeld sandbox."},
                "lastModifiedDate": f"{max((entry.added for entry in entries), default=call.day)}T05:07:44Z",
                "playlistType": kind,
                "isChart": False,
                "url": playlist.url,
                "artwork": {"url": f"{call.root}/covers/{identity}/{{w}}x{{h}}cc.jpg", "width": 1080, "height": 1080},
            },
            "relationships": {"tracks": {"href": f"{path}/tracks", **page}},
        }

    def _track(self, entry: Entry, call: Call) -> dict[str, Any]:
        recording = entry.recording
        identifiers = self._world.identifiers
        song = str(identifiers.apple_music(recording.ref))
        album = identifiers.apple_music(recording.album.leader._replace(variant=15))
        name = slug(recording.album.title) or "album"
        return {
            "id": song,
            "type": "songs",
            "href": f"/v1/catalog/us/songs/{song}",
            "attributes": {
                "name": track_name(recording),
                "artistName": artists_line(recording.artists),
                "albumName": recording.album.title,
                "isrc": recording.isrc,
                "durationInMillis": recording.duration_ms,
                "releaseDate": str(recording.released),
                "url": f"https://music.apple.com/us/album/{name}/{album}?i={song}",
                "artwork": {"url": f"{call.root}/covers/{recording.album.spotify_id}/{{w}}x{{h}}bb.jpg", "width": 3000},
            },
        }


def _is_developers(token: str) -> bool:
    """Whether this is a token as Apple documents it: ES256, a key's id, a team, and an end within half a year."""
    try:
        head, claims = (
            json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))) for part in token.split(".")[:2]
        )
        lasts = claims["exp"] - datetime.now(UTC).timestamp()
        named = head["alg"] == "ES256" and bool(head["kid"]) and bool(claims["iss"])
    except (binascii.Error, ValueError, KeyError, TypeError):
        return False
    return named and 0 < lasts <= LONGEST_TOKEN_SECONDS and token.count(".") == 2
