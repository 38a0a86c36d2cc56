"""How Wavelet FM's sources are asked: one call, one list."""

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.service_client import ListClient


class WaveletClient(ListClient):
    """Wavelet FM, by the one host of the source that it is opened for."""

    def _make_clients(self) -> dict[str, HttpClient]:
        (host,) = self.access.hosts
        headers = {"X-Key": self.setting("WAVELET_KEY")} if self.access.needs else {}
        return {host.key: self._client(host.key, headers)}

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The list."""
        (client,) = self._clients.values()
        return client.get("/list", {"url": playlist.url}, _fetched, budget=UnlimitedBudget())


def _fetched(answer: Answer) -> FetchedPlaylist:
    return FetchedPlaylist(answer.text, (answer.data,))
