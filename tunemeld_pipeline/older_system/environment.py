"""Turns the environment files of the older system into one `.env` for this one.

It knows the old names and their new ones, reads untidy files, and writes the new file without losing anything. `settings/fields.py`
explains the settings. Reports name variables, files and lines, never a value: most of them are secrets.
"""

import difflib
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from dotenv.parser import parse_stream

from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.private_files import private
from tunemeld_pipeline.settings.choices import Component, Environment, variable_name
from tunemeld_pipeline.settings.formats import is_placeholder
from tunemeld_pipeline.settings.settings import SETTING_NAMES
from tunemeld_pipeline.settings.sources import examine_values, problem_of_environment

OLD_NAMES = {
    "MONGO_URI": "MONGODB_URL",
    "MONGO_DB_NAME": "MONGODB_DATABASE",
    "X_RAPIDAPI_KEY": "RAPIDAPI_KEY",
    "GOOGLE_API_KEY": "YOUTUBE_API_KEY",
    "SPOTIFY_CLIENT_ID": "SPOTIFY_CLIENT_ID",
    "SPOTIFY_CLIENT_SECRET": "SPOTIFY_CLIENT_SECRET",
    "CF_ACCOUNT_ID": "CLOUDFLARE_ACCOUNT_ID",
    "CF_NAMESPACE_ID": "CLOUDFLARE_NAMESPACE_ID",
    "CF_API_TOKEN": "CLOUDFLARE_API_TOKEN",
    "SECRET_KEY": "DJANGO_SECRET_KEY",
    "ALLOWED_HOSTS": "DJANGO_ALLOWED_HOSTS",
}
"""Old name → the setting that replaced it."""

FIELDS = {variable_name(name): name for name in SETTING_NAMES}
PROCESS = "the process's variables"

_NEEDS_NO_QUOTES = re.compile(r"[A-Za-z0-9_./:@%+,=&?~-]+")
_REFERENCE = re.compile(r"\$\{\w+\}")


@dataclass(frozen=True, slots=True)
class OldValue:
    """A value and where it was found: its name there, and a place such as "old.env, line 3"."""

    name: str
    value: str = field(repr=False)
    place: str


@dataclass(slots=True)
class Migration:
    """The values of the new file, by new name, and sentences for a person, none of which contains a value.

    Attributes:
        conflicts: settings with several values, and which of them counts.
        unknown: names and lines that are no setting.
        left_out: values that cannot be used.
        missing: settings that `environment` still needs.
        notes: anything else worth knowing.
    """

    environment: str
    values: dict[str, OldValue] = field(default_factory=dict)
    conflicts: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def migrate(
    files: Sequence[Path], variables: Mapping[str, str], *, environment: str | None = None, existing: Path | None = None
) -> Migration:
    """The values of the old files, and of the old names among `variables`, under their new names.

    If a setting has several values, the one in `existing` (the current new file) counts, else the one in the file named first, and a
    process variable comes last. Values are checked for `environment`, else for the environment that the files name, else for
    development.

    Raises:
        SettingsError: a file cannot be read, there is nothing to migrate, or `environment` is not an environment.
    """
    if environment is not None and (unknown := problem_of_environment(environment)):
        raise SettingsError(f"--env {environment}: {unknown.message}; choose one of them")
    migration = Migration(environment or Environment.DEVELOPMENT)
    kept = existing if existing is not None and existing.is_file() else None
    sources = [*([kept] if kept else []), *(file for file in files if not (kept and _same(file, kept)))]
    found = [one for file in sources for one in _read(file, migration)]
    found += [OldValue(name, variables[name], PROCESS) for name in OLD_NAMES if variables.get(name, "").strip()]
    if not found:
        raise SettingsError("none of the files and variables holds a value; name the old .env files")
    for one in found:
        _take(one, migration)
    stated = migration.values.get("TUNEMELD_ENV")
    if environment is not None:
        migration.values["TUNEMELD_ENV"] = OldValue("--env", environment, "the command line")
    elif stated is not None and (unknown := problem_of_environment(stated.value)):
        del migration.values["TUNEMELD_ENV"]
        migration.left_out.append(f"{stated.place}: {stated.name}: {unknown.message}")
    elif stated is not None:
        migration.environment = stated.value
    _take_database_of_url(migration)
    _examine(migration)
    return migration


