"""What hosts that need no key get from all runs of an installation together: who we are, one request after the other, and no disguise."""

import base64
import json
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from functools import partial
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
import requests
from pydantic import SecretStr

from tests.live_world import live_at
from tests.wire import Play, Received, WireServer, answer
from tunemeld_pipeline.charts.catalog import Playlist
from tunemeld_pipeline.errors import CredentialsRefused, MalformedResponse, NotFound, UpstreamUnavailable
from tunemeld_pipeline.local.credentials import SANDBOX_KEY
from tunemeld_pipeline.local.processes import wait_until
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import folders, load_catalog
from tunemeld_pipeline.plugins.registry import installed as folder
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.services.spotify import page_formats
from tunemeld_pipeline.services.spotify.page_formats import SCRIPT
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.kept_reads import KeptRead, KeptReads
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.client import HttpClient, Limits, UnlimitedBudget
from tunemeld_pipeline.upstream.manners import Manners
from tunemeld_pipeline.upstream.reading_once import list_once, read_once
from tunemeld_pipeline.upstream.service_client import ListClient, client_of
from tunemeld_pipeline.wire_formats.pages import script_of

PAGE = "spotify_page"
SOURCE: Source = next(one for one in folder("Spotify").sources if one.name == "spotify.page")
PLAYLIST = load_catalog().genre("dance").playlist("Spotify")
ROBOTS = answer(b"User-agent: *\nAllow: /\n")

OpenRun = Callable[..., ListClient]


@pytest.fixture
def open_run(settings: Settings, mongod_url: str) -> Iterator[OpenRun]:
    """A client as each run of the live world has one of its own, until the test ends: `open_run(address of all hosts)`."""
    with connect(mongod_url) as client, ExitStack() as stack:
        database = f"{settings.database_name}_live"
        stack.callback(client.drop_database, database)

        def opened(root: str, source: Source = SOURCE, **more: Any) -> ListClient:
            now = datetime.now(UTC)
            made = client_of(source)(live_at(settings, root, **more), now, source)
            stack.enter_context(made.opened())
            made.begin_step(Store(client[database]), "dance")
            return made

        yield opened


def page_of(root: str, etag: str | None = None) -> Callable[[Received], bytes]:
    """The sandbox's page, as if the server that is asked were Spotify's."""

    def reply(received: Received) -> bytes:
        page = requests.get(f"{root}{received.target}", timeout=30)
        return answer(page.content, page.status_code, {"ETag": etag} if etag else None)

    return reply


def age(run: ListClient, key: str, by: timedelta) -> None:
    """Makes a read older."""
    reads = run.store.handle["kept_reads"]
    kept = reads.find_one({"_id": {"$regex": f"^{re.escape(key)}"}})
    assert kept is not None
    reads.update_one({"_id": kept["_id"]}, {"$set": {"read_at": kept["read_at"] - by}})


def asked(server: WireServer) -> list[str]:
    return [received.target.removeprefix(f"/{PAGE}") for received in server.requests]


def test_every_request_says_who_we_are_and_how_to_reach_us(open_run: OpenRun, play: Play, sandbox_root: str) -> None:
    server = play(ROBOTS, page_of(sandbox_root))
    open_run(server.url, app_version="1.2", upstream_contact="mailto:me@tunemeld.example").read_once(PLAYLIST)
    assert {one.headers["user-agent"] for one in server.requests} == {"TuneMeld/1.2 (+mailto:me@tunemeld.example)"}
    assert not [one for one in server.requests if {"cookie", "authorization", "referer"} & one.headers.keys()]


def test_no_host_without_a_key_gets_more_than_half_of_what_it_allows() -> None:
    """One request a second for pages; Deezer allows ten."""
    rates = {
        host.key: host.per_second
        for one in folders()
        for access in one.accesses
        if not access.needs
        for host in access.hosts
    }
    assert rates.pop("deezer", 5) <= 5
    assert set(rates.values()) == {1}, rates


def test_runs_side_by_side_send_one_request_after_the_other(open_run: OpenRun, play: Play, sandbox_root: str) -> None:
    server = play(page_of(sandbox_root))
    runs = [open_run(server.url, per_second=5) for _ in range(3)]
    began = time.monotonic()
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda run: [run.playlist(PLAYLIST) for _ in range(2)], runs))
    at = sorted(one.at for one in server.requests)
    assert len(at) == 7  # six pages, and robots.txt once
    # A busy machine may send one later than its turn, and none before it.
    assert all(one - began >= turn / 5 for turn, one in enumerate(at)), at
    assert server.busiest == 1


