"""Good answers of every upstream, as the sandbox gives them in a small world, and a client that is answered with anything.

This module calls the sandbox's upstreams without a server in between, and runs a real HTTP server that plays the answers it is given;
`mutations.py` mutates them.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import islice
from urllib.parse import urlsplit

from starlette.datastructures import Headers, QueryParams

from tests.wire import WireServer, answer
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.cloudflare import PREFIX, Cloudflare
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream
from tunemeld_pipeline.sandbox.world import Entry, World
from tunemeld_pipeline.services.apple_music.sandbox import AppleMusic, AppleMusicApi, AppleMusicPage
from tunemeld_pipeline.services.deezer.sandbox import Deezer
from tunemeld_pipeline.services.musicbrainz.sandbox import MusicBrainz
from tunemeld_pipeline.services.soundcloud.sandbox import SoundCloud, SoundCloudApi, SoundCloudOembed
from tunemeld_pipeline.services.spotify.sandbox import Spotify, SpotifyOembed, SpotifyPage
from tunemeld_pipeline.services.spotify.sandbox_reccobeats import ReccoBeats
from tunemeld_pipeline.services.spotify.sandbox_web_api import SpotifyAccounts, SpotifyWebApi
from tunemeld_pipeline.services.youtube.sandbox import YouTube
from tunemeld_pipeline.storage.plans import StatedPlan
from tunemeld_pipeline.upstream.client import ErrorReader, HttpClient, Limits

DAY = date(2026, 3, 2)
ROWS = 8
"""Short lists: a mutation then meets what matters more often."""

DANCE = load_catalog().genre("dance")
WORLD = World(1, load_catalog(), dict.fromkeys(keys(), ROWS))
DIRECTORY = PlaylistDirectory(load_catalog())
UPSTREAMS: tuple[Upstream, ...] = (
    Spotify(WORLD, DIRECTORY),
    AppleMusic(WORLD, DIRECTORY),
    SoundCloud(WORLD, DIRECTORY),
    YouTube(WORLD, DIRECTORY),
    SpotifyWebApi(WORLD, DIRECTORY),
    SpotifyAccounts(WORLD, DIRECTORY),
    SpotifyOembed(WORLD, DIRECTORY),
    SoundCloudOembed(WORLD, DIRECTORY),
    Cloudflare(),
)
SPOTIFY, APPLE_MUSIC, SOUNDCLOUD, YOUTUBE, WEB_API, ACCOUNTS, SPOTIFY_OEMBED, SOUNDCLOUD_OEMBED, CLOUDFLARE = UPSTREAMS
SPOTIFY_PAGE = SpotifyPage(WORLD, DIRECTORY)
APPLE_MUSIC_API = AppleMusicApi(WORLD, DIRECTORY)
APPLE_MUSIC_PAGE = AppleMusicPage(WORLD, DIRECTORY)
SOUNDCLOUD_API = SoundCloudApi(WORLD, DIRECTORY)
DEEZER = Deezer(WORLD, DIRECTORY)
RECCOBEATS = ReccoBeats(WORLD, DIRECTORY)
MUSICBRAINZ = MusicBrainz(WORLD, DIRECTORY)


def body(upstream: Upstream, path: str = "", *, method: str = "GET", sent: bytes = b"", **query: str) -> bytes:
    """What this upstream answers to a request with a good key."""
    headers = Headers({"content-type": "application/x-www-form-urlencoded"})
    return bytes(upstream.answer(Call(method, path, DAY, QueryParams(query), headers, sent, "https://sandbox")).body)


@cache
def playlist(service: str, source: str = "rapidapi") -> bytes:
    """A service's playlist of one genre, as a source of it sends it: one page, whole."""
    match service, source:
        case "Spotify", "page":
            return body(SPOTIFY_PAGE, f"playlist/{last_part(DANCE.playlist('Spotify').url)}")
        case "AppleMusic", "developer":
            identity = last_part(DANCE.playlist("AppleMusic").url)
            return body(APPLE_MUSIC_API, f"v1/catalog/us/playlists/{identity}/tracks", limit="6")
        case "AppleMusic", "page":
            return body(APPLE_MUSIC_PAGE, urlsplit(DANCE.playlist("AppleMusic").url).path.strip("/"))
        case "SoundCloud", "official":
            return body(SOUNDCLOUD_API, f"playlists/{last_part(DANCE.playlist('SoundCloud').url)}/tracks")
        case "Spotify", _:
            return body(SPOTIFY, "playlist_tracks", id=last_part(DANCE.playlist("Spotify").url), limit="100")
        case "AppleMusic", _:
            return body(APPLE_MUSIC, "playlist1", url=DANCE.playlist("AppleMusic").url)
        case "Deezer", _:
            return body(DEEZER, f"playlist/{last_part(DANCE.playlist('Deezer').url)}")
        case "SoundCloud", _:
            return body(SOUNDCLOUD, "v1/playlist/tracks", playlist=DANCE.playlist("SoundCloud").url)


def charted(count: int) -> list[Entry]:
    """The first recordings of Spotify's list."""
    return list(islice(WORLD.playlist("dance", "Spotify", DAY), count))


def errors(upstream: Upstream) -> list[bytes]:
    """Every error body that an upstream is known for."""
    call = Call("GET", "search", DAY, QueryParams(), Headers(), b"", "https://sandbox")
    return [bytes(upstream.problem(problem, call).body) for problem in Problem]


def value_of_cloudflare(text: str) -> bytes:
    """The answer to a bulk write of one value."""
    pairs = f'[{{"key":"k","value":{text},"expiration_ttl":60}}]'.encode()
    return body(CLOUDFLARE, f"{PREFIX}/bulk", method="PUT", sent=pairs)


class Purse:
    """A budget that is always full."""

    def spend(self, units: int) -> None: ...

    def declare_exhausted(self) -> None: ...

    def note_plan(self, stated: StatedPlan) -> None: ...


@dataclass
class Played:
    """What the server plays next, and the client that asks it."""

    client: HttpClient
    content: bytes = b"{}"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@contextmanager
def played(read_error: ErrorReader) -> Iterator[Played]:
    """A client of a real HTTP server that answers with what is put into `content`, `status` and `headers`."""
    here: Played

    def reply(_: object) -> bytes:
        return answer(here.content, here.status, here.headers)

    limits = Limits(attempts=1, first_wait=0, request_timeout=10, call_deadline=20, threads=1)
    with (
        WireServer([reply]) as server,
        HttpClient("Test", server.url, {"X-Key": "canary-7f3a9c51e2b84d06"}, limits, read_error) as client,
    ):
        here = Played(client)
        yield here
