"""One archive for somebody who helps: logs, settings, versions, health and the last runs, without secrets.

This module decides what goes into it and how much of it; a part that fails does not keep the others out. The parts come from
`operations/info.py`, `operations/health.py` and `operations/runs.py`. Every text goes through `redact`, line by line, and the
environment's own secrets are hidden too, also those of settings that cannot be used.
"""

import io
import json
import os
import re
import tarfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from importlib.metadata import distributions
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from tunemeld_pipeline.errors import BundleExists
from tunemeld_pipeline.logs.files import log_folder
from tunemeld_pipeline.logs.lines import exception_text
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.redaction import protect, protect_values, redact
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.rules import SettingProblem
from tunemeld_pipeline.settings.settings import SETTING_NAMES, Settings

MOST_LOG_BYTES = 20_000_000
"""Of all logs together, the newest first; compression makes a tenth of it."""

MOST_BYTES_A_FILE = 2_000_000
SECRET_NAMES = re.compile(r"(?i)key|token|secret|passw|credential|mongo.*ur[il]|alarm.*url|dsn")

README = """\
What TuneMeld knows of itself, for somebody who helps. Secrets were replaced by [redacted]; please look through it before you send it.

settings.json   effective settings and where each came from      problems.txt    why some cannot be used
info.json       versions, paths, the machine                      packages.txt    every installed package
health.json     each part: state and what to do                   runs.json       the last runs and their outcome
logs/           the end of every log file
"""


def write_bundle(settings: Settings, problems: Sequence[SettingProblem], out: Path) -> list[str]:
    """Writes the archive, readable by its owner only; the names of its members.

    Raises:
        BundleExists: there is a file already.
        OSError: it cannot be written.
    """
    protect(settings)
    protect_values(value for name, value in os.environ.items() if SECRET_NAMES.search(name))
    try:
        opened = open(out, "xb", opener=private)  # noqa: SIM115 - closed below
    except FileExistsError:
        raise BundleExists(f"{out} is there already; name another file with --out") from None
    names: list[str] = []
    try:
        with opened as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
            for name, text in _members(settings, problems):
                content = "\n".join(redact(line) for line in text.split("\n")).encode("utf-8", "backslashreplace")
                member = tarfile.TarInfo(f"tunemeld-debug/{name}")
                member.size, member.mtime, member.mode = len(content), int(time.time()), 0o600
                archive.addfile(member, io.BytesIO(content))
                names.append(name)
    except BaseException:
        out.unlink(missing_ok=True)
        raise
    return names


def bundle_name(at: datetime) -> str:
    """The default name of an archive."""
    return f"tunemeld-debug-{at.astimezone(UTC):%Y%m%dT%H%M%SZ}.tar.gz"


def _members(settings: Settings, problems: Sequence[SettingProblem]) -> Iterator[tuple[str, str]]:
    yield "README.txt", README
    yield "problems.txt", "\n".join(map(str, problems)) or "none"
    parts: dict[str, Callable[[], Any]] = {
        "settings.json": lambda: _settings(settings),
        "info.json": lambda: _info(settings),
        "health.json": lambda: _health(settings, problems),
        "runs.json": lambda: _runs(settings),
    }
    for name, make in parts.items():
        yield name, _as_json(make)
    packages = {f"{one.metadata['Name']}=={one.version}" for one in distributions()}
    yield "packages.txt", "\n".join(sorted(packages, key=str.lower))
    yield from _logs(log_folder(settings))


def _as_json(make: Callable[[], Any]) -> str:
    """A part as JSON, or why it could not be collected: people need this when something is broken."""
    try:
        return json.dumps(make(), indent=2, ensure_ascii=False, default=str)
    except Exception as error:  # noqa: BLE001
        return json.dumps({"unavailable": exception_text(error)}, indent=2)


def _settings(settings: Settings) -> dict[str, Any]:
    shown = {}
    for name in SETTING_NAMES:
        value = getattr(settings, name)
        hidden = isinstance(value, SecretStr) or (
            isinstance(value, tuple) and any(isinstance(one, SecretStr) for one in value)
        )
        shown[variable_name(name)] = {
            "value": "(hidden)" if hidden else value,
            "origin": settings.provenance.origin(name).value,
        }
    return shown


def _info(settings: Settings) -> Any:
    from tunemeld_pipeline.operations.info import system_info

    return system_info(settings)


def _health(settings: Settings, problems: Sequence[SettingProblem]) -> Any:
    from dataclasses import asdict

    from tunemeld_pipeline.operations.health import system_health
    from tunemeld_pipeline.settings.named_files import problems_of_files

    return [asdict(one) for one in system_health(settings, [*problems, *problems_of_files(settings)])]


def _runs(settings: Settings) -> Any:
    from tunemeld_pipeline.operations.dagster_homes import dagster_home_of

    if not (dagster_home_of(settings) / ".created").exists():
        return "Dagster has recorded nothing here"
    from tunemeld_pipeline.operations.runs import recent_runs

    return recent_runs(settings)


def _logs(folder: Path) -> Iterator[tuple[str, str]]:
    """The end of each file that has to do with logs, the newest first, until it is enough."""
    try:
        files = [path for path in folder.iterdir() if path.is_file() and ".log" in path.name]
        files.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    except OSError:
        return
    left = MOST_LOG_BYTES
    for path in files:
        if left <= 0:
            return
        try:
            text = _end_of(path, min(left, MOST_BYTES_A_FILE))
        except OSError as error:
            text = f"cannot be read: {error}"
        left -= len(text)
        yield f"logs/{path.name}", text


def _end_of(path: Path, most: int) -> str:
    with path.open("rb") as stream:
        size = stream.seek(0, os.SEEK_END)
        stream.seek(max(0, size - most))
        content = stream.read(most)
    if size > most:
        # Half a line might hold half a secret.
        content = content.partition(b"\n")[2]
    return content.decode("utf-8", "replace")
