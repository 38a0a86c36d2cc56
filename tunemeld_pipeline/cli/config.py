"""`tunemeld config`: what the settings are, where each came from, and whether they can be used.

This module shows them, with secrets hidden; `settings/fields.py` says what a setting means and when it is refused. These commands work
even with broken settings.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli import config_values, exits
from tunemeld_pipeline.cli.config_values import as_written, shown
from tunemeld_pipeline.cli.context import AsJson, examined, options_of
from tunemeld_pipeline.cli.terminal import print_json

if TYPE_CHECKING:
    from tunemeld_pipeline.cli.shapes import configuration as shapes
    from tunemeld_pipeline.settings.rules import SettingProblem
    from tunemeld_pipeline.settings.settings import Settings

app = typer.Typer(help="Show and check the settings.", no_args_is_help=True)

UNUSABLE = "(cannot be used)"
DEPENDS = "(depends on TUNEMELD_ENV)"

app.command("get")(config_values.get)
app.command("set")(config_values.set_value)


@app.command()
def show(
    context: typer.Context,
    as_json: AsJson = False,
) -> None:
    """Show every setting, and where its value came from: default, environment file, variable, or option of the command line.

    Secrets are hidden. A value that cannot be used is left out and named on standard error. Exit status: 0 fine, 2 some cannot be
    used. Whether they are complete: tunemeld config validate.

    Example: tunemeld config show --env production
    """
    from tunemeld_pipeline.settings.choices import variable_name
    from tunemeld_pipeline.settings.fields import Origin
    from tunemeld_pipeline.settings.settings import DEFAULTS_BY_ENVIRONMENT, SETTING_NAMES

    settings, problems = _examined_and_warned(context)
    # Their defaults stand in for them, and would be taken for what is set.
    defaulted = [one.field_name for one in problems if settings.provenance.origin(one.field_name) is Origin.DEFAULT]
    refused = {name for name in defaulted if name in SETTING_NAMES and getattr(settings, name) is not None}
    unknown = set()
    if any(one.field_name == "environment" for one in problems):
        unknown = {
            name
            for defaults in DEFAULTS_BY_ENVIRONMENT.values()
            for name in defaults
            if settings.provenance.origin(name) is Origin.DEFAULT
        }
    found: dict[str, shapes.SettingShown] = {
        variable_name(name): {
            "value": None if name in refused | unknown else shown(getattr(settings, name)),
            "origin": "refused" if name in refused else settings.provenance.origin(name).value,
        }
        for name in SETTING_NAMES
    }
    if as_json:
        print_json(found)
    else:
        width = max(map(len, found))
        for name, one in found.items():
            depends = name in map(variable_name, unknown)
            value = UNUSABLE if one["origin"] == "refused" else DEPENDS if depends else as_written(one["value"])
            typer.echo(f"{name:<{width}}  {value}  [{one['origin']}]")
    _refuse(problems)


@app.command()
def validate(context: typer.Context, as_json: AsJson = False) -> None:
    """Check that the settings and the files that they name can be used, and what the pipeline and the API still need: all problems at once.

    Services and counts whose key is not set are named; they are not asked, and are no problem. Nothing is connected to. Exit status: 0 the
    pipeline and the API can start, 2 they cannot.

    Example: tunemeld config validate --env production
    """
    from tunemeld_pipeline.plugins.registry import left_out
    from tunemeld_pipeline.private_files import open_paths, open_to_others, remedy
    from tunemeld_pipeline.settings.choices import Component, variable_name
    from tunemeld_pipeline.settings.configured import unconfigured
    from tunemeld_pipeline.settings.named_files import problems_of_files
    from tunemeld_pipeline.settings.rules import SettingProblem

    settings, problems = _examined_and_warned(context)
    known = {problem.field_name for problem in problems}
    for part in Component:
        missing = [problem for problem in settings.missing_for(part) if problem.field_name not in known]
        problems += missing
        known.update(problem.field_name for problem in missing)
    problems += problems_of_files(settings)
    if settings.alarm_addresses:  # apprise takes a second to import
        from tunemeld_pipeline.watching.delivery import unusable

        problems += [
            SettingProblem("alarm_urls", f"{name} {why}") for name, why in unusable(settings.alarm_addresses).items()
        ]
    file = settings.provenance.env_file
    if as_json:
        found: shapes.SettingsCheck = {
            "usable": not problems,
            "environment": settings.environment,
            "upstreams": settings.upstreams,
            "env_file": str(file) if file else None,
            "problems": {variable_name(problem.field_name): problem.message for problem in problems},
            "warnings": list(settings.provenance.warnings),
            "not_configured": dict(unconfigured(settings)),
            "left_out": dict(left_out()),
            "readable_by_others": [
                str(path) for path in (*open_paths(settings.home), *([file] if file and open_to_others(file) else []))
            ],
        }
        print_json(found)
        raise typer.Exit(exits.USAGE if problems else exits.OK)
    for why in left_out().values():
        typer.secho(f"warning: {why}", fg="yellow", err=True)
    _refuse(problems)
    for path in open_paths(settings.home):
        typer.secho(f"warning: {path}: others on this machine can read it; {remedy(path)}", fg="yellow", err=True)
    for name, why in unconfigured(settings).items():
        typer.echo(f"{name}: not configured ({why})")
    typer.echo(f"OK: {settings.environment.value}, {settings.upstreams.value} data, {file or 'no .env'}")


@app.command("migrate-env")
def migrate_env(
    context: typer.Context,
    old: Annotated[
        list[Path] | None, typer.Argument(help="The old .env files; of two values the first counts.")
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", help="The new file; without it, only say what it would hold.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Take the older system's environment files over: the new names for the old ones, into one .env that only you can read.

    Old names among the process's variables are read too. The old files stay as they are, an existing new file, which may be one of
    them, is kept as .env.bak. No value is ever shown. Exit status: 0 complete, 3 there are conflicts, unknown names, or settings still
    missing for the environment: that of --env, else that of the files, else development.

    Example: tunemeld config migrate-env old.env --write .env

    See also: tunemeld config validate, tunemeld db init
    """
    import os

    from tunemeld_pipeline.older_system import environment as env_migration

    migration = env_migration.migrate(
        old or [], os.environ, environment=options_of(context).environment, existing=write
    )
    kept = env_migration.write(migration, write) if write else None
    attention = (
        ("conflict", migration.conflicts),
        ("unknown", migration.unknown),
        ("left out", migration.left_out),
        (f"missing for {migration.environment}", migration.missing),
    )
    if as_json:
        print_json(env_migration.report(migration))
    else:
        for new, one in migration.values.items():
            typer.echo(f"{new:<26}{one.name}, {one.place}")
        for word, sentences in (*attention, ("note", migration.notes)):
            for sentence in sentences:
                typer.secho(f"{word}: {sentence}", fg=None if word == "note" else "yellow", err=True)
        if write:
            typer.echo(f"{write}: {len(migration.values)} settings{f'; what was there is in {kept}' if kept else ''}")
        else:
            typer.echo("nothing was written; --write .env does")
    if any(sentences for _, sentences in attention):
        raise typer.Exit(exits.DEGRADED)


def _examined_and_warned(context: typer.Context) -> "tuple[Settings, list[SettingProblem]]":
    settings, problems = examined(context)
    for warning in settings.provenance.warnings:
        typer.secho(f"warning: {warning}", fg="yellow", err=True)
    return settings, problems


def _refuse(problems: "list[SettingProblem]") -> None:
    for problem in problems:
        typer.secho(f"error: {problem}", fg="red", err=True)
    if problems:
        raise typer.Exit(exits.USAGE)
