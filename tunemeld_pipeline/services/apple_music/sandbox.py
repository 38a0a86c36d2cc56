"""Apple Music as the scraper behind the gateway sends it (`apple-music24`): one playlist, all on one page.

Words and bodies follow captured responses. This service sends neither artwork of tracks nor ISRCs.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.gateway import GatewayUpstream
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Recorded, json_answer
from tunemeld_pipeline.sandbox.world import Recording, World, slug
from tunemeld_pipeline.services.apple_music import developer_formats
from tunemeld_pipeline.services.apple_music.sandbox_developer import AppleMusicApi
from tunemeld_pipeline.services.apple_music.sandbox_page import AppleMusicPage
from tunemeld_pipeline.services.apple_music.sandbox_words import artists_line, duration, track_name


class AppleMusic(GatewayUpstream):
    """`GET /playlist1/?url=ADDRESS`."""

    name = "apple_music"

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def answer(self, call: Call) -> Response:
        """`{"album_details": {"0": {"artist", "duration", "link", "name"}, …, "album", "artist", "count", "date", "thumb"}}`.

        Keys arrive sorted as text, so "10" comes before "2".
        """
        if call.path != "playlist1":
            return self.problem(Problem.UNKNOWN, call)
        genre = self._playlists.genre("AppleMusic", call.query.get("url", ""))
        if genre is None:
            return json_answer({"message": "Playlist not found"}, 404)
        entries = self._world.playlist(genre.key, "AppleMusic", call.day)
        if not entries:
            return json_answer({"album_details": {"songs": [], "count": 0}})
        leading = entries[0].recording
        if leading.chance("one short") < 0.12 and len(entries) > 1:
            # One of eight captured weeks has 99 rows.
            entries = entries[:-1]
        details: dict[str, object] = {
            str(position): {
                "artist": artists_line(entry.recording.artists),
                "duration": duration(entry.recording.duration_ms),
                "link": self._link(entry.recording),
                "name": track_name(entry.recording),
            }
            for position, entry in enumerate(entries)
        }
        identity = genre.playlist("AppleMusic").url.rstrip("/").rpartition("/")[2]
        single = " - Single" if leading.album.is_single else ""
        details |= {
            "album": f"{leading.album.title}{single}",
            "artist": None,
            "count": len(entries) + (leading.chance("miscount") < 0.1),
            "date": f"{max(entry.added for entry in entries)}T05:07:44Z",
            "thumb": f"{call.root}/covers/{identity}/{{w}}x{{h}}SC.DN01.{{f}}?l=en-US",
        }
        return json_answer({"album_details": dict(sorted(details.items()))})

    def _link(self, recording: Recording) -> str:
        identifiers = self._world.identifiers
        name = slug(recording.album.title) or "album"
        album, song = identifiers.apple_music(recording.album.leader._replace(variant=15)), recording.ref
        return f"https://music.apple.com/us/album/{name}/{album}?i={identifiers.apple_music(song)}"


ROWS = 100
"""Of a list, as the real ones."""

UPSTREAMS = (AppleMusic, AppleMusicApi, AppleMusicPage)


def _asked(call: Call) -> tuple[str, int] | None:
    return (call.query.get("url", ""), call.number("offset", 0)) if call.path == "playlist1" else None


def _asked_by_developers(call: Call) -> tuple[str, int] | None:
    match call.path.split("/"):
        case ["v1", "catalog", _, "playlists", identity, *rest] if rest in ([], ["tracks"]):
            return identity, call.number("offset", 0) if rest else 0
    return None


def _by_the_next_before(pages: Sequence[Any]) -> Mapping[int, Any]:
    """Each page where the one before says that it is; nothing after one that says nothing."""
    found: dict[int, Any] = {}
    offset: int | None = 0
    for page in pages:
        if offset is None:
            break
        found[offset] = page
        offset = _next_offset(page)
    return found


def _next_offset(page: Any) -> int | None:
    try:
        read = developer_formats.ANSWER.read(page)
        return developer_formats.offset_in(read["first_next"] or read["next"])
    except ValueError:
        return None


def _asked_of_a_page(call: Call) -> tuple[str, int] | None:
    return (f"music.apple.com/{call.path}", 0) if "/playlist/" in f"/{call.path}" else None


RECORDED = (
    Recorded("apple_music.rapidapi", AppleMusic.name, _asked),
    Recorded("apple_music.developer", AppleMusicApi.name, _asked_by_developers, _by_the_next_before),
    Recorded("apple_music.page", AppleMusicPage.name, _asked_of_a_page, ending="html"),
)
