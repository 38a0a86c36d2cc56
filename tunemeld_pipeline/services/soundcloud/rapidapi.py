"""SoundCloud's playlists, through soundcloud-scraper on RapidAPI.

Its pages are followed to the end, and play counts come with them; the format is in `formats.py`.
"""

from collections import Counter

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.plugins.contract import Purpose
from tunemeld_pipeline.services.soundcloud import GATEWAY, OEMBED
from tunemeld_pipeline.services.soundcloud import formats as soundcloud
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget
from tunemeld_pipeline.upstream.oembed import read_oembed
from tunemeld_pipeline.upstream.paging import Page, all_pages, page_of
from tunemeld_pipeline.upstream.service_client import ListClient

PAGE_SIZE = 50


class SoundCloudClient(ListClient):
    """SoundCloud: a genre's playlist page by page, and what people see of it."""

    describes = True
    rows_per_call = PAGE_SIZE

    def _make_clients(self) -> dict[str, HttpClient]:
        return {GATEWAY.key: self._rapidapi_client(GATEWAY.key), OEMBED.key: self._client(OEMBED.key)}

    def playlist(self, playlist: Playlist) -> FetchedPlaylist:
        """The playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        url = playlist.url
        client, budget = self._clients[GATEWAY.key], self._pay("soundcloud", Purpose.COUNTS)
        return all_pages(
            self.label,
            lambda offset: client.get(
                "/v1/playlist/tracks",
                {"playlist": url, "limit": PAGE_SIZE, "offset": offset},
                lambda answer: read_page(answer, offset),
                budget=budget,
            ),
        )

    def description(self, playlist: Playlist) -> PlaylistDescription:
        """The playlist's name, description and cover, by oEmbed.

        Raises:
            UpstreamError: nothing usable came.
        """
        reading = self._clients[OEMBED.key].get(
            "",
            {"format": "json", "url": playlist.url},
            read_oembed,
            budget=UnlimitedBudget(),
        )
        return self._noted("oembed", reading)[0]


def read_page(answer: Answer, offset: int) -> Page:
    """A page of a playlist, requested from `offset` on."""
    unreadable = Counter[str]()
    read = soundcloud.PLAYLIST_PAGE.read(answer.data, unreadable)
    rows, following = len(read["items"]), read["next_offset"]
    backwards = following is not None and following < offset + rows and rows < PAGE_SIZE
    beyond = following is not None and following > offset + max(rows, PAGE_SIZE)
    unsure = bool(unreadable) or backwards or beyond
    return page_of(answer, rows, PAGE_SIZE, following, unreadable=unsure)
