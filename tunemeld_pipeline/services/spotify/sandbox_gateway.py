"""Spotify as the scraper behind the gateway sends it (`spotify23`): playlists, search, tracks by id, albums with play counts.

Words and bodies follow captured responses and the provider's published schema. Spotify's own Web API (`spotify_web_api.py`) shares only
the track's shape.
"""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.gateway import GatewayUpstream
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, json_answer
from tunemeld_pipeline.sandbox.world import Artist, Recording, RecordingKind, World

COVER_SIZES = (640, 300, 64)
DEFAULT_PAGE = 20
"""Without `limit` a page has 20 rows; the largest has 100."""
LARGEST_PAGE = 100
LINKED_VARIANT = 15
"""The variant in the ids of relinked tracks: another id of the original recording."""


class Spotify(GatewayUpstream):
    """`GET /playlist_tracks/`, `/playlist/`, `/search/`, `/tracks/`, `/album_tracks/`."""

    name = "spotify"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def answer(self, call: Call) -> Response:
        match call.path:
            case "playlist_tracks":
                return self._playlist_tracks(call)
            case "playlist":
                return self._playlist(call)
            case "search":
                return self._search(call)
            case "tracks":
                return self._tracks(call)
            case "album_tracks":
                return self._album_tracks(call)
        return self.problem(Problem.UNKNOWN, call)

    def _playlist_tracks(self, call: Call) -> Response:
        """`{"items", "limit", "next": true | null, "offset", "previous", "total"}`; `next` is never an address."""
        genre = self._playlists.genre("Spotify", call.query.get("id", ""))
        if genre is None:
            return _not_found()
        limit = min(call.number("limit", DEFAULT_PAGE) or DEFAULT_PAGE, LARGEST_PAGE)
        offset = call.number("offset", 0)
        entries = self._world.playlist(genre.key, "Spotify", call.day)
        items = []
        for entry in entries[offset : offset + limit]:
            recording = entry.recording
            # A track that was taken down keeps its row: 2 of 2,795 captured rows.
            gone = recording.chance(f"gone {genre.key}") < 0.0008
            items.append(
                {
                    "added_at": f"{entry.added}T05:00:00Z",
                    "added_by": {
                        "external_urls": {"spotify": "https://open.spotify.com/user/"},
                        "id": "",
                        "type": "user",
                        "uri": "spotify:user:",
                    },
                    "is_local": False,
                    "primary_color": None,
                    "track": None if gone else track(self._world, recording, call.day, call.root),
                    "video_thumbnail": {"url": None},
                }
            )
        more = offset + limit < len(entries)
        return json_answer(
            {
                "items": items,
                "limit": limit,
                "next": True if more else None,
                "offset": offset,
                "previous": True if offset else None,
                "total": len(entries),
            }
        )

    def _playlist(self, call: Call) -> Response:
        genre = self._playlists.genre("Spotify", call.query.get("id", ""))
        if genre is None:
            return _not_found()
        identity = last_part(genre.playlist("Spotify").url)
        return json_answer(
            {
                "collaborative": False,
                "description": f"Invented {genre.display_name} tracks, made by the TuneMeld sandbox.",
                "external_urls": {"spotify": genre.playlist("Spotify").url},
                "followers": {"href": None, "total": 1_000_000},
                "href": "",
                "id": identity,
                "images": [{"height": None, "url": f"{call.root}/covers/playlist-{identity}.png", "width": None}],
                "name": genre.playlist("Spotify").name or f"Sandbox {genre.display_name}",
                "owner": {"display_name": "Sandbox", "id": "sandbox", "type": "user", "uri": "spotify:user:sandbox"},
                "primary_color": "#ffffff",
                "public": True,
                "snapshot_id": "",
                "type": "playlist",
                "uri": f"spotify:playlist:{identity}",
            }
        )

    def _search(self, call: Call) -> Response:
        """Tracks only, without ISRCs: `{"query", "tracks": {"totalCount", "items": [{"data": …}], "pagingInfo"}}`."""
        found = search_catalogue(self._world, call.query.get("q", ""), call.day)
        offset, limit = call.number("offset", 0), min(call.number("limit", 10) or 10, 100)
        items = []
        for recording in found[offset : offset + limit]:
            uri = f"spotify:track:{recording.spotify_id}"
            album = recording.album
            items.append(
                {
                    "data": {
                        "uri": uri,
                        "id": recording.spotify_id,
                        "name": track_name(recording),
                        "albumOfTrack": {
                            "uri": f"spotify:album:{album.spotify_id}",
                            "name": album.title,
                            "coverArt": {
                                "sources": [
                                    {"url": cover(call.root, album.spotify_id, size), "width": size, "height": size}
                                    for size in (300, 64, 640)
                                ]
                            },
                            "id": album.spotify_id,
                            "sharingInfo": {"shareUrl": f"https://open.spotify.com/album/{album.spotify_id}"},
                        },
                        "artists": {"items": [_profile(artist) for artist in credited(recording)]},
                        "contentRating": {"label": "EXPLICIT" if recording.explicit else "NONE"},
                        "duration": {"totalMilliseconds": recording.duration_ms},
                        "playability": {"playable": True},
                    }
                }
            )
        more = offset + limit < len(found)
        return json_answer(
            {
                "query": call.query.get("q", ""),
                "tracks": {
                    "totalCount": len(found),
                    "items": items,
                    "pagingInfo": {"nextOffset": offset + limit if more else None, "limit": limit},
                },
            }
        )

    def _tracks(self, call: Call) -> Response:
        """`{"tracks": [track | null, …]}` in the order of the ids; an unknown id gives null."""
        ids = [identity for identity in call.query.get("ids", "").split(",") if identity]
        return json_answer({"tracks": tracks_by_id(self._world, ids, call.day, call.root)})

    def _album_tracks(self, call: Call) -> Response:
        """`{"data": {"album": {"playability", "tracks": {"totalCount", "items"}}}}`; `playcount` is a string."""
        place = self._world.identifiers.album_of(call.query.get("id", ""))
        recordings = self._world.album_tracks(place, call.day) if place is not None else None
        if recordings is None:
            return _not_found()
        offset, limit = call.number("offset", 0), min(call.number("limit", 300) or 300, 300)
        items = [
            {
                "uid": f"{self._world.identifiers.apple_music(recording.ref):020x}",
                "track": {
                    "saved": False,
                    "uri": f"spotify:track:{recording.spotify_id}",
                    "name": track_name(recording),
                    "playcount": str(self._world.plays(recording, "Spotify", call.day)),
                    "discNumber": 1,
                    "trackNumber": number,
                    "contentRating": {"label": "EXPLICIT" if recording.explicit else "NONE"},
                    "relinkingInformation": None,
                    "duration": {"totalMilliseconds": recording.duration_ms},
                    "playability": {"playable": True},
                    "artists": {"items": [_profile(artist) for artist in credited(recording)]},
                },
            }
            for number, recording in enumerate(recordings, start=1)
        ]
        return json_answer(
            {
                "data": {
                    "album": {
                        "playability": {"playable": True},
                        "tracks": {"totalCount": len(items), "items": items[offset : offset + limit]},
                    }
                }
            }
        )


