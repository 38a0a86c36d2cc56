"""Look-ups of ISRCs in turn: each is asked for what is not known and what those before it have not found."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack

import pytest

from tests.documents import MONDAY, isrc
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.errors import UpstreamUnavailable
from tunemeld_pipeline.plugins.contract import IsrcLookup
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import SearchHit
from tunemeld_pipeline.upstream.client import HttpClient, Limits
from tunemeld_pipeline.upstream.isrc_chain import Asked, Sought, look_up_in_turn
from tunemeld_pipeline.upstream.service_client import HintClient, IsrcClient, ServiceClient

LENGTH = 200_000


class OfNobody(ServiceClient):
    """Has no host of its own."""

    _client_of_nobody: HttpClient

    def _make_clients(self) -> dict[str, HttpClient]:
        return {}

    def key_calls(self, playlist: object) -> list[object]:  # type: ignore[override]
        return []

    @property
    def client(self) -> HttpClient:
        return self._client_of_nobody


class Hints(OfNobody, HintClient):
    """Tells of these tracks by id, and notes which it is asked for."""

    def __init__(self, client: HttpClient, **known: Row) -> None:
        self._client_of_nobody, self.known = client, known
        self.asked: list[str] = []

    def recordings(self, track_ids: Sequence[str]) -> dict[str, Row]:
        self.asked += track_ids
        return {one: self.known[one] for one in track_ids if one in self.known}


class Words(OfNobody, IsrcClient):
    """Finds tracks by title, and notes which it is asked for."""

    def __init__(self, client: HttpClient, *, down: bool = False, **known: str) -> None:
        self._client_of_nobody, self.known, self.down = client, known, down
        self.key = "Words"
        self.asked: list[str] = []

    def search(self, title: str, artist: str, *, again: bool = False) -> list[SearchHit]:
        if self.down:
            raise UpstreamUnavailable("Words", "it is down")
        self.asked.append(title)
        return [SearchHit(title, title, artist, LENGTH, None, None, None)] if title in self.known else []

    def isrcs(self, track_ids: Sequence[str]) -> dict[str, str]:
        return {one: self.known[one] for one in track_ids}


@pytest.fixture
def nobody() -> Iterator[HttpClient]:
    limits = Limits(attempts=1, first_wait=0, request_timeout=1, call_deadline=1, threads=2)
    with ExitStack() as stack:
        yield stack.enter_context(HttpClient("Nobody", "http://127.0.0.1:9", {}, limits))


def listed(service: str, title: str) -> PlaylistRow:
    row = Row(title, "Marrow", LENGTH, service=service, key=f"{service}:{title}")
    return PlaylistRow(service, 1, title, f"https://x.example/{title}", row)


def chain(*clients: Hints | Words | None, begins: Sequence[str] = ("hint:", "", "other:")) -> list[Asked]:
    return [
        Asked(IsrcLookup(client="x:Y", begins=begin, by_id=begin == "hint:"), "Spotify", client)
        for begin, client in zip(begins, clients, strict=False)
    ]


def found(sought: Sought) -> dict[str, str]:
    return {key.partition(":")[2]: value for key, value in sought.isrcs.items()}


RECORDINGS = [
    [listed("Spotify", "A"), listed("AppleMusic", "A")],
    [listed("AppleMusic", "B"), listed("Spotify", "B")],
    [listed("AppleMusic", "C")],
    [listed("Spotify", "D")],
    [listed("AppleMusic", "E")],
]


def test_each_is_asked_for_what_the_ones_before_have_not_found(store: Store, nobody: HttpClient) -> None:
    hints = Hints(nobody, A=Row("A", "Marrow", LENGTH, isrc(1)), B=Row("B", "Marrow", LENGTH + 90_000, isrc(2)))
    first, second = Words(nobody, B=isrc(3), C=isrc(4)), Words(nobody, C=isrc(9), D=isrc(5))
    sought = look_up_in_turn(store, chain(hints, first, second), RECORDINGS, MONDAY)
    assert found(sought) == {"A": isrc(1), "B": isrc(3), "C": isrc(4), "D": isrc(5)}
    assert (sorted(hints.asked), first.asked, second.asked) == (["A", "B", "D"], ["B", "C", "D", "E"], ["D", "E"])
    assert [report.found for _, report in sought.reports] == [1, 2, 1]

    # Nothing of that is asked again on the same day.
    for one in (hints, first, second):
        one.asked.clear()
    again = look_up_in_turn(store, chain(hints, first, second), RECORDINGS, MONDAY)
    assert found(again) == found(sought)
    assert (hints.asked, first.asked, second.asked, again.total("known")) == ([], [], [], 4)


def test_what_a_later_one_knows_already_is_not_asked_for_by_an_earlier_one(store: Store, nobody: HttpClient) -> None:
    look_up_in_turn(store, chain(None, None, Words(nobody, A=isrc(1))), RECORDINGS[:1], MONDAY)
    hints = Hints(nobody, A=Row("A", "Marrow", LENGTH, isrc(7)))
    sought = look_up_in_turn(store, chain(hints, None, Words(nobody)), RECORDINGS[:1], MONDAY)
    assert (hints.asked, found(sought)) == ([], {"A": isrc(1)})


def test_what_one_remembers_counts_though_its_key_is_gone(store: Store, nobody: HttpClient) -> None:
    look_up_in_turn(store, chain(None, Words(nobody, A=isrc(1))), RECORDINGS[:1], MONDAY)
    sought = look_up_in_turn(store, chain(None, None), RECORDINGS[:1], MONDAY)
    assert (found(sought), sought.total("known"), sought.total("asked")) == ({"A": isrc(1)}, 1, 0)


def test_that_one_fails_keeps_nobody_from_asking_the_next(store: Store, nobody: HttpClient) -> None:
    sought = look_up_in_turn(
        store, chain(None, Words(nobody, down=True), Words(nobody, A=isrc(1))), RECORDINGS[:1], MONDAY
    )
    assert found(sought) == {"A": isrc(1)}
    assert [str(report.error) for _, report in sought.reports if report.error] == ["Words: it is down"]
