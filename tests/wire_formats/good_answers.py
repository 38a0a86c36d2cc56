"""A good answer of every wire format, as the sandbox gives it, and how it is read: what the tests of the formats mutate."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fuzz import bodies
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.plugins.reading import parse_playlist
from tunemeld_pipeline.services.apple_music import developer_formats as apple_music_developer
from tunemeld_pipeline.services.apple_music import formats as apple_music
from tunemeld_pipeline.services.apple_music import page_formats as apple_music_page
from tunemeld_pipeline.services.deezer import formats as deezer
from tunemeld_pipeline.services.deezer import search as deezer_search
from tunemeld_pipeline.services.musicbrainz import formats as musicbrainz
from tunemeld_pipeline.services.musicbrainz import search as musicbrainz_search
from tunemeld_pipeline.services.soundcloud import formats as soundcloud
from tunemeld_pipeline.services.soundcloud import official_formats as soundcloud_official
from tunemeld_pipeline.services.spotify import formats as spotify_formats
from tunemeld_pipeline.services.spotify import page_formats as spotify_page
from tunemeld_pipeline.services.spotify import rapidapi as spotify
from tunemeld_pipeline.services.spotify import reccobeats, reccobeats_formats
from tunemeld_pipeline.services.youtube import data_api as youtube
from tunemeld_pipeline.services.youtube import formats as youtube_formats
from tunemeld_pipeline.upstream.client import Answer
from tunemeld_pipeline.wire_formats import oauth, oembed
from tunemeld_pipeline.wire_formats.reading import Format, ReadItems


@dataclass(frozen=True)
class Listed:
    """An answer that holds a list.

    Attributes:
        page, item: the formats of the answer and of its items.
        items: where the list is, names joined by dots.
        body: the answer.
        read: what is read of an answer.
        chosen: which item is mutated: one that has all values.
    """

    page: Format
    item: Format
    items: str
    body: Any
    read: Callable[[Any], ReadItems[Any]]
    chosen: int


def _answer(body: Any) -> Answer:
    return Answer(json.dumps(body), body)


def _playlist(service: str, source: str | None = None) -> Callable[[Any], ReadItems[Any]]:
    def read(body: Any) -> ReadItems[Any]:
        parsed = parse_playlist(service, json.dumps(body), source)
        return ReadItems(list(parsed.rows), parsed.irregular)

    return read


def _of(read: Callable[[Answer], ReadItems[Any]]) -> Callable[[Any], ReadItems[Any]]:
    return lambda body: read(_answer(body))


def _first(items: list[Any], has: Callable[[Any], bool]) -> int:
    return next(at for at, item in enumerate(items) if has(item))


def _several(artists: list[Any]) -> bool:
    return len(artists) > 1


WORDS = next(
    f"{entry.recording.title} {entry.recording.artists[0].name}" for entry in bodies.charted(1)
)  # the search finds its other versions too, some by several artists
IDS = ",".join(entry.recording.spotify_id for entry in bodies.charted(5))
ALBUM = max((entry.recording.album for entry in bodies.charted(8)), key=lambda album: not album.is_single)
FOUND = json.loads(bodies.body(bodies.YOUTUBE, "search", part="snippet", type="video", q=WORDS, maxResults="5"))
VIDEOS = ",".join(item["id"]["videoId"] for item in FOUND["items"])

_spotify = json.loads(bodies.playlist("Spotify"))
_soundcloud = json.loads(bodies.playlist("SoundCloud"))
_apple = json.loads(bodies.playlist("AppleMusic"))
_spotify_page = spotify_page.list_in(
    spotify_page.state_in(bodies.playlist("Spotify", "page").decode()), last_part(bodies.DANCE.playlist("Spotify").url)
)
_apple_page = apple_music_page.list_in(apple_music_page.state_in(bodies.playlist("AppleMusic", "page").decode()))
_soundcloud_official = json.loads(bodies.playlist("SoundCloud", "official"))
_deezer = json.loads(bodies.playlist("Deezer"))
_musicbrainz_found = json.loads(bodies.body(bodies.MUSICBRAINZ, "recording", query=WORDS, limit="10"))
for _one in _musicbrainz_found["recordings"]:
    _one["isrcs"] = ["XXABC2600001"]
    _one["artist-credit"] = [{"name": "Ona"}, *_one["artist-credit"]]
_deezer_found = json.loads(bodies.body(bodies.DEEZER, "search", q=WORDS))
_search = json.loads(bodies.body(bodies.SPOTIFY, "search", q=WORDS))
_ids = ",".join(entry.recording.spotify_id for entry in bodies.charted(20))
_hints = json.loads(bodies.body(bodies.RECCOBEATS, "track", ids=_ids))
_web_search = json.loads(bodies.body(bodies.WEB_API, "search", q=WORDS, type="track", limit="10"))

LISTS = {
    "Spotify playlist": Listed(
        spotify_formats.PLAYLIST_PAGE, spotify_formats.PLAYLIST_ITEM, "items", _spotify, _playlist("Spotify"),
        _first(_spotify["items"], lambda item: _several(item["track"]["artists"])),
    ),
    "SoundCloud playlist": Listed(
        soundcloud.PLAYLIST_PAGE, soundcloud.PLAYLIST_ITEM, "tracks.items", _soundcloud, _playlist("SoundCloud"),
        _first(_soundcloud["tracks"]["items"], lambda item: item["publisher"] and item["publisher"]["artist"]),
    ),
    "Apple Music playlist": Listed(
        apple_music.PLAYLIST, apple_music.SONG, "album_details", _apple, _playlist("AppleMusic"), 1
    ),
    "Spotify page of a playlist": Listed(
        spotify_page.PLAYLIST, spotify_page.ROW, "playlist.content.items", _spotify_page, _playlist("Spotify", "spotify.page"),
        _first(
            _spotify_page["playlist"]["content"]["items"], lambda item: _several(item["itemV2"]["data"]["artists"]["items"])
        ),
    ),
    "Apple Music page of a playlist": Listed(
        apple_music_page.PLAYLIST, apple_music_page.ROW, "tracks", _apple_page, _playlist("AppleMusic", "apple_music.page"), 1
    ),
    "Apple Music API's playlist": Listed(
        apple_music_developer.ANSWER, apple_music_developer.ROW, "data", json.loads(bodies.playlist("AppleMusic", "developer")),
        _playlist("AppleMusic", "apple_music.developer"), 1,
    ),
    "SoundCloud API's playlist": Listed(
        soundcloud_official.PAGE, soundcloud_official.ROW, "collection", _soundcloud_official,
        _playlist("SoundCloud", "soundcloud.official"),
        _first(_soundcloud_official["collection"], lambda item: item["metadata_artist"] and item["isrc"]),
    ),
    "Deezer playlist": Listed(
        deezer.PLAYLIST, deezer.ROW, "tracks.data", _deezer, _playlist("Deezer"),
        _first(_deezer["tracks"]["data"], lambda item: "isrc" in item),
    ),
    "Deezer search": Listed(deezer.SEARCH, deezer.ROW, "data", _deezer_found, _of(deezer_search.read_hits), 0),
    "Spotify search": Listed(
        spotify_formats.SEARCH, spotify_formats.SEARCH_ITEM, "tracks.items", _search, _of(spotify.read_search),
        _first(_search["tracks"]["items"], lambda item: _several(item["data"]["artists"]["items"])),
    ),
    "Spotify tracks by id": Listed(
        spotify_formats.TRACKS, spotify_formats.TRACKS_ITEM, "tracks",
        json.loads(bodies.body(bodies.SPOTIFY, "tracks", ids=IDS)), _of(spotify.read_isrcs), 1,
    ),
    "Spotify album": Listed(
        spotify_formats.ALBUM, spotify_formats.ALBUM_ITEM, "data.album.tracks.items",
        json.loads(bodies.body(bodies.SPOTIFY, "album_tracks", id=ALBUM.spotify_id)),
        lambda body: spotify.read_album(_answer(body)).plays, 1,
    ),
    "Spotify Web API search": Listed(
        spotify_formats.WEB_API_SEARCH, spotify_formats.WEB_API_TRACK, "tracks.items", _web_search,
        _of(spotify.read_web_api_search), _first(_web_search["tracks"]["items"], lambda item: _several(item["artists"])),
    ),
    "ReccoBeats tracks": Listed(
        reccobeats_formats.ANSWER, reccobeats_formats.RECCOBEATS_TRACK, "content", _hints, _of(reccobeats.read_tracks),
        _first(_hints["content"], lambda item: _several(item["artists"])),
    ),
    "MusicBrainz search": Listed(
        musicbrainz.SEARCH, musicbrainz.RECORDING, "recordings", _musicbrainz_found, _of(musicbrainz_search.read_hits), 0
    ),
    "YouTube search": Listed(
        youtube_formats.SEARCH, youtube_formats.SEARCH_ITEM, "items", FOUND, _of(youtube.read_videos), 1
    ),
    "YouTube videos": Listed(
        youtube_formats.VIDEOS, youtube_formats.VIDEOS_ITEM, "items",
        json.loads(bodies.body(bodies.YOUTUBE, "videos", part="statistics", id=VIDEOS)), _of(youtube.read_views), 1,
    ),
}  # fmt: skip

SINGLE: dict[str, tuple[Format, Any]] = {
    "Spotify playlist's name and cover": (
        spotify_formats.PLAYLIST, json.loads(bodies.body(bodies.SPOTIFY, "playlist", id=last_part(bodies.DANCE.playlist("Spotify").url))),
    ),
    "Deezer track": (
        deezer.TRACK, json.loads(bodies.body(bodies.DEEZER, f"track/{_deezer['tracks']['data'][0]['id']}")),
    ),
    "MusicBrainz recording, its ISRCs": (
        musicbrainz.ISRCS_OF,
        {"id": "an-id", "title": "Song", "length": 200_000, "isrcs": ["XXABC2600001"]},
    ),
    "Spotify oEmbed": (oembed.OEMBED, json.loads(bodies.body(bodies.SPOTIFY_OEMBED, url=bodies.DANCE.playlist("Spotify").url))),
    "SoundCloud oEmbed": (
        oembed.OEMBED, json.loads(bodies.body(bodies.SOUNDCLOUD_OEMBED, format="json", url=bodies.DANCE.playlist("SoundCloud").url)),
    ),
    "where an address on SoundCloud leads": (
        soundcloud_official.RESOLVED, {"status": "302 - Found", "location": "https://api.soundcloud.com/playlists/5"},
    ),
    "OAuth token": (
        oauth.TOKEN, {"access_token": "abc", "token_type": "Bearer", "expires_in": 3599, "scope": ""},
    ),
}  # fmt: skip
