"""`tunemeld sandbox`: the upstream services on their own.

What belongs here: the command's options. What does not: the services (`sandbox/`).
"""

from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli.context import load, log_to_file


def sandbox(
    context: typer.Context,
    replay: Annotated[
        Path | None, typer.Option(help="Play recorded answers from this folder: DATE/GENRE/SERVICE.json.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Which invented world to play.")] = 1,
    port: Annotated[int, typer.Option("--port", "-p", help="The port on 127.0.0.1; 0 for any free one.")] = 8899,
) -> None:
    """Play the upstream services on this machine until Ctrl-C.

    Set TUNEMELD_SANDBOX_URL to the address that it prints to run the pipeline against it. Faults are switched at /_control/faults.

    Example: tunemeld sandbox --port 0 --seed 7
    """
    from tunemeld_pipeline.sandbox.serve import main

    settings = load(context)
    log_to_file(context, settings, "sandbox")
    arguments = ["--port", str(port), "--seed", str(seed)]
    arguments += ["--replay", str(replay)] if replay else []
    arguments += ["--catalog", str(settings.catalog_file)] if settings.catalog_file else []
    raise typer.Exit(main(arguments))
