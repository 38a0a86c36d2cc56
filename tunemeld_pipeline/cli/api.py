"""`tunemeld api`: the HTTP API.

This module starts the server with its workers, and checks a running one; `django_backend/` answers the requests. The server is granian:
it parses HTTP outside of Python, which leaves a worker's one processor for answering. gunicorn gave a third to a half of its requests
per second on the same answers.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from tunemeld_pipeline.cli import log_commands
from tunemeld_pipeline.cli.context import AsJson, examined, load
from tunemeld_pipeline.cli.terminal import print_json

app = typer.Typer(help="Serve the HTTP API, and ask how it is.", no_args_is_help=True)

PORT = 8000
THREADS = 8
"""Per worker: rendered paths need one, and while the database or the shared cache hangs others wait for them."""

STOP_SECONDS = 15
"""For requests under way when a worker is asked to end."""

RESPAWN_SECONDS = 6
"""Between a new worker's start and the end of the one that it replaces: it has to be ready, and clients have to find it."""


HEAD_SECONDS = 10
"""For a request's head to arrive, also the first or the next of a connection: silent, slow and kept-alive clients are closed after it.
A proxy in front has to give up its idle connections earlier (`keepalive_timeout` in docs/nginx/tunemeld.conf)."""

HEAD_BYTES = 16_384
"""A request's head: browsers and proxies send less than 8 KB. It bounds each name that a visitor can make up."""

CONNECTIONS = 8_000
"""Per worker, open at once. An idle one takes a kilobyte and a file, so this many cost little; when they are used up, visitors wait."""

LEAST_CONNECTIONS = 1_000
"""A browser opens six: fewer than this serve too few visitors to start at all."""

OTHER_FILES = 256
"""That a worker opens besides connections: libraries, logs, counters, files of the page, MongoDB."""

BACKLOG = 4_096
"""Connections that wait to be accepted; Linux gives at most `net.core.somaxconn`, which is 4,096 today."""

app.command("logs")(log_commands.api_logs)


@app.callback()
def api() -> None:
    """Serve the HTTP API."""


