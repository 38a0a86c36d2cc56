"""`tunemeld demo --live` against a sandbox that serves the pages' exact shapes, with no key set: consent, requests, charts, refusals."""

import json
import signal
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pymongo import MongoClient

from tests.cli.conftest import Command
from tests.cli.started import SECONDS, Started, free_ports
from tests.live_world import live_variables
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.plugins.registry import folders, load_catalog
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings

PAGES = ("spotify_page", "apple_music_page")
GENRES = load_catalog().genres
KEYLESS = {host.key for one in folders() for access in one.accesses if not access.needs for host in access.hosts}


@pytest.fixture
def live(settings: Settings, sandbox_root: str, mongod_url: str) -> Iterator[dict[str, str]]:
    """The variables of a live world at the session's sandbox, in a database of its own."""
    assert settings.mongodb_database is not None
    name = f"{settings.mongodb_database.removesuffix('_test')}_live"
    yield {**live_variables(sandbox_root), "MONGODB_DATABASE": name}
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client.drop_database(name)


def test_it_asks_before_it_reads_a_page(
    tunemeld: Command, live: dict[str, str], faults: Faults, settings: Settings
) -> None:
    asked = tunemeld("demo", "--live", "--no-serve", **live)
    assert (asked.returncode, faults.requests()) == (exits.USAGE, {})
    for words in (
        "spotify.page",
        "open.spotify.com",
        "once in 20 hours",
        "https://www.spotify.com/legal/end-user-agreement/",
        "apple_music.page",
        "for your own use alone",
    ):
        assert words in asked.stdout, words
    assert "nobody is there to be asked; --yes says that you agree" in asked.stderr
    assert not (settings.home / "consent.json").exists()


def test_options_that_do_not_go_together_are_refused(tunemeld: Command) -> None:
    for words, why in ((("--live", "--days", "3"), "leave out --days"), (("--yes",), "--yes goes with --live")):
        refused = tunemeld("demo", *words)
        assert refused.returncode == exits.USAGE
        assert why in " ".join(refused.stderr.replace("│", "").split())


@pytest.mark.slow
def test_one_command_gives_four_charts_with_each_page_read_once(
    tunemeld: Command, live: dict[str, str], faults: Faults, settings: Settings, mongod_url: str, tmp_path: Path
) -> None:
    began = time.monotonic()
    demo = tunemeld("demo", "--live", "--yes", "--no-serve", **live)
    seconds = time.monotonic() - began
    assert demo.returncode == exits.OK, demo.stdout + demo.stderr
    for genre in GENRES.values():
        assert f"{genre.display_name}: top 5 of" in demo.stdout
        assert f"{genre.display_name}: " in demo.stdout.partition("now their ISRCs are looked up")[2]
    assert seconds < 90
    requests = faults.requests()
    for page in PAGES:
        assert requests[page] == {"playlist": len(GENRES), "robots.txt": 1}
    assert set(requests) <= KEYLESS
    assert "Unknown: YouTube counts (YOUTUBE_API_KEY is not set)" in demo.stdout
    assert "Unknown: Spotify counts beyond its own list (RAPIDAPI_KEY is not set)" in demo.stdout
    with MongoClient[dict[str, Any]](mongod_url) as client:
        charts = list(client[live["MONGODB_DATABASE"]]["view_counts_playlists"].find())
    assert len(charts) == len(GENRES)
    assert all(chart["coverage"].keys() == {"Spotify"} and chart["coverage"]["Spotify"] > 0 for chart in charts)
    assert not any(chart["count_errors"] for chart in charts)
    file = settings.home / "consent.json"
    assert set(json.loads(file.read_text())["pages"]) == {"spotify.page", "apple_music.page"}
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    # Again: nobody is asked, and nothing is read.
    again = tunemeld("demo", "--live", "--no-serve", **live)
    assert again.returncode == exits.OK, again.stdout + again.stderr
    assert "Public pages" not in again.stdout
    for page in PAGES:
        assert faults.requests()[page] == requests[page]

    # A day later the daily refresh reads the pages where that was consented to, and has nothing to read where it was not.
    with MongoClient[dict[str, Any]](mongod_url) as client:
        a_day = {"$set": {"read_at": {"$dateSubtract": {"startDate": "$read_at", "unit": "hour", "amount": 21}}}}
        client[live["MONGODB_DATABASE"]]["kept_reads"].update_many({"read_at": {"$ne": None}}, [a_day])
    refresh = ("etl", "run", "full", "--genre", "dance")
    without = tunemeld(*refresh, TUNEMELD_CATALOG=str(_catalogue_of_pages(tmp_path)), **live)
    assert without.returncode == exits.USAGE
    assert "or set TUNEMELD_LIVE_PAGES=yes to read public pages (docs/live.md)" in without.stderr
    done = tunemeld(*refresh, TUNEMELD_LIVE_PAGES="yes", **live)
    assert done.returncode == exits.OK, done.stdout + done.stderr
    for page in PAGES:
        assert faults.requests()[page] == {"playlist": len(GENRES) + 1, "robots.txt": 1}