def ask_at_once(url: str, database: str, address: str, calls: int) -> None:
    """What a process of its own does: calls a host that takes five requests a second, on three threads."""
    with connect(url) as client:
        hosts = Store(client[database]).hosts
        manners = Manners("Test", "host", 5, lambda: hosts)
        with HttpClient("Test", address, {}, Limits(threads=3), manners=manners) as http:
            http.map(lambda _: http.get("/x", {}, lambda got: got.data, budget=UnlimitedBudget()), range(calls))


@pytest.mark.parametrize(("processes", "calls"), [(2, 4), pytest.param(8, 12, marks=pytest.mark.slow)])
def test_all_processes_together_keep_to_the_rate_of_a_host_with_a_key(
    mongod_url: str, settings: Settings, play: Play, clean_processes: ForkServerContext, processes: int, calls: int
) -> None:
    server = play(answer({}))
    arguments = (mongod_url, settings.database_name, server.url, calls)
    runs = [clean_processes.Process(target=ask_at_once, args=arguments) for _ in range(processes)]
    for run in runs:
        run.start()
    for run in runs:
        run.join(300)
    at = sorted(one.at for one in server.requests)
    assert len(at) == processes * calls
    assert max(sum(1 for one in at if begin <= one < begin + 1) for begin in at) <= 5.5
    assert at[-1] - at[0] < 2 * len(at) / 5  # nor is it much slower


def test_a_turn_that_nobody_uses_is_over_with_its_time(store: Store) -> None:
    first = store.hosts.take_turn("host", 0.2, 60, None)
    assert first.is_taken
    assert first.seconds == 0
    for number in range(1, 4):  # a process that was killed has taken them
        assert store.hosts.take_turn("host", 0.2, 60, None).seconds <= number * 0.2
    assert wait_until(lambda: store.hosts.take_turn("host", 0.2, 0, None).seconds == 0, seconds=300)


def test_a_call_whose_turn_comes_after_its_deadline_is_refused_at_once_and_costs_nothing(
    store: Store, play: Play
) -> None:
    server = play(answer({}))
    manners = Manners("Test", "host", 0.01, lambda: store.hosts)
    with HttpClient("Test", server.url, {}, Limits(call_deadline=0.5), manners=manners) as http:
        http.get("/x", {}, lambda got: got.data, budget=UnlimitedBudget())
        began = time.monotonic()
        with pytest.raises(UpstreamUnavailable, match="too many calls wait"):
            http.get("/x", {}, lambda got: got.data, budget=UnlimitedBudget())
    assert (len(server.requests), time.monotonic() - began < 60) == (1, True)


def test_a_list_is_read_once_in_twenty_hours_whoever_asks(open_run: OpenRun, faults: Faults, sandbox_root: str) -> None:
    first, second = open_run(sandbox_root), open_run(sandbox_root)
    with ThreadPoolExecutor(2) as pool:
        new, kept = pool.map(lambda run: run.read_once(PLAYLIST), (first, second))
    once_more = first.read_once(PLAYLIST)
    assert faults.requests() == {PAGE: {"playlist": 1, "robots.txt": 1}}
    assert new.data_json == kept.data_json == once_more.data_json
    assert new.pages == once_more.pages
    assert once_more.read_at is not None
    assert {new.read_at, kept.read_at} == {None, once_more.read_at}
    # So does a check of keys, and a run half an hour before it is due.
    age(first, "spotify.page", timedelta(hours=19, minutes=30))
    for _, ask in second.key_calls(PLAYLIST):
        ask()
    assert faults.requests()[PAGE]["playlist"] == 1
    age(first, "spotify.page", timedelta(minutes=31))
    assert second.read_once(PLAYLIST).read_at is None
    assert faults.requests() == {PAGE: {"playlist": 2, "robots.txt": 1}}


def changed_page(root: str) -> Callable[[Received], bytes]:
    """The sandbox's page with another structure, and with what is a visitor's own."""

    def reply(received: Received) -> bytes:
        page = requests.get(f"{root}{received.target}", timeout=30).text
        state = json.loads(base64.b64decode(script_of(page, SCRIPT)))
        text = json.dumps({**state, "visitor": {"id": "a-visitor"}}).replace('"content"', '"contents"')
        return answer(f'<script id="{SCRIPT}">{base64.b64encode(text.encode()).decode()}</script>'.encode())

    return reply


