"""The Content-Security-Policies of the pages that a browser shows: the hosts that each may load from.

The services declare where their covers and players are. Every other answer may load nothing; that policy is in `serving.py`.
"""

from urllib.parse import urlsplit

from tunemeld_pipeline.charts.services import CountSource, Service
from tunemeld_pipeline.plugins.registry import count_sources, services
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings

SANDBOX_COVERS = "http://127.0.0.1:*"
"""Invented covers come from the sandbox, whose port can change with each start."""

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)

WORKER = "/worker.js"
WORKER_POLICY = "default-src 'none'; connect-src 'self'"
"""Of the page's service worker, which has one of its own: it asks this server alone."""


def page_policy(settings: Settings, api: str = "") -> str:
    """The policy of the page; `api` is the address of a different API, if the page names one."""
    there: tuple[Service | CountSource, ...] = (*services(), *count_sources())
    players = dict.fromkeys(one.player.origin for one in there if one.player)
    covers = dict.fromkeys(host for one in there for host in one.cover_hosts)
    invented = [SANDBOX_COVERS] if settings.upstreams is Upstreams.SANDBOX else []
    parts = urlsplit(api)
    other = [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", *covers, *invented],
        "connect-src": ["'self'", *other],
        "frame-src": list(players) or ["'none'"],
        "manifest-src": ["'self'"],
        "worker-src": ["'self'"],
        "base-uri": ["'none'"],
        # The search's form, where no script runs.
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())
