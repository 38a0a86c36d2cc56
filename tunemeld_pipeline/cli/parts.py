"""TuneMeld's parts as programs to supervise: which there are, what each needs, where it listens.

This module has the command line of each part; `dev.py` and `start.py` choose among them, and `supervision/` runs them.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from tunemeld_pipeline.cli.probes import api_probes, beats_of, daemon_beats, database_probes, sandbox_probes, ui_probes
from tunemeld_pipeline.errors import LocalServerError, TuneMeldError
from tunemeld_pipeline.local.holding import READY
from tunemeld_pipeline.local.mongod import mongod_status
from tunemeld_pipeline.local.processes import private_directory
from tunemeld_pipeline.local.sandbox_service import sandbox_status
from tunemeld_pipeline.operations.dagster_config import server_variables
from tunemeld_pipeline.settings.choices import LogFormat, Upstreams
from tunemeld_pipeline.settings.places import project_root
from tunemeld_pipeline.settings.settings import Settings
from tunemeld_pipeline.supervision.parts import Part
from tunemeld_pipeline.supervision.ports import Port

if TYPE_CHECKING:
    import typer

    from tunemeld_pipeline.cli.part_log import PartLog
    from tunemeld_pipeline.supervision.output import Output

DATABASE, SANDBOX, API, DAGSTER, PAGE = "database", "sandbox", "api", "dagster", "page"
UI, DAEMON, WORKER = "ui", "daemon", "worker"
LOCAL_SERVERS = (DATABASE, SANDBOX)
MONGOD_PATIENCE = 45.0
SERVER_SECONDS = 2.0
"""How long the database may take to say its version; the parts wait for it meanwhile."""

API_PATIENCE = 25.0
"""A little more than the API gives its requests (`STOP_SECONDS` of `cli/api.py`)."""

WORKER_PATIENCE = 120.0
"""Long enough for the runs under way to end, of which a genre takes seconds to a minute; one that is killed is run again."""

IN_JSON = {"LOG_FORMAT": LogFormat.JSON.value}
"""For parts whose lines the one log reads, to print them in the form that was chosen."""

OTHER_DAEMON = timedelta(seconds=90)
"""A daemon gives a sign of life every 30 s; one that was silent for this long has ended."""

BIN = Path(sys.executable).parent
GUARDED_UI = (sys.executable, "-m", "tunemeld_pipeline.orchestration.guarded_ui")
CELERY = (sys.executable, "-m", "celery", "--app", "tunemeld_pipeline.orchestration.worker_app", "worker")
PREPARE = """
from tunemeld_pipeline.operations.runs import prepare_dagster_home
from tunemeld_pipeline.settings.sources import load_settings
prepare_dagster_home(load_settings())
"""


def local_servers(settings: Settings) -> list[Part]:
    """The local database and the sandbox, as far as the settings need them. What runs already is watched and left running."""
    holding = (sys.executable, "-m", "tunemeld_pipeline.local.holding")
    parts = []
    if settings.mongodb_url is None:
        leave = ("--leave",) if mongod_status(settings.home).running else ()
        command = (*holding, DATABASE, *leave)
        probes = database_probes(settings.home)
        parts.append(Part(DATABASE, command, ready_line=READY, patience=MONGOD_PATIENCE, probes=probes, gentle=True))
    if settings.upstreams is not Upstreams.LIVE and settings.sandbox_url is None:
        leave = ("--leave",) if sandbox_status(settings.home) else ()
        probes = sandbox_probes(settings.home)
        parts.append(Part(SANDBOX, (*holding, SANDBOX, *leave), ready_line=READY, probes=probes, gentle=True))
    return parts


def api_server(settings: Settings, port: Port, *, workers: int | None = None, reload: bool = False) -> Part:
    """The HTTP API."""
    command = [str(BIN / "tunemeld"), "api", "start", "--host", port.host, "--port", str(port.number)]
    command += ["--workers", str(workers)] if workers else []
    command += ["--reload"] if reload else []
    welcome = f"Web page: {port.url}/ (as built)\nAPI: {port.url}/docs"
    return Part(
        API,
        tuple(command),
        port,
        needs=(DATABASE,),
        welcome=welcome,
        patience=API_PATIENCE,
        environment=IN_JSON,
        # A debugger that holds a worker while somebody works on it is no trouble.
        probes=() if reload else api_probes(settings, port),
    )


def dagster_dev(settings: Settings, port: Port) -> Part:
    """Dagster's UI, its daemon and the code that they share, which the UI can reload."""
    command = (*GUARDED_UI, "dev", *_workspace(), "-h", port.host, "-p", str(port.number))
    return Part(
        DAGSTER,
        command,
        port,
        needs=LOCAL_SERVERS,
        welcome=f"Dagster UI: {port.url}",
        environment={**_dagster_environment(settings), "PYTHONWARNINGS": "ignore:Function `dev_command` is superseded"},
    )


