"""How soon the page is drawn and how soon it responds, with 300 tracks on a processor slowed down four times, and how soon a chart of 5,000
rows appears, compared with a bare page.

Debian's Chromium measures the real server's page. The floor is a page with the same words and rows as plain HTML without style, whose few
lines of script sort the same table: the price of any page of this size in this browser on this machine. Rounds alternate, so that a busy
moment hits both. There are no pass marks for a particular machine.

    python -m benchmarks.page [rounds]
"""

import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from statistics import median

from playwright.sync_api import Browser, Page, sync_playwright

from tests.page.conftest import ARGUMENTS, find_chromium
from tests.page.world import LIVELY, LONG, TRACKS, write_long_chart
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

HUGE, HUGE_ROWS = LIVELY, 5_000
"""The genre with the longest chart, and its rows: more than any genre has."""

SLOWER = 4
ROUNDS = 7
PORT = 8393
TUNEMELD = Path(sys.executable).with_name("tunemeld")
ROW = "tbody tr"

FLOOR = """<!doctype html><html lang="en"><meta charset="utf-8"><title>floor</title>
<button id="sort">Artist</button><input id="filter">
<table>{rows}</table>
<script>
let down = false;
const rows = () => [...document.querySelectorAll("tbody tr")];
document.getElementById("sort").onclick = () => {{
  down = !down;
  const text = (row) => row.children[3].textContent;
  const sorted = rows().sort((one, other) => text(one).localeCompare(text(other)) * (down ? -1 : 1));
  document.querySelector("tbody").append(...sorted);
}};
document.getElementById("filter").oninput = (event) => {{
  for (const row of rows()) row.hidden = !row.textContent.toLowerCase().includes(event.target.value);
}};
</script></html>"""

OBSERVE = """
window.events = [];
new PerformanceObserver((list) => {
  for (const one of list.getEntries()) if (one.interactionId) window.events.push([one.name, one.duration]);
}).observe({ type: "event", durationThreshold: 16, buffered: true });
"""
COUNT_ROWS = """
window.appeared = {};
const look = () => {
  const there = document.querySelector("tbody")?.childElementCount ?? 0;
  if (there > 0) window.appeared.first ??= performance.now();
  if (there >= %d) window.appeared.all = performance.now();
  else requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""
"""Notes the frames in which the first row and all rows are there, without a search through them all."""

SORT = """async (selector) => {
  const head = document.querySelector(selector);
  const times = [];
  for (let round = 0; round < 10; round++) {
    const before = document.querySelector("tbody tr");
    const began = performance.now();
    head.click();
    // What a click changes is drawn after the microtasks behind it; then everything is laid out.
    await new Promise((done) => setTimeout(done));
    document.querySelector("table").getBoundingClientRect();
    times.push(performance.now() - began);
    if (document.querySelector("tbody tr") === before) throw new Error("nothing was sorted");
    await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  }
  return times.sort((one, other) => one - other)[5];
}"""


class Quiet(SimpleHTTPRequestHandler):
    """Serves the floor, without logging."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's own name
        """Nothing."""


@contextmanager
def our_server(home: Path) -> Iterator[str]:
    """The API with the page and the long chart."""
    url = ensure_mongod(home)
    with connect(url) as client:
        store = Store(client["tunemeld_sandbox"])
        store.layout.prepare()
        write_long_chart(store)
        write_long_chart(store, HUGE, HUGE_ROWS)
    more = {
        "TUNEMELD_ENV": "development",
        "TUNEMELD_HOME": str(home),
        "TUNEMELD_UPSTREAMS": "sandbox",
        "MONGODB_URL": url,
    }
    command = [str(TUNEMELD), "api", "start", "--port", str(PORT), "--workers", "1"]
    with (home / "api.log").open("wb") as log:
        process = subprocess.Popen(command, env={**os.environ, **more, "LOG_LEVEL": "WARNING"}, stdout=log, stderr=log)
        try:
            for genre in (LONG, HUGE):
                _wait_for(f"http://127.0.0.1:{PORT}/v1/charts/{genre}")
            yield f"http://127.0.0.1:{PORT}/charts/"
        finally:
            process.terminate()
            process.wait(20)
            stop_mongod(home)


def _wait_for(url: str) -> None:
    for _ in range(600):
        try:
            urllib.request.urlopen(url).read()  # noqa: S310 - this machine's own server
        except OSError:
            time.sleep(0.2)
        else:
            return


