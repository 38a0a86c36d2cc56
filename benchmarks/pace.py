"""What one pace for all processes costs: `python -m benchmarks.pace`.

Calls to a server on this machine that answers at once, with a turn in the database before each, as multiples of the same calls with a
limiter inside the process, as there was one before. Alternating rounds, with one thread and with ten. It uses its own `mongod`.
"""

import argparse
import shutil
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.client import HttpClient, Limits, UnlimitedBudget
from tunemeld_pipeline.upstream.manners import Manners

NO_LIMIT = 1_000_000.0
"""Requests a second: what is measured is what a turn costs, and not the wait for it."""

CALLS = 300
ROUNDS = 5


class Answering(BaseHTTPRequestHandler):
    """Answers every GET at once."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # its answers' two parts would wait 40 ms for one another

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        """Nothing is printed."""


class Limiter:
    """The limiter of one process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next = 0.0

    def wait(self) -> None:
        with self._lock:
            slot = max(self._next, time.monotonic())
            self._next = slot + 1 / NO_LIMIT
        time.sleep(max(0.0, slot - time.monotonic()))


def milliseconds(client: HttpClient, before: Callable[[], None], calls: int) -> float:
    """A call's time and that of what goes before it, where as many go on at once as the client has threads."""

    def call(_: int) -> None:
        before()
        client.get("/x", {}, lambda answer: answer.data, budget=UnlimitedBudget())

    client.map(call, range(client.threads))  # opens the connections
    began = time.perf_counter()
    client.map(call, range(calls))
    return (time.perf_counter() - began) * 1000 / calls


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=CALLS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="tunemeld-pace-"))
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    table = Table("threads", "inside the process, ms a call", "in the database, ms a call", "more, ms", "ratio")
    try:
        with connect(ensure_mongod(home)) as opened:
            hosts = Store(opened[f"{uuid.uuid4().hex}_test"]).hosts
            manners = Manners("Benchmark", "host", NO_LIMIT, lambda: hosts)
            for threads in (1, 10):
                limiter, limits = Limiter(), Limits(threads=threads)
                with (
                    HttpClient("Benchmark", address, {}, limits) as alone,
                    HttpClient("Benchmark", address, {}, limits, manners=manners) as together,
                ):
                    own, shared = [], []
                    for _ in range(given.rounds):
                        own.append(milliseconds(alone, limiter.wait, given.calls))
                        shared.append(milliseconds(together, lambda: None, given.calls))
                before, now = median(own), median(shared)
                table.add_row(str(threads), f"{before:.2f}", f"{now:.2f}", f"{now - before:.2f}", f"{now / before:.2f}")
    finally:
        server.shutdown()
        stop_mongod(home)
        shutil.rmtree(home)
    Console().print(table)


if __name__ == "__main__":
    main()
