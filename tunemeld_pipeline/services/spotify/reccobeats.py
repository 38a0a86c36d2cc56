"""ReccoBeats, which tells the ISRCs of Spotify's tracks by their ids, without a key. What it says is a hint: title, artist and length
of the row have to agree with it.
"""

from collections.abc import Callable, Sequence

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.spotify import reccobeats_formats as reccobeats
from tunemeld_pipeline.upstream.client import Answer, HttpClient
from tunemeld_pipeline.upstream.service_client import HintClient
from tunemeld_pipeline.wire_formats.reading import ReadItems

KEY = "spotify_reccobeats"


class ReccoBeatsClient(HintClient):
    """ReccoBeats: recordings by Spotify's ids."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {KEY: self._client(KEY)}

    @property
    def client(self) -> HttpClient:
        return self._clients[KEY]

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """None: it has no key."""
        return []

    def recordings(self, track_ids: Sequence[str]) -> dict[str, Row]:
        """What ReccoBeats says of these tracks, forty at most, by id; what it does not know is left out.

        Raises:
            UpstreamError: nothing usable came.
        """
        budget = self._pay(KEY, Purpose.LOOKUPS)
        reading = self.client.get("/track", {"ids": ",".join(track_ids)}, read_tracks, budget=budget)
        return dict(self._noted("tracks", reading))


def read_tracks(answer: Answer) -> ReadItems[tuple[str, Row]]:
    """The tracks of an answer, each with its id on Spotify."""
    tracks = reccobeats.ANSWER.read(answer.data)["tracks"]
    return reccobeats.RECCOBEATS_TRACK.read_answer(tracks, lambda values: (values.pop("track_id"), Row(**values)))
