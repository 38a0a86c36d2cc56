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
from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, ServiceOutcome
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.movement import with_memory
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.tails import ListBefore, Read, not_new, uncovered, with_tail
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

    def _wider(self, last: Read) -> list[Read]:
        """As `wider_lists` keeps them: what showed more than all reads after it."""
        kept: list[Read] = []
        shown = last.listing.length
        for read in reversed(self.reads):
            if read.listing.length > shown:
                kept.append(read)
                shown = read.listing.length
        return kept

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
def test_no_order_of_sources_takes_a_recording_away_or_calls_one_new(days: Days, widths: tuple[int, ...]) -> None:
    before = days.run(widths[0])
    for width in [*widths[1:], 100]:
        tracks = days.run(width)
        came = set(ids_of(tracks)) - set(ids_of(before))
        assert set(ids_of(before)) <= set(ids_of(tracks))
        assert {track.status for track in tracks if track.track_id in came} <= {None}
        assert not [track for track in tracks if track.status in ("new", "re")]
        assert (len(came) > 0) == (width > max(read.listing.length for read in days.reads[:-1]))
        if not came:
            assert ids_of(tracks) == ids_of(before)
        before = tracks


def test_without_the_rule_a_day_of_thirty_rows_would_move_the_chart(days: Days) -> None:
    """What the tests above would find: it keeps them honest."""
    whole = days.run(100)
    days.reads.clear()
    narrow = days.run(30)
    assert len(set(ids_of(whole)) - set(ids_of(narrow))) > 3
    assert ids_of(narrow)[:TOP] != ids_of(whole)[:TOP]


def test_what_came_into_sight_is_nobodys_news_for_a_week_and_then_as_any_other(days: Days) -> None:
    first = ids_of(days.run(30))
    for _ in range(7):
        tracks = days.run(100)
        assert {track.status for track in tracks if track.track_id not in first} == {None}
    assert {track.status for track in days.run(100)} == {"same"}
    assert not {track.status for track in days.charts[3].tracks if track.track_id in first} & {"new", "re", None}
