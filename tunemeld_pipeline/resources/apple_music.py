"""Apple Music's playlists, through apple-music24 on RapidAPI, as a Dagster resource.

What belongs here: its one path and how its body is checked. What does not: reading rows (`charts/playlists.py`). The format is that of
captured responses: rows under numeric string keys, no ISRC, no artwork per track.
"""

from typing import ClassVar

from tunemeld_pipeline.charts.catalog import Genre, Service
from tunemeld_pipeline.charts.documents import PlaylistDescription
from tunemeld_pipeline.charts.playlists import apple_music_entries
from tunemeld_pipeline.charts.received import web_address
from tunemeld_pipeline.resources.upstream import Endpoint, UpstreamResource
from tunemeld_pipeline.storage.budgets import Purpose
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import Answer, HttpClient

COVER_PIXELS = "600"


class AppleMusicResource(UpstreamResource):
    """Apple Music: a genre's playlist in one call."""

    bucket_names: ClassVar = ("apple_music",)

    @property
    def label(self) -> str:
        """The name that people and errors use."""
        return "Apple Music"

    def _make_clients(self) -> dict[Endpoint, HttpClient]:
        return {Endpoint.APPLE_MUSIC: self._rapidapi_client(Endpoint.APPLE_MUSIC, self.settings.apple_music_rate_limit)}

    def playlist(self, genre: Genre) -> FetchedPlaylist:
        """The genre's playlist.

        Raises:
            UpstreamError: no whole playlist came.
        """
        return self._clients[Endpoint.APPLE_MUSIC].get(
            "/playlist1/",
            {"url": genre.playlist(Service.APPLE_MUSIC).url},
            _playlist,
            budget=self._pay("apple_music", Purpose.COUNTS),
        )


def _playlist(answer: Answer) -> FetchedPlaylist:
    apple_music_entries(answer.data)
    thumb = answer.data["album_details"].get("thumb")
    return FetchedPlaylist(answer.text, PlaylistDescription(cover_url=cover_address(thumb)))


def cover_address(template: object) -> str | None:
    """The picture that Apple's template `…{w}x{h}SC.DN01.{f}…` means, as a 600-pixel JPEG."""
    address = web_address(template)
    return (
        None
        if address is None
        else address.replace("{w}", COVER_PIXELS).replace("{h}", COVER_PIXELS).replace("{f}", "jpg")
    )
