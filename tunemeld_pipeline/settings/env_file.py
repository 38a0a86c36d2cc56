"""Writes one setting into a `.env`: its line is replaced or added, and every other line stays as it is.

`sources.py` reads the file. Which value is valid is decided before, with `examine_settings`.
"""

from io import StringIO
from pathlib import Path

from dotenv.parser import parse_stream

from tunemeld_pipeline.private_files import private


def write_setting(path: Path, name: str, value: str) -> None:
    """Puts `name=value` in the file, in place of each line that sets it, in one step; a new file is for its owner alone.

    Raises:
        ValueError: the value cannot be written on a line.
        OSError: the file cannot be read or written.
    """
    line = f"{name}={_quoted(value)}\n"
    if next(parse_stream(StringIO(line))).value != value:
        raise ValueError("cannot be written on one line of a .env; leave out quotes, backslashes and line breaks")
    before = path.read_text("utf-8") if path.exists() else ""
    kept, is_there = [], False
    for binding in parse_stream(StringIO(before, newline="")):
        if binding.key != name:
            kept.append(binding.original.string)
        elif not is_there:
            # An empty line before it belongs to what was read of it.
            blank = binding.original.string[
                : len(binding.original.string) - len(binding.original.string.lstrip("\r\n"))
            ]
            kept.append(blank + line)
            is_there = True
    text = "".join(kept)
    if not is_there:
        text += ("" if not text or text.endswith("\n") else "\n") + line
    new = path.with_name(f"{path.name}.new")
    with open(new, "w", encoding="utf-8", newline="", opener=private) as stream:
        stream.write(text)
    if path.exists():
        new.chmod(path.stat().st_mode & 0o777)
    new.replace(path)


def _quoted(value: str) -> str:
    if value and all(character.isalnum() or character in "_-.,:/@%+=?&*[]{}()<>|~^$;!" for character in value):
        return value
    if "'" not in value:
        return f"'{value}'" if value else ""
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
