"""Looking ISRCs up on Deezer by title and artist, for recordings that have none on any list; the tracks that are found tell them."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import NotFound
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.deezer import formats as deezer
from tunemeld_pipeline.services.deezer.api import read_error, read_track
from tunemeld_pipeline.upstream.answers import SearchHit
from tunemeld_pipeline.upstream.client import Answer, HttpClient
from tunemeld_pipeline.upstream.service_client import IsrcClient
from tunemeld_pipeline.wire_formats.reading import ReadItems

BUDGET = "deezer_search"
MOST_HITS = 10


class DeezerSearchClient(IsrcClient):
    """Deezer's search, and the ISRCs of what it finds."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {"deezer": self._client("deezer", read_error=read_error)}

    @property
    def client(self) -> HttpClient:
        return self._clients["deezer"]

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """None: it has no key."""
        return []

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        """The first tracks that Deezer finds for these words.

        Raises:
            UpstreamError: no list came.
        """
        purpose = Purpose.REST if again else Purpose.LOOKUPS
        words = " ".join(f'{name}:"{text}"' for name, text in (("artist", _plain(artist)), ("track", _plain(title))))
        reading = self.client.get(
            "/search", {"q": words, "limit": MOST_HITS}, read_hits, budget=self._pay(BUDGET, purpose)
        )
        return self._noted("search", reading)

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """The ISRCs of tracks by their ids, a call each; tracks without one, or that are gone, are left out.

        Raises:
            UpstreamError: a call gave no track.
        """
        found = zip(track_ids, self.client.map(self._isrc, track_ids), strict=True)
        return {track_id: isrc for track_id, isrc in found if isrc}

    def _isrc(self, track_id: str) -> str | None:
        try:
            reading = self.client.get(
                f"/track/{quote(track_id, safe='')}", {}, read_track, budget=self._pay(BUDGET, Purpose.LOOKUPS)
            )
        except NotFound:
            return None
        return next((row.isrc for row in self._noted("track", reading)), None)


def _plain(text: str) -> str:
    """The words as they may stand within quotation marks."""
    return text.replace('"', " ").strip()


def read_hits(answer: Answer) -> ReadItems[SearchHit]:
    """The tracks of a search's answer."""
    hits = deezer.SEARCH.read(answer.data)["rows"]
    return deezer.ROW.read_answer(hits, _hit)


def _hit(values: dict[str, object]) -> SearchHit:
    known = {name: values[name] for name in ("isrc", "duration_ms")}
    return SearchHit(
        track_id=str(values["service_track_id"]),
        name=str(values["track_name"]),
        artist_name=str(values["artist_name"]),
        album_id=None,
        cover_url=None,
        **known,  # type: ignore[arg-type]
    )
