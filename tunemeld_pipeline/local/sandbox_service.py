"""The sandbox's upstream services as a detached process on this machine's loopback: found, started if missing, stopped.

It knows which process plays which world, and whether a record can be trusted. The world itself and its HTTP are in `sandbox/`
(`sandbox/serve.py` and what it imports). The service exits after a while without requests.
"""

import hashlib
import http.client
import json
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG
from tunemeld_pipeline.errors import LocalServerError
from tunemeld_pipeline.local.processes import (
    Process,
    last_lines,
    private_directory,
    read_record,
    spawn_detached,
    start_lock,
    terminate,
    wait_until,
    write_record,
)
from tunemeld_pipeline.settings.choices import Upstreams
from tunemeld_pipeline.settings.settings import Settings

MODULE = "tunemeld_pipeline.sandbox.serve"
IDLE_EXIT_SECONDS = 1800
# Below the ports that Linux assigns automatically (from 32768), so that no other program has one by chance.
FIRST_PORT = 20_000
PORTS = 10_000
# A start takes a second; on a busy machine it may take many.
START_SECONDS = 60.0
STOP_SECONDS = 5.0
# A service that runs but does not answer for this long, twice, counts as hanging and is replaced.
ANSWER_SECONDS = 10.0
_SANDBOX = Path(__file__).parents[1] / "sandbox"


@dataclass(frozen=True)
class SandboxStatus:
    """One running service, as it describes itself."""

    url: str
    pid: int
    seed: int | None
    replay_dir: Path | None


def ensure_sandbox(
    home: Path, *, seed: int | None = None, replay_dir: Path | None = None, catalog: Path | None = None
) -> str:
    """The root address, `http://127.0.0.1:PORT`, of a service that plays exactly this world; it is started if there is none.

    Args:
        home: TUNEMELD_HOME, where records and logs are.
        seed: the seed of the invented world; None is the service's own default.
        replay_dir: recorded payloads to answer from instead; the seed then has no effect.
        catalog: a catalogue other than the packaged one; editing it makes it another world.

    Raises:
        LocalServerError: it ended or did not answer; the message holds the end of its log.
    """
    directory = _directory(home)
    played = _Played(
        seed=None if replay_dir else seed,
        replay_dir=replay_dir and replay_dir.expanduser().resolve(),
        catalog=catalog and catalog.expanduser().resolve(),
    )
    record = directory / f"{played.key()}.json"
    if running := _believed(record, played):
        return running.url
    private_directory(directory)
    with start_lock(directory / "start.lock", seconds=2 * START_SECONDS):
        running = _believed(record, played)
        if running is None:
            _forget_the_ended(directory)
            if hanging := _process(record):
                terminate(hanging, seconds=STOP_SECONDS)
            _start(record, played, home)
            running = _believed(record, played)
        if running is None:
            raise LocalServerError(
                f"the sandbox service does not answer as it should; its log says why. {_end_of(_log(home))}"
            )
        return running.url


def sandbox_of(settings: Settings) -> str:
    """The root address of the service for these settings: TUNEMELD_SANDBOX_URL, else a service that is found or started.

    Raises:
        LocalServerError: it cannot be started.
    """
    return settings.sandbox_url or ensure_sandbox(
        settings.home,
        seed=settings.sandbox_seed,
        replay_dir=settings.replay_dir if settings.upstreams is Upstreams.REPLAY else None,
        catalog=settings.catalog_file,
    )


def stop_sandbox(home: Path) -> int:
    """Stops all of the home's services and waits until they have ended; returns how many there were."""
    directory = _directory(home)
    if not directory.is_dir():
        return 0
    with start_lock(directory / "start.lock", seconds=2 * START_SECONDS):
        stopped = 0
        for record in sorted(directory.glob("*.json")):
            if process := _process(record):
                terminate(process, seconds=STOP_SECONDS)
                stopped += 1
            record.unlink(missing_ok=True)
        return stopped


def sandbox_status(home: Path) -> list[SandboxStatus]:
    """The home's services that are running and answering. Starts and changes nothing."""
    answers = (_status(record) for record in sorted(_directory(home).glob("*.json")))
    return [status for status in answers if status]


def silent_sandboxes(home: Path) -> list[int]:
    """The pids of the home's services that run but give no answer."""
    records = sorted(_directory(home).glob("*.json"))
    return [process.pid for record in records if _status(record) is None and (process := _process(record))]


