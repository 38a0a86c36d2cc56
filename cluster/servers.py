"""Postgres, pgbouncer, Redis and `mongod` from this machine's packages, each in a folder of its own and on one address.

A server can be killed, stopped for a while and started again on the same data. Postgres and pgbouncer refuse to run as root: started by
root, they run as their packages' user.
"""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tunemeld_pipeline.local.mongod import find_mongod
from tunemeld_pipeline.local.processes import wait_until

POSTGRES_BINARIES = Path("/usr/lib/postgresql")
POSTGRES_USER = "postgres"
START_SECONDS, END_SECONDS = 60.0, 20.0
PASSWORD = "in-a-test-alone"  # noqa: S105 - of servers that live for minutes, on loopback
POOL = 30
"""Connections that pgbouncer keeps to Postgres at the most."""


def missing_servers() -> list[str]:
    """The Debian packages that this machine lacks."""
    needed = {
        "postgresql": _postgres_folder(),
        "pgbouncer": _found("pgbouncer"),
        "redis-server": _found("redis-server"),
    }
    return [package for package, found in needed.items() if found is None]


def free_port(address: str) -> int:
    """A port of this address on which nothing listens now."""
    with socket.socket() as one:
        one.bind((address, 0))
        return int(one.getsockname()[1])


@dataclass
class Server:
    """A program in the foreground that listens on one port."""

    name: str
    command: list[str]
    address: str
    port: int
    folder: Path
    as_user: str | None = None
    process: "subprocess.Popen[bytes] | None" = field(default=None, repr=False)

    def start(self) -> None:
        """Starts it, and waits until it accepts connections.

        Raises:
            RuntimeError: it does not.
        """
        command = self.command
        if self.as_user is not None and os.geteuid() == 0:
            command = ["setpriv", f"--reuid={self.as_user}", f"--regid={self.as_user}", "--clear-groups", *command]
        with (self.folder / f"{self.name}.log").open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        if not wait_until(lambda: self.answers() or not self.is_running, seconds=START_SECONDS) or not self.is_running:
            raise RuntimeError(f"{self.name} did not start; see {log.name}")

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self.process is not None and self.process.poll() is None

    def answers(self) -> bool:
        """Whether it accepts connections."""
        try:
            with socket.create_connection((self.address, self.port), timeout=1):
                return True
        except OSError:
            return False

    def signal(self, number: signal.Signals) -> None:
        """Sends a signal to its process."""
        if self.process is not None and self.is_running:
            self.process.send_signal(number)

    def kill(self) -> None:
        """Ends it without a warning, as a power cut does."""
        self.signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def stop(self) -> None:
        """Ends it: asks first."""
        if self.process is None:
            return
        # Postgres' fast shutdown, which does not wait for clients, is SIGINT; the others end with it too.
        self.signal(signal.SIGINT)
        try:
            self.process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()

    def away(self, seconds: float, *, killed: bool) -> None:
        """Ends it, and starts it again after this time."""
        self.kill() if killed else self.stop()
        time.sleep(seconds)
        self.start()


@dataclass
class Servers:
    """All four."""

    postgres: Server
    pgbouncer: Server
    redis: Server
    mongod: Server

    @property
    def postgres_url(self) -> str:
        """The address that TuneMeld gets: pgbouncer's."""
        return self._postgres_url(self.pgbouncer)

    @property
    def direct_url(self) -> str:
        """Postgres' own, for what is measured there."""
        return self._postgres_url(self.postgres)

    @property
    def broker_url(self) -> str:
        """Redis'."""
        return f"redis://:{PASSWORD}@{self.redis.address}:{self.redis.port}/0"

    @property
    def mongodb_url(self) -> str:
        """MongoDB's."""
        return f"mongodb://{self.mongod.address}:{self.mongod.port}/?replicaSet=rs0"

    def _postgres_url(self, server: Server) -> str:
        return f"postgresql://{POSTGRES_USER}:{PASSWORD}@{server.address}:{server.port}/dagster"

    def each(self) -> list[Server]:
        """In the order in which they start."""
        return [self.postgres, self.pgbouncer, self.redis, self.mongod]


@contextmanager
def servers(folder: Path, address: str = "127.0.0.1") -> Iterator[Servers]:
    """Starts all four on this address, and ends them.

    Args:
        folder: an empty folder; its path may be entered by everybody.
    """
    found = Servers(
        _postgres(folder / "postgres", address),
        _pgbouncer(folder / "pgbouncer", address),
        _redis(folder / "redis", address),
        _mongod(folder / "mongod", address),
    )
    with ExitStack() as stack:
        for server in found.each():
            stack.callback(server.stop)
        found.postgres.start()
        _create_database(found.postgres)
        _configure_pgbouncer(found)
        for server in (found.pgbouncer, found.redis, found.mongod):
            server.start()
        _make_replica_set(found.mongod)
        yield found


