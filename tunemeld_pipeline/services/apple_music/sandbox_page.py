"""Apple Music's public page of a playlist, played: the whole list in a script, in the form of 2025 or of 2026, as the genre has it."""

import json
from typing import Any

from starlette.responses import HTMLResponse, Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.services import last_part
from tunemeld_pipeline.sandbox.upstreams.public_page import PublicPage
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem
from tunemeld_pipeline.sandbox.world import Recording
from tunemeld_pipeline.services.apple_music.sandbox_words import artists_line, track_name


class AppleMusicPage(PublicPage):
    """`GET /us/playlist/NAME/pl.ID`."""

    name = "apple_music_page"

    def endpoint(self, call: Call) -> str:
        return "playlist" if "/playlist/" in f"/{call.path}" else call.path

    def page(self, call: Call) -> Response:
        return self._answer(call, "appleCurator")

    def answer_of_another_owner(self, call: Call) -> Response:
        return self._answer(call, "curator")

    def _answer(self, call: Call, owner: str) -> Response:
        genre = self._playlists.genre("AppleMusic", f"music.apple.com/{call.path}")
        if genre is None:
            return self.problem(Problem.UNKNOWN, call)
        pages = [
            {
                "intent": {
                    "$kind": "PlaylistDetailPageIntent",
                    "contentDescriptor": {"kind": "playlist", "locale": {"storefront": "us", "language": None}},
                },
                "data": {
                    "canonicalURL": genre.playlist("AppleMusic").url,
                    "sections": self._sections(genre, owner, call),
                },
            }
        ]
        older = self._world.genres.index(genre.key) % 2 == 1
        script = json.dumps(pages if older else {"data": pages}, ensure_ascii=False).replace("<", "\\u003c")
        return HTMLResponse(
            "<!DOCTYPE html><html><head><title>Sandbox</title></head><body>"
            f'<script type="application/json" id="serialized-server-data">{script}</script></body></html>'
        )

    def _sections(self, genre: Genre, owner: str, call: Call) -> list[dict[str, Any]]:
        """The header, the tracks and what follows them."""
        playlist = genre.playlist("AppleMusic")
        identity = last_part(playlist.url)
        entries = self._world.playlist(genre.key, "AppleMusic", call.day)
        itself = {"kind": "playlist", "identifiers": {"storeAdamID": identity}}
        header = {
            "id": f"playlist-detail-header - {identity}",
            "title": playlist.name or f"Sandbox {genre.display_name}",
            "subtitleLinks": [_link("Sandbox Editors", owner, "1")],
            "contentDescriptor": itself,
            "trackCount": len(entries),
            "artwork": {"dictionary": {"url": f"{call.root}/covers/{identity}/{{w}}x{{h}}SC.DN01.{{f}}"}},
        }
        return [
            {"id": f"header - {identity}", "itemKind": "containerDetailHeaderLockup", "items": [header]},
            {
                "id": f"track-list - {identity}",
                "itemKind": "trackLockup",
                "items": [self._track(entry.recording, call) for entry in entries],
            },
            {
                "id": f"footer - {identity}",
                "itemKind": "containerDetailTracklistFooterLockup",
                "items": [{"contentDescriptor": itself, "description": "Invented."}],
            },
        ]

    def _track(self, recording: Recording, call: Call) -> dict[str, Any]:
        song = str(self._world.identifiers.apple_music(recording.ref))
        album = str(self._world.identifiers.apple_music(recording.album.leader._replace(variant=15)))
        return {
            "id": f"track-lockup - {song}",
            "title": track_name(recording),
            "artistName": artists_line(recording.artists),
            "subtitleLinks": [_link(artist.name, "artist", str(artist.number)) for artist in recording.artists],
            "tertiaryLinks": [_link(recording.album.title, "album", album)],
            "duration": recording.duration_ms,
            "contentDescriptor": {"kind": "song", "identifiers": {"storeAdamID": song}},
            "artwork": {"dictionary": {"url": f"{call.root}/covers/{recording.album.spotify_id}/{{w}}x{{h}}bb.{{f}}"}},
        }


def _link(title: str, kind: str, identity: str) -> dict[str, Any]:
    descriptor = {"kind": kind, "identifiers": {"storeAdamID": identity}}
    return {
        "title": title,
        "segue": {"destination": {"kind": "catalogItemDetailPage", "contentDescriptor": descriptor}},
    }
