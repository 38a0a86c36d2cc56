"""What three years leave behind: `python -m benchmarks.three_years`, `make three-years`.

Each day's stages do their work in the database for each genre, one day after the other, without Dagster and without calling anything:
lists change on Fridays, songs come, stay some weeks and sometimes return. The sizes of the collections and the processor time of a day are
held against those of the first months, and drawn as a picture with `--picture`.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from typing import Any
from xml.sax.saxutils import escape

from rich.console import Console
from rich.table import Table

from benchmarks.old_age import server
from tests.documents import aggregate, chart_day, isrc, materialization, raw_playlist, service_playlist
from tunemeld_pipeline.charts.counting import Counts, chart_of, readings_taken
from tunemeld_pipeline.charts.movement import known_ids, with_memory
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.recordings import recordings_of_day
from tunemeld_pipeline.plugins.registry import count_sources, keys
from tunemeld_pipeline.storage.store import Store

BEGAN = datetime(2023, 1, 1, 2, 30, tzinfo=UTC)
DAYS = 3 * 365
GENRES = ("dance", "rap", "pop", "country")
TRACKS = 75
"""Recordings on which the lists of one genre agree, about as many as on real ones."""

CHANGED, RETURNING = 20, 2
"""Recordings that change on a Friday, of `TRACKS`, and how many of the new ones were there before."""

SHARED = 5
"""One recording in so many is on the lists of all genres, if any."""

FRIDAY = 4
SAMPLED = 30
"""Days between two looks at the sizes, and days at the beginning and at the end that are compared."""

MOST_GROWTH = 1.3
SETTLED = 90
"""Days until the songs that come are as many as those that go for good, and sizes grow evenly."""

Json = dict[str, Any]


@dataclass
class Measured:
    """Milliseconds of processor time of each day, of `mongod` and of this process together, and bytes per collection after some days."""

    days: list[float] = field(default_factory=list)
    sizes: dict[int, dict[str, int]] = field(default_factory=dict)

    @property
    def growth_of_a_day(self) -> float:
        """The median of the last days as a multiple of that of the first month's."""
        return median(self.days[-SAMPLED:]) / median(self.days[:SAMPLED])

    def bytes_a_day(self, first: int, last: int) -> float:
        """What a day between these two looks added to all collections."""
        return (sum(self.sizes[last].values()) - sum(self.sizes[first].values())) / (last - first)


