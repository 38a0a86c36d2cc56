"""MusicBrainz, played: recordings by words, of which most have their ISRCs only when they are looked up, and some not at all."""

import re
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Recording, World

WITHOUT_ISRC = 0.2
"""The share of recordings whose ISRC nobody has entered."""

MOST_HITS = 100
WORDS = re.compile(r'(?:recording|artist):"|"|\bAND\b')
"""What a search's words stand between: `recording:"…" AND artist:"…"`."""

NOBODY = re.compile(r"^(?!.*\(\+?.+\)).*$")
"""A User-Agent without a contact."""

ERRORS = {
    Problem.UNAUTHORIZED: (401, "Authorization required"),
    Problem.FORBIDDEN: (403, "Your requests are blocked; your User-Agent has no contact"),
    Problem.TOO_MANY: (503, "Your requests are exceeding the allowable rate limit."),
    Problem.QUOTA: (503, "Your requests are exceeding the allowable rate limit."),
    Problem.BROKEN: (502, "Bad gateway"),
    Problem.UNKNOWN: (404, "Not Found"),
}


class MusicBrainz(Upstream):
    """`GET /recording?query=&limit=&fmt=json`, `/recording/ID?inc=isrcs&fmt=json`."""

    name = "musicbrainz"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:  # noqa: ARG002
        self._world = world

    def endpoint(self, call: Call) -> str:
        return "recording" if "/" in call.path else "search"

    def refusal(self, call: Call) -> Response | None:
        agent = call.headers.get("user-agent", "")
        return self.problem(Problem.FORBIDDEN, call) if NOBODY.fullmatch(agent) else None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        status, message = ERRORS[problem]
        return json_answer({"error": message, "help": "For usage, please see the documentation"}, status)

    def answer(self, call: Call) -> Response:
        kind, _, identity = call.path.partition("/")
        if kind != "recording":
            return self.problem(Problem.UNKNOWN, call)
        if identity:
            place = self._world.identifiers.track_of(identity)
            recording = self._world.recording(place, call.day) if place is not None else None
            if recording is None:
                return self.problem(Problem.UNKNOWN, call)
            known = recording.chance("musicbrainz") >= WITHOUT_ISRC
            return json_answer(_words(recording) | {"isrcs": [recording.isrc] if known else []})
        words = WORDS.sub(" ", call.query.get("query", ""))
        found = self._world.search(words, call.day, min(call.number("limit", 25), MOST_HITS))
        return json_answer({"count": len(found), "offset": 0, "recordings": [_words(one) for one in found]})


def _words(recording: Recording) -> dict[str, Any]:
    everyone = (*recording.artists, *recording.featured)
    return {
        "id": recording.spotify_id,
        "score": 100,
        "title": recording.title,
        "length": recording.duration_ms,
        "disambiguation": recording.version or "",
        "video": None,
        "artist-credit": [
            {
                "name": artist.name,
                "joinphrase": " & " if artist is not everyone[-1] else "",
                "artist": {"id": artist.spotify_id, "name": artist.name, "sort-name": artist.name},
            }
            for artist in everyone
        ],
        "first-release-date": str(recording.released),
    }


UPSTREAMS = (MusicBrainz,)
