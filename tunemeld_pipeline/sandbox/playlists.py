"""Which genre a playlist's id or address belongs to, by looking it up in the catalogue.

`world.py` and `replay.py` decide what is on a playlist.
"""

from urllib.parse import unquote, urlsplit

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.plugins import registry


class PlaylistDirectory:
    """The catalogue's playlists by id or address."""

    def __init__(self, catalog: Catalog) -> None:
        self._genres: dict[tuple[str, str], Genre] = {}
        for genre in catalog.genres.values():
            for service, playlists in genre.playlists.items():
                for playlist in playlists:
                    self._genres[service, registry.service(service).playlist_id(playlist.url)] = genre
                    self._genres[service, _bare(playlist.url)] = genre

    def genre(self, service: str, id_or_address: str) -> Genre | None:
        """The genre whose playlist this is, or None. Addresses may lack their scheme and carry a query."""
        return self._genres.get((service, id_or_address)) or self._genres.get((service, _bare(id_or_address)))


def _bare(address: str) -> str:
    parts = urlsplit(address if "//" in address else f"//{address}")
    return f"{(parts.hostname or '').removeprefix('www.')}{unquote(parts.path).rstrip('/')}"
