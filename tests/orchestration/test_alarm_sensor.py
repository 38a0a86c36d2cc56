"""The sensor, ticked as Dagster's daemon ticks it, over real runs of the pipeline against the sandbox and its faults."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerContext
from pathlib import Path

import dagster as dg
import pytest
from pydantic import SecretStr

from tests import documents
from tests.conftest import QUIET, GenreRunner
from tests.leftovers import kept_environment
from tests.receivers import Webhook, serving
from tests.storage.acts import put_recordings
from tests.warm import WARM
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.orchestration import alarm_sensor as sensors
from tunemeld_pipeline.orchestration.alarm_sensor import alarms, watch
from tunemeld_pipeline.orchestration.findings import recent_runs
from tunemeld_pipeline.orchestration.run_watch import RunWatch
from tunemeld_pipeline.plugins.registry import keys, slug_of
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.run_tags import DATABASE_TAG, MAX_RETRIES_TAG, PARTITION_TAG
from tunemeld_pipeline.sandbox.faults import Fault, Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.budgets import StoredBudget
from tunemeld_pipeline.storage.store import Store

TOKEN = "canary-5d41402abc4b2a76"
STATUS = "from tunemeld_pipeline.orchestration.alarm_sensor import alarms; print(alarms.default_status.value)"


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    with serving(Webhook()) as server:
        yield server


@pytest.fixture
def reachable(settings: Settings, webhook: Webhook) -> OperatorResource:
    """An operator whose webhook takes alarms."""
    urls = SecretStr(f"json://{webhook.address}/{TOKEN}")
    return OperatorResource(settings=settings.model_copy(update={"alarm_urls": urls}))


class Daemon:
    """Ticks the sensor, and keeps its cursor from tick to tick."""

    def __init__(self, instance: dg.DagsterInstance, operator: OperatorResource) -> None:
        self._instance = instance
        self._operator = operator
        self.cursor = ""

    def __call__(self) -> str:
        """What a tick says."""
        with dg.build_sensor_context(
            instance=self._instance,
            cursor=self.cursor,
            resources={"operator": self._operator},
            repository_def=defs.get_repository_def(),
        ) as context:
            done = alarms.evaluate_tick(context)
        assert not done.run_requests
        self.cursor = done.cursor or ""
        return done.skip_message or ""


@pytest.fixture
def tick(run_genre: GenreRunner, reachable: OperatorResource, monkeypatch: pytest.MonkeyPatch) -> Daemon:
    # The set-up of a process's log lasts as long as the process, which here is that of all tests.
    monkeypatch.setattr(sensors, "configure_logging", lambda *_: None)
    # So does what it knows of the runs.
    monkeypatch.setattr(sensors, "_RUNS", RunWatch())
    return Daemon(run_genre.instance, reachable)


def tick_once(settings: Settings) -> None:
    """What the daemon's process does, in one of its own."""
    with dg.DagsterInstance.ephemeral(settings=QUIET) as instance:
        Daemon(instance, OperatorResource(settings=settings))()


@pytest.fixture
def quick_run(run_genre: GenreRunner) -> Callable[..., dg.ExecuteInProcessResult]:
    """A run of a job of the daily one's name that takes milliseconds, and calls `during` on its way."""

    def run(during: Callable[[], None] = lambda: None) -> dg.ExecuteInProcessResult:
        @dg.op
        def nothing() -> None:
            during()

        @dg.job(name="daily_refresh")
        def job() -> None:
            nothing()

        return job.execute_in_process(instance=run_genre.instance, tags={PARTITION_TAG: "dance"})

    return run


def publish(store: Store, at: datetime) -> None:
    """A chart of dance that a run of this moment left."""
    store.charts.finish({}, documents.chart_day(at=at), documents.materialization(at=at))


def heard(webhook: Webhook) -> list[str]:
    """What the messages are about, in order."""
    return [title.partition(") ")[2] for title in webhook.titles]


def test_failed_runs_are_reported_once_and_once_more_when_a_run_is_good_again(
    run_genre: GenreRunner, tick: Daemon, webhook: Webhook, faults: Faults
) -> None:
    assert tick() == "open: nothing"
    for service in keys():
        faults.add(slug_of(service), Fault.SERVER_ERROR, times=None)
    for _ in range(2):
        failed = run_genre(raise_on_error=False)
        assert tick() == "open: run_failed dance"
    faults.clear()
    run_genre()
    assert tick() == "open: nothing"
    assert heard(webhook) == ["dance: the last run failed", "over: dance: the last run failed"]
    assert "Reason: no service answered for dance" in webhook.received[0]["message"]
    assert failed.run_id not in webhook.received[0]["message"]  # it was reported after the first


