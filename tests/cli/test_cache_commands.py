"""`tunemeld cache`: what the shared cache holds, against the sandbox's Cloudflare KV."""

import json

import pytest

from tests.cli.conftest import Command
from tunemeld_pipeline.local import credentials
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.publication import genre_paths
from tunemeld_pipeline.sandbox.faults import Faults


@pytest.fixture
def cloudflare(sandbox_root: str) -> dict[str, str]:
    """The variables that mean the sandbox's KV."""
    return {
        "TUNEMELD_CACHE": "cloudflare",
        "CLOUDFLARE_BASE_URL": f"{sandbox_root}/cloudflare",
        "CLOUDFLARE_ACCOUNT_ID": credentials.CLOUDFLARE_ACCOUNT_ID,
        "CLOUDFLARE_NAMESPACE_ID": credentials.CLOUDFLARE_NAMESPACE_ID,
        "CLOUDFLARE_API_TOKEN": credentials.CLOUDFLARE_API_TOKEN,
    }


def test_what_a_run_put_into_the_cache_is_shown_and_can_be_removed(
    tunemeld: Command, cloudflare: dict[str, str]
) -> None:
    assert tunemeld("etl", "run", "full", "-g", "dance", "--as-of", "2026-03-02", **cloudflare).returncode == 0
    shown = tunemeld("cache", "status", "--genre", "dance", "--json", **cloudflare)
    assert shown.returncode == 0, shown.stdout + shown.stderr
    held = json.loads(shown.stdout)["genres"]["dance"]
    assert {entry["version"] for entry in held.values()} == {1}
    assert "/graph-data/dance?days=30" in held

    assert (
        f"removed {len(genre_paths(load_catalog().genre('dance')))} responses of dance"
        in tunemeld("cache", "clear", "-g", "dance", **cloudflare).stdout
    )
    empty = tunemeld("cache", "status", **cloudflare)
    assert empty.returncode == 3
    assert f"0 of {len(genre_paths(load_catalog().genre('dance')))}" in empty.stdout


def test_a_cache_that_does_not_answer_fails_the_command(
    tunemeld: Command, cloudflare: dict[str, str], faults: Faults
) -> None:
    faults.add("cloudflare", "500", times=None)
    status = tunemeld("cache", "status", **cloudflare)
    assert status.returncode == 1
    assert "Cloudflare KV" in status.stderr


def test_the_memory_of_processes_is_no_shared_cache(tunemeld: Command) -> None:
    for command in ("status", "clear"):
        run = tunemeld("cache", command)
        assert run.returncode == 0
        assert "each process of the API keeps its own responses" in run.stdout


def test_an_unknown_genre_is_wrong_usage_whatever_the_cache(tunemeld: Command) -> None:
    for command in ("status", "clear"):
        run = tunemeld("cache", command, "--genre", "nonsense")
        assert (run.returncode, run.stdout) == (2, "")
        assert "unknown genre 'nonsense'" in run.stderr