def test_a_mended_reader_begins_with_what_an_older_one_could_not_read(
    open_run: OpenRun, play: Play, sandbox_root: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = play(ROBOTS, changed_page(sandbox_root))
    run = open_run(server.url)
    for _ in range(2):
        with pytest.raises(MalformedResponse) as refused:
            run.read_once(PLAYLIST)
        assert refused.value.body is not None
        assert "contents" in refused.value.body
        assert "a-visitor" not in refused.value.body
    # The reader's next version knows the structure.
    list_in = page_formats.list_in
    monkeypatch.setattr(
        page_formats,
        "list_in",
        lambda state, key: list_in(json.loads(json.dumps(state).replace('"contents"', '"content"')), key),
    )
    reads = run.store.kept_reads
    keys = [f"spotify.page.{form}/{PLAYLIST.url}" for form in (2, 1)]

    def again(_: object) -> FetchedPlaylist:
        raise AssertionError("it was asked for again")

    mended = partial(run._reread, PLAYLIST)
    for _ in range(2):
        found = list_once(reads, keys[0], again, service="Spotify", seconds=5, older=keys[1:], reread=mended)
        assert len(SOURCE.read(found.pages, found.data_json).rows) > 10
        assert found.read_at is not None
    assert len(server.requests) == 2
    # What is too old, or cannot be read by the next version either, is asked for.
    third = f"spotify.page.3/{PLAYLIST.url}"
    with pytest.raises(AssertionError):
        list_once(reads, third, again, service="Spotify", seconds=5, older=keys[1:], reread=lambda _: None)


def test_what_has_not_changed_is_not_sent_again(open_run: OpenRun, play: Play, sandbox_root: str) -> None:
    server = play(ROBOTS, page_of(sandbox_root, '"one"'), answer(b"", 304), page_of(sandbox_root))
    run = open_run(server.url)
    before = run.read_once(PLAYLIST)
    for expected in ('"one"', '"one"'):
        age(run, "spotify.page", timedelta(hours=21))
        again = run.read_once(PLAYLIST)
        assert server.requests[-1].headers["if-none-match"] == expected
        assert (again.data_json, again.read_at) == (before.data_json, None)
    # The last answer had no ETag.
    age(run, "spotify.page", timedelta(hours=21))
    run.read_once(PLAYLIST)
    assert "if-none-match" not in server.requests[-1].headers


def test_what_robots_txt_forbids_is_not_read(open_run: OpenRun, faults: Faults, sandbox_root: str) -> None:
    faults.add(PAGE, "robots-forbid", endpoint="robots", times=None)
    run = open_run(sandbox_root)
    for _ in range(2):
        with pytest.raises(
            CredentialsRefused, match=r"the robots.txt of open.spotify.com does not let us read /playlist/"
        ):
            run.read_once(PLAYLIST)
    assert faults.requests() == {PAGE: {"robots.txt": 1}}


@pytest.mark.parametrize(
    ("rules", "is_read"),
    [
        ("User-agent: TuneMeld\nDisallow: /playlist/\n", False),
        ("User-agent: *\nDisallow: /\nAllow: /playlist/\n", True),
        ("User-agent: *\nDisallow: /*list/\n", False),
        ("User-agent: Somebody\nDisallow: /\n", True),
        ("", True),
    ],
)
def test_the_rules_are_read_as_rfc_9309_says(
    open_run: OpenRun, play: Play, sandbox_root: str, rules: str, is_read: bool
) -> None:
    server = play(answer(rules.encode()), page_of(sandbox_root))
    try:
        open_run(server.url).read_once(PLAYLIST)
    except CredentialsRefused:
        assert not is_read
    assert len(server.requests) == 1 + is_read


def test_robots_txt_is_looked_at_again_after_a_day(open_run: OpenRun, play: Play, sandbox_root: str) -> None:
    server = play(answer(b"", 404), page_of(sandbox_root), ROBOTS, page_of(sandbox_root))
    run = open_run(server.url)
    run.read_once(PLAYLIST)
    age(run, "spotify.page", timedelta(hours=23))
    age(run, "robots.txt", timedelta(hours=25))
    run.read_once(PLAYLIST)
    page = asked(server)[1]
    assert asked(server) == ["/robots.txt", page, "/robots.txt", page]


def test_nothing_is_read_where_robots_txt_is_not_answered(open_run: OpenRun, faults: Faults, sandbox_root: str) -> None:
    faults.add(PAGE, "500", endpoint="robots", times=1)
    run = open_run(sandbox_root)
    with pytest.raises(UpstreamUnavailable, match=r"/robots.txt answered 500"):
        run.read_once(PLAYLIST)
    assert faults.requests() == {PAGE: {"robots.txt": 1}}
    # Nobody has read anything, so nobody waits for a day.
    assert run.read_once(PLAYLIST).read_at is None


def test_a_wait_that_a_host_asks_for_holds_for_every_run(open_run: OpenRun, play: Play, sandbox_root: str) -> None:
    server = play(ROBOTS, answer(b"", 429, {"Retry-After": "1"}), page_of(sandbox_root))
    with pytest.raises(UpstreamUnavailable, match="answered 429"):
        open_run(server.url).read_once(PLAYLIST)
    open_run(server.url).read_once(PLAYLIST)
    _, refused, read = server.requests
    assert read.at - refused.at >= 1


def test_a_wait_that_is_longer_than_a_call_may_take_is_not_waited_for(
    open_run: OpenRun, play: Play, sandbox_root: str
) -> None:
    server = play(ROBOTS, answer(b"", 429, {"Retry-After": "3600"}), page_of(sandbox_root))
    with pytest.raises(UpstreamUnavailable, match="answered 429"):
        open_run(server.url).read_once(PLAYLIST)
    began = time.monotonic()
    with pytest.raises(UpstreamUnavailable, match="too many calls wait"):
        open_run(server.url).read_once(PLAYLIST)
    assert (len(server.requests), time.monotonic() - began < 60) == (2, True)


@pytest.mark.parametrize("fault", ["401", "403"])
def test_a_host_that_refuses_us_is_left_alone_for_a_day(
    open_run: OpenRun, faults: Faults, sandbox_root: str, fault: str
) -> None:
    faults.add(PAGE, fault, endpoint="playlist")
    run = open_run(sandbox_root, etl_retry_attempts=3)
    with pytest.raises(CredentialsRefused, match=rf"answered {fault}: we are not let in; it is left alone for a day"):
        run.read_once(PLAYLIST)
    # Another run, another list, another hour: nobody knocks again.
    other = open_run(sandbox_root)
    with pytest.raises(CredentialsRefused, match=r"it has refused us .* left alone until 20"):
        other.read_once(load_catalog().genre("rap").playlist("Spotify"))
    assert faults.requests() == {PAGE: {"playlist": 1, "robots.txt": 1}}
    other.store.handle["upstream_hosts"].update_one(
        {"_id": PAGE}, [{"$set": {"closed_until": {"$subtract": ["$$NOW", 1]}}}]
    )
    other.read_once(PLAYLIST)
    assert faults.requests()[PAGE]["playlist"] == 2


def test_a_page_that_gave_no_list_has_been_read_too(
    open_run: OpenRun, play: Play, faults: Faults, sandbox_root: str
) -> None:
    server = play(ROBOTS, answer(b"<html>something else</html>"))
    for _ in range(2):
        with pytest.raises(MalformedResponse, match="does not have the expected structure"):
            open_run(server.url).read_once(PLAYLIST)
    gone = Playlist(url="https://open.spotify.com/playlist/0000")
    for _ in range(2):
        with pytest.raises(NotFound, match="there is no such playlist"):
            open_run(sandbox_root).read_once(gone)
    assert (len(server.requests), faults.requests()) == (2, {PAGE: {"playlist": 1}})


def test_a_source_with_a_key_is_asked_as_ever(open_run: OpenRun, faults: Faults, sandbox_root: str) -> None:
    keyed = folder("SoundCloud").sources[0]
    playlist = load_catalog().genre("dance").playlist("SoundCloud")
    run = open_run(sandbox_root, keyed, rapidapi_key=SecretStr(SANDBOX_KEY))
    lists: list[FetchedPlaylist] = [run.read_once(playlist) for _ in range(2)]
    assert [one.read_at for one in lists] == [None, None]
    assert sum(faults.requests()["soundcloud"].values()) == 2


def test_who_looks_before_somebody_else_has_read_does_not_read_again(settings: Settings, mongod_url: str) -> None:
    """Between the look at what is kept and the claim to read, another run may have read it."""

    class Slow(KeptReads):
        def last(self, key: str) -> KeptRead | None:
            found = super().last(key)
            if key not in looked:
                looked.add(key)
                self.keep(key, theirs)
            return found

    looked: set[str] = set()
    theirs = KeptRead(datetime.now(UTC).replace(microsecond=0), "theirs")
    ours: list[KeptRead | None] = []

    def ask(known: KeptRead | None) -> KeptRead:
        ours.append(known)
        return KeptRead(datetime.now(UTC), "ours")

    with connect(mongod_url) as client:
        database = f"{settings.database_name}_live"
        reads = Slow(Store(client[database]).handle)
        try:
            assert read_once(reads, "a", timedelta(hours=1), ask, service="Test", seconds=5) == theirs
            # The claim has ended.
            assert read_once(reads, "a", timedelta(0), ask, service="Test", seconds=5).body == "ours"
        finally:
            client.drop_database(database)
    assert ours == [theirs]
