"""Deezer's public API, played: playlists with the rows that are licensed here, and tracks with their ISRCs.

Words and bodies follow recorded responses and the API's documentation. Errors come with status 200.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, time
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Recorded, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import Artist, Entry, Recording, World

ROWS = 50
"""Of a list, as the real ones."""
INLINE_ROWS = 400
DEFAULT_PAGE = 25
LARGEST_PAGE = 100
UNLICENSED = 0.02
"""The share of rows that a list counts and does not show."""
WITH_ISRC = 0.6
"""The share of a list's rows that have their ISRC."""

ERRORS = {
    Problem.UNAUTHORIZED: (300, "OAuthException", "Invalid OAuth access token."),
    Problem.FORBIDDEN: (200, "OAuthException", "An active access token must be used to query information"),
    Problem.TOO_MANY: (4, "Exception", "Quota limit exceeded"),
    Problem.QUOTA: (4, "Exception", "Quota limit exceeded"),
    Problem.BROKEN: (700, "Exception", "Service busy"),
    Problem.UNKNOWN: (800, "DataException", "no data"),
}


WORDS = re.compile(r'(?:artist|track):"|"')
"""What a search's words stand between: `artist:"…" track:"…"`."""


class Deezer(Upstream):
    """`GET /search?q=`, `/playlist/ID`, `/playlist/ID/tracks?limit=100&index=400`, `/track/ID`, `/track/isrc:ISRC`."""

    name = "deezer"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        parts = call.path.split("/")
        return "playlist/tracks" if parts[0] == "playlist" and parts[2:] else parts[0]

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        code, kind, message = ERRORS[problem]
        return json_answer({"error": {"type": kind, "message": message, "code": code}})

    def answer(self, call: Call) -> Response:
        return self._answer(call, 1.0, None)

    def answer_in_part(self, call: Call) -> Response:
        """Half of the rows are not licensed here."""
        return self._answer(call, 0.5, None)

    def answer_of_another_owner(self, call: Call) -> Response:
        return self._answer(call, 1.0, "A Listener")

    def _answer(self, call: Call, licensed: float, owner: str | None) -> Response:
        kind, _, identity = call.path.partition("/")
        identity, _, rest = identity.partition("/")
        if kind == "track" and not rest:
            return self._track(identity, call)
        if kind == "search" and not identity:
            return self._found(call)
        genre = self._playlists.genre("Deezer", identity) if kind == "playlist" else None
        if genre is None or rest not in ("", "tracks"):
            return self.problem(Problem.UNKNOWN, call)
        entries = self._world.playlist(genre.key, "Deezer", call.day)
        shown = [entry for entry in entries if entry.recording.chance("deezer licence") >= UNLICENSED]
        shown = shown[: round(len(shown) * licensed)]
        if rest:
            return self._page(genre, shown, len(entries), call)
        return json_answer(self._playlist(genre, shown, len(entries), owner, call))

    def _playlist(
        self, genre: Genre, shown: Sequence[Entry], total: int, owner: str | None, call: Call
    ) -> dict[str, Any]:
        """A list with its first 400 rows; `nb_tracks` counts those too that are not shown."""
        playlist = genre.playlist("Deezer")
        identity = last_part(playlist.url)
        root, cover = "https://api.deezer.com", f"{call.root}/covers/playlist-{identity}"
        return {
            "id": int(identity) if identity.isdecimal() else identity,
            "title": playlist.name or f"Sandbox {genre.display_name}",
            "description": f"Invented {genre.display_name} tracks, made by the TuneMeld sandbox.",
            "duration": sum(entry.recording.duration_ms // 1000 for entry in shown),
            "public": True,
            "is_loved_track": False,
            "collaborative": False,
            "nb_tracks": total,
            "fans": 100_000,
            "link": playlist.url,
            "share": f"{playlist.url}?utm_source=sandbox",
            "picture": f"{root}/playlist/{identity}/image",
            **{f"picture_{size}": f"{cover}-{pixels}.png" for size, pixels in _SIZES.items()},
            "checksum": identity,
            "tracklist": f"{root}/playlist/{identity}/tracks",
            "creation_date": "2015-01-02 12:00:00",
            "md5_image": identity,
            "picture_type": "playlist",
            "creator": {
                "id": 1,
                "name": owner or f"Deezer {genre.display_name} Editor",
                "tracklist": f"{root}/user/1/flow",
                "type": "user",
            },
            "type": "playlist",
            "tracks": {
                "data": [self._row(entry, call) for entry in shown[:INLINE_ROWS]],
                "checksum": identity,
            },
        }

    def _page(self, genre: Genre, shown: Sequence[Entry], total: int, call: Call) -> Response:
        index = call.number("index", 0)
        limit = min(call.number("limit", DEFAULT_PAGE) or DEFAULT_PAGE, LARGEST_PAGE)
        page: dict[str, Any] = {
            "data": [self._row(entry, call) for entry in shown[index : index + limit]],
            "checksum": genre.key,
            "total": total,
        }
        if index + limit < len(shown):
            page["next"] = f"https://api.deezer.com/{call.path}?limit={limit}&index={index + limit}"
        return json_answer(page)

    def _row(self, entry: Entry, call: Call) -> dict[str, Any]:
        recording = entry.recording
        row = self._words(recording, call)
        if recording.chance("deezer isrc") < WITH_ISRC:
            row["isrc"] = recording.isrc
        added = datetime.combine(entry.added, time(5), UTC)
        return row | {"time_add": int(added.timestamp())}

    def _found(self, call: Call) -> Response:
        """The tracks of a search, which have no ISRC."""
        words = WORDS.sub(" ", call.query.get("q", ""))
        found = self._world.search(words, call.day, min(call.number("limit", DEFAULT_PAGE), LARGEST_PAGE))
        return json_answer({"data": [self._words(one, call) for one in found], "total": len(found)})

    def _track(self, identity: str, call: Call) -> Response:
        identifiers = self._world.identifiers
        place = (
            identifiers.recording_of(identity.removeprefix("isrc:"))
            if identity.startswith("isrc:")
            else identifiers.deezer_track(identity)
        )
        recording = self._world.recording(place, call.day) if place is not None else None
        if recording is None:
            return self.problem(Problem.UNKNOWN, call)
        everyone = (*recording.artists, *recording.featured)
        return json_answer(
            self._words(recording, call)
            | {
                "isrc": recording.isrc,
                "track_position": 1,
                "disk_number": 1,
                "release_date": str(recording.released),
                "contributors": [{**_artist(artist), "role": "Main"} for artist in everyone],
            }
        )

    def _words(self, recording: Recording, call: Call) -> dict[str, Any]:
        number = self._world.identifiers.deezer(recording.ref)
        guests = " & ".join(artist.name for artist in recording.featured)
        short = f"{recording.title} (feat. {guests})" if guests else recording.title
        version = f"({recording.version})" if recording.version else ""
        cover = f"{call.root}/covers/{recording.album.spotify_id}"
        return {
            "id": number,
            "readable": True,
            "title": f"{short} {version}".rstrip(),
            "title_short": short,
            "title_version": version,
            "link": f"https://www.deezer.com/track/{number}",
            "duration": recording.duration_ms // 1000,
            "rank": int(recording.strength * 1_000_000),
            "explicit_lyrics": recording.explicit,
            "explicit_content_lyrics": int(recording.explicit),
            "explicit_content_cover": 0,
            "preview": "",
            "md5_image": recording.album.spotify_id,
            "artist": _artist(recording.artists[0]),
            "album": {
                "id": number,
                "title": recording.album.title,
                "cover": f"{cover}-medium.png",
                **{f"cover_{size}": f"{cover}-{pixels}.png" for size, pixels in _SIZES.items()},
                "md5_image": recording.album.spotify_id,
                "tracklist": f"https://api.deezer.com/album/{number}/tracks",
                "type": "album",
            },
            "type": "track",
        }


_SIZES = {"small": 56, "medium": 250, "big": 500, "xl": 1000}


def _artist(artist: Artist) -> dict[str, Any]:
    return {
        "id": artist.number + 1,
        "name": artist.name,
        "link": f"https://www.deezer.com/artist/{artist.number + 1}",
        "tracklist": f"https://api.deezer.com/artist/{artist.number + 1}/top?limit=50",
        "type": "artist",
    }


UPSTREAMS = (Deezer,)


def _asked(call: Call) -> tuple[str, int] | None:
    kind, _, rest = call.path.partition("/")
    identity, _, tracks = rest.partition("/")
    return (identity, call.number("index", 0)) if kind == "playlist" and tracks in ("", "tracks") else None


def _by_index(pages: Sequence[Any]) -> Mapping[int, Any]:
    """The playlist at 0, and its further pages from the first row that does not come with it."""
    return {(INLINE_ROWS + (at - 1) * LARGEST_PAGE if at else 0): page for at, page in enumerate(pages)}


RECORDED = (Recorded("deezer.api", Deezer.name, _asked, _by_index),)
