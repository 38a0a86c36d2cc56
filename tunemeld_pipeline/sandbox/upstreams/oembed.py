"""The oEmbed endpoints of Spotify and SoundCloud: name and cover of a playlist, without a key.

Both bodies follow captured responses and the oEmbed specification 1.0. They are decoration: a playlist is complete without them.
"""

from abc import abstractmethod
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.charts.catalog import Genre, Service
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer

STATUS = {
    Problem.UNAUTHORIZED: (401, "Unauthorized"),
    Problem.FORBIDDEN: (403, "Forbidden"),
    Problem.TOO_MANY: (429, "Too Many Requests"),
    Problem.QUOTA: (429, "Too Many Requests"),
    Problem.BROKEN: (500, "Internal Server Error"),
    Problem.UNKNOWN: (404, "Not Found"),
}


class Oembed(Upstream):
    """`GET ?url=ADDRESS`: the base address is the endpoint itself."""

    service: Service

    def __init__(self, playlists: PlaylistDirectory) -> None:
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        return call.path or "oembed"

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        status, message = STATUS[problem]
        return json_answer({"error": message}, status)

    def answer(self, call: Call) -> Response:
        genre = self._playlists.genre(self.service, call.query.get("url", "")) if not call.path else None
        return json_answer(self._body(genre, call.root)) if genre else self.problem(Problem.UNKNOWN, call)

    @abstractmethod
    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        """What is known about the playlist."""


class SpotifyOembed(Oembed):
    """Spotify's: no description."""

    name = "spotify_oembed"
    service = Service.SPOTIFY

    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        identity = genre.spotify.spotify_id
        embed = f"https://open.spotify.com/embed/playlist/{identity}?utm_source=oembed"
        title = genre.spotify.name or f"Sandbox {genre.display_name}"
        return {
            "html": f'<iframe width="100%" height="352" title="Spotify Embed: {title}" src="{embed}"></iframe>',
            "iframe_url": embed,
            "width": 456,
            "height": 352,
            "version": "1.0",
            "provider_name": "Spotify",
            "provider_url": "https://spotify.com",
            "type": "rich",
            "title": title,
            "thumbnail_url": f"{root}/covers/playlist-{identity}.png",
            "thumbnail_width": 300,
            "thumbnail_height": 300,
        }


class SoundCloudOembed(Oembed):
    """SoundCloud's: needs `format=json`; the real one otherwise answers with XML, which is not played here."""

    name = "soundcloud_oembed"
    service = Service.SOUNDCLOUD

    def answer(self, call: Call) -> Response:
        if call.query.get("format") != "json":
            return json_answer({"error": "the sandbox speaks format=json only"}, 501)
        return super().answer(call)

    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        title = genre.soundcloud.name or f"Sandbox {genre.display_name} Uploads"
        return {
            "version": 1.0,
            "type": "rich",
            "provider_name": "SoundCloud",
            "provider_url": "https://soundcloud.com",
            "height": 450,
            "width": "100%",
            "title": f"{title} by Sandbox",
            "description": f"Invented {genre.display_name} tracks, made by the TuneMeld sandbox.",
            "thumbnail_url": f"{root}/covers/playlist-{genre.key}-t500x500.png",
            "html": f'<iframe width="100%" height="450" src="{genre.soundcloud.url}"></iframe>',
            "author_name": "Sandbox",
            "author_url": genre.soundcloud.url.partition("/sets/")[0],
        }
