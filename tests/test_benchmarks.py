"""The benchmark of a refresh on a tiny world: it runs, and on a warm day nothing is asked that is known."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]


@pytest.mark.slow  # tests/assets/test_view_counts_playlists.py counts the calls of one asset
def test_a_warm_day_asks_for_the_lists_the_views_and_each_album_once() -> None:
    command = [sys.executable, "-m", "benchmarks.refresh", "--quick"]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    lines = re.findall(r"│ ([a-z_]+) /(\S+) +│ +(\d+) │ +(\d+) │", done.stdout)
    made = {f"{upstream} {endpoint}": int(calls) for upstream, endpoint, calls, _ in lines}
    albums = made.pop("spotify album_tracks")
    assert made == {
        "apple_music playlist1": 1,
        "deezer playlist": 1,
        "soundcloud v1/playlist/tracks": 1,
        "spotify playlist_tracks": 1,
        "youtube videos": 1,
    }
    assert 0 < albums <= 20
    assert all(calls == expected for *_, calls, expected in lines)
