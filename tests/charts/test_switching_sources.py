"""The proof that a switch of sources moves no chart.

The same list of an invented world is read through sources of 30, 50 and 100 rows on successive days.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import permutations

import pytest

from tests.documents import MONDAY, raw_playlist
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.charted_tracks import past_of
from tunemeld_pipeline.charts.consensus import recordings_of, track_playlists
from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, Ranking, ServiceOutcome
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.movement import with_memory
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.ranking import STANDARD
from tunemeld_pipeline.charts.tails import ListBefore, Read, counting_rows, not_new, uncovered, with_tail
from tunemeld_pipeline.limits import LIST_TOO_OLD
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.sandbox.world import World

SERVICES = ("Spotify", "AppleMusic", "SoundCloud")
SWITCHED = "Spotify"
WIDTHS = (30, 50, 100)
TOP = 20
DAY = timedelta(days=1)
WORLD_DAY = date(2026, 3, 3)


@pytest.fixture(scope="module")
def lists() -> Mapping[str, Listing]:
    """A day's lists of 100 rows of an invented world."""
    world = World(7, load_catalog(), dict.fromkeys(SERVICES, 100))
    return {service: _listing(world, service) for service in SERVICES}


def _listing(world: World, service: str) -> Listing:
    rows = []
    for position, entry in enumerate(world.playlist("dance", service, WORLD_DAY), start=1):
        recording = entry.recording
        said = Row(
            title=recording.title,
            artist=recording.artists[0].name,
            duration_ms=recording.duration_ms,
            isrc=recording.isrc,
            service=service,
            key=f"{service}:{recording.spotify_id}",
        )
        rows.append(
            PlaylistRow(service, position, recording.spotify_id, f"https://example.org/{recording.spotify_id}", said)
        )
    return Listing(rows, len(rows), [], rows_total=len(rows))


@dataclass
class Days:
    """One chart after the other, as runs make them, of lists that do not change: only how much a source shows of one does."""

    lists: Mapping[str, Listing]
    reads: list[Read]
    days: list[ChartDay]
    charts: list[AggregatePlaylist]

    def run(self, width: int) -> list[AggregateTrack]:
        at = MONDAY + len(self.days) * DAY
        whole = self.lists[SWITCHED]
        seen = replace(whole, rows=whole.rows[:width], length=min(width, whole.length))
        last = Read(seen, f"of{width}", at)
        parsed = {**self.lists, SWITCHED: with_tail(last, self._wider(last))}
        self.reads.append(last)
        self.charts.append(self._chart(parsed, last.source, at))
        return self.charts[-1].tracks

    def edit(self) -> None:
        """The editors take off a recording that no other list has, from what every source shows, and put another in its place."""
        whole = self.lists[SWITCHED]
        elsewhere = {
            row.service_track_id for service in SERVICES if service != SWITCHED for row in self.lists[service].rows
        }
        rows = list(whole.rows)
        at = next(at for at, row in enumerate(rows[: WIDTHS[0]]) if row.service_track_id not in elsewhere)
        said = replace(rows[at].described, title="A New Song", isrc=None, key=f"{SWITCHED}:added")
        rows[at] = replace(rows[at], service_track_id="added", described=said)
        self.lists = {**self.lists, SWITCHED: replace(whole, rows=rows)}

    def _wider(self, last: Read) -> list[Read]:
        """As `wider_lists` keeps them: what showed more than all reads after it."""
        kept: list[Read] = []
        shown = last.listing.length
        for read in reversed(self.reads):
            if read.listing.length > shown:
                kept.append(read)
                shown = read.listing.length
        return kept

    def _ranking(self, parsed: Mapping[str, Listing], source: str) -> Ranking:
        outcome = ServiceOutcome(state="fresh", source=source, rows_total=parsed[SWITCHED].rows_total)
        seen = [ListBefore(day.lists[SWITCHED], day.outcomes[SWITCHED]) for day in self.days]
        rows = counting_rows(SWITCHED, recordings_of(parsed), outcome, seen[-LIST_TOO_OLD.days :])
        return STANDARD.model_copy(update={"counting_rows": {SWITCHED: rows} if rows else {}})

    def _chart(self, parsed: Mapping[str, Listing], source: str, at: datetime) -> AggregatePlaylist:
        raws = [
            raw_playlist(service, at=at).model_copy(
                update={"source": source if service == SWITCHED else "only", "rows_total": parsed[service].rows_total}
            )
            for service in SERVICES
        ]
        _, made = track_playlists(
            "dance",
            raws,
            parsed,
            recordings_of(parsed),
            {},
            self._ranking(parsed, source),
            services=SERVICES,
            as_of=at,
            run_id="a-run",
            upstream="sandbox",
        )
        past = past_of(self.days, utc_day(at))
        compared = next((day for day in self.days if past.compared and day.date == past.compared.date), None)
        before = {
            service: ListBefore(ids, compared.outcomes.get(service))
            for service, ids in (compared.lists.items() if compared else ())
        }
        tracks = with_memory(made.tracks, utc_day(at), past)
        tracks = not_new(tracks, uncovered(tracks, made.outcomes, before))
        self.days.append(_day(tracks, made.outcomes, parsed, at))
        return made.model_copy(update={"tracks": tracks})


