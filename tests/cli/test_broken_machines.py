"""What has to work however broken the settings are, and from any folder: it is what one runs to find out what is broken."""

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.matrix import sample
from tests.warm import TUNEMELD, WARM

NEVER_FAIL = (("--help",), ("--version",), ("etl", "run", "--help"))
ALWAYS_ANSWER = (("config", "show"), ("config", "validate"), ("system", "info"))
"""These also report what is broken: their exit status may be 2."""


def garbage(folder: Path) -> None:
    """A `.env` in which no line means anything."""
    (folder / ".env").write_text("this is\n= not\nLOG_LEVEL='unclosed\n\x00\x01\n")


def not_text(folder: Path) -> None:
    """A `.env` that is not text at all."""
    (folder / ".env").write_bytes(b"\xff\xfe\x00LOG_LEVEL=\xe9")


def a_folder(folder: Path) -> None:
    """A `.env` that is a folder."""
    (folder / ".env").mkdir()


def a_loop(folder: Path) -> None:
    """A `.env` that cannot be opened by anybody: a link to itself."""
    (folder / ".env").symlink_to(folder / ".env")


def read_only(folder: Path) -> None:
    """A folder in which nothing can be written."""
    folder.chmod(0o500)


def gone(folder: Path) -> None:
    """A folder that somebody removed meanwhile."""
    folder.rmdir()


BROKEN_FOLDERS = (garbage, not_text, a_folder, a_loop, read_only, gone)
BROKEN_VARIABLES = (
    {"TUNEMELD_ENV": "qa"},
    {"TUNEMELD_ENV_FILE": "there/is/none.env"},
    {"TUNEMELD_HOME": "/dev/null/home", "MONGODB_URL": "postgres://db", "ETL_BATCH_SIZE": "many", "LOG_LEVEL": "LOUD"},
    {"HOME": "/nonexistent", "LANG": "xx_XX.nonsense", "PYTHONIOENCODING": "ascii", "TERM": "", "COLUMNS": "nonsense"},
)


def answer(
    folder: Path, breaking: Callable[[Path], None], arguments: tuple[str, ...], **variables: str
) -> tuple[int, str, str]:
    """Exit status and output of the command in a folder that was broken after the shell went there."""
    place = folder / "place"
    place.mkdir()
    environment = {"PATH": os.environ["PATH"], **variables}
    if breaking is gone or "PYTHONIOENCODING" in variables:  # what a process that already runs cannot be given
        process = subprocess.run(
            [TUNEMELD, *arguments],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            cwd=place,
            preexec_fn=lambda: breaking(place),
        )
    else:
        breaking(place)
        process = WARM.run(arguments, folder=place, environment=environment)
    return process.returncode, process.stdout, process.stderr


@pytest.mark.parametrize("breaking", sample(BROKEN_FOLDERS, fast=5), ids=lambda one: one.__name__)
def test_in_any_folder(tmp_path: Path, breaking: Callable[[Path], None]) -> None:
    for number, arguments in enumerate((*NEVER_FAIL, *ALWAYS_ANSWER)):
        (tmp_path / str(number)).mkdir()
        status, printed, complaints = answer(tmp_path / str(number), breaking, arguments)
        assert status in ((0,) if arguments in NEVER_FAIL else (0, 2)), complaints
        assert printed or complaints
        assert "Traceback" not in complaints
        assert "unexpected" not in complaints


@pytest.mark.parametrize("variables", sample(BROKEN_VARIABLES, fast=3), ids=lambda one: next(iter(one)))
def test_with_any_variables(tmp_path: Path, variables: dict[str, str]) -> None:
    for number, arguments in enumerate((*NEVER_FAIL, *ALWAYS_ANSWER)):
        (tmp_path / str(number)).mkdir()
        status, printed, complaints = answer(tmp_path / str(number), lambda _: None, arguments, **variables)
        assert status in ((0,) if arguments in NEVER_FAIL else (0, 2)), complaints
        assert printed or complaints
        assert "Traceback" not in complaints
        assert "unexpected" not in complaints


def test_an_unreadable_file_is_told_and_the_rest_shown(tmp_path: Path) -> None:
    status, printed, complaints = answer(tmp_path, not_text, ("config", "show"), LOG_LEVEL="ERROR")
    assert status == 2
    assert "TUNEMELD_ENV_FILE" in complaints
    assert "is not UTF-8 text; save it as UTF-8" in complaints
    assert "ERROR  [variable]" in printed
