"""A service with three sources: the next one is asked where it should be, and what each came to is kept.

The sources are Wavelet FM's (`tests/wavelet_service/`), which the sandbox plays.
"""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.wavelet_service.installed import CATALOG, install, playing
from tunemeld_pipeline.charts.source_states import SourceOutcome
from tunemeld_pipeline.errors import NoSourceAnswered, NotFound
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.fetching import CheckedPlaylist, Climb, Rung, fetch_playlists, ladder, note_tries
from tunemeld_pipeline.upstream.ladder import LONGEST_REST, Usual
from tunemeld_pipeline.upstream.service_client import ListClient, client_of

TUESDAY = datetime(2026, 3, 3, tzinfo=UTC)
HOUR = timedelta(hours=1)
LARGE, MIDDLE, SMALL = "wavelet_large", "wavelet_middle", "wavelet_small"


@pytest.fixture(scope="module")
def wavelet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root of a sandbox that plays Wavelet FM, which is installed meanwhile."""
    with playing(tmp_path_factory.mktemp("wavelet")) as root:
        yield root


class Ladder:
    """Asks the list of Wavelet FM as a run does, at a time of one's choice."""

    def __init__(self, settings: Settings, store: Store, catalog: Path, faults: Faults) -> None:
        self.faults = faults
        self._settings, self._store = settings, store
        self._genre = registry.load_catalog(catalog).genre("dance")

    def climb(self, at: datetime = TUESDAY, usual: Usual | None = None) -> Climb:
        sources = {"Wavelet": registry.installed("Wavelet").sources}
        rungs = ladder(self._store, "dance", sources, at)
        if usual:
            rungs = {"Wavelet": [Rung(one.source, one.state, usual) for one in rungs["Wavelet"]]}
        with ExitStack() as stack:

            def opened(source: Source) -> ListClient:
                client = stack.enter_context(client_of(source)(self._settings, at, source).opened())
                client.begin_step(self._store, "dance")
                return client

            found = fetch_playlists(self._genre, rungs, opened, at)
        note_tries(self._store, "dance", found, at, "a-run")
        return found["Wavelet"]

    def failing(self, *upstreams: str, fault: str = "500") -> None:
        for upstream in upstreams:
            self.faults.add(upstream, fault, times=None)

    def asked(self) -> dict[str, int]:
        return {name: sum(counts.values()) for name, counts in self.faults.requests().items()}


@pytest.fixture
def list_of(wavelet: str, settings: Settings, store: Store, tmp_path: Path) -> Iterator[Ladder]:
    install(tmp_path)
    control = Faults(wavelet)
    control.reset_requests()
    there = settings.model_copy(update={"sandbox_url": wavelet, "etl_retry_attempts": 1})
    yield Ladder(there, store, tmp_path / CATALOG, control)
    control.clear()


def outcomes(found: Climb) -> list[tuple[str, str, int | None]]:
    return [(one.source.partition(".")[2], one.outcome.value, one.rows) for one in found.tries]


def rows(found: Climb) -> int:
    assert isinstance(found.answer, CheckedPlaylist)
    return len(found.answer.parsed.rows)


def test_it_works(list_of: Ladder, store: Store) -> None:
    found = list_of.climb()

    assert (rows(found), outcomes(found), dict(found.passed)) == (100, [("large", "ok", 100)], {})
    assert list_of.asked() == {LARGE: 1}
    state = store.sources.states()["wavelet.large"]
    assert (state.last_outcome, state.last_ok_at, state.lists["dance"].rows) == ("ok", TUESDAY, 100)


