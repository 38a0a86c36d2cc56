"""Which genre a playlist's id or address belongs to, by looking it up in the catalogue.

`world.py` and `replay.py` decide what is on a playlist.
"""

from urllib.parse import unquote, urlsplit

from tunemeld_pipeline.charts.catalog import Catalog, Genre, Service


class PlaylistDirectory:
    """The catalogue's playlists by id or address."""

    def __init__(self, catalog: Catalog) -> None:
        self._genres: dict[tuple[Service, str], Genre] = {}
        for genre in catalog.genres.values():
            self._genres[Service.SPOTIFY, genre.spotify.spotify_id] = genre
            for service in Service:
                self._genres[service, _bare(genre.playlist(service).url)] = genre

    def genre(self, service: Service, id_or_address: str) -> Genre | None:
        """The genre whose playlist this is, or None. Addresses may lack their scheme and carry a query."""
        return self._genres.get((service, id_or_address)) or self._genres.get((service, _bare(id_or_address)))


def _bare(address: str) -> str:
    parts = urlsplit(address if "//" in address else f"//{address}")
    return f"{(parts.hostname or '').removeprefix('www.')}{unquote(parts.path).rstrip('/')}"
