"""`tunemeld system debug-bundle`: one archive for somebody who helps.

This module has the command's options and prints its outcome; `operations/debug_bundle.py` makes the archive.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli.context import examined


def debug_bundle(
    context: typer.Context,
    out: Annotated[
        Path | None,
        typer.Option("--out", help="The file to write; by default one in this folder with the time in its name."),
    ] = None,
) -> None:
    """Pack logs, settings, versions, health and the last runs into one archive, without secrets, to send to somebody who helps.

    Works however broken the settings are. Nothing is started or changed.

    Example: tunemeld system debug-bundle --out help.tar.gz

    See also: tunemeld system health, tunemeld etl logs
    """
    from tunemeld_pipeline.operations.debug_bundle import bundle_name, write_bundle

    settings, problems = examined(context)
    path = (out or Path(bundle_name(datetime.now(UTC)))).absolute()
    names = write_bundle(settings, problems, path)
    typer.echo(
        f"{path}: {len(names)} files, {path.stat().st_size / 1000:.0f} kB; secrets are hidden, but look through it before you send it"
    )
