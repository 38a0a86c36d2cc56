"""Each fault of each source of each packaged service: what a try comes to, and what run, chart, page, alarms and `etl sources` say.

What is expected is the table in docs/sources.md.
"""

import json
import re
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from tests.assets.conftest import TUESDAY, WEDNESDAY, degraded, moment
from tests.conftest import SANDBOX_TRACKS, GenreRunner
from tests.matrix import sample
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.orchestration.alarm_sensor import judge
from tunemeld_pipeline.plugins.contract import Source
from tunemeld_pipeline.plugins.registry import folder_of, installed, keys, load_catalog
from tunemeld_pipeline.publishing.reading import read_documents
from tunemeld_pipeline.publishing.v1.lists import todays_list
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.fetching import Climb, Rung, climb
from tunemeld_pipeline.upstream.ladder import GOES_ON, Usual
from tunemeld_pipeline.upstream.service_client import ListClient, client_of
from tunemeld_pipeline.upstream.source_standing import standings

PAGE = Path(__file__).parents[2] / "docs" / "sources.md"
SECTION = "## What a fault brings about"
DANCE = load_catalog().genre("dance")
SOURCES = {source.name: source for key in keys() for source in installed(key).sources}
LISTS_ALONE = {"spotify.rapidapi": "playlist_tracks"}
"""The endpoint of the lists, where its host is asked for counts too: this is about lists."""

PATIENCE = 2.0
"""Seconds until a source that stalls is given up."""


@dataclass(frozen=True)
class Row:
    """A row of the table: what a try comes to, by the source's short name and else, and what follows with and without another source."""

    outcomes: dict[str, str]
    with_another: tuple[int, frozenset[str]]
    without: tuple[int, frozenset[str]]

    def outcome(self, source: Source) -> str:
        return self.outcomes.get(source.short_name, self.outcomes[""])


def table() -> dict[str, Row]:
    """The table's rows by fault."""
    section = PAGE.read_text("utf-8").partition(SECTION)[2].partition("\n## ")[0]
    rows = {}
    for line in section.splitlines():
        if found := re.match(r"\| `([\w-]+)`", line):
            _, _, outcomes, *follows, _ = (cell.strip() for cell in line.split("|"))
            rows[found[1]] = Row(
                {name: outcome for outcome, name in re.findall(r"`(\w+)`(?: for `(\w+)`)?", outcomes)},
                *((int(cell[0]), frozenset(re.findall(r"`(\w+)`", cell))) for cell in follows),
            )
    return rows


TABLE = table()


def another_than(source: Source) -> Source | None:
    return next((one for one in installed(folder_of(source).named.key).sources if one != source), None)


def hasty(settings: Settings) -> Settings:
    return settings.model_copy(update={"etl_retry_attempts": 1, "etl_request_timeout": PATIENCE})


def trouble(faults: Faults, source: Source, fault: str) -> None:
    faults.add(source.hosts[0].key, fault, endpoint=LISTS_ALONE.get(source.name), times=None, seconds=600)


def asked(settings: Settings, store: Store, source: Source) -> Climb:
    """This source, and after it another one of its service, as a run asks them that knows how long the list usually is."""
    service, second = folder_of(source).named, another_than(source)
    rungs = [Rung(one, None, Usual(SANDBOX_TRACKS)) for one in (source, second) if one]
    with ExitStack() as stack:

        def opened(one: Source) -> ListClient:
            chosen = hasty(settings) if one is source else settings
            client = stack.enter_context(client_of(one)(chosen, moment(TUESDAY), one).opened())
            client.begin_step(store, "dance")
            return client

        return climb(installed(service.key).service, DANCE.playlists[service.key], rungs, opened, moment(TUESDAY))


@pytest.mark.parametrize("name", sample(SOURCES, fast=2))
def test_a_try_comes_to_what_the_table_says_and_the_next_source_is_asked_where_it_should_be(
    name: str, settings: Settings, store: Store, faults: Faults
) -> None:
    source, second = SOURCES[name], another_than(SOURCES[name])
    found = {}
    for fault in sorted(TABLE, key=lambda one: one == "quota"):  # after which nothing is asked any more on that day
        faults.clear()
        trouble(faults, source, fault)
        tries = asked(settings, store, source).tries
        first = tries[0].outcome
        found[fault] = first.value
        assert [one.source for one in tries[1:]] == ([second.name] if second and first in GOES_ON else []), fault
        assert all(one.outcome.value in ("ok", "partial") for one in tries[1:]), fault
        assert first.value in ("ok", "partial") or tries[0].reason, fault
    assert found == {fault: row.outcome(source) for fault, row in TABLE.items()}


BY_ITSELF = {"new-owner": "spotify.page", "quota": "apple_music.rapidapi", "404": "apple_music.developer"}
"""Faults that do not come to the same on every source, and one whose list is the table's case."""

RUNS = [(fault, BY_ITSELF.get(fault, list(SOURCES)[at % len(SOURCES)])) for at, fault in enumerate(TABLE)]
"""Each fault through a whole run, the sources in turn."""


@pytest.mark.parametrize(
    ("fault", "name", "is_alone"), sample([(*one, alone) for one in RUNS for alone in (False, True)], fast=2)
)
def test_run_chart_page_alarms_and_sources_say_what_the_table_says(
    fault: str,
    name: str,
    is_alone: bool,
    run_genre: GenreRunner,
    settings: Settings,
    store: Store,
    faults: Faults,
) -> None:
    source = SOURCES[name]
    service, second = folder_of(source).named, None if is_alone else another_than(source)
    named = tuple(one.short_name for one in (source, second) if one)
    there = hasty(settings).model_copy(update={f"{service.slug}_sources": named})
    run_genre.after(TUESDAY)
    before = store.charts.chart("dance", moment(TUESDAY))
    trouble(faults, source, fault)

    result = run_genre(as_of=WEDNESDAY, settings=there)

    outcome, row = TABLE[fault].outcome(source), TABLE[fault]
    status, kinds = row.with_another if second else row.without
    published = store.charts.materializations()["dance"]
    listed = published.outcomes[service.key]
    lacking = degraded(run_genre, result)
    assert (exits.DEGRADED if lacking else exits.OK) == status
    assert (f"{service.key} playlist" in lacking) == (status == exits.DEGRADED)
    assert {track.track_id for track in store.charts.chart("dance", moment(WEDNESDAY)).tracks} == {
        track.track_id for track in before.tracks
    }
    is_read = second is not None and outcome != "not_found"
    assert (listed.state, listed.source) == (
        ("fresh", second.name) if second and is_read else ("stale", before.outcomes[service.key].source)
    )

    content = todays_list(read_documents(store, published), DANCE, service.key)
    shown = json.loads(content.body)
    assert (shown["stale"], shown["source"]) == (not is_read, listed.source)
    assert len(shown["tracks"]) >= SANDBOX_TRACKS - 2

    at = moment(WEDNESDAY) + timedelta(hours=1)
    found = judge(store, run_genre.instance, there, at).findings
    assert {one.kind.value for one in found if one.subject.startswith((service.key, service.slug))} == kinds
    assert all(one.detail for one in found)
    why = [one.detail for one in found if one.kind == "source_switched"]
    assert all(detail.endswith(")") for detail in why), why  # with the reason

    failing = [one.source.name for one in standings(there, [service.key], store.sources.states(), at) if one.is_failing]
    assert failing == ([source.name] if outcome in ("refused", "drift", "down") else [])