def test_a_degraded_run_is_reported_with_its_reason_and_no_secret_goes_to_the_events(
    run_genre: GenreRunner, tick: Daemon, webhook: Webhook, faults: Faults, caplog: pytest.LogCaptureFixture
) -> None:
    for genre in ("dance", "rap"):
        run_genre(genre)
    faults.add("spotify", Fault.SERVER_ERROR, endpoint="playlist", times=None)
    for genre in ("dance", "rap"):
        run_genre(genre)
    assert "degraded dance Spotify playlist" in tick()
    faults.clear()
    run_genre()
    assert tick() == "open: degraded rap Spotify playlist"
    run_genre("rap")
    tick()
    reason = "Spotify playlist could not be read"
    assert heard(webhook) == [f"dance, rap: {reason}", f"over: dance: {reason}", f"over: rap: {reason}"]
    assert "answered 500" in webhook.received[0]["message"]
    records = run_genre.instance.get_run_records()
    events = [str(entry) for record in records for entry in run_genre.instance.all_logs(record.dagster_run.run_id)]
    assert TOKEN not in " ".join([caplog.text, tick.cursor, *events])


def test_checks_that_fail_are_reported_by_what_they_saw(
    run_genre: GenreRunner, tick: Daemon, webhook: Webhook, settings: Settings, store: Store
) -> None:
    now = datetime.now(UTC)
    for days in range(1, 4):
        # The matching was far better for three days, as it is when a change has broken it.
        at = now - timedelta(days=days)
        day = documents.chart_day(at=at).model_copy(update={"matched_share": {"SoundCloud": 1.5}})
        store.charts.finish({}, day, documents.materialization(at=at))
    run_genre(settings=settings.model_copy(update={"youtube_daily_budget": 0}), checks=True)
    tick()
    assert sorted(heard(webhook)) == [
        "dance: far fewer of SoundCloud's tracks than usual are on another service's list",
        "dance: less than half of the chart was counted on YouTube",
    ]
    assert "coverage/youtube: 0.0" in " ".join(one["message"] for one in webhook.received)
    assert utc_day(now) not in [day.date for day in store.charts.chart_days("dance", utc_day(now), 9)]


def test_a_quota_that_runs_out_is_reported_once_and_over_when_a_day_goes_by_in_which_it_does_not(
    run_genre: GenreRunner, reachable: OperatorResource, webhook: Webhook, store: Store
) -> None:
    now = datetime.now(UTC)
    StoredBudget(store.handle, "Spotify", "spotify", 2_000, utc_day(now)).spend(1_900)
    for hours, said in ((0, "quota_low spotify"), (24, "quota_low spotify"), (48, "nothing")):
        assert watch(run_genre.instance, reachable, None, now + timedelta(hours=hours))[0] == f"open: {said}"
    assert heard(webhook) == ["the quota spotify is nearly gone", "over: the quota spotify is nearly gone"]
    assert "1,900 of 2,000 used" in webhook.received[0]["message"]


@pytest.mark.parametrize(
    ("at", "day_before"),
    [
        # The day before had 23 hours, and 24 hours ago was the one before it; it has 25, and 24 hours ago is still today.
        ("2026-03-09T07:30", "2026-03-08"),
        ("2026-11-02T07:30", "2026-10-31"),
    ],
)
def test_what_ran_out_the_day_before_is_reported_although_californias_clocks_changed(
    run_genre: GenreRunner, reachable: OperatorResource, store: Store, settings: Settings, at: str, day_before: str
) -> None:
    now = datetime.fromisoformat(at).replace(tzinfo=UTC)
    limit = settings.youtube_daily_budget
    StoredBudget(store.handle, "YouTube", "youtube", limit, day_before).spend(limit)
    assert watch(run_genre.instance, reachable, None, now)[0] == "open: quota_low youtube"


def test_a_chart_that_nobody_renews_is_stale(
    run_genre: GenreRunner, reachable: OperatorResource, webhook: Webhook, store: Store
) -> None:
    now = datetime.now(UTC)
    publish(store, now)
    assert watch(run_genre.instance, reachable, None, now + timedelta(hours=29))[0] == "open: nothing"
    assert watch(run_genre.instance, reachable, None, now + timedelta(hours=37))[0] == "open: stale_data dance"
    assert heard(webhook) == ["dance: nothing new has been published for too long"]


