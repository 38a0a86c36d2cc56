"""SoundCloud's documented API and its accounts service, played, as an application with client credentials sees them.

Tokens, the redirection of `/resolve`, pages with `next_href` and errors follow SoundCloud's API guide.
"""

from typing import Any
from urllib.parse import parse_qs

from starlette.responses import Response

from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import HTTP_REASONS, Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Entry, World
from tunemeld_pipeline.services.soundcloud.sandbox_words import duration_ms, title

CREDENTIALS = "sandbox:sandbox"
ACCESS_TOKEN = "sandbox-soundcloud-token"  # noqa: S105
TOKEN_LIFETIME = 3599
LARGEST_PAGE = 200
FIRST_PLAYLIST = 700_000_000


class SoundCloudApi(Upstream):
    """`GET /resolve?url=ADDRESS`, `/playlists/ID`, `/playlists/ID/tracks?limit=50&linked_partitioning=true`."""

    name = "soundcloud_api"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        return call.path.rpartition("/")[2] if call.path.endswith("/tracks") else call.path.partition("/")[0]

    def refusal(self, call: Call) -> Response | None:
        good = call.headers.get("authorization") == f"OAuth {ACCESS_TOKEN}"
        return None if good else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        status, message = HTTP_REASONS[problem]
        return json_answer(
            {"code": status, "message": message, "status": f"{status} - {message}", "errors": []}, status
        )

    def answer(self, call: Call) -> Response:
        return self._answer(call, None)

    def answer_of_another_owner(self, call: Call) -> Response:
        return self._answer(call, "a-listener")

    def _answer(self, call: Call, owner: str | None) -> Response:
        if call.path == "resolve":
            return self._resolve(call)
        kind, _, identity = call.path.partition("/")
        number, _, rest = identity.partition("/")
        genre = self._genre(number) if kind == "playlists" else None
        if genre is None or rest not in ("", "tracks"):
            return self.problem(Problem.UNKNOWN, call)
        return self._tracks(genre, call) if rest else json_answer(self._playlist(genre, owner, call))

    def _genre(self, number: str) -> str | None:
        places = {str(FIRST_PLAYLIST + at): genre for at, genre in enumerate(self._world.genres)}
        return places.get(number)

    def _resolve(self, call: Call) -> Response:
        genre = self._playlists.genre("SoundCloud", call.query.get("url", ""))
        if genre is None:
            return self.problem(Problem.UNKNOWN, call)
        location = f"https://api.soundcloud.com/playlists/{FIRST_PLAYLIST + self._world.genres.index(genre.key)}"
        return json_answer({"status": "302 - Found", "location": location}, 302, {"Location": location})

    def _playlist(self, genre: str, owner: str | None, call: Call) -> dict[str, Any]:
        entries = self._world.playlist(genre, "SoundCloud", call.day)
        account = owner or "soundcloud-sandbox"
        return {
            "kind": "playlist",
            "id": FIRST_PLAYLIST + self._world.genres.index(genre),
            "title": f"Sandbox {genre.title()} Uploads",
            "description": f"Invented {genre} tracks, made by the TuneMeld sandbox.",
            "artwork_url": f"{call.root}/covers/playlist-{genre}-large.png",
            "track_count": len(entries),
            "last_modified": f"{max(entry.added for entry in entries):%Y/%m/%d} 05:00:00 +0000",
            "sharing": "public",
            "user": {"kind": "user", "id": 1, "permalink": account, "username": account},
            "tracks": [],
        }

    def _tracks(self, genre: str, call: Call) -> Response:
        limit = min(call.number("limit", 50) or 50, LARGEST_PAGE)
        offset = call.number("offset", 0)
        entries = self._world.playlist(genre, "SoundCloud", call.day)
        page: dict[str, Any] = {
            "collection": [self._track(entry, genre, call) for entry in entries[offset : offset + limit]]
        }
        if offset + limit < len(entries):
            page["next_href"] = (
                f"https://api.soundcloud.com/{call.path}?limit={limit}&linked_partitioning=true&offset={offset + limit}"
            )
        return json_answer(page)

    def _track(self, entry: Entry, genre: str, call: Call) -> dict[str, Any]:
        recording = entry.recording
        number = self._world.identifiers.soundcloud(recording.ref)
        artist = recording.artists[0]
        plays = self._world.plays(recording, "SoundCloud", call.day)
        return {
            "kind": "track",
            "id": number,
            "urn": f"soundcloud:tracks:{number}",
            "title": title(recording),
            "permalink_url": f"https://soundcloud.com/{artist.handle}/{number}",
            "duration": duration_ms(recording),
            "artwork_url": f"{call.root}/covers/{recording.album.spotify_id}-large.png",
            "playback_count": None if recording.chance("hidden plays") < 0.003 else plays,
            "isrc": recording.isrc if recording.chance("soundcloud api isrc") < 0.2 else None,
            "metadata_artist": artist.name if recording.chance("soundcloud api artist") < 0.7 else None,
            "genre": genre,
            "access": "playable",
            "user": {"kind": "user", "id": artist.number, "username": artist.name, "permalink": artist.handle},
        }


class SoundCloudAccounts(Upstream):
    """`POST /oauth/token` with Basic authentication and `grant_type=client_credentials`."""

    name = "soundcloud_accounts"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        """Every upstream is made alike; this one needs neither."""

    def refusal(self, call: Call) -> Response | None:
        return None if call.has_basic(CREDENTIALS) else self.problem(Problem.UNAUTHORIZED, call)

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        if problem is Problem.UNAUTHORIZED:
            return json_answer({"error": "invalid_client"}, 401)
        status, message = HTTP_REASONS[problem]
        return json_answer({"error": message.lower().replace(" ", "_")}, status)

    def answer(self, call: Call) -> Response:
        """`{"access_token", "token_type": "Bearer", "expires_in": 3599, "refresh_token", "scope"}`."""
        if call.path != "oauth/token" or call.method != "POST":
            return self.problem(Problem.UNKNOWN, call)
        if parse_qs(call.body.decode(errors="replace")).get("grant_type") != ["client_credentials"]:
            return json_answer({"error": "unsupported_grant_type"}, 400)
        return json_answer(
            {
                "access_token": ACCESS_TOKEN,
                "token_type": "Bearer",
                "expires_in": TOKEN_LIFETIME,
                "refresh_token": "sandbox",
                "scope": "",
            }
        )
