"""Apple Music's playlists, through apple-music24 on RapidAPI.

One call brings the whole list; its format is in `formats.py`.
"""

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.apple_music import GATEWAY
from tunemeld_pipeline.services.apple_music import formats as apple_music
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient
from tunemeld_pipeline.upstream.service_client import ListClient


class AppleMusicClient(ListClient):
    """Apple Music: a genre's playlist in one call."""

    def _make_clients(self) -> dict[str, HttpClient]:
        return {GATEWAY.key: self._rapidapi_client(GATEWAY.key)}

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist.

        Raises:
            UpstreamError: no whole playlist came.
        """
        return self._clients[GATEWAY.key].get(
            "/playlist1/",
            {"url": playlist.url},
            _playlist,
            budget=self._pay("apple_music", Purpose.COUNTS),
        )


def _playlist(answer: Answer) -> FetchedPlaylist:
    apple_music.PLAYLIST.read(answer.data)
    return FetchedPlaylist(answer.text, (answer.data,))
