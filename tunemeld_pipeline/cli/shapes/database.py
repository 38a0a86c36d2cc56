"""The database, its documents and backups, and the shared cache."""

from typing import Literal

from typing_extensions import TypedDict

from tunemeld_pipeline.cli.shapes.values import Moment
from tunemeld_pipeline.settings.choices import CacheBackend


class Mongod(TypedDict):
    """The local MongoDB server."""

    running: bool
    pid: int | None
    version: str | None
    socket: str
    data: str
    log: str
    binary: str | None


class Sandbox(TypedDict):
    """A sandbox service in the background."""

    url: str
    pid: int
    seed: int | None
    replay_dir: str | None


class LocalServers(TypedDict):
    """`tunemeld db status`."""

    mongodb_url_is_set: bool
    """Then that server is used, and no local one is needed."""
    mongod: Mongod
    sandbox: list[Sandbox]


class Connection(TypedDict):
    """`tunemeld db test-connection`."""

    version: str
    replica_set: str | None
    milliseconds: float
    database: str


class Index(TypedDict):
    """One index."""

    collection: str
    name: str
    state: Literal["ok", "missing", "foreign"]


class Collection(TypedDict):
    """One collection."""

    name: str
    documents: int
    data_bytes: int
    storage_bytes: int
    newest: Moment | None


class Unreadable(TypedDict):
    """A stored document that cannot be read."""

    collection: str
    document_id: str
    key: str
    field: str
    """The first part that does not fit."""
    why: str
    harm: str
    repair: str
    is_newer: bool
    """Whether a newer release wrote it, so that nothing changes it here."""


class DocumentCheck(TypedDict):
    """`tunemeld db check`."""

    repaired: bool
    """Whether --repair was given."""
    unreadable: list[Unreadable]


class Backup(TypedDict):
    """`tunemeld db backup`."""

    database: str
    folder: str
    tried_out: bool
    """Whether it was restored into a scratch database."""
    documents: int


class CacheEntry(TypedDict):
    """A response in the shared cache."""

    version: int
    age_seconds: int


class CacheStatus(TypedDict):
    """`tunemeld cache status`."""

    backend: CacheBackend
    genres: dict[str, dict[str, CacheEntry | None]]
    """Genre → path → what is held, or null; empty where each process keeps its own."""