def _same(one: Path, other: Path) -> bool:
    return one.is_file() and one.samefile(other)


def _read(path: Path, migration: Migration) -> list[OldValue]:
    """The names and values of a file; if a name occurs more than once, the last value counts."""
    found: dict[str, OldValue] = {}
    try:
        with path.open(encoding="utf-8-sig") as stream:
            for binding in parse_stream(stream):
                place = f"{path}, line {_line_of(binding.original.string, binding.original.line)}"
                if binding.key is None or binding.value is None:
                    if binding.key is not None or binding.error:
                        migration.unknown.append(f"{place}: not NAME=value")
                    continue
                name, value = binding.key.strip(), binding.value.strip()
                if name in found and value != found[name].value:
                    migration.conflicts.append(f"{name} is in {path} more than once; the last one counts ({place})")
                found[name] = OldValue(name, value, place)
    except FileNotFoundError as error:
        raise SettingsError(f"{path}: there is no such file; name the old .env files") from error
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    return list(found.values())


def _line_of(text: str, first: int) -> int:
    """The line that holds the name; the parser starts counting at the empty lines before it."""
    return first + len(text) - len(text.lstrip("\n"))


def _take(one: OldValue, migration: Migration) -> None:
    new = OLD_NAMES.get(one.name, one.name)
    if new not in FIELDS:
        nearest = difflib.get_close_matches(one.name.upper(), [*OLD_NAMES, *FIELDS], n=1)
        hint = f"did you mean {nearest[0]}?" if nearest else "no setting replaced it"
        migration.unknown.append(f"{one.place}: {one.name}; {hint}")
    elif not one.value:
        return  # an empty value counts as not set
    elif is_placeholder(one.value):
        migration.left_out.append(f"{one.place}: {one.name} holds a placeholder")
    elif _REFERENCE.search(one.value):
        migration.left_out.append(f"{one.place}: {one.name} refers to another variable; write the value itself")
    else:
        value = _hosts(one, migration) if new == "DJANGO_ALLOWED_HOSTS" else one.value
        _settle(new, OldValue(one.name, value, one.place), migration)


def _settle(new: str, one: OldValue, migration: Migration) -> None:
    first = migration.values.setdefault(new, one)
    if first.value != one.value:
        migration.conflicts.append(
            f"{new}: {first.place} ({first.name}) and {one.place} ({one.name}) differ; the former counts"
        )


def _hosts(one: OldValue, migration: Migration) -> str:
    """The old list, in any of its forms (a,b or a b or ['a', 'b']), as a,b: only names, without scheme and port."""
    words = [word for word in re.split(r"[\s,;]+", one.value.strip("[]()")) if word]
    bare = [re.sub(r"^https?://|(?<=[\w.])(:\d+)?/?$", "", word.strip("'\"")) for word in words]
    if bare != [word.strip("'\"") for word in words]:
        migration.notes.append(f"{one.place}: {one.name} held schemes or ports, which host names do not have")
    return ",".join(dict.fromkeys(filter(None, bare)))


def _take_database_of_url(migration: Migration) -> None:
    """A database in the address's path becomes the database's name, unless another one was named; the address keeps its path.

    The path also says which database a user is known in (authSource): without it, the password might be refused.
    """
    url = migration.values.get("MONGODB_URL")
    if url is None:
        return
    _, problems = examine_values({"mongodb_url": url.value, "environment": migration.environment})
    if any(problem.field_name == "mongodb_url" for problem in problems):
        return  # left out with the rest
    try:
        name = unquote(urlsplit(url.value.replace("mongodb+srv://", "mongodb://", 1)).path.strip("/"))
    except ValueError:
        return
    if name and name != "admin":
        _settle("MONGODB_DATABASE", OldValue(f"{url.name}'s path", name, url.place), migration)