@contextmanager
def floor_server(folder: Path) -> Iterator[str]:
    """The bare pages in `folder`."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


def write_floor(browser: Browser, url: str, folder: Path, genre: str, tracks: int) -> None:
    """The words of the page's own table, as plain HTML."""
    page = browser.new_page()
    page.goto(url + genre)
    page.locator(ROW).nth(tracks - 1).wait_for(state="attached")
    rows = page.locator("#chart-table").evaluate(
        "(table) => { const plain = (cell, name) => { const one = document.createElement(name); one.textContent = cell.textContent;"
        " return one.outerHTML; }; return [...table.rows].map((row, index) => (index === 1 ? '<tbody>' : '') + '<tr>' +"
        " [...row.cells].flatMap((cell) => cell.querySelector('.track, .col-artist') ? [...cell.querySelectorAll('.track, .col-artist')]"
        " : [cell]).map((cell) => plain(cell, index ? 'td' : 'th')).join('') + '</tr>').join('\\n') + '</tbody>'; }"
    )
    (folder / genre).with_suffix(".html").write_text(FLOOR.format(rows=rows))
    page.close()


def visit(browser: Browser, url: str, sort: str, search: str) -> dict[str, float]:
    """One visit with nothing in the cache: milliseconds of each measure."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(OBSERVE)
    slow = context.new_cdp_session(page)
    slow.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.goto(url)
    page.locator(ROW).nth(TRACKS - 1).wait_for(state="attached")
    page.wait_for_load_state("networkidle")
    found = {
        "first contentful paint": page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"),
        "a click that sorts": _delay(page, lambda: page.locator(sort).click(), "click"),
        "a letter searched": _delay(page, lambda: page.locator(search).press("2"), "keydown"),
    }
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 1})
    page.locator(search).fill("")
    page.wait_for_timeout(300)
    found["sorting 300 rows, not slowed"] = page.evaluate(SORT, sort)
    context.close()
    return found


def appearance(browser: Browser, url: str, tracks: int) -> dict[str, float]:
    """One visit with nothing in the cache, not slowed: milliseconds until rows are there, and of the processor for all of them."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(COUNT_ROWS % tracks)
    devtools = context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.goto(url)
    page.wait_for_function("window.appeared.all", polling=200)
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
    appeared = page.evaluate("window.appeared")
    context.close()
    return {
        "the first row": appeared["first"],
        "all rows": appeared["all"],
        "all rows, of the processor": 1000 * metrics["TaskDuration"],
    }


def _delay(page: Page, act: object, name: str) -> float:
    """The time from the action to the frame that shows it, as Event Timing reports it: in steps of 8 ms, at least 16."""
    page.evaluate("() => { window.events = [] }")
    assert callable(act)
    act()
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 200)))")
    durations = page.evaluate("(name) => window.events.filter((one) => one[0] === name).map((one) => one[1])", name)
    return float(max(durations, default=16))


def main() -> None:
    """Prints one line per measure."""
    chromium = find_chromium()
    if chromium is None:
        print("skipped: there is no Chromium on the PATH; apt-get install chromium")
        return
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    home = Path(tempfile.mkdtemp(prefix="tunemeld-page-"))
    floor = home / "floor"
    floor.mkdir()
    try:
        with our_server(home) as ours, floor_server(floor) as bare, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
            write_floor(browser, ours, floor, LONG, TRACKS)
            write_floor(browser, ours, floor, HUGE, HUGE_ROWS)
            visits = [
                (
                    visit(browser, f"{bare}{LONG}.html", "#sort", "#filter"),
                    visit(browser, ours + LONG, "thead .col-artist button", "#filter"),
                )
                for _ in range(rounds)
            ]
            appearances = [
                tuple(appearance(browser, url, HUGE_ROWS) for url in (f"{bare}{HUGE}.html", ours + HUGE))
                for _ in range(rounds)
            ]
            browser.close()
        print(f"{TRACKS} tracks, {rounds} rounds, medians in ms; slowed {SLOWER} times unless said otherwise")
        _print_medians(visits)
        print(f"{HUGE_ROWS} tracks, not slowed")
        _print_medians(appearances)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _print_medians(rounds: Sequence[tuple[dict[str, float], ...]]) -> None:
    """One line per measure, of the floor and of the page."""
    for name in rounds[0][0]:
        bare_ms, ours_ms = (median(one[who][name] for one in rounds) for who in (0, 1))
        print(f"{name}: {ours_ms:.0f}, floor {bare_ms:.0f}, ratio {ours_ms / bare_ms:.2f}")


if __name__ == "__main__":
    main()