def _catalogue_of_pages(folder: Path) -> Path:
    """A catalogue with nothing but lists whose only sources without a key are pages."""
    dance = GENRES["dance"]
    lists = [f'{service} = "{dance.playlist(service).url}"' for service in ("Spotify", "AppleMusic")]
    file = folder / "pages.toml"
    file.write_text("\n".join(["[genres.dance]", 'display_name = "Dance"', *lists, ""]))
    return file


@pytest.mark.slow
def test_what_refuses_or_has_changed_is_said_and_the_rest_is_shown(
    tunemeld: Command, live: dict[str, str], faults: Faults
) -> None:
    faults.add("spotify_page", "robots-forbid", endpoint="robots", times=None)
    faults.add("apple_music_page", "403", endpoint="playlist", times=None)
    refused = tunemeld("demo", "--live", "--yes", "--no-serve", **live)
    requests = faults.requests()
    assert requests["spotify_page"] == {"robots.txt": 1}
    assert requests["apple_music_page"] == {"playlist": 1, "robots.txt": 1}
    said = refused.stdout + refused.stderr
    assert "the robots.txt of open.spotify.com does not let us read" in said
    assert "we are not let in" in said
    sources = tunemeld("etl", "sources", "--json", TUNEMELD_LIVE_PAGES="yes", **live)
    shown = {one["source"]: one for one in json.loads(sources.stdout)["sources"]}
    for name in ("spotify.page", "apple_music.page"):
        assert (shown[name]["last_outcome"], shown[name]["rests_until"] is not None) == ("refused", True)
    # A probe does not knock either.
    tunemeld("etl", "sources", "--probe", TUNEMELD_LIVE_PAGES="yes", **live)
    for page in PAGES:
        assert faults.requests()[page] == requests[page]


@pytest.mark.slow
def test_start_goes_on_daily_without_a_key(
    live: dict[str, str], faults: Faults, settings: Settings, mongod_url: str, tmp_path: Path
) -> None:
    api_port, ui_port = free_ports(2)
    variables = {
        **live,
        "MONGODB_URL": mongod_url,
        "TUNEMELD_LIVE_PAGES": "yes",
        "TUNEMELD_CATALOG": str(_catalogue_of_pages(tmp_path)),
        "DAILY_REFRESH_CRON": "* * * * *",
    }
    words = ["start", "--port", api_port, "--ui-port", ui_port, "--workers", "1"]
    started = Started(words, home=tmp_path / "home", **variables)
    try:
        started.wait_for("All is up")
        with MongoClient[dict[str, Any]](mongod_url) as client:
            charts = client[live["MONGODB_DATABASE"]]["materializations"]
            assert wait_until(lambda: charts.find_one({}) is not None, seconds=SECONDS), started.output
        assert faults.requests()["spotify_page"] == {"playlist": 1, "robots.txt": 1}
        started.send(signal.SIGTERM)
        assert started.wait() == exits.OK
    finally:
        started.end()
