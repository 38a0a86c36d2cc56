"""`/health`, `/health/live`, `/health/ready`: whether the parts are well; outages have a file of their own."""

from typing import Any

from django.test import override_settings

from django_backend.health import HealthChecks
from django_backend.worker import Rendered
from tests.django_backend.conftest import EMPTY_GENRE, GENRE, Api
from tunemeld_pipeline.plugins.registry import counted_by, load_catalog
from tunemeld_pipeline.settings.settings import Settings

CHECKS = ["database", "cache", "documents", "disk_space", "spotify", "apple_music", "soundcloud", "youtube"]


def test_it_works(api: Api) -> None:
    assert api.answers_within(2, "/health")
    report = api.data("/health")
    assert report["state"] == "good"
    assert list(report["checks"]) == CHECKS
    assert [name for name, check in report["checks"].items() if check["state"] != "good"] == []
    for check in report["checks"].values():
        assert set(check) == {"state", "latency_ms", "details", "action"}
    database = report["checks"]["database"]["details"]
    assert database["documents"]["view_counts_playlists"] == 1
    assert database["age_seconds"][GENRE] > 0
    assert database["age_seconds"][EMPTY_GENRE] is None
    assert database["held"] == []
    assert report["checks"]["disk_space"]["details"]["least_free_bytes"] == 1_000_000_000


def test_the_last_write_to_the_shared_cache_is_reported(api: Api) -> None:
    write = api.data("/health")["checks"]["cache"]["details"]["last_writes"][GENRE]
    assert (write["entries"] > 10, write["error"]) == (True, None)


def _last_run(report: dict[str, Any]) -> dict[str, Any]:
    seen: dict[str, Any] = report["checks"]["spotify"]["details"]["last_run"]
    return seen


def test_upstreams_are_as_the_last_run_saw_them(api: Api) -> None:
    # A report is up to five seconds old: the first ones may be of before the worker has looked.
    assert api.becomes("/health", lambda answer: GENRE in _last_run(answer.json()["data"]), seconds=300)
    checks = api.data("/health")["checks"]
    for name in ("spotify", "apple_music", "soundcloud"):
        assert checks[name]["details"]["last_run"][GENRE]["state"] == "fresh"
    assert checks["youtube"]["details"]["coverage"][GENRE] > 0


def test_a_live_process_says_so(api: Api) -> None:
    assert api.data("/health/live") == {"live": True}


def test_a_worker_that_cannot_answer_for_all_genres_is_not_ready(api: Api) -> None:
    answer = api.ask("/health/ready")
    assert (answer.status_code, answer.json()["status"]) == (503, "error")
    assert answer.json()["data"] == {"ready": False, "missing": ["country", "pop", "rap"]}


def test_none_of_them_may_be_kept(api: Api) -> None:
    for path in ("/health", "/health/live", "/health/ready"):
        assert api.ask(path).headers["Cache-Control"] == "no-store"


def test_what_is_not_configured_is_said_and_is_no_trouble() -> None:
    live = Settings(environment="development", upstreams="live", youtube_api_key="k")
    checks = HealthChecks(Rendered(live, load_catalog()))

    with override_settings(TUNEMELD=live):
        spotify, advice = checks._service("Spotify")
        counted = {one.counts.key: checks._counts(one) for one in counted_by()}

    assert (spotify["not_configured"], advice) == ("RAPIDAPI_KEY is not set", None)
    assert {key: details["not_configured"] for key, (details, _) in counted.items()} == {
        "Spotify": "RAPIDAPI_KEY is not set",
        "Youtube": None,
        "SoundCloud": None,
    }
