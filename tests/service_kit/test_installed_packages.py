"""Packages that pip has installed, beside this checkout and with no edit in it: Tidal's, and one that the command has just written.

They are in an environment of their own, which has this one's libraries.
"""

import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import expect, sync_playwright

from tests.django_backend.conftest import free_port
from tests.leftovers import kept_environment
from tests.page.conftest import ANSWER_MILLISECONDS, ARGUMENTS, chromium, page_folder
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.local.sandbox_service import sandbox_status, stop_sandbox
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.service_kit.new_package import write_package
from tunemeld_pipeline.settings.settings import Settings

PROJECT = Path(__file__).parents[2]
TIDAL = PROJECT / "tests" / "packages" / "tunemeld-service-tidal"
MOST_LINES = 200
COLOUR = "rgb(11, 110, 120)"
"""Tidal's on a light ground."""

ACCENT = """(badge) => {
  const inside = badge.appendChild(document.createElement("i"));
  inside.style.color = "var(--accent)";
  const { color } = getComputedStyle(inside);
  inside.remove();
  return color;
}"""
"""The colour that a service gives to what is inside its badge."""

LONGEST_SECONDS = 900

COMMAND = "from tunemeld_pipeline.cli.main import main; main()"
ASK = """
import json, os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "django_backend.settings"
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
from django.test import Client
print(json.dumps([json.loads(Client().get(path, HTTP_HOST="127.0.0.1").content) for path in sys.argv[1:]]))
"""

__all__ = ["chromium", "page_folder"]  # fixtures of the page's tests, for those here


