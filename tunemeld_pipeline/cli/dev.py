"""`tunemeld dev`: for whoever works on the project.

What belongs here: bringing up Dagster's UI and daemon. What does not: running the pipeline (`etl.py`).
"""

import os
import socket
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from tunemeld_pipeline.cli.context import load

if TYPE_CHECKING:
    from tunemeld_pipeline.settings import Settings

app = typer.Typer(help="Work on the project.", no_args_is_help=True)

UI_PORT = 3000
PORTS_TRIED = 20


@app.callback()
def dev() -> None:
    """Work on the project."""


@app.command()
def start(
    context: typer.Context,
    port: Annotated[
        int, typer.Option("--port", "-p", help="The UI's port; the next free one where it is taken.")
    ] = UI_PORT,
) -> None:
    """Bring up Dagster's UI and daemon on this machine until Ctrl-C.

    Example: tunemeld dev start --port 3000
    """
    serve_ui(load(context), port)


def serve_ui(settings: "Settings", port: int = UI_PORT) -> None:
    """Becomes `dagster dev` with the project's Dagster home."""
    from tunemeld_pipeline.errors import LocalServerError
    from tunemeld_pipeline.runs import prepare_dagster_home
    from tunemeld_pipeline.settings import project_root

    prepare_dagster_home(settings)
    free = next((one for one in range(port, port + PORTS_TRIED) if _is_free(one)), None)
    if free is None:
        raise LocalServerError(
            f"the ports {port} to {port + PORTS_TRIED - 1} are all taken; choose another with --port"
        )
    typer.echo(f"Dagster UI: http://127.0.0.1:{free} (Ctrl-C ends it)")
    sys.stdout.flush()
    root = project_root()
    where = ["-w", str(root / "workspace.yaml")] if root else ["-m", "tunemeld_pipeline.definitions"]
    command = [str(Path(sys.executable).with_name("dagster")), "dev", *where, "-h", "127.0.0.1", "-p", str(free)]
    os.execv(command[0], command)  # noqa: S606


def _is_free(port: int) -> bool:
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True
