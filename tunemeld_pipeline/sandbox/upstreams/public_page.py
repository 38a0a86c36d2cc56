"""What public pages share: no key, rules for robots, and an error that is a page too. A service's own page is in its folder."""

from abc import abstractmethod

from starlette.responses import HTMLResponse, PlainTextResponse, Response

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


ROBOTS = "robots.txt"
RULES = "User-agent: *\nDisallow: /embed/\nDisallow: /*/search*\nAllow: /playlist/\n"
CLOSED = "User-agent: *\nDisallow: /\n"


class PublicPage(Upstream):
    """A service's pages for browsers, and its `robots.txt`; a subclass adds its name and its pages."""

    def __init__(self, world: World, playlists: PlaylistDirectory) -> None:
        self._world = world
        self._playlists = playlists

    def refusal(self, call: Call) -> Response | None:  # noqa: ARG002
        return None

    def problem(self, problem: Problem, call: Call) -> Response:  # noqa: ARG002
        return HTMLResponse("<!DOCTYPE html><html><body>Something went wrong</body></html>", STATUS[problem])

    def answer(self, call: Call) -> Response:
        return PlainTextResponse(RULES) if call.path == ROBOTS else self.page(call)

    def answer_forbidding_robots(self, call: Call) -> Response:
        return PlainTextResponse(CLOSED) if call.path == ROBOTS else self.page(call)

    @abstractmethod
    def page(self, call: Call) -> Response:
        """The page of this path."""
