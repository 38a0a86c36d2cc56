"""Looking ISRCs up in MusicBrainz by title and artist: one request a second, so between runs, with a contact in the User-Agent."""

from collections.abc import Callable, Sequence
from urllib.parse import quote

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import NotFound
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.musicbrainz import BUDGET, HOST
from tunemeld_pipeline.services.musicbrainz import formats as musicbrainz
from tunemeld_pipeline.upstream.answers import SearchHit
from tunemeld_pipeline.upstream.client import Answer, HttpClient
from tunemeld_pipeline.upstream.service_client import IsrcClient
from tunemeld_pipeline.wire_formats.reading import ReadItems

MOST_HITS = 10


class MusicBrainzClient(IsrcClient):
    """MusicBrainz's search, and the ISRCs of what it finds."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {HOST.key: self._client(HOST.key, {"Accept": "application/json"})}

    @property
    def client(self) -> HttpClient:
        return self._clients[HOST.key]

    def key_calls(self, playlist: Playlist | None) -> list[tuple[str, Callable[[], object]]]:  # noqa: ARG002
        """None: it has no key."""
        return []

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        """The first recordings that MusicBrainz finds for these words.

        Raises:
            UpstreamError: no list came.
        """
        words = f'recording:"{_plain(title)}" AND artist:"{_plain(artist)}"'
        reading = self.client.get(
            "/recording",
            {"query": words, "limit": MOST_HITS, "fmt": "json"},
            read_hits,
            budget=self._pay(BUDGET.name, Purpose.REST if again else Purpose.LOOKUPS),
        )
        return self._noted("search", reading)

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        """The ISRCs of recordings by their ids, a call each; those without one, or that are gone, are left out.

        Raises:
            UpstreamError: a call gave no recording.
        """
        found = {track_id: self._isrc(track_id) for track_id in track_ids}
        return {track_id: isrc for track_id, isrc in found.items() if isrc}

    def _isrc(self, track_id: str) -> str | None:
        try:
            reading = self.client.get(
                f"/recording/{quote(track_id, safe='')}",
                {"inc": "isrcs", "fmt": "json"},
                read_isrc,
                budget=self._pay(BUDGET.name, Purpose.LOOKUPS),
            )
        except NotFound:
            return None
        return next(iter(self._noted("recording", reading)), None)


def _plain(text: str) -> str:
    """The words as they may stand within quotation marks, in which a backslash has a meaning too."""
    return text.replace('"', " ").replace("\\", " ").strip()


def read_hits(answer: Answer) -> ReadItems[SearchHit]:
    """The recordings of a search's answer."""
    return musicbrainz.RECORDING.read_answer(
        musicbrainz.SEARCH.read(answer.data)["recordings"],
        lambda values: SearchHit(**values, album_id=None, cover_url=None),
    )


def read_isrc(answer: Answer) -> ReadItems[str | None]:
    """The first ISRC of a recording."""
    return musicbrainz.ISRCS_OF.read_one(answer.data, lambda values: values["isrc"])
