"""`tunemeld config`: what the settings are, where each came from, and whether they can be used.

What belongs here: showing them, with secrets hidden. What does not: what a setting means and when it is refused (`settings.py`).
These commands work however broken the settings are.
"""

from typing import TYPE_CHECKING, Any

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import AsJson, options_of

if TYPE_CHECKING:
    from tunemeld_pipeline.settings import Problem, Settings

app = typer.Typer(help="Show and check the settings.", no_args_is_help=True)

HIDDEN = "(hidden)"


@app.command()
def show(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """Show every setting, and where its value came from: default, environment file, variable or override.

    Secrets are hidden. A value that cannot be used is left out and told on standard error. Exit status: 0 fine, 2 some cannot be
    used. Whether they are complete: tunemeld config validate.

    Example: tunemeld config show --env production
    """
    import json

    from tunemeld_pipeline.settings import SETTING_NAMES, variable_name

    settings, problems = _examined(context)
    shown = {
        variable_name(name): {
            "value": _shown(getattr(settings, name)),
            "origin": settings.provenance.origin(name).value,
        }
        for name in SETTING_NAMES
    }
    if as_json:
        typer.echo(json.dumps(shown, indent=2, default=str))
    else:
        width = max(map(len, shown))
        for name, told in shown.items():
            typer.echo(f"{name:<{width}}  {_as_written(told['value'])}  [{told['origin']}]")
    _refuse(problems)


@app.command()
def validate(context: typer.Context) -> None:
    """Check that the settings can be used, and say what the pipeline and the API still need; every problem at once.

    Nothing is connected to. Exit status: 0 the pipeline and the API can start, 2 they cannot.

    Example: tunemeld config validate --env production
    """
    from tunemeld_pipeline.settings import Part

    settings, problems = _examined(context)
    known = {problem.field_name for problem in problems}
    for part in Part:
        missing = [problem for problem in settings.missing_for(part) if problem.field_name not in known]
        problems += missing
        known.update(problem.field_name for problem in missing)
    _refuse(problems)
    file = settings.provenance.env_file or "no .env"
    typer.echo(f"OK: {settings.environment.value}, {settings.upstreams.value} data, {file}")


def _examined(context: typer.Context) -> "tuple[Settings, list[Problem]]":
    from tunemeld_pipeline.settings import examine_settings

    options = options_of(context)
    overrides = {"log_level": options.log_level}
    settings, problems = examine_settings(options.env_file, options.environment, overrides)
    for warning in settings.provenance.warnings:
        typer.secho(f"warning: {warning}", fg="yellow", err=True)
    return settings, problems


def _refuse(problems: "list[Problem]") -> None:
    for problem in problems:
        typer.secho(f"error: {problem}", fg="red", err=True)
    if problems:
        raise typer.Exit(exits.USAGE)


def _shown(value: Any) -> Any:
    from pydantic import SecretStr

    if isinstance(value, SecretStr):
        return HIDDEN
    return list(value) if isinstance(value, tuple) else value


def _as_written(value: Any) -> str:
    if value is None:
        return "(not set)"
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
