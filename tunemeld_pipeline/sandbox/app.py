"""The sandbox's ASGI application: from a request's path to the upstream that answers it.

It does what happens to every request before and after an upstream sees it (counting, faults, latency, keys, quotas), and has the control
interface under `/_control` and the pictures. Each service's format is in `upstreams/`; `serve.py` starts the server. Everything runs on
the event loop, one request at a time between two awaits, so no state needs a lock.
"""

import asyncio
import os
import re
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, date, datetime

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from tunemeld_pipeline.charts.catalog import Catalog
from tunemeld_pipeline.sandbox import covers, halves
from tunemeld_pipeline.sandbox.faults import Fault, FaultBook, Order
from tunemeld_pipeline.sandbox.playlists import PlaylistDirectory
from tunemeld_pipeline.sandbox.quotas import Period, Quotas
from tunemeld_pipeline.sandbox.replay import Replay
from tunemeld_pipeline.sandbox.upstreams.cloudflare import Cloudflare
from tunemeld_pipeline.sandbox.upstreams.wire import Call, Problem, Upstream, json_answer
from tunemeld_pipeline.sandbox.world import World, shortened

TRANSPORT = "tunemeld.transport"
"""Where `serve.py` puts a connection's transport into the ASGI scope, so that a fault can cut the connection."""

STALL_SECONDS = 30.0
COLLAPSED = 0.1
"""The share of its rows that a list still has which has collapsed."""
FOREIGN = {"portal": "Log in to use this network.", "links": [{"rel": "login", "href": "https://portal.example/"}]}
DATED = re.compile(r"at/(\d{4}-\d\d-\d\d)(?:/|$)")
COVER_SIZE = re.compile(r"-(?:\d+|original|large|default|medium|high|t\d+x\d+)$")


