"""What public pages share: no key, and an error that is a page too. A service's own page is in its folder."""

from starlette.responses import HTMLResponse, Response

from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream
from tunemeld_pipeline.sandbox.world import World

STATUS = {
    Problem.UNAUTHORIZED: 401,
    Problem.FORBIDDEN: 403,
    Problem.TOO_MANY: 429,
    Problem.QUOTA: 429,
    Problem.BROKEN: 500,
    Problem.UNKNOWN: 404,
}


class PublicPage(Upstream):
    """A service's pages for browsers; a subclass adds its name and its answers."""

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        return HTMLResponse("<!DOCTYPE html><html><body>Something went wrong</body></html>", STATUS[problem])
