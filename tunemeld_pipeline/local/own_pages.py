"""Lets only Dagster's UI itself, and programs without a browser, talk to Dagster's UI.

The UI has no login, and checks neither `Host` nor `Origin`: any page that its operator visits could start runs through `/graphql`, and
read everything by a host name bound to this machine (DNS rebinding) or a WebSocket. This module is the ASGI layer that refuses such
requests; `orchestration/guarded_ui.py` puts it in front.
"""

from collections.abc import Iterable
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

ALLOWED_SITES = (None, "same-origin", "none")
"""Of `Sec-Fetch-Site`: a program, the UI itself, and an address that somebody typed. Another port of this machine is only the same site."""

NEVER_READ = 1008
"""WebSocket: the message violates a policy. Before the connection is accepted, the client gets 403."""


class OwnPages:
    """The layer.

    Args:
        app: Dagster's UI.
        addresses: where a proxy shows it, such as https://dagster.example; the names in them are allowed as
            `Host`, besides localhost and every numeric address.
    """

    def __init__(self, app: ASGIApp, addresses: Iterable[str] = ()) -> None:
        self._app = app
        parts = [urlsplit(address) for address in addresses]
        self._origins = {f"{one.scheme}://{one.netloc}".lower() for one in parts}
        self._names = {"localhost", *(one.hostname for one in parts)}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes a request on, or refuses it with 403."""
        refusal = self._refusal(scope) if scope["type"] in ("http", "websocket") else None
        if refusal is None:
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": NEVER_READ})
        else:
            await PlainTextResponse(f"{refusal}\n", status_code=403)(scope, receive, send)

    def _refusal(self, scope: Scope) -> str | None:
        """Why not, and what to do; None for what is allowed."""
        headers = Headers(scope=scope)
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._is_own_name(hosts[0]):
            return "Dagster's UI is not known by this host name; set DAGSTER_UI_URL to the address where your proxy shows it"
        if len(origins) > 1 or not all(self._is_own_origin(one, hosts[0]) for one in origins):
            return "only Dagster's UI itself may ask this, no other page; set DAGSTER_UI_URL to the address where your proxy shows it"
        if scope["type"] == "http":
            if scope["method"] == "GET" and scope["path"].rstrip("/").endswith("/graphql") and scope["query_string"]:
                return "send GraphQL by POST: a link or a picture on any page can send a GET"
            if headers.get("sec-fetch-site") not in ALLOWED_SITES and not _is_opened(scope, headers):
                return "only Dagster's UI itself may load this, no other page"
        return None

    def _is_own_name(self, host: str) -> bool:
        """Whether no other page can have this host: a name can be bound to any machine, a numeric address cannot."""
        try:
            name = urlsplit(f"//{host}").hostname or ""
        except ValueError:
            return False
        if name in self._names:
            return True
        try:
            ip_address(name)
        except ValueError:
            return False
        return True

    def _is_own_origin(self, origin: str, host: str) -> bool:
        origin = origin.lower()
        return origin in self._origins or origin in (f"http://{host.lower()}", f"https://{host.lower()}")


def _is_opened(scope: Scope, headers: Headers) -> bool:
    """Whether a person follows a link to the UI, in a window of its own and not in another page's frame."""
    asked = (scope["method"], headers.get("sec-fetch-mode"), headers.get("sec-fetch-dest"))
    return asked == ("GET", "navigate", "document")
