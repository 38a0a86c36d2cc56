"""The Content-Security-Policies of the pages that a browser shows: the hosts that each may load from.

Every other answer may load nothing; that policy is in `serving.py`.
"""

from urllib.parse import urlsplit

from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings

COVER_HOSTS = (
    # Spotify's album covers, generated playlist covers and editorial covers.
    "https://*.scdn.co",
    "https://*.spotifycdn.com",
    "https://*.mzstatic.com",
    "https://*.sndcdn.com",
    "https://i.ytimg.com",
)
PLAYER_HOSTS = (
    "https://www.youtube-nocookie.com",
    "https://open.spotify.com",
    "https://w.soundcloud.com",
    "https://embed.music.apple.com",
)
SANDBOX_COVERS = "http://127.0.0.1:*"
"""Invented covers come from the sandbox, whose port can change with each start."""

DOCS_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none';"
    " form-action 'none'; frame-ancestors 'none'"
)


def page_policy(settings: Settings, api: str = "") -> str:
    """The policy of the page; `api` is the address of a different API, if the page names one."""
    covers = [*COVER_HOSTS, *([SANDBOX_COVERS] if settings.upstreams is Upstreams.SANDBOX else [])]
    parts = urlsplit(api)
    other = [f"{parts.scheme}://{parts.netloc}"] if parts.scheme and parts.netloc else []
    rules = {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "font-src": ["'self'"],
        "img-src": ["'self'", *covers],
        "connect-src": ["'self'", *other],
        "frame-src": list(PLAYER_HOSTS),
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
        "frame-ancestors": ["'none'"],
    }
    return "; ".join(" ".join([name, *values]) for name, values in rules.items())