def test_a_run_that_hangs_is_reported_while_it_runs(
    run_genre: GenreRunner,
    reachable: OperatorResource,
    webhook: Webhook,
    quick_run: Callable[..., dg.ExecuteInProcessResult],
) -> None:
    for _ in range(5):
        quick_run()
    said = []

    def look_in_an_hour() -> None:
        said.append(watch(run_genre.instance, reachable, None, datetime.now(UTC) + timedelta(hours=1))[0])

    quick_run(during=look_in_an_hour)
    assert said == ["open: slow_run dance"]
    assert heard(webhook) == ["dance: a run takes more than three times its usual time"]
    assert watch(run_genre.instance, reachable, None, datetime.now(UTC))[0] == "open: nothing"


def test_a_run_for_a_past_day_is_nobodys_alarm(
    run_genre: GenreRunner, tick: Daemon, webhook: Webhook, faults: Faults
) -> None:
    run_genre()
    for service in keys():
        faults.add(slug_of(service), Fault.SERVER_ERROR, times=None)
    run_genre(as_of="2026-03-02", raise_on_error=False)
    assert tick() == "open: nothing"
    assert webhook.received == []


def test_a_dead_webhook_fails_no_tick_and_gets_the_message_when_it_is_back(
    run_genre: GenreRunner,
    reachable: OperatorResource,
    webhook: Webhook,
    store: Store,
    caplog: pytest.LogCaptureFixture,
) -> None:
    now = datetime.now(UTC)
    publish(store, now)
    late = now + timedelta(hours=40)
    webhook.status = 500
    for second in range(0, 600, 120):
        assert (
            watch(run_genre.instance, reachable, None, late + timedelta(seconds=second))[0] == "open: stale_data dance"
        )
    assert caplog.text.count("alarm not delivered") == 1
    assert "address 1 (json)" in caplog.text
    assert TOKEN not in caplog.text
    webhook.status = 200
    for second in range(600, 1_300, 120):
        watch(run_genre.instance, reachable, None, late + timedelta(seconds=second))
    assert heard(webhook) == ["dance: nothing new has been published for too long"]


def test_what_a_tick_logs_is_in_a_file_without_the_address_s_token(
    reachable: OperatorResource, webhook: Webhook, store: Store, clean_processes: ForkServerContext
) -> None:
    publish(store, datetime.now(UTC) - timedelta(days=3))
    webhook.status = 500
    process = clean_processes.Process(target=tick_once, args=(reachable.settings,))
    process.start()
    process.join(timeout=300)
    assert process.exitcode == 0
    lines = [
        line for file in (reachable.settings.home / "logs").glob("dagster-*") for line in file.read_text().splitlines()
    ]
    assert "alarm not delivered, and tried again" in [json.loads(line)["event"] for line in lines]
    assert TOKEN not in "".join(lines)


def test_a_database_that_is_away_is_reported_although_no_incident_can_be_kept_there(
    run_genre: GenreRunner, webhook: Webhook, reachable: OperatorResource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "DATABASE_SECONDS", 0.2)
    nowhere = reachable.settings.model_copy(update={"mongodb_url": SecretStr("mongodb://127.0.0.1:1")})
    instance, now = run_genre.instance, datetime.now(UTC)
    outage: Incident | None = None
    for minute in range(4):
        said, outage = watch(instance, OperatorResource(settings=nowhere), outage, now + timedelta(minutes=minute))
        assert said.startswith("open: database_unreadable (MongoDB cannot be reached")
        assert len(heard(webhook)) == (minute > 0)  # at the first look it may be a restart
    for minute in range(4, 80, 8):
        _, outage = watch(instance, reachable, outage, now + timedelta(minutes=minute))
        if outage is None:
            break
    assert heard(webhook) == ["the database cannot be read", "over: the database cannot be read"]
    assert minute > 60


def test_a_dead_address_keeps_no_reminder_of_a_database_that_is_away_from_the_others(
    run_genre: GenreRunner, webhook: Webhook, reachable: OperatorResource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sensors, "DATABASE_SECONDS", 0.2)
    with serving(Webhook()) as dead:
        dead.status = 500
        update = {
            "mongodb_url": SecretStr("mongodb://127.0.0.1:1"),
            "alarm_urls": SecretStr(f"json://{webhook.address}/{TOKEN} json://{dead.address}/{TOKEN}"),
        }
        operator = OperatorResource(settings=reachable.settings.model_copy(update=update))
        began = datetime.now(UTC)
        outage: Incident | None = None
        for later in (0, 1, 3 * 24 * 60 + 1, 3 * 24 * 60 + 2):
            _, outage = watch(run_genre.instance, operator, outage, began + timedelta(minutes=later))
    assert heard(webhook) == ["the database cannot be read", "still open: the database cannot be read"]