def dagster_services(settings: Settings, port: Port, *, schedule: bool) -> list[Part]:
    """Dagster's UI and its daemon as two programs: each can be restarted without the other."""
    environment = {**_dagster_environment(settings), "DAILY_REFRESH": str(schedule).lower()}
    log_format = ("--log-format", "json")  # the one log reads it (`part_log.py`)
    ui = (*GUARDED_UI, "webserver", *_workspace(), "-h", port.host, "-p", str(port.number), *log_format)
    daemon = (str(BIN / "dagster-daemon"), "run", *_workspace(), *log_format)
    return [
        Part(
            UI,
            ui,
            port,
            needs=LOCAL_SERVERS,
            welcome=f"Dagster UI: {port.url}",
            environment=environment,
            probes=ui_probes(port),
        ),
        Part(
            DAEMON,
            daemon,
            needs=LOCAL_SERVERS,
            environment=environment,
            probes=daemon_beats(beats_of(settings)),
        ),
    ]


def page(port: Port, api_url: str) -> Part | None:
    """The web page's own server, which shows each change at once; None where its sources or what runs it is not there."""
    root = project_root()
    script = root / "scripts" / "frontend" if root else None
    if script is None or not script.is_file() or not shutil.which("bash"):
        return None
    command = ("bash", str(script), "dev", "--host", port.host, "--port", str(port.number), "--strictPort")
    environment = {"TUNEMELD_DEV_API": api_url}
    return Part(
        PAGE, command, port, welcome=f"Web page: {port.url}/ (as you write it)", environment=environment, patience=5
    )


def worker(settings: Settings, slots: int) -> Part:
    """A worker, which does the runs that the daemon hands out."""
    command = (*CELERY, "--concurrency", str(slots), "--queues", "dagster", "--without-gossip", "--without-mingle")
    return Part(
        WORKER,
        command,
        ready_line=READY,
        needs=LOCAL_SERVERS,
        welcome=f"This worker does {slots} {'run' if slots == 1 else 'runs'} at once.",
        environment=_dagster_environment(settings),
        patience=WORKER_PATIENCE,
    )


def prepare_dagster(settings: Settings) -> None:
    """Creates Dagster's folder before its programs would all do so at once.

    In a separate process: Dagster would stay in this one's memory, a hundred megabytes, for as long as it supervises.

    Raises:
        LocalServerError: it could not be created.
    """
    if settings.dagster_home is None:
        private_directory(settings.home / "dagster")  # an unusable one is reported in a sentence
    # Without DAGSTER_HOME, which names a folder that has its own configuration.
    done = subprocess.run([sys.executable, "-c", PREPARE], check=False)  # noqa: S603
    if done.returncode:
        raise LocalServerError(
            f"Dagster's folder {settings.dagster_folder} could not be prepared; see above",
            next_command="tunemeld system health",
        )


