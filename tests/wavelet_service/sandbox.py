"""Wavelet FM as the sandbox plays it: `GET /list?url=ADDRESS` on each of its three hosts."""

from datetime import timedelta
from typing import ClassVar

from starlette.responses import Response

from tests.wavelet_service import SHOWN
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import FIRST_FRIDAY, Entry, World

ROWS = 100
STATUSES = {
    Problem.UNAUTHORIZED: 401,
    Problem.FORBIDDEN: 403,
    Problem.TOO_MANY: 429,
    Problem.QUOTA: 403,
    Problem.BROKEN: 500,
    Problem.UNKNOWN: 404,
}


class WaveletHost(Upstream):
    """One of the hosts: it shows so many rows of each list."""

    rows: ClassVar[int]

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def refusal(self, call: Call) -> Response | None:
        return None

    def problem(self, problem: Problem, call: Call) -> Response:
        return json_answer({"error": problem.value}, STATUSES[problem])

    def answer(self, call: Call) -> Response:
        return self._list(call, self.rows)

    def answer_in_part(self, call: Call) -> Response:
        """A list that has collapsed to two rows."""
        return self._list(call, 2, total=2)

    def _list(self, call: Call, rows: int, total: int | None = None) -> Response:
        genre = self._playlists.genre("Wavelet", call.query.get("url", ""))
        if genre is None:
            return json_answer({"error": "no such list"}, 404)
        # Its editors change it on Fridays alone: between them only how much a source shows of it can differ.
        friday = call.day - timedelta(days=(call.day - FIRST_FRIDAY).days % 7)
        entries = self._world.playlist(genre.key, "Wavelet", friday)
        shown = [_row(entry) for entry in entries[:rows]]
        return json_answer({"owner": "editors", "total": total or len(entries), "tracks": shown})


def _row(entry: Entry) -> dict[str, object]:
    recording = entry.recording
    own = recording.spotify_id.lower()
    return {
        "id": own,
        "title": recording.title + (f" ({recording.version})" if recording.version else ""),
        "artist": ", ".join(artist.name for artist in recording.artists),
        "url": f"https://wavelet.example/track/{own}",
        "isrc": recording.isrc,
        "ms": recording.duration_ms,
    }


class Small(WaveletHost):
    """Thirty rows."""

    name = "wavelet_small"
    rows = SHOWN["small"]


class Middle(WaveletHost):
    """Fifty rows."""

    name = "wavelet_middle"
    rows = SHOWN["middle"]


class Large(WaveletHost):
    """All of them."""

    name = "wavelet_large"
    rows = SHOWN["large"]


UPSTREAMS = (Small, Middle, Large)
