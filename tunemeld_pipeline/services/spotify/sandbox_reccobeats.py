"""ReccoBeats, played: Spotify's tracks by their ids, in another order than asked and with gaps, as public code says of it."""

from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Recording, World
from tunemeld_pipeline.services.spotify.sandbox_gateway import credited, track_name

MOST_IDS = 40
UNKNOWN = 0.1
"""The share of tracks that it does not know."""

ERRORS = {
    Problem.UNAUTHORIZED: 401,
    Problem.FORBIDDEN: 403,
    Problem.TOO_MANY: 429,
    Problem.QUOTA: 429,
    Problem.BROKEN: 500,
    Problem.UNKNOWN: 404,
}


class ReccoBeats(Upstream):
    """`GET /track?ids=ID,ID`."""

    name = "spotify_reccobeats"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:  # noqa: ARG002
        self._world = world

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:
        status = ERRORS[problem]
        return json_answer({"timestamp": f"{call.day}T00:00:00Z", "error": problem.value, "status": status}, status)

    def answer(self, call: Call) -> Response:
        ids = [one for one in call.query.get("ids", "").split(",") if one]
        if call.path != "track" or not ids or len(ids) > MOST_IDS:
            return self.problem(Problem.UNKNOWN, call)
        places = {one: self._world.identifiers.track_of(one) for one in ids}
        found = [self._world.recording(place, call.day) for place in places.values() if place is not None]
        known = [one for one in found if one is not None and one.chance("reccobeats") >= UNKNOWN]
        return json_answer({"content": [_track(one) for one in reversed(known)]})


def _track(recording: Recording) -> dict[str, Any]:
    return {
        "id": f"00000000-0000-4000-8000-{recording.ref.pack():012x}"[:36],
        "trackTitle": track_name(recording),
        "artists": [
            {"id": str(one.number), "name": one.name, "href": f"https://open.spotify.com/artist/{one.spotify_id}"}
            for one in credited(recording)
        ],
        "durationMs": recording.duration_ms,
        "isrc": recording.isrc,
        "ean": None,
        "upc": None,
        "href": f"https://open.spotify.com/track/{recording.spotify_id}",
        "availableCountries": "US",
        "popularity": int(recording.strength * 100),
    }
