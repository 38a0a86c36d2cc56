"""How fast rendered paths are answered, as ratios to a bare Django view that returns the same bytes under the same server.

wrk (`apt-get install wrk`) measures with 16 connections, identical encoding, and the same number of workers and threads: our server with
logs, metrics and all headers, the bare view with only Django's security and common middleware. Runs alternate, so that a busy moment hits
both. The limit per client address is measured as a pair of two servers of ours, one of which counts every request, by requests per second
and by the workers' processor time for one. There are no pass marks for a particular machine. Without wrk it says so and exits.

    python -m benchmarks.api [seconds]
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median

from django_backend.succession import CHANGE_SECONDS
from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.charts.recordings import recordings_of_day
from tunemeld_pipeline.cli.api import THREADS
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

WORKERS = 2
CONNECTIONS = 16
ROUNDS = 3
TRACKS, WITH_HISTORY, DAYS = 37, 12, 60
"""Some 40 KB of chart, and 160 KB of history."""

PATHS = (
    "/playlist-data/pop",
    "/graph-data/pop",
    "/v1/charts/pop",
    f"/v1/charts/pop?date={MONDAY:%Y-%m-%d}",
    f"/v1/tracks/{isrc(1)}",
    "/v1/artists/singer-1",
    "/v1/search?q=song",
)
"""Two rendered for every version of the older dialect, one of /v1, and those that are made for their first request."""

OURS, BARE, LIMITED = 8391, 8392, 8393
LIMIT = "999999999/minute"
"""Counts every request, and refuses none."""

BIN = Path(sys.executable).parent
WRK = shutil.which("wrk") or ""

BARE_APP = """
import os, sys
from django.conf import settings
from django.http import HttpResponse
from django.urls import path
settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"], ROOT_URLCONF=__name__, SECRET_KEY="bare", LOGGING_CONFIG=None,
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"],
)
BODIES = {name: open(os.path.join(os.environ["BODIES"], name), "rb").read() for name in os.listdir(os.environ["BODIES"])}
def view(request, name):
    return HttpResponse(BODIES[name], content_type="application/json")
urlpatterns = [path("bare/<str:name>", view)]
from django.core.wsgi import get_wsgi_application
application = get_wsgi_application()
"""


def fill(home: Path) -> str:
    """A database with one genre of the measured size; its address."""
    url = ensure_mongod(home)
    numbers = range(1, TRACKS + 1)
    with connect(url) as client:
        store = Store(client["tunemeld_sandbox"])
        store.layout.prepare()
        for service in keys():
            store.playlists.put_raw_playlist(raw_playlist(service, genre="pop"))
        services = [service_playlist(service, numbers, genre="pop") for service in keys()]
        store.playlists.put_track_playlists(services, aggregate(numbers, genre="pop"))
        shown = chart(numbers, genre="pop")
        store.charts.put_chart(shown)
        seen = recordings_of_day(shown, services)
        for back in reversed(range(DAYS)):
            at = MONDAY - timedelta(days=back)
            counts = dict.fromkeys(("Spotify", "Youtube", "SoundCloud"), 1000000000 - back)
            readings = {isrc(number): counts for number in numbers[:WITH_HISTORY]}
            day = chart_day(at=at, genre="pop", numbers=numbers)
            store.charts.finish(readings, day, materialization(at=at, genre="pop"), seen)
    return url


@contextmanager
def running(command: list[str], variables: dict[str, str], port: int, path: str) -> Iterator[None]:
    """A server that runs as long as the block lasts."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=output, stderr=output)
        try:
            for _ in range(1_000):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}{path}").read()
                    break
                except OSError:
                    time.sleep(0.2)
            yield
        finally:
            process.terminate()
            process.wait(20)


