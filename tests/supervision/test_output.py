"""One log of several programs."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunemeld_pipeline.supervision.output import Output

WRITER = "import sys\nfor n in range(2000): print(sys.argv[1] * 60, n, flush=n % 7 == 0)"


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    """A file to write into."""
    yield tmp_path / "log"


def test_lines_of_programs_that_write_at_once_are_never_mixed(log: Path) -> None:
    with log.open("wb") as file:
        output = Output(file.fileno(), ["a", "b"], colour=False)
        writers = [
            (name, subprocess.Popen([sys.executable, "-c", WRITER, name], stdout=subprocess.PIPE)) for name in "ab"
        ]
        followed = [output.follow(name, writer.stdout) for name, writer in writers if writer.stdout]
        for (_, writer), one in zip(writers, followed, strict=True):
            writer.wait()
            one.wait(10)
        output.close()
    lines = log.read_text().splitlines()
    for name in "ab":
        ours = [line.partition(" | ")[2] for line in lines if line.startswith(f"{name} ")]
        assert ours == [f"{name * 60} {n}" for n in range(2000)]
    assert len(lines) == 4000


def test_a_pipe_gets_no_colours_not_even_those_of_the_parts(log: Path) -> None:
    assert _written(log, b"\x1b[32mgreen\x1b[0m\n", colour=False) == b"part     | green\n"


def test_a_terminal_gets_both(log: Path) -> None:
    written = _written(log, b"\x1b[32mgreen\x1b[0m\n", colour=True)
    assert written.startswith(b"\x1b[36mpart     |\x1b[0m \x1b[32mgreen")


def test_what_is_no_text_and_has_no_end_of_line_is_shown_too(log: Path) -> None:
    assert (
        _written(log, b"\xff half a line", colour=False)
        == "part     | \N{REPLACEMENT CHARACTER} half a line\n".encode()
    )


def test_a_reader_that_has_gone_holds_up_nobody() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    output = Output(writing, ["part"], colour=False)
    source, sink = os.pipe()
    with os.fdopen(sink, "wb") as file:
        followed = output.follow("part", os.fdopen(source, "rb"))
        for _ in range(20_000):
            file.write(b"more lines than wait anywhere\n")
    followed.wait(30)
    output.close()
    os.close(writing)
    assert output.is_closed


def _written(log: Path, text: bytes, *, colour: bool) -> bytes:
    """What a part's output looks like in the common log."""
    with log.open("wb") as file:
        output = Output(file.fileno(), ["part"], colour=colour)
        source, sink = os.pipe()
        followed = output.follow("part", os.fdopen(source, "rb"))
        os.write(sink, text)
        os.close(sink)
        followed.wait(10)
        output.close()
    return log.read_bytes()
