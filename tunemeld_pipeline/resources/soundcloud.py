"""SoundCloud's playlists, through soundcloud-scraper on RapidAPI, as a Dagster resource.

What belongs here: its paths, paging, and how its bodies are checked. What does not: reading rows (`charts/playlists.py`). Play counts come
with the playlist itself. The format is that of captured responses.
"""

from typing import ClassVar

from tunemeld_pipeline.charts.catalog import Genre, Service
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.playlists import soundcloud_entries
from tunemeld_pipeline.charts.received import count, optional_text, text_of, web_address
from tunemeld_pipeline.resources.paging import Page, all_pages
from tunemeld_pipeline.resources.upstream import Endpoint, UpstreamResource, no_known_error
from tunemeld_pipeline.storage.budgets import Purpose
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient, UnlimitedBudget

PAGE_SIZE = 50


class SoundCloudResource(UpstreamResource):
    """SoundCloud: a genre's playlist page by page, and what people see of it."""

    bucket_names: ClassVar = ("soundcloud",)

    @property
    def label(self) -> str:
        """The name that people and errors use."""
        return "SoundCloud"

    def _make_clients(self) -> dict[Endpoint, HttpClient]:
        rate = self.settings.soundcloud_rate_limit
        return {
            Endpoint.SOUNDCLOUD: self._rapidapi_client(Endpoint.SOUNDCLOUD, rate),
            Endpoint.SOUNDCLOUD_OEMBED: self._client(Endpoint.SOUNDCLOUD_OEMBED, {}, rate, no_known_error),
        }

    def playlist(self, genre: Genre) -> FetchedPlaylist:
        """The genre's playlist, followed to its end.

        Raises:
            UpstreamError: no whole playlist came.
        """
        url = genre.playlist(Service.SOUNDCLOUD).url
        client, budget = self._clients[Endpoint.SOUNDCLOUD], self._pay("soundcloud", Purpose.COUNTS)
        return all_pages(
            self.label,
            lambda offset: client.get(
                "/v1/playlist/tracks", {"playlist": url, "limit": PAGE_SIZE, "offset": offset}, _page, budget=budget
            ),
        )

    def description(self, genre: Genre) -> PlaylistDescription:
        """The playlist's name, description and cover, by oEmbed.

        Raises:
            UpstreamError: nothing usable came.
        """
        return self._clients[Endpoint.SOUNDCLOUD_OEMBED].get(
            "",
            {"format": "json", "url": genre.playlist(Service.SOUNDCLOUD).url},
            read_oembed,
            budget=UnlimitedBudget(),
        )


def _page(answer: Answer) -> Page:
    entries = soundcloud_entries(answer.data)
    following = answer.data["tracks"].get("nextOffset")
    return Page(answer.text, len(entries), count(following))


def read_oembed(answer: Answer) -> PlaylistDescription:
    """An oEmbed answer (oembed.com): `title`, `thumbnail_url`, and SoundCloud's own `description`."""
    data = answer.data
    cover = data.get("thumbnail_url")
    if not isinstance(cover, str | None):
        raise TypeError("thumbnail_url is no address")
    return PlaylistDescription(
        name=text_of(data["title"]),
        cover_url=web_address(cover),
        description=optional_text(data.get("description")),
    )
