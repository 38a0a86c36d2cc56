"""Whether each key is accepted, tested by the cheapest call that its service has.

There is one call per service, paid from its budget like any other; this module also reads what the answer means for the key.
`operations/prerequisites.py` checks what else a run needs.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import NotFound, QuotaExhausted, TuneMeldError, UpstreamError
from tunemeld_pipeline.plugins.registry import in_order, load_catalog
from tunemeld_pipeline.services.spotify.rapidapi import SpotifyClient
from tunemeld_pipeline.services.youtube.data_api import YouTubeClient
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.service_client import ListClient, ServiceClient, list_client

A_TRACK, A_VIDEO = "4cOdK2wGLETKBW3PvgPWqT", "dQw4w9WgXcQ"
"""Both have been there for a decade; where they are missing, as in the sandbox, the answer says so, and the key is accepted anyway."""


@dataclass(frozen=True, slots=True)
class KeyCheck:
    """What one service said: `problem` is why its key cannot be used, None where it can; `exhausted` where only units have run out."""

    service: str
    keys: str
    calls: int
    problem: str | None = None
    exhausted: bool = False


def check_keys(settings: Settings, store: Store) -> Iterator[KeyCheck]:
    """One call per service, two at most where an answer has pages; each is tried once."""
    hasty = settings.model_copy(update={"etl_retry_attempts": 1})
    catalog, now = load_catalog(settings.catalog_file), datetime.now(UTC)
    asked: list[tuple[ServiceClient, str, str, Callable[[], object]]] = []
    for service in in_order(catalog.services()):
        genre = next(one for one in catalog.genres.values() if service in one.playlists)
        lists = list_client(service)(hasty, now)
        asked.append((lists, "RAPIDAPI_KEY", genre.key, _cheapest(lists, genre.playlist(service))))
    some_genre, youtube, spotify = next(iter(catalog.genres)), YouTubeClient(hasty, now), SpotifyClient(hasty, now)
    asked.append((youtube, "YOUTUBE_API_KEY", some_genre, partial(youtube.view_counts, [A_VIDEO])))
    if settings.spotify_client_id is not None:
        asked.append((spotify, "SPOTIFY_CLIENT_ID and _SECRET", some_genre, partial(spotify.search, "Believe", "Cher")))
    for asking, keys, genre_key, ask in asked:
        yield _check(asking, keys, ask, store, genre_key)


def _cheapest(client: ListClient, playlist: Playlist) -> Callable[[], object]:
    if isinstance(client, SpotifyClient):
        return partial(client.isrcs, [A_TRACK])
    return partial(client.playlist, playlist)


def _check(client: ServiceClient, keys: str, ask: Callable[[], object], store: Store, genre: str) -> KeyCheck:
    problem, exhausted, calls = None, False, 0
    try:
        with client.opened():
            client.begin_step(store, genre)
            try:
                ask()
            except NotFound:
                pass  # an answer like any other: the key was accepted
            except QuotaExhausted as error:
                problem, exhausted = str(error), True
            except UpstreamError as error:
                problem = str(error)
            metadata = client.call_metadata()
            calls = sum(number for name, number in metadata.items() if name.startswith("calls/"))
    except TuneMeldError as error:
        problem = str(error)
    return KeyCheck(client.label, keys, calls, problem, exhausted)
