"""SoundCloud as the scraper behind the gateway sends it (`soundcloud-scraper`): a playlist, in pages, with play counts.

Words and bodies follow captured responses. Playlist covers come from SoundCloud's oEmbed (`oembed.py`).
"""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zlib import crc32

from starlette.responses import Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.gateway import GatewayUpstream
from tunemeld_pipeline.sandbox.upstreams.oembed import Oembed
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Recorded, json_answer
from tunemeld_pipeline.sandbox.world import Entry, Recording, World, slug
from tunemeld_pipeline.services.soundcloud.sandbox_official import SoundCloudAccounts, SoundCloudApi
from tunemeld_pipeline.services.soundcloud.sandbox_words import duration_ms, title

LARGEST_PAGE = 50


class SoundCloud(GatewayUpstream):
    """`GET /v1/playlist/tracks?playlist=ADDRESS&limit=50&offset=0`."""

    name = "soundcloud"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def answer(self, call: Call) -> Response:
        """`{"status", "errorId", "type", "id", "permalinkUrl", "tracks": {"nextOffset": 50 | null, "items"}}`.

        After a full last page some captured playlists say null, and others where the next page would begin; here the genre decides
        which, and that next page is empty.
        """
        if call.path != "v1/playlist/tracks":
            return self.problem(Problem.UNKNOWN, call)
        genre = self._playlists.genre("SoundCloud", call.query.get("playlist", ""))
        if genre is None:
            return json_answer({"status": False, "errorId": "NotFound", "message": "Playlist not found"}, 404)
        entries = self._world.playlist(genre.key, "SoundCloud", call.day)
        limit = min(call.number("limit", LARGEST_PAGE) or LARGEST_PAGE, LARGEST_PAGE)
        offset = call.number("offset", 0)
        page = entries[offset : offset + limit]
        position = self._world.genres.index(genre.key)
        more = offset + limit < len(entries) or (len(page) == limit and position % 2 == 1)
        return json_answer(
            {
                "status": True,
                "errorId": "Success",
                "type": "playlist",
                "id": 700_000_000 + position,
                "permalinkUrl": genre.playlist("SoundCloud").url,
                "tracks": {
                    "nextOffset": offset + limit if more else None,
                    "items": [self._item(entry, genre.display_name, call) for entry in page],
                },
            }
        )

    def _item(self, entry: Entry, genre_name: str, call: Call) -> dict[str, Any]:
        recording = entry.recording
        number = self._world.identifiers.soundcloud(recording.ref)
        plays = self._world.plays(recording, "SoundCloud", call.day)
        length = duration_ms(recording)
        uploader, handle = self._uploader(recording)
        released = f"{recording.released}T00:00:00Z"
        return {
            "type": "track",
            "id": number,
            "permalink": f"https://soundcloud.com/{handle}/{slug(title(recording)) or number}",
            "createdAt": released,
            "lastModified": f"{entry.added}T03:30:15Z",
            "title": title(recording),
            "caption": None,
            "description": None,
            "goPlus": False,
            "durationMs": length,
            "durationText": f"{length // 60_000:02}:{length // 1000 % 60:02}",
            "artworkUrl": f"{call.root}/covers/{recording.album.spotify_id}-original.png",
            "releaseDate": None if recording.chance("no release date") < 0.1 else released,
            "genre": genre_name,
            "labelName": None if recording.chance("no label") < 0.2 else recording.label,
            "license": "all-rights-reserved",
            "purchaseTitle": None,
            "purchaseUrl": None,
            "commentable": True,
            "commentCount": plays // 2000,
            "likeCount": plays // 40,
            "playCount": None if recording.chance("hidden plays") < 0.003 else plays,
            "repostCount": plays // 400,
            "waveformUrl": f"{call.root}/waveforms/{number}.json",
            "stationPermalink": f"https://soundcloud.com/discover/sets/track-stations:{number}",
            "visuals": [],
            "publisher": _publisher(recording),
            "tags": [],
            "user": {
                "type": "user",
                "id": number % 900_000_000,
                "permalink": f"https://soundcloud.com/{handle}",
                "lastModified": f"{entry.added}T00:00:01Z",
                "name": uploader,
                "avatarUrl": f"{call.root}/covers/{handle}-original.png",
                "followerCount": int(1000 + 2_000_000 * recording.chance("followers") ** 3),
                "city": None,
                "countryCode": None,
                "verified": recording.chance("verified") < 0.7,
                "pro": False,
                "proUnlimited": True,
                "stationPermalink": f"https://soundcloud.com/discover/sets/artist-stations:{number % 900_000_000}",
            },
        }

    def _uploader(self, recording: Recording) -> tuple[str, str]:
        """Name and handle of the uploader: mostly the artist, for one track in eight the label."""
        if recording.chance("uploaded by the label") < 0.12:
            return recording.label, slug(recording.label)
        artist = recording.artists[0]
        form = recording.chance("user name")
        name = artist.handle if form < 0.15 else artist.name.upper() if form < 0.25 else artist.name
        return name, artist.handle


