"""Real runs over days on which one service's list comes from sources of 30, 50 and 100 rows, in every order, beside a control whose runs
read all of it every day: what differs between the two is the sources' doing alone.

`tests/charts/test_switching_sources.py` shows the same for the pure functions.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import pytest

from tests.assets.conftest import days_after, degraded, moment
from tests.conftest import Databases, GenreRunner
from tests.wavelet_service import SHOWN
from tests.wavelet_service.installed import CATALOG, playing
from tunemeld_pipeline.assets.partitions import catalog
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import AggregateTrack
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

pytestmark = pytest.mark.slow  # forty runs

ORDERS = list(permutations(("small", "middle", "large")))
WIDE = "large"
TOP = 20
MONDAY = "2026-03-02"
"""Lists change on Fridays: on this day and the three after it nothing does but Spotify's and Apple Music's order, in a few places."""

Chart = Sequence[AggregateTrack]
CONTROL: dict[str, list[str]] = {}
"""The control's charts by day, made once: ids in order."""


@pytest.fixture(scope="module")
def wavelet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Genre]]:
    """The root of a sandbox with Wavelet FM, which is installed meanwhile, and a genre that has its list."""
    folder = tmp_path_factory.mktemp("wavelet")
    with playing(folder) as root:
        yield root, registry.load_catalog(folder / CATALOG).genre("dance")


@pytest.fixture
def read_from(
    wavelet: tuple[str, Genre], settings: Settings, databases: Databases, run_genre: GenreRunner, store: Store, mongod_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[[str, str], Chart]]:  # fmt: skip
    """The chart of a day on which Wavelet FM's list was read from this source; the control's of that day is in `CONTROL`."""
    root, listed = wavelet
    monkeypatch.setitem(catalog.genres, "dance", listed)
    there = settings.model_copy(update={"sandbox_url": root})
    beside = there.model_copy(update={"mongodb_database": f"t{uuid.uuid4().hex[:12]}_test"})
    databases.prepare(beside)

    def run(source: str, day: str, where: Settings) -> None:
        result = run_genre(as_of=day, settings=where.model_copy(update={"wavelet_sources": (source,)}))
        assert degraded(run_genre, result) == set()

    with connect(mongod_url) as client:

        def chart(source: str, day: str) -> Chart:
            if day not in CONTROL:
                run(WIDE, day, beside)
                control = Store(client[beside.database_name]).charts.chart("dance", moment(day))
                CONTROL[day] = [track.track_id for track in control.tracks]
            run(source, day, there)
            made = store.charts.chart("dance", moment(day))
            assert made.outcomes["Wavelet"].source == f"wavelet.{source}"
            return made.tracks

        yield chart
        client.drop_database(beside.database_name)


def ids(chart: Chart) -> list[str]:
    return [track.track_id for track in chart]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_after_a_whole_read_every_order_gives_the_chart_of_the_control(
    read_from: Callable[[str, str], Chart], order: Sequence[str]
) -> None:
    read_from(WIDE, MONDAY)
    for number, source in enumerate(order, start=1):
        day = days_after(MONDAY, number)
        tracks = read_from(source, day)
        assert ids(tracks) == CONTROL[day]
        assert not [track for track in tracks if track.status in ("new", "re", None)]


@pytest.mark.parametrize("order", ORDERS, ids="-".join)
def test_in_every_order_none_goes_and_none_is_new_and_the_widest_read_decides(
    read_from: Callable[[str, str], Chart], order: Sequence[str]
) -> None:
    before: Chart = []
    for number, source in enumerate(order):
        day = days_after(MONDAY, number)
        tracks = read_from(source, day)
        if before:
            assert set(ids(before)) <= set(ids(tracks))
            assert not [track for track in tracks if track.status in ("new", "re")]
            is_wider = SHOWN[source] > max(SHOWN[one] for one in order[:number])
            came = set(ids(tracks)) - set(ids(before))
            assert bool(came) == is_wider
            assert {track.status for track in tracks if track.track_id in came} <= {None}
            # What comes into sight for the first time is on two lists now: it may add to a recording among the first, and no more.
            assert len(set(ids(tracks)[:TOP]) - set(ids(before)[:TOP])) <= (2 if is_wider else 0)
        if WIDE in order[: number + 1]:
            assert ids(tracks) == CONTROL[day]
        before = tracks
