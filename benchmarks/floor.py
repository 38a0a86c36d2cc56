"""The floor that a refresh is measured against: a plain script repeats its HTTP calls and its writes.

It records what a run sends and writes, and sends and writes just that with `requests` and PyMongo; `refresh.py` decides what is measured.
The script reads nothing from the database, parses no answer, and does without Dagster, documents and matching; it keeps only the order that
the calls depend on.
"""

import re
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from bson import Int64
from pymongo import MongoClient, monitoring
from pymongo.database import Database

PLAYLISTS = frozenset({"/playlist_tracks/", "/playlist1/", "/v1/playlist/tracks"})
"""Calls that have to wait for the previous one, because it says where the next page begins."""

BUDGETED = frozenset({"spotify", "apple_music", "soundcloud", "youtube"})
"""Upstreams whose calls are counted in `api_usage`, with one write per call."""

STAGE_ENDS = ("raw_playlists", "track_playlist", "view_counts_playlists")
"""What each stage writes last; anything after it belongs to the next stage."""

SPENT = {"$inc": {"used": Int64(1)}, "$setOnInsert": {"expires_at": datetime(2100, 1, 1, tzinfo=UTC)}}

WRITES = {"insert": "documents", "update": "updates", "delete": "deletes"}
DATED = re.compile(r"^/(?P<upstream>[a-z_]+)/at/[\d-]+(?P<endpoint>.*)$")

Json = dict[str, Any]


@dataclass(frozen=True)
class Call:
    """One request as it was sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes | str | None

    @property
    def upstream(self) -> str:
        return self._part("upstream")

    @property
    def endpoint(self) -> str:
        return self._part("endpoint")

    def _part(self, name: str) -> str:
        match = DATED.match(urlsplit(self.url).path)
        assert match, self.url
        return match[name]


@dataclass(frozen=True)
class Write:
    """One write command as it was sent, without its session and transaction."""

    collection: str
    command: Json


@dataclass
class Stage:
    """What one asset sent and wrote."""

    calls: list[Call] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)


class Recorder(monitoring.CommandListener):
    """Records what this process sends and writes, while recording is on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._events: list[Call | Write] | None = None
        monitoring.register(self)

    @contextmanager
    def recording(self) -> Generator[list[Stage]]:
        """The stages, complete when the block ends."""
        send: Callable[..., requests.Response] = requests.adapters.HTTPAdapter.send
        stages: list[Stage] = []

        def noted(adapter: Any, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
            self._note(Call(request.method or "", request.url or "", dict(request.headers), request.body))
            return send(adapter, request, *args, **kwargs)

        self._events = []
        requests.adapters.HTTPAdapter.send = noted  # type: ignore[method-assign,assignment]
        try:
            yield stages
        finally:
            requests.adapters.HTTPAdapter.send = send  # type: ignore[method-assign]
            stages += _stages(self._events)
            self._events = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        """A command is sent."""
        name = event.command_name
        if self._events is not None and name in WRITES:
            sent = event.command
            command = {name: sent[name], WRITES[name]: list(sent[WRITES[name]]), "ordered": sent["ordered"]}
            self._note(Write(sent[name], command))

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Of no interest."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Of no interest."""

    def _note(self, event: Call | Write) -> None:
        with self._lock:
            if self._events is not None:
                self._events.append(event)


def _stages(events: list[Call | Write]) -> list[Stage]:
    ends = {
        event.collection: at
        for at, event in enumerate(events)
        if isinstance(event, Write) and event.collection in STAGE_ENDS
    }
    stages = [Stage()]
    for at, event in enumerate(events):
        if isinstance(event, Call):
            stages[-1].calls.append(event)
        elif event.collection != "api_usage":  # written with each call
            stages[-1].writes.append(event)
        if at in ends.values():
            stages.append(Stage())
    return stages


def replay(stages: list[Stage], mongodb_url: str, database_name: str, threads: int) -> None:
    """Sends and writes everything once more.

    Stages follow one another, since each needs the results of the one before. Within a stage all upstreams are called at the same time,
    each on as many threads as the pipeline uses for it; for one upstream, calls to one endpoint end before those to the next begin.
    """
    with ExitStack() as stack:
        client = stack.enter_context(MongoClient[Json](mongodb_url, w="majority"))
        script = _Script(client[database_name], stack, threads)
        for stage in stages:
            script.send(stage.calls)
            for write in stage.writes:
                script.database.command(write.command)


class _Script:
    def __init__(self, database: Database[Json], stack: ExitStack, threads: int) -> None:
        self.database = database
        self._stack = stack
        self._threads = threads
        self._local = threading.local()
        self._pools: dict[str, ThreadPoolExecutor] = {}
        self._upstreams = stack.enter_context(ThreadPoolExecutor())

    def send(self, calls: list[Call]) -> None:
        by_upstream: dict[str, dict[str, list[Call]]] = {}
        for call in calls:
            by_upstream.setdefault(call.upstream, {}).setdefault(call.endpoint, []).append(call)
            if call.upstream not in self._pools:
                self._pools[call.upstream] = self._stack.enter_context(ThreadPoolExecutor(self._threads))
        list(self._upstreams.map(self._send_to_one, by_upstream, by_upstream.values()))

    def _send_to_one(self, upstream: str, by_endpoint: dict[str, list[Call]]) -> None:
        for endpoint, calls in by_endpoint.items():
            if endpoint in PLAYLISTS:
                for call in calls:
                    self._send_one(call)
            else:
                list(self._pools[upstream].map(self._send_one, calls))

    def _send_one(self, call: Call) -> None:
        if call.upstream in BUDGETED:
            self.database["api_usage"].update_one({"_id": f"{call.upstream}/2026-03-02"}, SPENT, upsert=True)
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.trust_env = False
            self._stack.callback(session.close)
        session.request(call.method, call.url, headers=call.headers, data=call.body).raise_for_status()
