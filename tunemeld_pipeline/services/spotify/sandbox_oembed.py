"""Spotify's oEmbed endpoint, played."""

from typing import Any

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.upstreams.oembed import Oembed


class SpotifyOembed(Oembed):
    """Spotify's: no description."""

    name = "spotify_oembed"
    service = "Spotify"

    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        identity = last_part(genre.playlist("Spotify").url)
        embed = f"https://open.spotify.com/embed/playlist/{identity}?utm_source=oembed"
        title = genre.playlist("Spotify").name or f"Sandbox {genre.display_name}"
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
