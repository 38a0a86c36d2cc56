"""`/metrics`: the metrics of all workers."""

from prometheus_client.parser import text_string_to_metric_families
from pymongo import MongoClient

from tests.django_backend.conftest import GENRE, Api
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.settings.settings import Settings


def samples(api: Api) -> dict[tuple[str, str], float]:
    """Each sample by its name and its labels' values."""
    answer = api.ask("/metrics")
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return {
        (sample.name, " ".join(sample.labels.values())): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def with_quotas(api: Api) -> dict[tuple[str, str], float]:
    """The samples of a worker that has read the quotas, which it does after its first pages."""
    found: dict[tuple[str, str], float] = {}

    def has_quotas() -> bool:
        found.clear()
        found.update(samples(api))
        return ("tunemeld_quota_age_seconds", "") in found

    assert wait_until(has_quotas, seconds=300)
    return found


def count(api: Api, labels: str) -> float:
    return samples(api).get(("tunemeld_request_duration_seconds_count", labels), 0)


def test_it_works(api: Api) -> None:
    api.ask(f"/last-updated/{GENRE}")
    found = samples(api)
    assert found[("tunemeld_request_duration_seconds_count", "/last-updated/{genre} 200")] >= 1
    assert found[("tunemeld_answers_total", "worker")] >= 1
    assert found[("tunemeld_data_age_seconds", GENRE)] > 0
    assert found[("tunemeld_data_version", GENRE)] == 2
    assert found[("tunemeld_database_reachable", "")] == 1
    assert found[("tunemeld_quota_left", "youtube_search")] >= 0


def test_requests_to_both_workers_are_counted_together(api: Api) -> None:
    before = count(api, "/header-art/{genre} 200")
    for _ in range(20):
        api.ask(f"/header-art/{GENRE}")  # a connection each, so that both workers get some
    assert count(api, "/header-art/{genre} 200") == before + 20


def test_names_that_others_invent_are_not_remembered(api: Api) -> None:
    for number in range(5):
        api.ask(f"/invented-{number}")
        api.ask(f"/playlist-data/invented-{number}")
    assert not any("invented" in labels for _, labels in samples(api))
    assert count(api, "other 404") >= 10


def test_the_last_run_of_each_genre_and_the_quotas_are_reported(api: Api) -> None:
    found = with_quotas(api)
    for service in ("Spotify", "AppleMusic", "SoundCloud"):
        states = {
            state: found[("tunemeld_service_outcome", f"{GENRE} {service} {state}")]
            for state in ("fresh", "stale", "absent")
        }
        assert states == {"fresh": 1, "stale": 0, "absent": 0}
        assert 0 < found[("tunemeld_matched_ratio", f"{GENRE} {service}")] <= 1
    assert found[("tunemeld_chart_tracks", GENRE)] > 0
    assert 0 < found[("tunemeld_coverage_ratio", f"{GENRE} Youtube")] <= 1
    assert found[("tunemeld_run_seconds", GENRE)] > 0
    assert found[("tunemeld_run_calls", GENRE)] > 3
    for budget in ("spotify", "apple_music", "soundcloud", "youtube", "youtube_search"):
        used, limit, left = (found[(f"tunemeld_quota_{what}", budget)] for what in ("used", "limit", "left_now"))
        assert used + left <= limit
        assert found[("tunemeld_quota_resets_timestamp_seconds", budget)] > 0
    assert 0 <= found[("tunemeld_quota_age_seconds", "")] < 300


def commands(mongod_url: str) -> int:
    """How many reads the database has served so far."""
    with MongoClient(mongod_url) as client:
        counted = client.admin.command("serverStatus")["opcounters"]
    return int(counted["query"] + counted["getmore"])


def test_no_request_for_metrics_reaches_the_database(api: Api, api_settings: Settings) -> None:
    assert api_settings.mongodb_url is not None
    url = api_settings.mongodb_url.get_secret_value()
    with_quotas(api)
    before = commands(url)
    for _ in range(100):
        api.ask("/metrics")
    # Both workers look for new versions meanwhile, and once in a while at the quotas.
    assert commands(url) - before < 500