def run_parts(
    context: "typer.Context",
    settings: Settings,
    parts: list[Part],
    *,
    daily_refresh: bool,
    most_failures: int | None = None,
    slots: int | None = None,
) -> int:
    """Supervise these parts until they are to end; the exit status.

    Args:
        slots: how many runs the worker among them does at once; None if there is none.

    Raises:
        PortTaken: a port that a part needs is taken.
        LocalServerError: Dagster runs already for this home, or its folder cannot be prepared.
    """
    from tunemeld_pipeline.local.daemons import daemons_of
    from tunemeld_pipeline.local.supervised import SupervisedParts
    from tunemeld_pipeline.local.ui import forget_ui, note_ui, running_ui
    from tunemeld_pipeline.operations.part_watch import PartWatch
    from tunemeld_pipeline.operations.worker_beats import WorkerBeats
    from tunemeld_pipeline.supervision.ports import require_free
    from tunemeld_pipeline.supervision.supervisor import Supervisor

    names = {part.name for part in parts}
    has_dagster = bool(names & {DAGSTER, UI})
    if has_dagster and (already := running_ui(settings)):
        raise LocalServerError(
            f"Dagster runs already for {settings.home}, at {already.url} (pid {already.pid}); two daemons would start every run "
            "twice. End it, or set another TUNEMELD_HOME",
            next_command="tunemeld system health",
        )
    if has_dagster and (daemons := daemons_of(settings.dagster_folder)):
        raise LocalServerError(
            f"another Dagster daemon (pid {daemons[0]}) runs on {settings.dagster_folder}; two would start every run twice. End it, or set"
            " another TUNEMELD_HOME",
            next_command="tunemeld status",
        )
    if has_dagster:
        refuse_second_daemon(settings)
    require_free(*(part.port for part in parts if part.port))
    if has_dagster or WORKER in names:
        prepare_dagster(settings)

    shown = SupervisedParts(settings.home, "supervised-worker" if WORKER in names else "supervised")
    # Who works on the project looks at the log.
    watch = PartWatch(settings) if DAEMON in names else None
    beats = WorkerBeats(settings, slots) if slots is not None else None

    output, log = _output(context, settings, parts)

    def noted(part: Part, pid: int) -> None:
        shown.ready(part.name, pid)
        if part.name == DATABASE:
            warn_of_an_old_server(settings, output.say)
        if part.name == WORKER and beats is not None:
            beats.ready()
        if part.name in (DAGSTER, UI) and part.port:
            note_ui(settings.home, part.port.url, pid, daily_refresh=daily_refresh)

    def forgotten(part: Part, pid: int) -> None:
        shown.ended(part.name)
        if part.name == WORKER and beats is not None:
            beats.ended()
        if part.name in (DAGSTER, UI):
            forget_ui(settings.home, pid)

    def hung(part: Part, pid: int, why: str) -> None:
        shown.hangs(part.name, pid, why)
        if watch is not None:
            watch.hangs(part.name, why)

    if all(part.name != DATABASE for part in parts):
        warn_of_an_old_server(settings, output.say)
    supervisor = Supervisor(parts, output, most_failures=most_failures, on_ready=noted, on_end=forgotten, on_hang=hung)
    if watch is not None:
        watch.start()
    try:
        return supervisor.run()
    finally:
        if watch is not None:
            watch.end()
        if beats is not None:
            beats.close()
        shown.forget()
        log.close()


def refuse_second_daemon(settings: Settings) -> None:
    """Refuses to start Dagster where another machine's daemon starts the runs that are recorded in the same Postgres.

    Raises:
        LocalServerError: it was heard of a moment ago.
    """
    from tunemeld_pipeline.storage.connection import open_store

    if settings.postgres_url is None or settings.mongodb_url is None:
        return
    with open_store(settings, prepare=False) as store:
        beat, host = store.heartbeats.last_beat(), store.heartbeats.daemon_host()
    if beat is not None and host != socket.gethostname() and datetime.now(UTC) - beat < OTHER_DAEMON:
        raise LocalServerError(
            f"Dagster's daemon runs on {host}, last heard of at {beat:%H:%M:%S} UTC; two would start every run twice. End it, and try again"
            f" {OTHER_DAEMON.total_seconds():.0f} s later, or let this machine do runs or answer visitors alone",
            next_command="tunemeld system health",
        )


def warn_of_an_old_server(settings: Settings, say: Callable[[str], None]) -> None:
    """Says that nobody mends the MongoDB that keeps what cannot be read again; the demonstration's worlds can be."""
    from tunemeld_pipeline.storage.connection import open_store

    if settings.upstreams is not Upstreams.LIVE:
        return
    with (
        suppress(TuneMeldError),
        open_store(settings, prepare=False, find_within=SERVER_SECONDS, answer_within=SERVER_SECONDS) as store,
    ):
        server = store.layout.server()
        if ended := server.support_ended(datetime.now(UTC).date()):
            say(
                f"warning: MongoDB {server.version} gets no fixes since {ended}, and live data cannot be read again; install a"
                ' supported version, as docs/operations.md says in "MongoDB\'s version"'
            )


def _output(context: "typer.Context", settings: Settings, parts: list[Part]) -> "tuple[Output, PartLog]":
    from tunemeld_pipeline.cli.part_log import PartLog
    from tunemeld_pipeline.cli.terminal import console_for
    from tunemeld_pipeline.supervision.output import Output

    console = console_for(context)
    colour = console.is_terminal and not console.no_color
    if not colour:
        os.environ["NO_COLOR"] = "1"
    log = PartLog(settings, colour=colour)
    bare = settings.log_format is LogFormat.JSON
    return Output(sys.stdout.fileno(), [part.name for part in parts], colour=colour, form=log, bare=bare), log


def _workspace() -> tuple[str, ...]:
    root = project_root()
    return ("-w", str(root / "workspace.yaml")) if root else ("-m", "tunemeld_pipeline.definitions")


def _dagster_environment(settings: Settings) -> dict[str, str]:
    servers = server_variables(settings)
    return {"DAGSTER_HOME": str(settings.dagster_folder), "DAGSTER_DISABLE_TELEMETRY": "1", **IN_JSON, **servers}