class Sandbox:
    """The state of one running sandbox.

    Args:
        source: the invented world, or recorded playlists.
        catalog: the playlists that there are.
        latency: seconds that every upstream takes to answer.
    """

    def __init__(self, source: World | Replay, catalog: Catalog, latency: float = 0.0) -> None:
        playlists = PlaylistDirectory(catalog)
        # A replay needs the upstreams only for their keys and errors, which do not use the world.
        world = source if isinstance(source, World) else World(0, catalog, halves.sizes())
        upstreams = [*halves.upstreams(world, playlists), Cloudflare()]
        self.source = source
        self.upstreams = {upstream.name: upstream for upstream in upstreams}
        self.faults = FaultBook(frozenset(self.upstreams))
        self.quotas = Quotas()
        self.latency = latency
        self.counts: Counter[tuple[str, str]] = Counter()

    # Upstreams

    async def upstream(self, request: Request) -> Response:
        """Any request to an upstream: `/NAME/at/DATE/REST`, or without the date for today (UTC)."""
        upstream = self.upstreams.get(request.path_params["upstream"])
        if upstream is None:
            return json_answer({"message": f"no such upstream; there are {', '.join(self.upstreams)}"}, 404)
        path: str = request.path_params.get("path", "")
        day = datetime.now(UTC).date()
        problem = None
        if dated := DATED.match(path):
            path = path[dated.end() :]
            try:
                day = date.fromisoformat(dated[1])
            except ValueError as error:
                problem = str(error)
        call = Call(
            method=request.method,
            path=path.strip("/"),
            day=day,
            query=request.query_params,
            headers=request.headers,
            body=await request.body(),
            root=str(request.base_url).rstrip("/"),
        )
        endpoint = upstream.endpoint(call)
        self.counts[upstream.name, endpoint] += 1
        order = self.faults.take(upstream.name, endpoint)
        if self.latency:
            await asyncio.sleep(self.latency)
        if order is not None:
            return await self._trouble(order, upstream, call)
        if problem is not None:
            return json_answer({"message": problem}, 400)
        return self._answer(upstream, call)

    def _answer(self, upstream: Upstream, call: Call) -> Response:
        if refusal := upstream.refusal(call):
            return refusal
        headers = {}
        if bucket := upstream.bucket(call):
            allowance = self.quotas.spend(bucket, call.day)
            headers = dict(upstream.quota_headers(allowance))
            if allowance.left < 0:
                return _with_headers(upstream.problem(Problem.QUOTA, call), headers)
        return _with_headers(self._data(upstream, call), headers)

    def _data(self, upstream: Upstream, call: Call) -> Response:
        if isinstance(self.source, Replay) and upstream.is_recorded(call):
            recorded = self.source.body(upstream.name, call)
            if recorded is None:
                return upstream.problem(Problem.UNKNOWN, call)
            body, media_type = recorded
            return Response(body, media_type=media_type)
        try:
            return upstream.answer(call)
        except ValueError as error:
            return json_answer({"message": str(error)}, 404)

    async def _trouble(self, order: Order, upstream: Upstream, call: Call) -> Response:
        match order.fault:
            case Fault.TOO_MANY_REQUESTS:
                wait = {"Retry-After": f"{order.seconds if order.seconds is not None else 1:g}"}
                return _with_headers(upstream.problem(Problem.TOO_MANY, call), wait)
            case Fault.TOO_MANY_REQUESTS_SILENT:
                return upstream.problem(Problem.TOO_MANY, call)
            case Fault.SERVER_ERROR:
                return _with_status(upstream.problem(Problem.BROKEN, call), order.status or 500)
            case Fault.UNAUTHORIZED:
                return upstream.problem(Problem.UNAUTHORIZED, call)
            case Fault.FORBIDDEN:
                return upstream.problem(Problem.FORBIDDEN, call)
            case Fault.NOT_FOUND:
                return upstream.problem(Problem.UNKNOWN, call)
            case Fault.ERROR_BODY:
                return _with_status(upstream.problem(Problem.UNAUTHORIZED, call), order.status or 200)
            case Fault.QUOTA:
                return upstream.problem(Problem.QUOTA, call)
            case Fault.IN_PART:
                return upstream.refusal(call) or upstream.answer_in_part(call)
            case Fault.NEW_OWNER:
                return upstream.refusal(call) or upstream.answer_of_another_owner(call)
            case Fault.ROBOTS_FORBID:
                return upstream.refusal(call) or upstream.answer_forbidding_robots(call)
            case Fault.EMPTY_LIST:
                with shortened(0):
                    return self._answer(upstream, call)
            case Fault.COLLAPSE:
                with shortened(COLLAPSED):
                    return self._answer(upstream, call)
            case Fault.FOREIGN_BODY:
                return json_answer(FOREIGN)
            case Fault.HALF_JSON:
                answer = self._answer(upstream, call)
                return Response(bytes(answer.body)[: len(answer.body) // 2], 200, media_type="application/json")
            case Fault.STALL:
                # It is cancelled when the server ends: that ends the connection too, and is no error.
                with suppress(asyncio.CancelledError):
                    await asyncio.sleep(order.seconds if order.seconds is not None else STALL_SECONDS)
                return CutConnection(b"")
            case Fault.CUT:
                return CutConnection(b"")
            case Fault.CUT_MID_BODY:
                return CutConnection(bytes(self._answer(upstream, call).body))

    # Control

    async def health(self, request: Request) -> Response:  # noqa: ARG002
        return json_answer({**self.source.describe(), "pid": os.getpid(), "requests": self.counts.total()})

    async def replayed(self, request: Request) -> Response:  # noqa: ARG002
        recorded = self.source.recorded() if isinstance(self.source, Replay) else {}
        return json_answer({"dates": recorded})

    async def everything(self, request: Request) -> Response:  # noqa: ARG002
        self.faults.clear()
        self.quotas.reset()
        self.counts.clear()
        return json_answer({"requests": 0})

    async def count_control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.counts.clear()
        counts: dict[str, dict[str, int]] = {}
        for (upstream, endpoint), count in sorted(self.counts.items()):
            counts.setdefault(upstream, {})[endpoint] = count
        return json_answer({"requests": counts, "total": self.counts.total()})

    async def fault_control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.faults.clear()
        elif request.method == "PUT":
            try:
                self.faults.add(await request.json())
            except ValueError as error:
                return json_answer({"error": str(error)}, 400)
        return json_answer({"faults": self.faults.as_json()})

    async def quota_control(self, request: Request) -> Response:
        if request.method == "DELETE":
            self.quotas.reset()
        elif request.method == "PUT":
            try:
                order = await request.json()
                period = Period(order["period"]) if order.get("period") else None
                self.quotas.limit(str(order["bucket"]), int(order["limit"]), period)
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                expected = '{"bucket", "limit", "period"?: "day" | "month"}'
                return json_answer({"error": f"{error}; a quota is set with {expected}"}, 400)
        return json_answer({"quotas": self.quotas.report()})

    async def picture(self, request: Request) -> Response:
        """`/covers/NAME.png`, `/covers/NAME.svg`, and Apple's form `/covers/NAME/300x300SC.DN01.png`.

        Sizes in a name do not change the picture. A request for JPEG or WebP gets PNG, which browsers accept.
        """
        name, _, form = str(request.path_params["name"]).rpartition(".")
        name = COVER_SIZE.sub("", name.partition("/")[0])
        headers = {"Cache-Control": "public, max-age=86400"}
        if form == "svg":
            return Response(covers.svg(name), headers=headers, media_type="image/svg+xml")
        if form in ("png", "jpg", "jpeg", "webp") and name:
            return Response(covers.png(name), headers=headers, media_type="image/png")
        return json_answer({"message": "a picture's name ends in .png, .svg, .jpg or .webp"}, 404)


class CutConnection(Response):
    """Sends half of a body that was announced whole, or nothing at all, and then closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        transport: asyncio.Transport = scope[TRANSPORT]
        if self.body:
            await send({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
            half: Message = {
                "type": "http.response.body",
                "body": bytes(self.body)[: len(self.body) // 2],
                "more_body": True,
            }
            await send(half)
            transport.close()
        else:
            transport.abort()
        # The server learns of it in the event loop's next turn; then it knows that nobody waits for an answer.
        while (await receive())["type"] != "http.disconnect":
            pass


def create_app(source: World | Replay, catalog: Catalog, *, latency_ms: float = 0.0) -> Starlette:
    """The sandbox as an ASGI application; `app.state.sandbox` is its `Sandbox`.

    Args:
        source: the invented world, or recorded playlists.
        catalog: the playlists that there are.
        latency_ms: how long every upstream takes to answer.

    Cutting connections needs the server in `serve.py`; everything else works under any server.
    """
    sandbox = Sandbox(source, catalog, latency_ms / 1000)
    methods = ["GET", "POST", "PUT", "DELETE"]
    control = ["GET", "PUT", "DELETE"]
    app = Starlette(
        routes=[
            Route("/_control/health", sandbox.health),
            Route("/_control/replay", sandbox.replayed),
            Route("/_control/everything", sandbox.everything, methods=["DELETE"]),
            Route("/_control/requests", sandbox.count_control, methods=["GET", "DELETE"]),
            Route("/_control/faults", sandbox.fault_control, methods=control),
            Route("/_control/quota", sandbox.quota_control, methods=control),
            Route("/covers/{name:path}", sandbox.picture),
            Route("/{upstream}", sandbox.upstream, methods=methods),
            Route("/{upstream}/{path:path}", sandbox.upstream, methods=methods),
        ],
    )
    app.state.sandbox = sandbox
    return app


def _with_headers(answer: Response, headers: Mapping[str, str]) -> Response:
    answer.headers.update(headers)
    return answer


def _with_status(answer: Response, status: int) -> Response:
    answer.status_code = status
    return answer
