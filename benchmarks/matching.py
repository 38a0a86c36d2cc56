"""How fast matching is: `python benchmarks/matching.py`.

Rows are invented from a fixed seed. The time to judge a pair is given as a multiple of RapidFuzz's plain `ratio` on the same titles in
the same run, a floor that is valid on any machine. Grouping is timed for 300, 3,000 and 300,000 rows. All times are processor time, so
other work on the machine does not count.
"""

import math
import random
import time
from collections.abc import Callable

from rapidfuzz import fuzz

from tunemeld_pipeline.charts.matching.group import group
from tunemeld_pipeline.charts.matching.judge import judge
from tunemeld_pipeline.charts.matching.rows import Row

SYLLABLES = "ka ro mi len tor vas que ni dol fer gan hu sel bri oth wen zu pla".split()  # noqa: SIM905
NOTES = [
    "",
    "",
    "",
    "",
    " (Remix)",
    " - Live at the Pier",
    " (feat. {guest})",
    " - {guest} Remix",
    " (Sped Up)",
    " (Lantern)",
]


def invented_rows(count: int, seed: int = 7) -> list[Row]:
    """Rows as three services would list `count / 3` recordings, each with its own way of writing names."""
    chance = random.Random(seed)

    def words(least: int, most: int, syllables: tuple[int, int] = (2, 4)) -> str:
        return " ".join(
            "".join(chance.choices(SYLLABLES, k=chance.randint(*syllables))).title()
            for _ in range(chance.randint(least, most))
        )

    # Long names, because many artists would otherwise share one, unlike in the real world.
    artists = [words(1, 2, (4, 6)) for _ in range(max(count // 10, 5))]
    rows: list[Row] = []
    while len(rows) < count:
        artist, guest = chance.sample(artists, 2)
        title, length = words(1, 4) + chance.choice(NOTES).format(guest=guest), chance.randint(120_000, 300_000)
        isrc = f"QZAAA24{len(rows):05d}"
        rows += [
            Row(title, f"{artist}, {guest}", length, isrc, key=f"Spotify:{len(rows)}"),
            Row(title, f"{artist} & {guest}", length // 1000 * 1000, key=f"AppleMusic:{len(rows)}"),
            Row(f"{artist} - {title}", artist, length + 30, None, artist, key=f"SoundCloud:{len(rows)}"),
        ]
    return rows[:count]


def seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def pairs_per_second() -> None:
    rows = invented_rows(600)
    pairs = [(a, b) for a in rows[:300] for b in rows[300:]]
    floor = seconds(lambda: [fuzz.ratio(a.title, b.title) for a, b in pairs])
    judged = seconds(lambda: [judge(a, b) for a, b in pairs])
    print(f"judge: {len(pairs) / judged:,.0f} pairs/s on one core, {judged / floor:.0f} times RapidFuzz's plain ratio")


def grouping_times() -> None:
    times: dict[int, float] = {}
    for count in (300, 3_000, 300_000):
        rows = invented_rows(count, seed=count)
        times[count] = seconds(lambda rows=rows: group(rows))  # type: ignore[misc]
        print(f"group: {count:>7,} rows in {times[count]:8.3f} s ({times[count] / count * 1e6:.0f} µs a row)")
    for small, large in ((300, 3_000), (3_000, 300_000)):
        exponent = math.log(times[large] / times[small]) / math.log(large / small)
        print(
            f"group: from {small:,} to {large:,} rows the time grows with the power {exponent:.2f} (aim: at most 1.2)"
        )


def genres_day() -> None:
    day = invented_rows(225, seed=225)
    print(
        f"group: a genre's day (75 + 100 + 50 rows), seen for the first time, in {seconds(lambda: group(day)) * 1000:.0f} ms (aim: 50)"
    )


if __name__ == "__main__":
    genres_day()
    pairs_per_second()
    grouping_times()
