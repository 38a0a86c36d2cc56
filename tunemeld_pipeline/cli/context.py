"""What the commands share: the global options and the settings that follow from them.

This module loads the settings for a command and hands them on to Dagster. Each command has its own options; `tree.py` decides where on the
command line the global ones may come.
"""

import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tunemeld_pipeline.settings.choices import Component
    from tunemeld_pipeline.settings.rules import SettingProblem
    from tunemeld_pipeline.settings.settings import Settings

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
"""For a command whose output is data, `as_json: AsJson = False`: true as well where `--json` comes before the command."""


@dataclass(slots=True)
class Options:
    """The global options of one call; complete once the command begins."""

    environment: str | None = None
    env_file: Path | None = None
    log_level: str | None = None
    verbose: bool = False
    json: bool = False
    no_color: bool = False
    quiet: bool = False
    command: str = "tunemeld"
    """The command that runs, `tunemeld etl run`, once it has loaded its settings."""
    settings: "Settings | None" = None
    """What the command has loaded; None before it did."""


def options_of(context: typer.Context) -> Options:
    """The global options of this call."""
    return context.obj if isinstance(context.obj, Options) else Options()


def log_to_file(context: typer.Context, settings: "Settings", process: str = "cli") -> None:
    """From now on this process's lines go into its log file, and with `-v` to the terminal too."""
    from tunemeld_pipeline.logs.setup import configure_logging

    configure_logging(settings, process, console=options_of(context).verbose)


def examined(context: typer.Context) -> "tuple[Settings, list[SettingProblem]]":
    """The settings of this call, even broken ones: without the values that cannot be used, and what is wrong with those."""
    from tunemeld_pipeline.settings.sources import examine_settings

    options = options_of(context)
    return examine_settings(options.env_file, options.environment, {"log_level": options.log_level})


def load_home(context: typer.Context) -> "Settings":
    """The settings, for a command that needs only the place of TUNEMELD_HOME.

    Raises:
        SettingsError: TUNEMELD_HOME itself, or the file that may name it, cannot be used.
    """
    from tunemeld_pipeline.errors import SettingsError

    settings, problems = examined(context)
    hiding = [str(problem) for problem in problems if problem.field_name in ("home", "env_file")]
    if hiding:
        raise SettingsError("; ".join(hiding))
    return settings


def load(
    context: typer.Context, overrides: Mapping[str, Any] | None = None, needed_by: "Collection[Component]" = ()
) -> "Settings":
    """The settings of this call, which Dagster's definitions and child processes then see too.

    Dagster imports its definitions by name and hands nothing to them: the options of this call travel in the environment.

    Raises:
        SettingsError: they cannot be used.
    """
    from tunemeld_pipeline.settings.choices import ENV_FILE_VARIABLE, variable_name
    from tunemeld_pipeline.settings.sources import load_settings

    options = options_of(context)
    options.command = context.command_path
    given = {**(overrides or {}), "log_level": options.log_level}
    settings = load_settings(
        env_file=options.env_file, environment=options.environment, overrides=given, needed_by=needed_by
    )
    options.settings = settings
    for warning in settings.provenance.warnings:
        typer.secho(f"warning: {warning}", fg="yellow", err=True)
    if settings.provenance.env_file is not None:
        os.environ[ENV_FILE_VARIABLE] = str(settings.provenance.env_file)
    os.environ["TUNEMELD_ENV"] = settings.environment.value
    os.environ["TUNEMELD_HOME"] = str(settings.home)
    for name, value in given.items():
        if value is not None:
            os.environ[variable_name(name)] = str(value)
    return settings
