"""The health of an installation, where it depends on what a server says of itself."""

from datetime import UTC, datetime, timedelta

from pydantic import SecretStr
from structlog.testing import capture_logs

from django_backend.worker import Rendered
from tunemeld_pipeline.health import State
from tunemeld_pipeline.limits import MONGODB_SUPPORT_ENDS
from tunemeld_pipeline.operations.health import health_of_settings, system_health
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.layout import ServerFacts
from tunemeld_pipeline.storage.store import Store

AFTER_ALL = datetime(max(MONGODB_SUPPORT_ENDS.values()).year + 1, 1, 1, tzinfo=UTC)


def live(settings: Settings) -> Settings:
    return settings.model_copy(update={"upstreams": Upstreams.LIVE})


def test_live_data_on_a_server_without_support_are_degraded_and_others_are_not(
    settings: Settings, store: Store
) -> None:
    version = store.layout.server().version

    def database(chosen: Settings) -> tuple[State, str]:
        (part,) = [one for one in system_health(chosen, [], AFTER_ALL) if one.part == "database"]
        return part.state, part.seen

    assert database(settings)[0] is State.GOOD
    state, seen = database(live(settings))
    assert state is State.DEGRADED
    assert str(ServerFacts(version, None, 1.0).support_ended(AFTER_ALL.date())) in seen


def test_a_worker_warns_of_it_as_it_starts_and_not_again(settings: Settings, store: Store) -> None:
    supported = store.layout.server().support_ended(datetime.now(UTC).date()) is None
    for chosen, expected in ((settings, 0), (live(settings), 0 if supported else 1)):
        worker = Rendered(chosen, load_catalog())
        with capture_logs() as lines:
            worker.ensure_started()
            assert worker._looked.wait(300)
        warned = [line for line in lines if "support" in line["event"]]
        assert len(warned) == expected
        worker.store.handle.client.close()


def test_a_contact_that_has_expired_is_seen(settings: Settings) -> None:
    day = datetime(2026, 3, 1, tzinfo=UTC)
    contact = {"security_contact": ("mailto:security@tunemeld.example",), "security_contact_expires": day.date()}
    chosen = settings.model_copy(update=contact)

    def states(at: datetime) -> list[State]:
        return [one.state for one in system_health(chosen, [], at) if one.part == "security.txt"]

    assert states(day) == []
    assert states(day + timedelta(days=1)) == [State.DEGRADED]


def test_what_is_not_configured_is_said_and_is_well(settings: Settings) -> None:
    keyed = live(settings).model_copy(update={"rapidapi_key": SecretStr("k")})

    parts = {one.part: (one.state, one.seen) for one in health_of_settings(keyed, [])}

    assert parts["YouTube counts"] == (State.GOOD, "not configured (YOUTUBE_API_KEY is not set)")
    assert "Spotify" not in parts
    assert {one.part for one in health_of_settings(settings, [])} == {"settings"}