def test_looking_does_not_start_a_database_that_was_stopped(
    run_genre: GenreRunner, tmp_path: Path, reachable: OperatorResource
) -> None:
    local = Settings(environment="testing", home=tmp_path / "elsewhere")
    said, _ = watch(run_genre.instance, OperatorResource(settings=local), None, datetime.now(UTC))
    assert "does not run" in said
    assert not (tmp_path / "elsewhere" / "mongo").exists()


def test_a_cursor_that_cannot_be_read_stops_nothing(tick: Daemon) -> None:
    tick.cursor = '{"set": "by hand"}'
    assert tick() == "open: nothing"


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"TUNEMELD_ENV": "development"}, "STOPPED"),
        ({"TUNEMELD_ENV": "development", "ALARM_URLS": "json://localhost/x"}, "RUNNING"),
        ({"TUNEMELD_ENV": "development", "HEARTBEAT_URL": "http://localhost/x"}, "RUNNING"),
        ({"TUNEMELD_ENV": "production", "MONGODB_URL": "mongodb://db.internal:27017"}, "RUNNING"),
    ],
)
def test_it_runs_by_default_with_alarm_addresses_and_in_production(
    tmp_path: Path, variables: dict[str, str], status: str
) -> None:
    environment = {**kept_environment(), "TUNEMELD_HOME": str(tmp_path), **variables}
    done = WARM.run((), folder=tmp_path, environment=environment, code=STATUS)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == status


def test_a_tick_that_finds_nothing_new_costs_little(run_genre: GenreRunner, tick: Daemon) -> None:
    run_genre()
    tick()
    began = time.process_time()
    tick()
    # Twice a minute, all day long: a second would be a thirtieth of a processor.
    assert time.process_time() - began < 1


def test_a_run_that_failed_in_another_world_is_no_trouble_of_this_one(
    settings: Settings, run_genre: GenreRunner
) -> None:
    @dg.job(name="daily_refresh")
    def job() -> None:
        pass

    for database in (settings.database_name, "another"):
        tags = {PARTITION_TAG: "dance", MAX_RETRIES_TAG: "0", DATABASE_TAG: database}
        run_genre.instance.report_run_failed(run_genre.instance.create_run_for_job(job, tags=tags))
    (found,) = recent_runs(run_genre.instance, "dance", datetime.now(UTC), settings.database_name)
    run = run_genre.instance.get_run_by_id(found.run_id)
    assert run is not None
    assert run.tags[DATABASE_TAG] == settings.database_name


def test_unreadable_documents_are_reported_once_and_once_more_when_they_are_mended(
    tick: Daemon, webhook: Webhook, store: Store
) -> None:
    for collection in ("recordings", "incidents"):
        store.handle.database.command("collMod", collection, validationLevel="off")
    put_recordings(store, [documents.recording(1), documents.recording(2)])
    recordings = store.handle.database["recordings"]
    recordings.update_one({"_id": documents.isrc(1)}, {"$set": {"track_name": 5}})
    store.handle.database["incidents"].insert_one({"_id": "x", "key": "y", "open": True})
    for _ in range(2):
        assert "open: unreadable_document incidents; unreadable_document recordings" in tick()
    assert heard(webhook) == ["documents in incidents cannot be read", "documents in recordings cannot be read"]
    assert documents.isrc(1) in str(webhook.received[-1])
    assert "track_name" in str(webhook.received[-1])

    put_recordings(store, [documents.recording(1)])
    store.handle.database["incidents"].delete_one({"_id": "x"})

    assert wait_until(lambda: tick() == "open: nothing", seconds=300)
    assert [one for one in heard(webhook) if one.startswith("over: ")] == [
        "over: documents in incidents cannot be read",
        "over: documents in recordings cannot be read",
    ]


def test_a_document_that_a_run_mended_between_two_looks_is_still_reported_once(
    tick: Daemon, webhook: Webhook, store: Store
) -> None:
    store.handle.database.command("collMod", "recordings", validationLevel="off")
    put_recordings(store, [documents.recording(1)])
    store.handle.database["recordings"].update_one({}, {"$set": {"track_name": 5}})
    put_recordings(store, [documents.recording(1)])

    assert "open: unreadable_document recordings" in tick()
    assert wait_until(lambda: tick() == "open: nothing", seconds=300)
    assert heard(webhook) == ["documents in recordings cannot be read", "over: documents in recordings cannot be read"]
