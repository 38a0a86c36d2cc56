"""Real runs over days on which one service's list comes from sources of 30, 50 and 100 rows, in every order, beside a control whose runs
read it from the same source every day: what differs between the two is the sources' doing alone.

`tests/charts/test_switching_sources.py` shows the same for the pure functions.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from itertools import permutations

import pytest

from tests.assets.conftest import days_after, degraded, moment
from tests.conftest import Databases, GenreRunner
from tests.matrix import sample
from tests.wavelet_service.installed import CATALOG, playing
from tunemeld_pipeline.assets.partitions import catalog
from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.documents import AggregateTrack
from tunemeld_pipeline.plugins import registry
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.store import Store

pytestmark = pytest.mark.slow  # fifty runs

ORDERS = list(permutations(("small", "middle", "large")))
WIDE = "large"
MONDAY, FRIDAY = "2026-03-02", "2026-03-06"
"""Lists are edited on Fridays: on the three days after this Monday nothing changes but the lists' order, in a few places."""

Chart = Sequence[AggregateTrack]
CONTROL: dict[tuple[str, str], list[str]] = {}
"""The charts of runs that read one source every day, by source and day, made once: ids in order."""


@pytest.fixture(scope="module")
def wavelet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Genre]]:
    """The root of a sandbox with Wavelet FM, which is installed meanwhile, and a genre that has its list."""
    folder = tmp_path_factory.mktemp("wavelet")
    with playing(folder) as root:
        yield root, registry.load_catalog(folder / CATALOG).genre("dance")


@pytest.fixture
def read_from(
    wavelet: tuple[str, Genre], settings: Settings, databases: Databases, run_genre: GenreRunner, mongod_url: str,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Callable[..., Chart]]:  # fmt: skip
    """The chart of a day on which Wavelet FM's list was read from this source; of a control's day where one is named."""
    root, listed = wavelet
    monkeypatch.setitem(catalog.genres, "dance", listed)
    there: dict[str | None, Settings] = {}
    with connect(mongod_url) as client:

        def chart(source: str, day: str, control: str | None = None) -> Chart:
            if control not in there:
                name = f"t{uuid.uuid4().hex[:12]}_test"
                there[control] = settings.model_copy(update={"sandbox_url": root, "mongodb_database": name})
                databases.prepare(there[control])
            where = there[control].model_copy(update={"wavelet_sources": (source,)})
            assert degraded(run_genre, run_genre(as_of=day, settings=where)) == set()
            charts = Store(client[where.database_name]).charts
            made, kept = charts.chart("dance", moment(day)), charts.chart_day("dance", day)
            assert kept is not None
            assert (
                sum(one.last - one.first + 1 for one in kept.kept.get("Wavelet", ())) == made.outcomes["Wavelet"].kept
            )
            assert made.outcomes["Wavelet"].source == f"wavelet.{source}"
            return made.tracks

        yield chart
        for one in there.values():
            client.drop_database(one.database_name)


@pytest.fixture
def control(read_from: Callable[..., Chart]) -> Callable[[str, str], list[str]]:
    """The control's chart of a day: ids in order."""

    def charted(source: str, day: str) -> list[str]:
        if (source, day) not in CONTROL:
            CONTROL[source, day] = ids(read_from(source, day, control=source))
        return CONTROL[source, day]

    return charted


def ids(chart: Chart) -> list[str]:
    return [track.track_id for track in chart]


@pytest.mark.parametrize(("order",), sample([(one,) for one in ORDERS], mark=pytest.mark.matrix), ids="-".join)
def test_after_a_whole_read_every_order_gives_the_chart_of_the_control(
    read_from: Callable[..., Chart], control: Callable[[str, str], list[str]], order: Sequence[str]
) -> None:
    read_from(WIDE, MONDAY)
    control(WIDE, MONDAY)
    for number, source in enumerate(order, start=1):
        day = days_after(MONDAY, number)
        tracks = read_from(source, day)
        assert ids(tracks) == control(WIDE, day)
        assert not [track for track in tracks if track.status in ("new", "re", None)]


@pytest.mark.parametrize(
    ("order",), sample([(one,) for one in ORDERS if one[0] != WIDE], mark=pytest.mark.matrix), ids="-".join
)
def test_a_source_that_is_wider_than_all_before_moves_no_place_until_the_list_is_edited(
    read_from: Callable[..., Chart], control: Callable[[str, str], list[str]], order: Sequence[str]
) -> None:
    before: set[str] = set()
    for number, source in enumerate(order):
        day = days_after(MONDAY, number)
        tracks = read_from(source, day)
        assert ids(tracks) == control(order[0], day)
        assert before <= set(ids(tracks))
        assert not number or not [track for track in tracks if track.status in ("new", "re", None)]
        before = set(ids(tracks))
    edited = read_from(WIDE, FRIDAY)
    assert ids(edited) == control(WIDE, FRIDAY)
    assert {track.status for track in edited if track.track_id not in before} >= {"new", None}