@app.command()
def start(
    context: typer.Context,
    host: Annotated[str, typer.Option(help="The address to listen on; 0.0.0.0 for all of them.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", "-p", min=1, max=65535, help="The port.")] = PORT,
    workers: Annotated[
        int | None, typer.Option("--workers", "-w", min=1, help="Processes; by default as many as processors.")
    ] = None,
    reload: Annotated[
        bool, typer.Option("--reload/--no-reload", help="Restart when a file of the project changes.")
    ] = False,
) -> None:
    """Serve the HTTP API until Ctrl-C or SIGTERM; requests under way are finished.

    SIGHUP replaces the workers one by one without a failed request, for a new release.

    Example: tunemeld api start --port 8000 --workers 2
    """
    from tunemeld_pipeline.logs.granian import CONFIGURATION
    from tunemeld_pipeline.plugins.registry import load_catalog
    from tunemeld_pipeline.settings.choices import Component
    from tunemeld_pipeline.storage.connection import mongodb_url
    from tunemeld_pipeline.supervision.ports import Port, require_free

    settings = load(context, needed_by=[Component.DJANGO])
    require_free(Port(port, host))
    connections = connections_allowed()
    load_catalog(settings.catalog_file)  # an unusable one is reported here, and not by each worker
    mongodb_url(settings)
    # Of this start alone: counters of workers that ended before would be added to those of this one.
    counters = settings.home / "api" / f"metrics-{port}"
    shutil.rmtree(counters, ignore_errors=True)
    counters.mkdir(parents=True)
    for mark in (*counters.parent.glob("began-*"), *counters.parent.glob("alive-*")):
        mark.unlink(missing_ok=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(counters)
    os.environ["DJANGO_SETTINGS_MODULE"] = "django_backend.settings"
    command = [
        *(str(Path(sys.executable).with_name("granian")), "--interface", "wsgi", "--no-ws"),
        *("--host", host, "--port", str(port), "--workers", str(workers or os.cpu_count() or 1)),
        *("--blocking-threads", str(THREADS), "--workers-kill-timeout", str(STOP_SECONDS), "--respawn-failed-workers"),
        *("--respawn-interval", str(RESPAWN_SECONDS)),
        # Where a connection may also be HTTP/2, a silent one has no time limit.
        *(
            "--http",
            "1",
            "--http1-header-read-timeout",
            str(HEAD_SECONDS * 1_000),
            "--http1-buffer-size",
            str(HEAD_BYTES),
        ),
        *("--backlog", str(BACKLOG), "--backpressure", str(connections)),
        *("--log-level", settings.log_level.lower(), "--log-config", str(CONFIGURATION)),
        *(_reload_options() if reload else []),
        "django_backend.wsgi:application",
    ]
    typer.echo(f"TuneMeld: {Port(port, host).url}/ is the page, /docs there the API (Ctrl-C ends it)", err=True)
    sys.stderr.flush()
    os.execv(command[0], command)  # noqa: S606


def connections_allowed() -> int:
    """The connections that a worker may have open, within what this user may open.

    Raises:
        LocalServerError: too few to serve anybody.
    """
    from tunemeld_pipeline.errors import LocalServerError
    from tunemeld_pipeline.local.open_files import open_files

    allowed = open_files(CONNECTIONS + OTHER_FILES)
    connections = min(CONNECTIONS, allowed - OTHER_FILES)
    wanted = f"{CONNECTIONS + OTHER_FILES:,} (LimitNOFILE= in systemd, `nofile` in /etc/security/limits.conf)"
    if connections < LEAST_CONNECTIONS:
        raise LocalServerError(
            f"a process may open only {allowed:,} files here, too few for the API's connections; set the hard limit to {wanted}"
        )
    if connections < CONNECTIONS:
        typer.secho(
            f"warning: a process may open only {allowed:,} files here, so each worker takes at most {connections:,} "
            f"connections; set the hard limit to {wanted}",
            fg="yellow",
            err=True,
        )
    return connections


def _reload_options() -> list[str]:
    """Only the packages are watched: a running server's own files, in any folder, must not restart it."""
    packages = Path(__file__).resolve().parents[2]
    folders = (packages / name for name in ("django_backend", "tunemeld_pipeline"))
    # A file that is half written must not end the server: its workers are tried again with the next change.
    watched = [option for folder in folders for option in ("--reload-paths", str(folder))]
    return ["--reload", "--reload-ignore-worker-failure", *watched]


@app.command()
def health(
    context: typer.Context,
    url: Annotated[str, typer.Option(help="Where the server is.")] = f"http://127.0.0.1:{PORT}",
    as_json: AsJson = False,
) -> None:
    """Ask `/health` and every path of data of a running server: the status and milliseconds of each.

    Where `/health` is not public, MONITORING_TOKEN opens it. Exit status: 0 all is well, 1 a path has no good answer, 3 all answer, but a
    part is unwell.

    Example: tunemeld api health --url http://127.0.0.1:8000
    """
    from tunemeld_pipeline.operations.api_health import server_health

    settings, _ = examined(context)
    token = settings.monitoring_token
    found = server_health(url, token.get_secret_value() if token else None)
    if as_json:
        from dataclasses import asdict

        print_json({"asked": [asdict(one) for one in found.asked], "unwell": found.unwell})
    for one in () if as_json else found.asked:
        status = "none" if one.status is None else str(one.status)
        typer.echo(f"{status:>4} {one.milliseconds:8.1f} ms  {one.path}{f'  {one.problem}' if one.problem else ''}")
    if found.unwell:
        typer.secho(
            f"unwell: {', '.join(found.unwell)}; {url.rstrip('/')}/health says what to do", fg="yellow", err=True
        )
    if found.failed:
        raise typer.Exit(1)
    if found.unwell:
        raise typer.Exit(3)
