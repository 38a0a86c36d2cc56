"""What new visitors notice of 1,100 connections that idle, slow or kept-alive clients hold, beside granian with its own defaults.

For half a minute each, new connections ask for `/health/live`, and give up after four seconds.

    python -m benchmarks.held_connections
"""

import http.client
import shutil
import tempfile
import time
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from benchmarks.api import BARE, BIN, OURS, WORKERS, fill, running
from chaos.held_connections import CLIENTS_THAT_HOLD
from tunemeld_pipeline.cli.api import THREADS
from tunemeld_pipeline.local.mongod import stop_mongod

HOLD_SECONDS, PATIENCE, PAUSE = 35.0, 4.0, 0.5
SETTLE_SECONDS = 4.0
"""Until the connections are opened."""

PATH = "/health/live"


def probed(port: int, until: Future[tuple[int, int]]) -> tuple[int, int, float]:
    """How many requests were made and answered, and how long the slowest took, in seconds."""
    asked = answered = 0
    slowest = 0.0
    while not until.done():
        begin = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        try:
            connection.request("GET", PATH)
            answered += connection.getresponse().status == 200
        except OSError:
            pass
        connection.close()
        asked += 1
        slowest = max(slowest, time.monotonic() - begin)
        time.sleep(PAUSE)
    return asked, answered, slowest


def measure(name: str, port: int) -> None:
    """Prints a line for each kind of client."""
    for kind, hold in CLIENTS_THAT_HOLD.items():
        begin = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            holding = pool.submit(hold, f"http://127.0.0.1:{port}", HOLD_SECONDS)
            time.sleep(SETTLE_SECONDS)
            asked, answered, slowest = probed(port, holding)
            opened, closed = holding.result()
        print(
            f"{name}, {kind}: {answered} of {asked} new visitors answered, slowest {slowest:.2f} s; "
            f"{closed} of {opened} closed within {time.monotonic() - begin:.0f} s"
        )


def main() -> None:
    """Measures both servers."""
    home = Path(tempfile.mkdtemp(prefix="tunemeld-bench-"))
    try:
        variables = {
            "TUNEMELD_ENV": "development",
            "TUNEMELD_HOME": str(home),
            "TUNEMELD_UPSTREAMS": "sandbox",
            "MONGODB_URL": fill(home),
            "LOG_LEVEL": "WARNING",
        }
        start = [str(BIN / "tunemeld"), "api", "start", "--port", str(OURS), "--workers", str(WORKERS)]
        bare = [str(BIN / "granian"), "--interface", "wsgi", "--no-ws", "--workers", str(WORKERS), "--port", str(BARE)]
        bare += ["--blocking-threads", str(THREADS), "--log-level", "warning", "django_backend.wsgi:application"]
        for name, command, port in (("granian's defaults", bare, BARE), ("tunemeld api start", start, OURS)):
            with running(command, variables, port, PATH):
                measure(name, port)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