def _postgres(folder: Path, address: str) -> Server:
    binaries = _postgres_folder()
    assert binaries is not None, "it is installed"
    _owned(folder, POSTGRES_USER)
    password = folder / "password"
    password.write_text(PASSWORD, "utf-8")
    data = folder / "data"
    # As the first start of a container does it; what is not flushed to the disk at once makes a test faster, and its data are not kept.
    _as_user(
        POSTGRES_USER,
        [
            str(binaries / "initdb"),
            "-D",
            str(data),
            "-U",
            POSTGRES_USER,
            "-A",
            "scram-sha-256",
            "--pwfile",
            str(password),
            "-N",
        ],
    )
    port = free_port(address)
    options = {"listen_addresses": address, "port": port, "unix_socket_directories": folder, "fsync": "off"}
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    with (data / "pg_hba.conf").open("a", encoding="utf-8") as rules:
        rules.write("host all all 0.0.0.0/0 scram-sha-256\n")
    return Server(
        "postgres", [str(binaries / "postgres"), "-D", str(data), *words], address, port, folder, POSTGRES_USER
    )


def _create_database(postgres: Server) -> None:
    command = ["psql", "-h", postgres.address, "-p", str(postgres.port), "-U", POSTGRES_USER]
    environment = {**os.environ, "PGPASSWORD": PASSWORD}
    subprocess.run([*command, "-qc", "CREATE DATABASE dagster"], env=environment, check=True)


def _pgbouncer(folder: Path, address: str) -> Server:
    program = _found("pgbouncer")
    assert program is not None, "it is installed"
    _owned(folder, POSTGRES_USER)
    command = [program, str(folder / "pgbouncer.ini")]
    return Server("pgbouncer", command, address, free_port(address), folder, POSTGRES_USER)


def _configure_pgbouncer(found: Servers) -> None:
    folder, postgres = found.pgbouncer.folder, found.postgres
    (folder / "users.txt").write_text(f'"{POSTGRES_USER}" "{PASSWORD}"\n', "utf-8")
    lines = [
        "[databases]",
        f"dagster = host={postgres.address} port={postgres.port} dbname=dagster",
        "[pgbouncer]",
        f"listen_addr = {found.pgbouncer.address}",
        f"listen_port = {found.pgbouncer.port}",
        "unix_socket_dir =",
        "auth_type = scram-sha-256",
        f"auth_file = {folder / 'users.txt'}",
        "pool_mode = session",
        f"default_pool_size = {POOL}",
        "max_client_conn = 500",
        "server_login_retry = 1",
        "log_connections = 0",
        "log_disconnections = 0",
    ]
    (folder / "pgbouncer.ini").write_text("\n".join([*lines, ""]), "utf-8")


def _redis(folder: Path, address: str) -> Server:
    program = _found("redis-server")
    assert program is not None, "it is installed"
    folder.mkdir()
    port = free_port(address)
    # What the broker holds outlives it, as in deploy/compose.yaml.
    options = {"bind": address, "port": port, "dir": folder, "requirepass": PASSWORD, "appendonly": "yes"}
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return Server("redis", [program, *words], address, port, folder)


def _mongod(folder: Path, address: str) -> Server:
    folder.mkdir()
    port = free_port(address)
    command = [
        str(find_mongod()),
        "--dbpath",
        str(folder),
        "--bind_ip",
        address,
        "--port",
        str(port),
        "--replSet",
        "rs0",
    ]
    return Server("mongod", [*command, "--nounixsocket"], address, port, folder)


def _make_replica_set(mongod: Server) -> None:
    from pymongo import MongoClient

    with MongoClient(mongod.address, mongod.port, directConnection=True) as client:
        client.admin.command(
            "replSetInitiate", {"_id": "rs0", "members": [{"_id": 0, "host": f"{mongod.address}:{mongod.port}"}]}
        )
        if not wait_until(lambda: client.admin.command("hello")["isWritablePrimary"], seconds=START_SECONDS):
            raise RuntimeError("the replica set has no primary")


def _owned(folder: Path, user: str) -> None:
    folder.mkdir()
    if os.geteuid() == 0:
        shutil.chown(folder, user, user)


def _as_user(user: str, command: list[str]) -> None:
    as_root = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*as_root, *command], check=True, stdout=subprocess.DEVNULL, cwd="/")


def _postgres_folder() -> Path | None:
    found = sorted(POSTGRES_BINARIES.glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


def _found(program: str) -> str | None:
    return shutil.which(program, path=f"{os.environ.get('PATH', '')}:/usr/sbin")