def _publisher(recording: Recording) -> dict[str, Any] | None:
    """The publisher's metadata: null on some rows, without an ISRC on some 2 %."""
    form = recording.chance("soundcloud publisher")
    if form < 0.006:
        return None
    if form < 0.02:
        return dict.fromkeys(("albumTitle", "artist", "writerComposer", "upcOrEan", "isrc", "pLine", "cLine"))
    year = recording.released.year
    return {
        "albumTitle": recording.album.title,
        "artist": ", ".join(artist.name for artist in (*recording.artists, *recording.featured)),
        "writerComposer": None,
        "upcOrEan": None,
        "isrc": recording.second_isrc or recording.isrc,
        "pLine": f"℗ {year} {recording.label}",
        "cLine": f"© {year} {recording.label}",
    }


class SoundCloudOembed(Oembed):
    """SoundCloud's: needs `format=json`; the real one otherwise answers with XML, which is not played here."""

    name = "soundcloud_oembed"
    service = "SoundCloud"

    def answer(self, call: Call) -> Response:
        if call.query.get("format") != "json":
            return json_answer({"error": "the sandbox speaks format=json only"}, 501)
        return super().answer(call)

    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        title = genre.playlist("SoundCloud").name or f"Sandbox {genre.display_name} Uploads"
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
            "html": f'<iframe width="100%" height="450" src="{genre.playlist("SoundCloud").url}"></iframe>',
            "author_name": "Sandbox",
            "author_url": genre.playlist("SoundCloud").url.partition("/sets/")[0],
        }


ROWS = 50
"""Of a list, as the real ones."""

UPSTREAMS = (SoundCloud, SoundCloudOembed, SoundCloudApi, SoundCloudAccounts)


def _asked(call: Call) -> tuple[str, int] | None:
    return (call.query.get("playlist", ""), call.number("offset", 0)) if call.path == "v1/playlist/tracks" else None


def _by_the_offset_before(pages: Sequence[Any]) -> Mapping[int, Any]:
    """Each page where the `nextOffset` of the one before says; nothing after one that says none."""
    found: dict[int, Any] = {}
    offset: Any = 0
    for page in pages:
        if not isinstance(offset, int):
            break
        found[offset] = page
        tracks = page.get("tracks") if isinstance(page, dict) else None
        offset = tracks.get("nextOffset") if isinstance(tracks, dict) else None
    return found


FACTS = -1
"""Where what a playlist says of itself is: its first page is kept with it."""


def _asked_officially(call: Call) -> tuple[str, int] | None:
    kind, _, rest = call.path.partition("/")
    identity, _, tracks = rest.partition("/")
    if kind != "playlists" or tracks not in ("", "tracks"):
        return None
    return identity, _place(dict(call.query)) if tracks else FACTS


def _place(query: Mapping[str, str]) -> int:
    """A page's place by the parameters of its request: its offset, or a number made of its cursor."""
    if cursor := query.get("cursor"):
        return crc32(cursor.encode())
    offset = query.get("offset", "")
    return int(offset) if offset.isdecimal() else 0


def _by_the_address_before(pages: Sequence[Any]) -> Mapping[int, Any]:
    """Each page where the `next_href` of the one before says, and the facts of the playlist; nothing after one that says nothing."""
    first = pages[0] if pages and isinstance(pages[0], dict) else {}
    found: dict[int, Any] = {FACTS: first.get("playlist", {})}
    place: int | None = 0
    for page in pages:
        if place is None:
            break
        found[place] = page
        following = page.get("next_href") if isinstance(page, dict) else None
        place = _place(dict(parse_qsl(urlsplit(following).query))) if isinstance(following, str) else None
    return found


RECORDED = (
    Recorded("soundcloud.rapidapi", SoundCloud.name, _asked, _by_the_offset_before),
    Recorded("soundcloud.official", SoundCloudApi.name, _asked_officially, _by_the_address_before),
)