@dataclass(frozen=True)
class Elsewhere:
    """A Python in which the packages are installed, in a folder and with variables of the test's own."""

    interpreter: Path
    folder: Path
    variables: dict[str, str]

    def __call__(self, code: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Runs code there, until it has ended."""
        return subprocess.run(
            [self.interpreter, "-c", code, *words],
            cwd=self.folder,
            env=self.variables,
            capture_output=True,
            text=True,
            timeout=LONGEST_SECONDS,
            check=False,
        )

    @contextmanager
    def serving(self, page: Path) -> Iterator[str]:
        """The address of an API there, which serves this page, for as long as the block lasts."""
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        variables = {**self.variables, "TUNEMELD_PAGE_FOLDER": str(page)}
        words = ["api", "start", "--port", str(port), "--workers", "1"]
        with (self.folder / "api.log").open("wb") as log:
            process = subprocess.Popen(
                [self.interpreter, "-c", COMMAND, *words], cwd=self.folder, env=variables, stdout=log, stderr=log
            )
        try:
            assert wait_until(lambda: _answers(address) or process.poll() is not None, seconds=LONGEST_SECONDS)
            assert process.poll() is None, (self.folder / "api.log").read_text()
            yield address
        finally:
            process.terminate()
            process.wait(timeout=LONGEST_SECONDS)


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/health/live", timeout=60).ok
    except requests.ConnectionError:
        return False


@pytest.fixture(scope="module")
def interpreter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has the two packages besides all that this one has."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder / "environment"], check=True)
    python = folder / "environment" / "bin" / "python"
    libraries = folder / "environment" / "lib" / f"python{sys.version_info[0]}.{sys.version_info[1]}" / "site-packages"
    (libraries / "checkout.pth").write_text(f"{sysconfig.get_path('purelib')}\n{PROJECT}\n", "utf-8")
    server = python.with_name("granian")  # as pip would write it, were it installed there
    server.write_text(f"#!{python}\nfrom granian.cli import entrypoint\nentrypoint()\n", "utf-8")
    server.chmod(0o755)
    tidal = shutil.copytree(TIDAL, folder / TIDAL.name)
    command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-index"]
    command += ["--no-build-isolation", "--no-deps", "-e", tidal, "-e", write_package("Wavelet", folder)]
    subprocess.run(command, env=kept_environment(), check=True, timeout=LONGEST_SECONDS)
    return python


@pytest.fixture
def run(interpreter: Path, settings: Settings, tmp_path: Path) -> Iterator[Elsewhere]:
    """Runs code there, with a database and a sandbox of the test's own."""
    assert settings.mongodb_url is not None
    variables = {
        "TUNEMELD_ENV": "testing",
        "TUNEMELD_HOME": str(settings.home),
        "MONGODB_URL": settings.mongodb_url.get_secret_value(),
        "MONGODB_DATABASE": settings.mongodb_database or "",
        "ETL_RETRY_DELAY": "0.01",
        "COLUMNS": "120",
    }

    try:
        yield Elsewhere(interpreter, tmp_path, {**kept_environment(), **variables})
    finally:
        stop_sandbox(settings.home)


def printed(answered: subprocess.CompletedProcess[str]) -> Any:
    """What a program printed as JSON."""
    assert answered.stdout.strip(), answered.stderr
    return json.loads(answered.stdout)


def test_the_package_for_tidal_is_small() -> None:
    source = [TIDAL / "tunemeld_service_tidal" / f"{name}.py" for name in ("__init__", "api", "reading")]
    assert sum(len(path.read_text("utf-8").splitlines()) for path in source) <= MOST_LINES


def look_at(address: str, chromium: str, tracks: list[dict[str, Any]]) -> None:
    """Tidal on the page, as a visitor sees it: the column of its list, the badges of these tracks, and its colour."""
    complaints: list[str] = []
    expect.set_options(timeout=ANSWER_MILLISECONDS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        page = browser.new_context(color_scheme="light", viewport={"width": 1440, "height": 900}).new_page()
        page.on("console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{address}/?genre=dance")
        column = page.locator("#services [data-service=Tidal]")
        expect(column.get_by_role("heading")).to_have_text("Tidal")
        expect(column.locator("li")).to_have_count(10)
        expect(column.locator(".provenance")).to_contain_text("source: tidal.api")
        badges = page.locator("#chart-table tbody .badge.of-Tidal")
        expect(badges).to_have_count(len(tracks))
        assert badges.all_text_contents() == [str(track["services"]["Tidal"]["rank"]) for track in tracks]
        assert badges.first.evaluate(ACCENT) == COLOUR
        browser.close()
    assert complaints == []


@pytest.mark.slow  # a new environment, and two runs in it
def test_a_package_is_a_service_once_it_is_installed(
    run: Elsewhere, settings: Settings, chromium: str, page_folder: Path
) -> None:
    tested = run(COMMAND, "service", "test", "Tidal", "Wavelet", "--json")
    assert tested.returncode == exits.OK, [one for one in printed(tested)["tests"] if not one["passed"]]
    assert printed(run(COMMAND, "config", "show", "--json"))["TIDAL_WEIGHT"]["value"] == 0.5

    first = run(COMMAND, "etl", "run", "full", "--genre", "dance", "--as-of", "2026-03-02")
    assert first.returncode in (exits.OK, exits.DEGRADED), first.stderr
    chart, services = printed(run(ASK, "/v1/charts/dance", "/v1/services"))
    assert {key: chart["lists"][key]["rows"] for key in ("Tidal", "Wavelet")} == {"Tidal": 50, "Wavelet": 60}
    assert (chart["ranking"]["weights"]["Tidal"], chart["ranking"]["weights"]["Wavelet"]) == (0.5, 1.0)
    assert any("Tidal" in track["services"] for track in chart["tracks"])
    assert {"Tidal", "Wavelet"} <= {one["name"] for one in services if "lists" in one["gives"]}

    with run.serving(page_folder) as address:
        look_at(address, chromium, [track for track in chart["tracks"] if "Tidal" in track["services"]])

    (status,) = sandbox_status(settings.home)
    Faults(status.url).add("tidal", "500", times=None)
    second = run(COMMAND, "etl", "run", "full", "--genre", "dance", "--as-of", "2026-03-03")
    assert second.returncode == exits.DEGRADED, second.stderr
    assert "Tidal playlist" in second.stdout
    (chart,) = printed(run(ASK, "/v1/charts/dance"))
    assert (chart["lists"]["Tidal"]["state"], chart["lists"]["Tidal"]["rows"]) == ("stale", 50)
    assert "answered 500" in chart["lists"]["Tidal"]["problem"]
    assert "Tidal playlist" in run(COMMAND, "system", "health").stdout
    assert "degraded dance Tidal playlist" in run(COMMAND, "alarms", "check").stdout