@dataclass(frozen=True)
class _Played:
    """What a service plays, with absolute paths."""

    seed: int | None
    replay_dir: Path | None
    catalog: Path | None

    def options(self) -> list[str]:
        """The same as command-line options."""
        given = {"--seed": self.seed, "--replay": self.replay_dir, "--catalog": self.catalog}
        return [text for name, value in given.items() if value is not None for text in (name, str(value))]

    def key(self) -> str:
        """A name for this world with the current code and catalogue, so that no old process answers for a new program."""
        code = [path for path in sorted(_SANDBOX.rglob("*")) if path.is_file() and path.parent.name != "__pycache__"]
        catalog = self.catalog or PACKAGED_CATALOG
        files = [
            (str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in (*code, catalog) if path.exists()
        ]
        return hashlib.sha256(repr((self.options(), files)).encode()).hexdigest()[:16]


def _directory(home: Path) -> Path:
    return home.expanduser().resolve() / "services"


def _log(home: Path) -> Path:
    return home.expanduser().resolve() / "logs" / "sandbox.log"


def _start(record: Path, played: _Played, home: Path) -> None:
    log = _log(home)
    record.unlink(missing_ok=True)
    private_directory(log.parent)
    port = _lasting_port(record.parent, played)
    options = ["--announce", str(record), "--idle-exit", str(IDLE_EXIT_SECONDS), "--port", str(port), *played.options()]
    options += ["--home", str(log.parent.parent)]
    # Run from the package's own folder, so that the code that starts is the code that the key describes.
    process = spawn_detached([sys.executable, "-m", MODULE, *options], directory=_SANDBOX.parent.parent, log=log)
    wait_until(lambda: record.exists() or not process.is_alive, seconds=START_SECONDS)
    announced = read_record(record)
    if announced is None:
        terminate(process, seconds=STOP_SECONDS)
        raise LocalServerError(f"the sandbox service did not start. {_end_of(log)}")
    # The service announces its address and pid; its start time distinguishes it from a later process with that pid.
    write_record(record, {**announced, "started": process.started})


def _lasting_port(directory: Path, played: _Played) -> int:
    """The same port at every start if it is free, since charts remember the addresses of covers; else 0, any port."""
    digest = hashlib.sha256(repr((str(directory), played.options())).encode()).digest()
    port = FIRST_PORT + int.from_bytes(digest[:4]) % PORTS
    with socket.socket() as candidate:
        candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            candidate.bind(("127.0.0.1", port))
        except OSError:
            return 0
    return port


def _forget_the_ended(directory: Path) -> None:
    for record in directory.glob("*.json"):
        if _process(record) is None:
            record.unlink(missing_ok=True)


def _believed(path: Path, played: _Played) -> SandboxStatus | None:
    """The recorded service, if it answers and says that it plays this world."""
    status = _status(path)
    if status is None or status.replay_dir != played.replay_dir:
        return None
    return status if played.seed in (None, status.seed) else None


def _status(path: Path) -> SandboxStatus | None:
    """What the recorded service says about itself; None if nobody answers, or another program does."""
    record = read_record(path)
    if record is None:
        return None
    health = _health(record["url"])
    if health is None or health.get("pid") != record["pid"]:
        return None
    replay_dir = health.get("replay_dir")
    return SandboxStatus(
        url=record["url"],
        pid=record["pid"],
        seed=health.get("seed"),
        replay_dir=Path(replay_dir) if replay_dir else None,
    )


def _process(path: Path) -> Process | None:
    """The recorded service's process if it is alive, even if it does not answer."""
    record = read_record(path)
    if record is None:
        return None
    if "started" in record:
        process = Process(record["pid"], record["started"])
        return process if process.is_alive else None
    # Its starter was killed before it could note the start time: then the service has to name its own pid.
    status = _status(path)
    return Process.of(status.pid) if status else None


def _health(url: str) -> dict[str, Any] | None:
    # Proxies in the environment must not apply; http.client ignores them.
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=ANSWER_SECONDS)
    try:
        connection.request("GET", "/_control/health")
        response = connection.getresponse()
        answer = json.loads(response.read())
    except (OSError, ValueError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return answer if response.status == http.client.OK and isinstance(answer, dict) else None


def _end_of(log: Path) -> str:
    return f"Last lines of {log}: " + ("\n".join(last_lines(log, 10)) or "none")