@pytest.mark.parametrize(
    ("fault", "outcome", "goes_on"),
    [
        ("500", "down", True),
        ("cut", "down", True),
        ("401", "refused", True),
        ("403", "refused", True),
        ("error-body", "drift", True),
        ("in-part", "drift", True),
        ("404", "not_found", False),
    ],
)
def test_each_fault_of_the_first_source_leads_to_the_next_one_or_ends_it(
    list_of: Ladder, fault: str, outcome: str, goes_on: bool
) -> None:
    list_of.failing(LARGE, fault=fault)
    found = list_of.climb(usual=Usual(of_list=100))

    assert outcomes(found)[0] == ("large", outcome, None)
    if goes_on:
        assert (rows(found), outcomes(found)[1:]) == (50, [("middle", "partial", 50)])
        assert list(found.passed) == ["wavelet.large"]
    else:
        assert isinstance(found.answer, NotFound)
        assert list_of.asked() == {LARGE: 1}


@pytest.mark.parametrize(
    ("down", "shown"),
    [([MIDDLE], 100), ([SMALL], 100), ([LARGE], 50), ([LARGE, SMALL], 50), ([LARGE, MIDDLE], 30)],
)
def test_whichever_sources_fail_the_first_other_one_gives_the_list(
    list_of: Ladder, down: Sequence[str], shown: int
) -> None:
    list_of.failing(*down)
    found = list_of.climb()

    assert rows(found) == shown
    assert isinstance(found.answer, CheckedPlaylist)
    assert found.answer.parsed.rows_total == 100


def test_where_all_fail_each_says_why(list_of: Ladder) -> None:
    list_of.failing(LARGE, fault="401")
    list_of.failing(MIDDLE, SMALL)
    found = list_of.climb()

    assert isinstance(found.answer, NoSourceAnswered)
    assert found.answer.transient
    for said in ("wavelet.large: /list answered 401", "wavelet.middle: /list answered 500", "wavelet.small: "):
        assert said in str(found.answer)


def test_a_source_that_failed_three_times_is_left_alone_for_an_hour(list_of: Ladder, store: Store) -> None:
    list_of.failing(LARGE)
    for hours in range(3):
        assert rows(list_of.climb(TUESDAY + hours * HOUR)) == 50
    list_of.faults.clear()
    list_of.faults.reset_requests()
    third = TUESDAY + 2 * HOUR

    resting = list_of.climb(third + HOUR / 2)
    assert (rows(resting), outcomes(resting), list_of.asked()) == (50, [("middle", "partial", 50)], {MIDDLE: 1})
    assert "is not asked until 2026-03-03 03:00 UTC (/list answered 500" in str(resting.passed["wavelet.large"])
    assert rows(list_of.climb(third + HOUR)) == 100
    assert store.sources.states()["wavelet.large"].rests_until is None


def test_where_no_other_source_gives_the_list_those_that_rest_are_asked_after_all(list_of: Ladder) -> None:
    list_of.failing(LARGE, MIDDLE, SMALL)
    for _ in range(3):
        list_of.climb()
    list_of.faults.clear()
    list_of.failing(LARGE)

    found = list_of.climb()
    assert (rows(found), outcomes(found)) == (50, [("large", "down", None), ("middle", "partial", 50)])
    assert list(found.passed) == ["wavelet.large"]


def test_a_source_without_a_key_that_refuses_us_is_left_alone_for_a_day(list_of: Ladder, store: Store) -> None:
    list_of.failing(LARGE)
    list_of.failing(MIDDLE, fault="403")
    assert rows(list_of.climb()) == 30
    list_of.faults.clear()
    list_of.failing(LARGE)
    list_of.faults.reset_requests()

    assert rows(list_of.climb(TUESDAY + LONGEST_REST - HOUR)) == 30
    assert MIDDLE not in list_of.asked()
    assert rows(list_of.climb(TUESDAY + LONGEST_REST)) == 50
    assert store.sources.states()["wavelet.middle"].last_outcome is SourceOutcome.PARTIAL


def test_a_run_for_a_past_day_neither_heeds_nor_changes_what_is_known(list_of: Ladder, store: Store) -> None:
    list_of.failing(LARGE)
    for _ in range(3):
        list_of.climb()
    known = store.sources.states()["wavelet.large"]
    list_of.faults.clear()

    assert rows(list_of.climb(TUESDAY - timedelta(days=1))) == 100
    assert store.sources.states()["wavelet.large"] == known
