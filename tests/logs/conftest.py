"""Closes the log files that a test opened, as the end of a process does."""

from collections.abc import Iterator
from io import FileIO

import pytest

from tunemeld_pipeline.logs.files import ProcessFile


@pytest.fixture(autouse=True)
def closed_files(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Nothing for the test itself."""
    opened: list[FileIO] = []
    open_one = ProcessFile._open

    def remembered(file: ProcessFile) -> FileIO:
        opened.append(open_one(file))
        return opened[-1]

    monkeypatch.setattr(ProcessFile, "_open", remembered)
    yield
    for stream in opened:
        stream.close()