def measured(port: int, path: str, seconds: int, *headers: str) -> tuple[float, float]:
    """Requests per second, and the 99th percentile of their durations in milliseconds."""
    more = [word for header in headers for word in ("-H", header)]
    answer = subprocess.run(
        [WRK, "-t2", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", *more, f"http://127.0.0.1:{port}{path}"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert "Socket errors" not in answer, answer
    rate = re.search(r"Requests/sec:\s+([\d.]+)", answer)
    slowest = re.search(r"99%\s+([\d.]+)(us|ms|s)", answer)
    assert rate and slowest, answer
    return float(rate[1]), float(slowest[1]) * {"us": 0.001, "ms": 1, "s": 1000}[slowest[2]]


def name_of(path: str) -> str:
    """The name of the file that holds a path's body."""
    return re.sub(r"\W+", "-", path).strip("-")


def bare(path: str) -> str:
    """The path under which the bare view has the same body."""
    return f"/bare/{name_of(path)}"


def workers(port: int) -> Iterator[Path]:
    """The folder in /proc of each worker of the server at a port."""
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            command = (status.parent / "cmdline").read_bytes().decode()
            # granian names its workers so: `granian wsgi 127.0.0.1:8391 … worker-1`.
            if f":{port} " in command and "worker-" in command:
                yield status.parent
        except OSError:
            continue


def memory(port: int) -> list[float]:
    """Each worker's own resident memory in MB."""
    found = [re.search(r"VmRSS:\s+(\d+)", (one / "status").read_text()) for one in workers(port)]
    return [int(resident[1]) / 1024 for resident in found if resident]


def processor_seconds(port: int) -> float:
    """The processor time that the workers have used so far."""
    times = [(one / "stat").read_text().rpartition(")")[2].split() for one in workers(port)]
    return sum(int(one[11]) + int(one[12]) for one in times) / os.sysconf("SC_CLK_TCK")


def cost(port: int, path: str, seconds: int) -> tuple[float, float]:
    """Requests per second, and microseconds of the workers' processor time for each."""
    before = processor_seconds(port)
    rate, _ = measured(port, path, seconds)
    return rate, (processor_seconds(port) - before) / (rate * seconds) * 1e6


def limit_pair(variables: dict[str, str], home: Path, seconds: int) -> None:
    """Prints what the limit per client address costs on a rendered path."""
    start = [str(BIN / "tunemeld"), "api", "start", "--workers", str(WORKERS), "--port"]
    counted = {**variables, "TUNEMELD_HOME": str(home / "limited"), "RATE_LIMIT": LIMIT}
    with (
        running([*start, str(OURS)], {**variables, "RATE_LIMIT": "off"}, OURS, PATHS[0]),
        running([*start, str(LIMITED)], counted, LIMITED, PATHS[0]),
    ):
        time.sleep(CHANGE_SECONDS + 1)
        rounds = [(cost(OURS, PATHS[0], seconds), cost(LIMITED, PATHS[0], seconds)) for _ in range(2 * ROUNDS)]
    (rate, used), (limited_rate, limited_used) = (
        tuple(median(one[who][what] for one in rounds) for what in (0, 1)) for who in (0, 1)
    )
    print(
        f"{PATHS[0]} with a limit: {limited_rate:,.0f}/s, without {rate:,.0f}/s, ratio {limited_rate / rate:.3f};"
        f" processor time {limited_used:.1f} µs, without {used:.1f} µs, ratio {limited_used / used:.3f}"
    )


def main() -> None:
    """Prints one line per path."""
    if not WRK:
        print("skipped: there is no wrk on the PATH; apt-get install wrk")
        return
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    home = Path(tempfile.mkdtemp(prefix="tunemeld-bench-"))
    bodies = home / "bodies"
    bodies.mkdir()
    try:
        ours = {
            "TUNEMELD_ENV": "development",
            "TUNEMELD_HOME": str(home),
            "TUNEMELD_UPSTREAMS": "sandbox",
            "MONGODB_URL": fill(home),
            "LOG_LEVEL": "INFO",
            "LOG_FORMAT": "json",
        }
        start = [str(BIN / "tunemeld"), "api", "start", "--port", str(OURS), "--workers", str(WORKERS)]
        (home / "bare.py").write_text(BARE_APP)
        granian = [str(BIN / "granian"), "--interface", "wsgi", "--no-ws", "--http", "1", "--workers", str(WORKERS)]
        granian += [
            "--blocking-threads",
            str(THREADS),
            "--port",
            str(BARE),
            "--log-level",
            "warning",
            "bare:application",
        ]
        tags = {}
        with running(start, ours, OURS, PATHS[0]):
            for path in PATHS:
                with urllib.request.urlopen(f"http://127.0.0.1:{OURS}{path}") as answer:
                    (bodies / name_of(path)).write_bytes(answer.read())
                    tags[path] = answer.headers["ETag"]
            with running(granian, {"BODIES": str(bodies), "PYTHONPATH": str(home)}, BARE, bare(PATHS[0])):
                # Until then, a worker closes each connection: its sibling has just started.
                time.sleep(CHANGE_SECONDS + 1)
                for path in PATHS:
                    rounds = [
                        (measured(OURS, path, seconds), measured(BARE, bare(path), seconds)) for _ in range(ROUNDS)
                    ]
                    rates = [median(one[who][0] for one in rounds) for who in (0, 1)]
                    slowest = [median(one[who][1] for one in rounds) for who in (0, 1)]
                    size = (bodies / name_of(path)).stat().st_size
                    print(
                        f"{path} ({size:,} B): {rates[0]:,.0f}/s, bare {rates[1]:,.0f}/s, ratio {rates[0] / rates[1]:.2f};"
                        f" p99 {slowest[0]:.2f} ms, bare {slowest[1]:.2f} ms"
                    )
                    (_, used), (_, bare_used) = cost(OURS, path, seconds), cost(BARE, bare(path), seconds)
                    print(f"  processor time {used:.1f} µs, bare {bare_used:.1f} µs, ratio {bare_used / used:.2f}")
                known, _ = measured(OURS, PATHS[1], seconds, f"If-None-Match: {tags[PATHS[1]]}")
                brotli, _ = measured(OURS, PATHS[1], seconds, "Accept-Encoding: br")
                print(f"{PATHS[1]}: {known:,.0f}/s answered 304, {brotli:,.0f}/s with brotli")
                print(f"memory per worker: {', '.join(f'{one:.0f} MB' for one in memory(OURS))}")
        limit_pair(ours, home, seconds)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


if __name__ == "__main__":
    main()