def _examine(migration: Migration) -> None:
    """Leaves out values that no setting accepts, and lists what is still missing."""
    stated = {FIELDS[new]: one.value for new, one in migration.values.items()}
    settings, problems = examine_values({**stated, "environment": migration.environment})
    for problem in problems:
        new = variable_name(problem.field_name)
        one = migration.values.pop(new, None) if new != "TUNEMELD_ENV" else None
        if one is None:
            migration.missing.append(str(problem))
        else:
            migration.left_out.append(f"{one.place}: {one.name}: {problem.message}")
    reported = {problem.field_name for problem in problems}
    for part in Component:
        missing = [problem for problem in settings.missing_for(part) if problem.field_name not in reported]
        migration.missing += map(str, missing)
    if "TUNEMELD_ENV" not in migration.values:
        migration.notes.append(
            "TUNEMELD_ENV is not set, which means development; --env production writes it, and says what is missing for it"
        )
    cloudflare = {"CLOUDFLARE_ACCOUNT_ID", "CLOUDFLARE_NAMESPACE_ID", "CLOUDFLARE_API_TOKEN"}
    if cloudflare <= migration.values.keys() and "TUNEMELD_CACHE" not in migration.values:
        migration.notes.append("Cloudflare's cache is used once TUNEMELD_CACHE=cloudflare is set")


def rendered(migration: Migration) -> str:
    """The text of the new file; reading it gives exactly the migration's values."""
    lines = [
        "# Settings of TuneMeld; .env.example and docs/settings.md explain each. Written by tunemeld config migrate-env."
    ]
    for new, one in migration.values.items():
        lines += [f"# {one.name}, from {one.place}", f"{new}={_quoted(one.value)}"]
    return "\n".join(lines) + "\n"


def _quoted(value: str) -> str:
    if _NEEDS_NO_QUOTES.fullmatch(value):
        return value
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def write(migration: Migration, path: Path) -> Path | None:
    """Replaces the file atomically, readable only by its owner; a backup of the old file is kept next to it, and its path is returned.

    A file that already says the same is left alone.

    Raises:
        SettingsError: it cannot be written; the old file stays.
    """
    path = path.resolve()
    try:
        if path.is_file() and _says(path, migration):
            path.chmod(0o600)
            return None
        unfinished = path.with_name(f"{path.name}.unfinished")
        unfinished.unlink(missing_ok=True)
        _write_new(unfinished, rendered(migration).encode())
        kept = _keep(path) if path.exists() else None
        unfinished.replace(path)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be written ({error.strerror}); check the folder's permissions") from error
    return kept


def _says(path: Path, migration: Migration) -> bool:
    there = {one.name: one.value for one in _read(path, Migration(migration.environment))}
    return there == {new: one.value for new, one in migration.values.items()}


def _keep(path: Path) -> Path:
    """Backs up the current file without overwriting an earlier backup: .env.bak, .env.bak.1, …"""
    number = 0
    while True:
        kept = path.with_name(f"{path.name}.bak{f'.{number}' if number else ''}")
        try:
            _write_new(kept, path.read_bytes())
        except FileExistsError:
            number += 1
        else:
            return kept


def _write_new(path: Path, data: bytes) -> None:
    with open(path, "xb", opener=private) as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def report(migration: Migration) -> dict[str, object]:
    """The report for programs: names, places and sentences, no values."""
    return {
        "environment": migration.environment,
        "settings": {new: {"from": one.name, "place": one.place} for new, one in migration.values.items()},
        "conflicts": migration.conflicts,
        "unknown": migration.unknown,
        "left_out": migration.left_out,
        "missing": migration.missing,
        "notes": migration.notes,
    }
