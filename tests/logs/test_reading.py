"""The files of several processes read as one log, from the end and as it grows."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest

from tunemeld_pipeline.logs.files import ProcessFile
from tunemeld_pipeline.logs.lines import timestamp
from tunemeld_pipeline.logs.reading import BLOCK_BYTES, LineFilter, follow, last_lines

Write = Callable[..., None]
BEGIN = datetime(2026, 1, 31, tzinfo=UTC)
ALL = LineFilter(frozenset({"etl", "dagster"}))


class Clock:
    """Gives each line a later time than the one before."""

    def __init__(self) -> None:
        self._numbers = count()

    def line(self, **fields: object) -> bytes:
        number = next(self._numbers)
        moment = timestamp((BEGIN + timedelta(seconds=number)).timestamp())
        return (
            json.dumps({"timestamp": moment, "level": "info", "event": "e", "number": number, **fields}).encode()
            + b"\n"
        )


@pytest.fixture
def clock() -> Clock:
    return Clock()


class Named(ProcessFile):
    """A process's file under a name of its own, as if another process wrote it."""

    def __init__(self, folder: Path, process: str, pid: int, largest: int = 10**6) -> None:
        super().__init__(folder, process, largest=largest, kept=100)
        self._pid = os.getpid()
        self.baseFilename = str(folder / f"{process}-20260131T000000-{pid}.log")


def numbers(lines: list[dict[str, object]]) -> list[object]:
    return [line["number"] for line in lines]


def test_the_last_lines_of_all_files_are_in_the_order_of_time(tmp_path: Path, clock: Clock) -> None:
    one, other = Named(tmp_path, "etl", 1, largest=500), Named(tmp_path, "dagster", 2)
    for _ in range(30):
        one.write(clock.line())
        other.write(clock.line())
    third = Named(tmp_path, "api", 3)
    third.write(clock.line())
    (tmp_path / "mongod.log").write_bytes(clock.line())
    assert numbers(last_lines(tmp_path, ALL, 1000)) == list(range(60))
    assert numbers(last_lines(tmp_path, ALL, 7)) == list(range(53, 60))
    assert last_lines(tmp_path, LineFilter(frozenset({"sandbox"})), 7) == []
    assert last_lines(tmp_path / "nowhere", ALL, 7) == []


def test_lines_are_chosen_by_level_genre_and_run(tmp_path: Path, clock: Clock) -> None:
    file = Named(tmp_path, "etl", 1)
    file.write(clock.line(genre="dance", run_id="abc-1", level="warning"))
    file.write(clock.line(genre="rap", run_id="abd-2"))
    file.write(clock.line(event="about dance and abc"))
    processes = ALL.processes
    assert numbers(last_lines(tmp_path, LineFilter(processes, genre="dance"), 9)) == [0]
    assert numbers(last_lines(tmp_path, LineFilter(processes, run_id="abd"), 9)) == [1]
    assert numbers(last_lines(tmp_path, LineFilter(processes, level="warning"), 9)) == [0]
    assert numbers(last_lines(tmp_path, LineFilter(processes, level="error"), 9)) == []


def test_long_and_broken_lines_are_no_obstacle(tmp_path: Path, clock: Clock) -> None:
    file = Named(tmp_path, "etl", 1)
    file.write(clock.line(event="x" * 3 * BLOCK_BYTES))
    file.write(b'{"cut": \n\n[1]\n\xff\n')
    file.write(clock.line())
    assert numbers(last_lines(tmp_path, ALL, 9)) == [0, 1]


def test_following_misses_nothing_when_files_are_rotated_and_processes_begin(tmp_path: Path, clock: Clock) -> None:
    first = Named(tmp_path, "etl", 1, largest=300)
    for _ in range(5):
        first.write(clock.line())
    begun: list[Named] = []
    rounds = count()

    def meanwhile(_: float) -> None:
        number = next(rounds)
        if number == 1:
            begun.append(Named(tmp_path, "dagster", 2, largest=300))
        # Several rotations between two looks, as on a busy day.
        for file in (first, *begun):
            for _ in range(7):
                file.write(clock.line())
        if number == 2:
            raise KeyboardInterrupt

    found: list[object] = []
    with pytest.raises(KeyboardInterrupt):
        found.extend(line["number"] for line in follow(tmp_path, ALL, 3, meanwhile))
    assert found == [2, 3, 4, *range(5, 26)]