def _day(
    tracks: Sequence[AggregateTrack],
    outcomes: Mapping[str, ServiceOutcome],
    parsed: Mapping[str, Listing],
    at: datetime,
) -> ChartDay:
    ids = {row.key: track_id for track_id, rows in _rows_by_id(parsed).items() for row in rows}
    return ChartDay(
        insert_timestamp=at,
        run_id="a-run",
        upstream="sandbox",
        genre_name="dance",
        date=utc_day(at),
        chart=[track.track_id for track in tracks],
        lists={
            service: [ids.get(row.key) for row in sorted(listing.rows, key=lambda row: row.position)]
            for service, listing in parsed.items()
        },
        outcomes=dict(outcomes),
    )


def _rows_by_id(parsed: Mapping[str, Listing]) -> dict[str, list[PlaylistRow]]:
    found: dict[str, list[PlaylistRow]] = {}
    for recording in recordings_of(parsed):
        track_id = recording.canonical_isrc({}) or recording.provisional_id
        found.setdefault(track_id, []).extend(recording.rows)
    return found


@pytest.fixture
def days(lists: Mapping[str, Listing]) -> Days:
    return Days(lists, [], [], [])


def ids_of(tracks: Sequence[AggregateTrack]) -> list[str]:
    return [track.track_id for track in tracks]


@pytest.mark.parametrize("widths", list(permutations(WIDTHS)))
def test_after_a_whole_read_no_order_of_sources_changes_anything(days: Days, widths: tuple[int, ...]) -> None:
    whole = days.run(100)
    for width in widths:
        tracks = days.run(width)
        assert ids_of(tracks) == ids_of(whole)
        assert [track.score for track in tracks] == [track.score for track in whole]
        assert {track.status for track in tracks} == {"same"}
        assert (days.charts[-1].outcomes[SWITCHED].rows, days.charts[-1].outcomes[SWITCHED].kept) == (
            width,
            100 - width,
        )


@pytest.mark.parametrize("widths", list(permutations(WIDTHS)))
def test_while_the_list_stays_no_order_of_sources_changes_anything(days: Days, widths: tuple[int, ...]) -> None:
    first = days.run(widths[0])
    for width in [*widths[1:], 100]:
        tracks = days.run(width)
        assert ids_of(tracks) == ids_of(first)
        assert [track.score for track in tracks] == [track.score for track in first]
        assert {track.status for track in tracks} == {"same"}
    assert days.charts[-1].outcomes[SWITCHED].rows == 100


@pytest.mark.parametrize("widths", list(permutations(WIDTHS)))
def test_from_the_next_edit_on_all_that_was_ever_seen_counts_and_nothing_is_new(
    days: Days, widths: tuple[int, ...]
) -> None:
    first = days.run(widths[0])
    for width in widths[1:]:
        days.run(width)
    days.edit()
    tracks = days.run(widths[0])
    control = Days(days.lists, [], [], []).run(100)
    assert ids_of(tracks) == ids_of(control)
    assert [track.score for track in tracks] == [track.score for track in control]
    came = set(ids_of(tracks)) - set(ids_of(first))
    assert bool(came) == (widths[0] < 100)
    assert {track.status for track in tracks if track.track_id in came} <= {None}


def test_without_an_edit_it_counts_after_two_weeks(days: Days) -> None:
    narrow = ids_of(days.run(30))
    for _ in range(LIST_TOO_OLD.days):
        assert ids_of(days.run(100)) == narrow
    assert set(ids_of(days.run(100))) > set(narrow)


def test_without_the_rule_a_day_of_thirty_rows_would_move_the_chart(days: Days) -> None:
    """What the tests above would find: it keeps them honest."""
    whole = days.run(100)
    days.reads.clear()
    narrow = days.run(30)
    assert len(set(ids_of(whole)) - set(ids_of(narrow))) > 3
    assert ids_of(narrow)[:TOP] != ids_of(whole)[:TOP]


def test_what_came_into_sight_is_nobodys_news_for_a_week_and_then_as_any_other(days: Days) -> None:
    first = ids_of(days.run(30))
    days.run(100)
    days.edit()
    for _ in range(7):
        tracks = days.run(100)
        assert {track.status for track in tracks if track.track_id not in first} == {None}
    assert {track.status for track in days.run(100)} == {"same"}
    assert not {track.status for track in days.charts[3].tracks if track.track_id in first} & {"new", "re", None}