def track_name(recording: Recording) -> str:
    """A track's name in Spotify's wording: "Song (feat. Guest) - Somebody Remix"."""
    name = recording.title
    if recording.featured:
        name += f" (feat. {' & '.join(artist.name for artist in recording.featured)})"
    return f"{name} - {recording.version}" if recording.version else name


def credited(recording: Recording) -> list[Artist]:
    """The artists that Spotify lists, including guests and remixers."""
    remixer = [recording.remixer] if recording.remixer else []
    return list(dict.fromkeys([*recording.artists, *recording.featured, *remixer]))


def cover(root: str, album_id: str, size: int) -> str:
    """The address of an album's picture."""
    return f"{root}/covers/{album_id}-{size}.png"


def track(world: World, recording: Recording, day: date, root: str) -> dict[str, Any]:
    """A track as playlists, `tracks` and the Web API send it, with `external_ids.isrc` on all but a few.

    About 3 % are relinked: `linked_from` names the id that the editors added, and `external_urls` still ends with that one.
    """
    identity, album = recording.spotify_id, recording.album
    weeks = max(0, (day - recording.released).days // 7)
    content: dict[str, Any] = {
        "album": {
            "album_type": "single" if album.is_single else "album",
            "artists": [_artist(artist) for artist in recording.artists],
            "external_urls": {"spotify": f"https://open.spotify.com/album/{album.spotify_id}"},
            "id": album.spotify_id,
            "images": [
                {"height": size, "url": cover(root, album.spotify_id, size), "width": size} for size in COVER_SIZES
            ],
            "is_playable": True,
            "name": album.title,
            "release_date": str(recording.released),
            "release_date_precision": "day",
            "total_tracks": len(world.album_tracks(album.leader, day) or [recording]),
            "type": "album",
            "uri": f"spotify:album:{album.spotify_id}",
        },
        "artists": [_artist(artist) for artist in credited(recording)],
        "disc_number": 1,
        "duration_ms": recording.duration_ms,
        "episode": False,
        "explicit": recording.explicit,
        "external_ids": {} if recording.chance("no isrc on spotify") < 0.004 else {"isrc": recording.isrc},
        "external_urls": {"spotify": f"https://open.spotify.com/track/{identity}"},
        "id": identity,
        "is_local": False,
        "is_playable": True,
        "name": track_name(recording),
        "popularity": max(1, min(100, int(35 + 60 * recording.strength) - weeks // 4)),
        "preview_url": None if recording.chance("no preview") < 0.3 else f"{root}/previews/{identity}",
        "track": True,
        "track_number": 1,
        "type": "track",
        "uri": f"spotify:track:{identity}",
    }
    if recording.chance("relinked") < 0.03:
        linked = world.identifiers.spotify_track(recording.ref._replace(variant=LINKED_VARIANT))
        content["external_urls"] = {"spotify": f"https://open.spotify.com/track/{linked}"}
        content["linked_from"] = {
            "external_urls": {"spotify": f"https://open.spotify.com/track/{linked}"},
            "href": f"https://api.spotify.com/v1/tracks/{linked}",
            "id": linked,
            "type": "track",
            "uri": f"spotify:track:{linked}",
        }
    return content


def tracks_by_id(world: World, ids: Iterable[str], day: date, root: str) -> list[dict[str, Any] | None]:
    """One track per id, None for an unknown id."""
    found: list[dict[str, Any] | None] = []
    for identity in ids:
        place = world.identifiers.track_of(identity)
        if place is not None and place.variant == LINKED_VARIANT:
            place = place._replace(variant=0)
        recording = world.recording(place, day) if place is not None else None
        known = recording is not None and recording.on_spotify
        found.append(track(world, recording, day, root) if recording is not None and known else None)
    return found


def search_catalogue(world: World, words: str, day: date) -> Sequence[Recording]:
    """Spotify's search results: recordings with most of the words, each followed by its other versions and namesakes."""
    found: dict[Recording, None] = {}
    for recording in world.search(words, day):
        for version in world.versions(recording, day):
            if version.on_spotify or version.kind is RecordingKind.NAMESAKE:
                found[version] = None
    return list(found)


def _artist(artist: Artist) -> dict[str, Any]:
    return {
        "external_urls": {"spotify": f"https://open.spotify.com/artist/{artist.spotify_id}"},
        "id": artist.spotify_id,
        "name": artist.name,
        "type": "artist",
        "uri": f"spotify:artist:{artist.spotify_id}",
    }


def _profile(artist: Artist) -> dict[str, Any]:
    return {"uri": f"spotify:artist:{artist.spotify_id}", "profile": {"name": artist.name}}


def _not_found() -> Response:
    return json_answer(
        {"message": "Resource not found", "error": {"status": 404, "message": "Resource not found"}}, 404
    )
