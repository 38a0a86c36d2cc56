"""Requests as a WSGI server passes them on, for the application in the test's own process."""

import io
from collections.abc import Mapping
from typing import Any


def environ(changes: Mapping[str, str]) -> dict[str, Any]:
    """The WSGI environment of a GET of `/playlist-data/dance` from this machine, with these changes."""
    return {
        "REQUEST_METHOD": "GET",
        "PATH_INFO": "/playlist-data/dance",
        "QUERY_STRING": "",
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "127.0.0.1",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
        "wsgi.errors": io.StringIO(),
        **changes,
    }
