"""`tunemeld etl validate`: whether a run has all that it needs.

This module prints the outcome and sets the exit status; the checks are in `operations/prerequisites.py`.
"""

from dataclasses import asdict

import typer

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import AsJson, options_of
from tunemeld_pipeline.cli.terminal import STATE_COLOURS, console_for, print_json


def validate(context: typer.Context, as_json: AsJson = False) -> None:
    """Check everything that a run needs: settings, database, indexes, each key by one cheap call, cache, packages, disk, file modes.

    Each line is OK, or says what to do; the last but one says how many calls were spent, six at most. Exit status: 0 a run can start, 1
    something has to be mended first, 2 the settings cannot be used, 3 a run can start, but something should be looked at.

    Example: tunemeld etl validate

    See also: tunemeld config validate, tunemeld system health
    """
    from tunemeld_pipeline.health import State, worst
    from tunemeld_pipeline.operations.prerequisites import prerequisites
    from tunemeld_pipeline.settings.choices import Component
    from tunemeld_pipeline.settings.named_files import problems_of_files
    from tunemeld_pipeline.settings.sources import examine_settings

    options = options_of(context)
    settings, problems = examine_settings(options.env_file, options.environment)
    problems += settings.missing_for(Component.PIPELINE) if not problems else []
    problems += problems_of_files(settings)
    console = console_for(context)
    parts = []
    for part in prerequisites(settings, problems):
        parts.append(part)
        if not as_json:
            console.print(
                "OK" if part.state is State.GOOD else part.state.upper(), style=STATE_COLOURS[part.state], end=""
            )
            console.print(f"  {part.part}: {part.seen}{f'; {part.action}' if part.action else ''}")
    overall = worst(part.state for part in parts)
    if as_json:
        print_json({"state": overall, "parts": [asdict(part) for part in parts]})
    if problems:
        raise typer.Exit(exits.USAGE)
    if overall is not State.GOOD:
        raise typer.Exit(exits.FAILED if overall is State.FAILED else exits.DEGRADED)