class Lists:
    """The recordings of one genre's lists, day by day; the same every time."""

    def __init__(self, genre: int, tracks: int) -> None:
        self._chance = random.Random(genre)
        self._first = (genre + 1) * 20_000
        self._seen = 0
        self.numbers = [self._new() for _ in range(tracks)]
        self._gone: list[int] = []

    def change(self) -> None:
        """What a Friday does to them."""
        count = len(self.numbers) * CHANGED // TRACKS
        leaving = self._chance.sample(self.numbers, count)
        returning = self._chance.sample(self._gone, min(count * RETURNING // CHANGED, len(self._gone)))
        stay = [number for number in self.numbers if number not in leaving]
        self._gone = [number for number in self._gone if number not in returning] + leaving
        self.numbers = [*stay, *returning, *(self._new() for _ in range(count - len(returning)))]
        self._chance.shuffle(self.numbers)

    def _new(self) -> int:
        self._seen += 1
        return self._seen if self._seen % SHARED == 0 else self._first + self._seen


def main(arguments: Sequence[str] | None = None) -> int:
    """Simulates, prints and draws; 0 if neither a day's time nor its bytes grow beyond the aim, otherwise 1."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.three_years", description="What three years leave behind."
    )
    parser.add_argument("--days", type=int, default=DAYS, help="how many days; 1,095 by default")
    parser.add_argument(
        "--genres", type=int, default=1, choices=range(1, len(GENRES) + 1), help="how many; 1 by default"
    )
    parser.add_argument("--tracks", type=int, default=TRACKS, help="recordings of a genre; 75 by default")
    parser.add_argument("--picture", type=Path, help="an SVG file for the curves")
    options = parser.parse_args(arguments)
    console = Console(width=None if sys.stdout.isatty() else 120)
    with server() as (client, processor):
        store = Store(client["three_years_test"])
        store.layout.prepare()
        measured = simulate(store, processor, days=options.days, genres=GENRES[: options.genres], tracks=options.tracks)
    console.print(sizes_table(measured))
    first, last = median(measured.days[:SAMPLED]), median(measured.days[-SAMPLED:])
    console.print(f"a day: {first:.0f} ms of processor time in the first month, {last:.0f} ms in the last")
    if options.picture:
        options.picture.write_text(picture(measured), "utf-8")
    missed = grown(measured)
    console.print(f"missed: {'; '.join(missed)}" if missed else "every aim is met")
    return 1 if missed else 0


def simulate(
    store: Store, processor: Callable[[], float], *, days: int, genres: Sequence[str] = GENRES, tracks: int = TRACKS
) -> Measured:
    """The days, one after the other; `processor` gives the processor time in seconds that the server has taken."""
    lists = {genre: Lists(number, tracks) for number, genre in enumerate(genres)}
    measured = Measured()
    for day in range(days):
        at = BEGAN + timedelta(days=day)
        before = processor() + time.process_time()
        for genre, one in lists.items():
            if at.weekday() == FRIDAY:
                one.change()
            run(store, genre, one.numbers, at)
        measured.days.append(1000 * (processor() + time.process_time() - before))
        if (day + 1) % SAMPLED == 0 or day + 1 == days:
            facts = store.layout.statistics()
            measured.sizes[day + 1] = {one.name: one.data_bytes for one in facts}
    return measured


def run(store: Store, genre: str, numbers: Sequence[int], at: datetime) -> None:
    """What the four stages read and write, in their order."""
    run_id = f"{genre}-{at:%Y-%m-%d}"
    for service in keys():
        store.playlists.put_raw_playlist(
            raw_playlist(service, at=at, genre=genre, data_json="x" * 50_000, run_id=run_id)
        )
    services = [service_playlist(service, numbers, at=at, genre=genre, run_id=run_id) for service in keys()]
    consensus = aggregate(numbers, at=at, genre=genre, run_id=run_id)
    for track, number in zip(consensus.tracks, numbers, strict=True):
        track.other_ids = [f"AppleMusic:{number}", f"SoundCloud:{number}"]
    isrcs = [isrc(number) for number in numbers]
    store.histories.first_seen(isrcs)
    past = store.charts.past(genre, utc_day(at), known_ids(consensus.tracks))
    consensus = consensus.model_copy(update={"tracks": with_memory(consensus.tracks, utc_day(at), past)})
    store.playlists.put_track_playlists(services, consensus)
    unknown = set(isrcs) - store.lookups.looked_up("youtube_cache", isrcs).keys()
    store.lookups.remember("youtube_cache", {one: {"video_id": f"video-{one}"} for one in unknown}, "search", at)
    counts = Counts({one: 1_000 * (at - BEGAN).days + place for place, one in enumerate(isrcs)})
    chart = chart_of(
        consensus,
        dict.fromkeys([one.key for one in count_sources()], counts),
        store.histories.recent_readings(isrcs, at),
        store.charts.last_chart(genre, at),
        {one: f"video-{one}" for one in isrcs},
        {},
        quota={},
        run_id=run_id,
        as_of=at,
    )
    store.charts.put_chart(chart)
    day = chart_day(at=at, genre=genre, numbers=numbers, run_id=run_id)
    charted = [track.track_id for track in chart.tracks]
    others = {track.track_id: track.other_ids for track in chart.tracks}
    day = day.model_copy(update={"lists": dict.fromkeys(keys(), charted), "other_ids": others})
    seen = recordings_of_day(chart, services)
    store.charts.finish(readings_taken(chart), day, materialization(at=at, genre=genre, run_id=run_id), seen)


def grown(measured: Measured) -> list[str]:
    """What grew more than it may."""
    missed = []
    if measured.growth_of_a_day > MOST_GROWTH:
        missed.append(f"a day takes {measured.growth_of_a_day:.2f} times what it took in the first month")
    looks = sorted(look for look in measured.sizes if look >= SETTLED)
    if len(looks) > 2 * SETTLED // SAMPLED:
        each = SETTLED // SAMPLED
        first, last = measured.bytes_a_day(looks[0], looks[each]), measured.bytes_a_day(looks[-1 - each], looks[-1])
        if last > MOST_GROWTH * first:
            missed.append(f"a day adds {last / first:.2f} times the bytes that it added at first")
    return missed


def sizes_table(measured: Measured) -> Table:
    """A line for each collection that grows."""
    looks = sorted(measured.sizes)
    shown = [looks[0], *(look for look in looks[1:-1] if look % 360 == 0), looks[-1]]
    table = Table(title="MB of documents after so many days")
    for column in ("collection", *map(str, shown), "kB a day"):
        table.add_column(column, justify="left" if column == "collection" else "right")
    for name in sorted(measured.sizes[looks[-1]], key=lambda one: -measured.sizes[looks[-1]][one]):
        sizes = [measured.sizes[look].get(name, 0) for look in shown]
        if sizes[-1]:
            a_day = (sizes[-1] - sizes[0]) / max(shown[-1] - shown[0], 1) / 1000
            table.add_row(name, *(f"{size / 1e6:.2f}" for size in sizes), f"{a_day:.1f}")
    totals = [sum(measured.sizes[look].values()) / 1e6 for look in shown]
    table.add_row(
        "all", *(f"{total:.2f}" for total in totals), f"{measured.bytes_a_day(shown[0], shown[-1]) / 1000:.1f}"
    )
    return table


WIDTH, HEIGHT, LEFT, TOP = 640, 200, 70, 40
COLOURS = ("#2563eb", "#dc2626", "#059669", "#d97706")


def picture(measured: Measured) -> str:
    """Two charts as SVG, one above the other: a day's time by week, and the sizes of the largest collections."""
    weeks = [median(measured.days[at : at + 7]) for at in range(0, len(measured.days) - 6, 7)]
    times = {"": [(at * 7.0, value) for at, value in enumerate(weeks)]}
    last = measured.sizes[max(measured.sizes)]
    largest = sorted(last, key=lambda name: -last[name])[: len(COLOURS)]
    sizes = {name: [(float(day), of[name] / 1e6) for day, of in sorted(measured.sizes.items())] for name in largest}
    height = 2 * (HEIGHT + 2 * TOP)
    parts = [
        _plot("Processor time of a day, ms (median of each week)", times, 0),
        _plot("Documents, MB", sizes, HEIGHT + 2 * TOP),
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {LEFT + WIDTH + 30} {height}" font-family="sans-serif" font-size="12">\n'
        f'<rect width="100%" height="100%" fill="#ffffff"/>\n{"".join(parts)}</svg>\n'
    )


def _plot(title: str, series: Mapping[str, Sequence[tuple[float, float]]], top: int) -> str:
    days = max(day for points in series.values() for day, _ in points) or 1
    most = max(value for points in series.values() for _, value in points) or 1
    bottom = top + TOP + HEIGHT
    lines = [f'<text x="{LEFT}" y="{top + TOP - 14}" font-size="14">{escape(title)}</text>\n']
    for part in range(5):
        y = bottom - HEIGHT * part / 4
        lines.append(f'<path d="M{LEFT} {y:.0f}h{WIDTH}" stroke="#d1d5db"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{y + 4:.0f}" text-anchor="end">{most * part / 4:,.3g}</text>')
        x = LEFT + WIDTH * part / 4
        lines.append(f'<text x="{x:.0f}" y="{bottom + 18}" text-anchor="middle">day {days * part / 4:,.0f}</text>\n')
    for number, (name, points) in enumerate(series.items()):
        way = " ".join(f"{LEFT + WIDTH * day / days:.1f},{bottom - HEIGHT * value / most:.1f}" for day, value in points)
        colour = COLOURS[number]
        lines.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        y = top + TOP + 16 + 16 * number
        lines.append(f'<text x="{LEFT + 12}" y="{y}" fill="{colour}">{escape(name)}</text>\n')
    return "".join(lines)


if __name__ == "__main__":
    sys.exit(main())
