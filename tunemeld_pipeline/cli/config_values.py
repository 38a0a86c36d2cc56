"""`tunemeld config get` and `config set`: one setting, read and written.

A value is judged with all others before it is written, into the `.env` that is read. `settings/env_file.py` writes the line.
"""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tunemeld_pipeline.cli.arguments import complete_setting
from tunemeld_pipeline.cli.context import AsJson, examined, options_of
from tunemeld_pipeline.cli.terminal import print_json
from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.suggestions import did_you_mean

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import configuration as shapes

STANDARD_INPUT = "-"
HIDDEN = "(hidden)"

Key = Annotated[
    str, typer.Argument(metavar="KEY", help="The setting's name, such as LOG_LEVEL.", autocompletion=complete_setting)
]


def get(context: typer.Context, key: Key, as_json: AsJson = False) -> None:
    """Print the value of one setting, as it counts now; a secret stays hidden, and one that is not set prints nothing.

    Example: tunemeld config get LOG_LEVEL

    See also: tunemeld config set, tunemeld config show
    """
    name = field_of(key)
    settings, problems = examined(context)
    wrong = [problem for problem in problems if problem.field_name == name]
    if wrong:
        raise SettingsError("; ".join(map(str, wrong)), next_command="tunemeld config set --help")
    value = shown(getattr(settings, name))
    if as_json:
        origin = settings.provenance.origin(name).value
        found: shapes.NamedSetting = {"name": _variable(name), "value": value, "origin": origin}
        print_json(found)
    elif value is not None:
        typer.echo(as_written(value))


def set_value(
    context: typer.Context,
    key: Key,
    value: Annotated[
        str,
        typer.Argument(help="The new value; - reads it from standard input, where no history of the shell keeps it."),
    ],
) -> None:
    """Write one setting into the .env that is read, after judging it together with all others; other lines stay as they are.

    Without a .env, one is made in this folder, for you alone. Exit status: 0 written, 2 the value is refused, and nothing is written.

    Example: tunemeld config set LOG_LEVEL INFO

    See also: tunemeld config get, tunemeld config validate
    """
    from tunemeld_pipeline.settings.env_file import write_setting
    from tunemeld_pipeline.settings.sources import examine_settings

    name = field_of(key)
    given = sys.stdin.readline().rstrip("\r\n") if value == STANDARD_INPUT else value
    options = options_of(context)
    settings, before = examined(context)
    _, after = examine_settings(options.env_file, options.environment, {name: given or None})
    known = {str(problem) for problem in before}
    refused = [str(one) for one in after if one.field_name == name or str(one) not in known]
    if given and refused:
        raise SettingsError("; ".join(refused) + "; nothing was written", next_command="tunemeld config set --help")
    path = options.env_file or settings.provenance.env_file or Path.cwd() / ".env"
    try:
        write_setting(path, _variable(name), given)
    except ValueError as error:
        raise SettingsError(f"{_variable(name)}: {error}", next_command="tunemeld config set --help") from None
    if not options.quiet:
        typer.echo(f"{path}: {_variable(name)} is {'set' if given else 'empty'}")
    if os.environ.get(_variable(name)):
        typer.secho(
            f"warning: {_variable(name)} is also a variable of this shell, which counts more; unset it there",
            fg="yellow",
            err=True,
        )


def field_of(key: str) -> str:
    """The setting that is meant by its variable's name or its field's, in any case.

    Raises:
        SettingsError: there is none of that name; the message names the nearest.
    """
    from tunemeld_pipeline.settings.choices import variable_name
    from tunemeld_pipeline.settings.settings import SETTING_NAMES

    by_name = {variable_name(name): name for name in SETTING_NAMES}
    wanted = key.upper()
    if wanted in by_name:
        return by_name[wanted]
    raise SettingsError(f"no setting is called {key}{did_you_mean(key, by_name)}", next_command="tunemeld config show")


def shown(value: Any) -> Any:
    """A value as it may be seen: a secret is hidden."""
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return HIDDEN
    return list(value) if isinstance(value, tuple) else value


def as_written(value: Any) -> str:
    """A value as a .env holds it."""
    if value is None:
        return "(not set)"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _variable(name: str) -> str:
    from tunemeld_pipeline.settings.choices import variable_name

    return variable_name(name)
