"""Whether a running server answers on every path of data, and how quickly.

This module calls each path that the server's own OpenAPI document lists, and judges the answers. The checks behind `/health` are in
`django_backend/health.py`, and `cli/api.py` shows the outcome.
"""

import itertools
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests

from tunemeld_pipeline.errors import ServerNotAnswering
from tunemeld_pipeline.health import State
from tunemeld_pipeline.settings.formats import is_loopback

TIMEOUT_SECONDS = 10.0
DESCRIPTION_PATH = "/openapi.json"
HEALTH_PATH = "/health"


@dataclass(frozen=True, slots=True)
class AskedPath:
    """One path: the answer's status (None: no answer), its milliseconds, and what is wrong, where something is."""

    path: str
    status: int | None
    milliseconds: float
    problem: str | None


@dataclass(frozen=True, slots=True)
class ServerHealth:
    """All paths, `/health` first, and the names of the parts that `/health` calls unwell."""

    asked: list[AskedPath]
    unwell: list[str]

    @property
    def failed(self) -> bool:
        """Whether any path gave no good answer."""
        return any(one.problem is not None for one in self.asked)


def server_health(url: str, token: str | None = None) -> ServerHealth:
    """Calls `/health` and each path of data of the server at `url`, one after another.

    Args:
        token: opens `/health` where it is not public; it is sent to this machine or over TLS only.

    Raises:
        ServerNotAnswering: the server cannot be reached, or does not describe itself.
    """
    root = url.rstrip("/")
    with requests.Session() as session:
        if token and (root.startswith("https://") or is_loopback(urlsplit(root).hostname or "")):
            session.headers["Authorization"] = f"Bearer {token}"
        try:
            description = session.get(root + DESCRIPTION_PATH, timeout=TIMEOUT_SECONDS)
            description.raise_for_status()
            paths = data_paths(description.json())
        except (requests.RequestException, ValueError, KeyError, TypeError, AttributeError) as error:
            raise ServerNotAnswering(
                f"no TuneMeld API answers at {root} ({type(error).__name__}); start it, or name its address with --url"
            ) from error
        health, unwell = _ask(session, root, HEALTH_PATH)
        return ServerHealth([health, *(_ask(session, root, path)[0] for path in paths)], unwell)


def data_paths(description: dict[str, Any]) -> list[str]:
    """Each path of an OpenAPI document that answers with JSON data, with every known value of its parameters."""
    found = []
    for template, verbs in description["paths"].items():
        verb = verbs["get"]
        content = verb["responses"]["200"].get("content", {})
        schema = content.get("application/json", {}).get("schema", {})
        if (schema.get("type") == "object" and "properties" not in schema) or not schema or template == HEALTH_PATH:
            continue
        parameters = [one for one in verb.get("parameters", []) if one["in"] == "path"]
        if any("enum" not in one["schema"] for one in parameters):
            continue  # it names one recording, artist or file of many
        for values in itertools.product(*(one["schema"]["enum"] for one in parameters)):
            path = template
            for parameter, value in zip(parameters, values, strict=True):
                path = path.replace(f"{{{parameter['name']}}}", value)
            found.append(path)
    return found


def _ask(session: requests.Session, root: str, path: str) -> tuple[AskedPath, list[str]]:
    began = time.perf_counter()
    try:
        answer = session.get(root + path, headers={"Accept": "application/json"}, timeout=TIMEOUT_SECONDS)
    except requests.RequestException as error:
        return AskedPath(path, None, _since(began), f"no answer ({type(error).__name__})"), []
    took = _since(began)
    try:
        body = answer.json()
        unwell = (
            [name for name, check in body["data"]["checks"].items() if check["state"] != State.GOOD]
            if (path == HEALTH_PATH and body["data"])
            else []
        )
        problem = None if answer.status_code == requests.codes.ok else str(body["message"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return AskedPath(path, answer.status_code, took, "the answer is not TuneMeld's"), []
    return AskedPath(path, answer.status_code, took, problem), unwell


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 1)
