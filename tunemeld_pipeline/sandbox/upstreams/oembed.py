"""An oEmbed endpoint: name and cover of a playlist, without a key.

Bodies follow captured responses and the oEmbed specification 1.0. It is decoration: a playlist is complete without them.
"""

from abc import abstractmethod
from typing import Any

from starlette.responses import Response

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import HTTP_REASONS, Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import World


class Oembed(Upstream):
    """`GET ?url=ADDRESS`: the base address is the endpoint itself."""

    service: str

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        del world  # every upstream is made alike; this one shows nothing of it
        self._playlists = playlists

    def endpoint(self, call: Call) -> str:
        return call.path or "oembed"

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        status, message = HTTP_REASONS[problem]
        return json_answer({"error": message}, status)

    def answer(self, call: Call) -> Response:
        genre = self._playlists.genre(self.service, call.query.get("url", "")) if not call.path else None
        return json_answer(self._body(genre, call.root)) if genre else self.problem(Problem.UNKNOWN, call)

    @abstractmethod
    def _body(self, genre: Genre, root: str) -> dict[str, Any]:
        """What is known about the playlist."""
