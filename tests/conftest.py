"""What tests of any part may ask for: a real MongoDB server with a database of their own, the sandbox's services over real HTTP,
settings that mean these two, and runs of the daily job with such settings."""

import gc
import multiprocessing
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Hashable, Iterator
from contextlib import ExitStack, contextmanager
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.database import Database

from tests.fuzz.mutations import FEWER_EXAMPLES
from tests.leftovers import Session, interrupt_on_sigterm
from tests.warm import WARM
from tests.wire import Play, Reply, WireServer
from tunemeld_pipeline.local.mongod import ensure_mongod, stop_mongod
from tunemeld_pipeline.local.processes import read_record, wait_until
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.choices import ENV_FILE_VARIABLE, variable_name
from tunemeld_pipeline.settings.settings import SETTING_NAMES, Settings
from tunemeld_pipeline.storage.connection import connect
from tunemeld_pipeline.storage.layout import COLLECTIONS
from tunemeld_pipeline.storage.store import Store

if TYPE_CHECKING:
    import dagster as dg

SANDBOX_TRACKS = 20
"""Rows of each list in the tests' world: enough for agreement, movement and every irregularity to appear now and then."""

QUIET = {"telemetry": {"enabled": False}}
"""Settings of a Dagster instance that sends no telemetry about its runs."""

# The definitions read the environment when they are imported; a developer's shell and `.env` are none of the tests' business.
for name in SETTING_NAMES:
    os.environ.pop(variable_name(name), None)
os.environ.pop(ENV_FILE_VARIABLE, None)
os.environ["TUNEMELD_ENV"] = "testing"
os.environ["ETL_RETRY_DELAY"] = "0.1"

# Each process that loads Dagster would compile it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# Of what tests load and collect, nearly all stays; Python would look through it for garbage hundreds of times.
gc.set_threshold(50_000)

# How long an example takes says more of the machine than of the code.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")
hypothesis.settings.register_profile("few examples", hypothesis.settings.get_profile("any machine"), max_examples=25)

ONE_WORKER = {
    **{folder: folder for folder in ("tests/assets/", "tests/django_backend/", "tests/page/", "tests/upgrade/")},
    "tests/operations/test_rollback.py": "rollbacks",
    **{f"tests/test_{name}.py": "sources" for name in ("errors", "project", "security", "services_named")},
}
"""What runs in one worker, by the beginning of the tests' ids: the filled API, the page in a browser, the upgrade, the parsed sources and
the days that many tests begin after would else be made in every worker."""

SESSION = pytest.StashKey[Session]()


def pytest_configure(config: pytest.Config) -> None:
    """A worker has its commands run by the process that the controller started for all of them, and leaves the end to it."""
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # what a shell starts with `&` ignores it, and so would all that tests start
    interrupt_on_sigterm()
    if config.option.markexpr.startswith("not slow"):
        # `make test`; `make check` tries all.
        hypothesis.settings.load_profile("few examples")
        os.environ[FEWER_EXAMPLES] = "1"
    if (given := getattr(config, "workerinput", None)) is not None:
        WARM.folder = Path(given["warm"])
    else:
        config.stash[SESSION] = Session()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """One more than there are processors, since a worker that waits for its servers needs none; each has servers of its own."""
    return min(4, (os.cpu_count() or 1) + 1)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    interrupt_on_sigterm(workers=True)
    node.workerinput["warm"] = str(WARM.start().parent)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With `--dist loadscope`, a worker gets one test at a time, or all of a folder that shares what takes long to make."""
    if config.getoption("dist") != "loadscope":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((group for begin, group in ONE_WORKER.items() if nodeid.startswith(begin)), nodeid)

    return Scheduling(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Slow tests first: one that begins last would keep one processor busy and leave the others idle.

    A folder that shares servers stays whole.
    """
    items.sort(key=lambda item: item.get_closest_marker("slow") is None or item.nodeid.startswith(tuple(ONE_WORKER)))


def pytest_collection_finish() -> None:
    """What was loaded by now is never looked through again."""
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if session := config.stash.get(SESSION, None):
        session.end()


@pytest.fixture(autouse=True)
def no_dagster_home_of_another_test() -> None:
    """Whatever opens an instance in this process names its folder in the environment, which a later test's programs would inherit."""
    os.environ.pop("DAGSTER_HOME", None)


@pytest.fixture(scope="session")
def mongod_url() -> Iterator[str]:
    """The address of one `mongod` for the whole test session; transactions work on it."""
    # pytest's own temporary paths can be too long for a socket.
    home = Path(tempfile.mkdtemp(prefix="tunemeld-test-"))
    try:
        yield ensure_mongod(home)
    finally:
        stop_mongod(home)
        shutil.rmtree(home)


@pytest.fixture
def play() -> Iterator[Play]:
    """Starts servers that play bytes, until the test ends."""
    with ExitStack() as stack:

        def started(*replies: Reply) -> WireServer:
            return stack.enter_context(WireServer(list(replies)))

        yield started


@pytest.fixture
def mongo_database(mongod_url: str) -> Iterator[Database[dict[str, Any]]]:
    """An empty database of the test's own, dropped after it."""
    with MongoClient[dict[str, Any]](mongod_url, tz_aware=True) as client:
        database = client[f"{uuid.uuid4().hex}_test"]
        try:
            yield database
        finally:
            client.drop_database(database)


@contextmanager
def sandbox_process(folder: Path, *, tracks: int) -> Iterator[str]:
    """The root address of a sandbox service of its own, for as long as the block lasts."""
    announce = folder / "announced.json"
    command = [sys.executable, "-m", "tunemeld_pipeline.sandbox.serve"]
    process = subprocess.Popen([*command, "--tracks", str(tracks), "--announce", str(announce)])
    try:
        assert wait_until(lambda: announce.exists() or process.poll() is not None, seconds=300)
        yield (read_record(announce) or {})["url"]
    finally:
        process.terminate()
        process.wait(timeout=300)


@pytest.fixture(scope="session")
def sandbox_root(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The root address of one sandbox service for the whole session, with short lists."""
    with sandbox_process(tmp_path_factory.mktemp("sandbox"), tracks=SANDBOX_TRACKS) as url:
        yield url


@pytest.fixture(scope="session")
def clean_processes() -> ForkServerContext:
    """Starts processes that hold nothing of this one but have Dagster and the definitions loaded, within milliseconds."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.loaded"])
    return context


@pytest.fixture
def faults(sandbox_root: str) -> Iterator[Faults]:
    """Orders troubles of the session's sandbox; after the test it is well again, with nothing used and nothing counted."""
    control = Faults(sandbox_root)
    control.reset()
    try:
        yield control
    finally:
        control.reset()


def empty(database: Database[Any]) -> None:
    """Removes every document of our collections; a test has written into few of them."""
    first, *others = (*(spec.name for spec in COLLECTIONS), "run_leases")
    named = {name: [{"$limit": 1}, {"$project": {"_id": {"$literal": name}}}] for name in (first, *others)}
    unions = [{"$unionWith": {"coll": name, "pipeline": named[name]}} for name in others]
    for found in database[first].aggregate([*named[first], *unions]):
        database[found["_id"]].delete_many({})


class Databases:
    """Names of databases for one test each. Making the layout of `storage` takes more processor time than most tests do, so a database
    that has it is emptied and used again."""

    def __init__(self, client: MongoClient[dict[str, Any]]) -> None:
        self._client = client
        self._free: list[str] = []
        self._prepared: dict[str, Any] = {}

    def take(self, *, prepared: bool) -> str:
        """A name for MONGODB_DATABASE that no other test has.

        Args:
            prepared: whether it may be that of a database that has its layout.
        """
        return self._free.pop() if prepared and self._free else f"t{uuid.uuid4().hex[:12]}_test"

    def prepare(self, settings: Settings) -> None:
        """Makes the layout, unless an earlier test has."""
        name = settings.database_name
        if name not in self._prepared:
            Store(self._client[name]).layout.prepare()
            self._client[name].create_collection("run_leases")  # which every run would else make
            self._prepared[name] = self._layout(name)

    def give_back(self, settings: Settings) -> None:
        """Empties the database for another test, or drops it if it has no layout or a changed one."""
        name = settings.database_name
        if self._layout(name) != self._prepared.get(name):
            self._client.drop_database(name)
            return
        empty(self._client[name])
        assert settings.mongodb_database is not None
        self._free.append(settings.mongodb_database)

    def _layout(self, name: str) -> Any:
        database = self._client[name]
        collections = {found["name"]: found for found in database.list_collections()}
        return collections, database.command("dbStats")["indexes"], list(database["layout"].find())


@pytest.fixture(scope="session")
def shared_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all workers of the session."""
    own = tmp_path_factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


class Pasts:
    """Databases as something left them, kept in memory by name: putting one back takes a twentieth of a run."""

    def __init__(self, client: MongoClient[dict[str, Any]]) -> None:
        self._client = client
        self._kept: dict[Hashable, dict[str, list[RawBSONDocument]]] = {}

    def lead_to(self, name: Hashable, settings: Settings, make: Callable[[], object]) -> None:
        """Fills the test's database anew; only the first test of a worker has what it needs there made.

        A worker has its own, since the covers' addresses are those of its sandbox.
        """
        options = CodecOptions[RawBSONDocument](document_class=RawBSONDocument)
        database = self._client.get_database(settings.database_name, options)
        empty(database)
        if name not in self._kept:
            make()
            self._kept[name] = {spec.name: list(database[spec.name].find()) for spec in COLLECTIONS}
            return
        for collection, documents in self._kept[name].items():
            if documents:
                database[collection].insert_many(documents)


@pytest.fixture(scope="session")
def pasts(mongod_url: str) -> Iterator[Pasts]:
    with connect(mongod_url) as client:
        yield Pasts(client)


@pytest.fixture(scope="session")
def databases(mongod_url: str) -> Iterator[Databases]:
    with connect(mongod_url) as client:
        yield Databases(client)


@pytest.fixture
def settings(
    request: pytest.FixtureRequest,
    databases: Databases,
    mongod_url: str,
    sandbox_root: str,
    faults: Faults,
    tmp_path: Path,
) -> Iterator[Settings]:
    """Settings for testing, on the session's servers, with a database of the test's own and no waiting between tries.

    The database is prepared if the test asks for the store or for runs.
    """
    prepared = bool({"store", "run_genre"} & set(request.fixturenames))
    chosen = Settings(
        environment="testing",
        home=tmp_path / "home",
        mongodb_url=mongod_url,
        mongodb_database=databases.take(prepared=prepared),
        sandbox_url=sandbox_root,
        etl_retry_delay=0,
    )
    if prepared:
        databases.prepare(chosen)
    yield chosen
    databases.give_back(chosen)


@pytest.fixture
def store(settings: Settings, mongod_url: str) -> Iterator[Store]:
    """The collections of the test's settings, prepared, with a client of its own."""
    with connect(mongod_url) as client:
        yield Store(client[settings.database_name], settings.etl_batch_size)


class GenreRunner:
    """Runs the daily job in this process, with the test's settings, recorded in an instance that only this test sees."""

    def __init__(self, settings: Settings, instance: "dg.DagsterInstance", pasts: Pasts | None = None) -> None:
        self._settings = settings
        self._pasts = pasts
        self.instance = instance

    def __call__(
        self,
        genre: str = "dance",
        *,
        as_of: str | None = None,
        settings: Settings | None = None,
        raise_on_error: bool = True,
        checks: bool = False,
    ) -> "dg.ExecuteInProcessResult":
        """One run of the four assets, observing the sandbox on the day `as_of`, else now.

        Args:
            checks: whether the assets' checks run too. They hold nothing back, and take more time than the assets.
        """
        return daily_refresh_with(settings or self._settings, checks=checks).execute_in_process(
            instance=self.instance,
            partition_key=genre,
            tags={"tunemeld/as_of": as_of} if as_of else None,
            raise_on_error=raise_on_error,
        )

    def after(self, *days: str, settings: Settings | None = None) -> None:
        """Leads the test's database to where good runs of `dance` on these days end, whatever is in it.

        The runs are made once a worker; Dagster does not know them, and the sandbox need not have been asked.

        Args:
            settings: those of another database of the test, with the same sandbox.
        """

        def make() -> None:
            *earlier, last = days
            if earlier:
                self.after(*earlier, settings=settings)
            self(as_of=last, settings=settings)

        assert self._pasts is not None
        self._pasts.lead_to(days, settings or self._settings, make)


def daily_refresh_with(settings: Settings, *, checks: bool = False) -> "dg.JobDefinition":
    """The job as it is defined, with resources over these settings."""
    # Dagster takes two seconds to import, which tests of pure functions need not wait for.
    import dagster as dg

    from tunemeld_pipeline.definitions import defs
    from tunemeld_pipeline.resources.bindings import resources

    return dg.Definitions(
        assets=defs.assets,
        asset_checks=defs.asset_checks if checks else None,
        jobs=defs.jobs,
        resources=resources(settings),
        executor=defs.executor,
    ).resolve_job_def("daily_refresh")


@pytest.fixture(scope="session")
def session_instance() -> Iterator["dg.DagsterInstance"]:
    """One Dagster instance in memory for all tests, since each takes a quarter of a second to make."""
    import dagster as dg

    with dg.DagsterInstance.ephemeral(settings=QUIET) as opened:
        yield opened


@pytest.fixture
def instance(session_instance: "dg.DagsterInstance") -> Iterator["dg.DagsterInstance"]:
    """The instance, without a run of another test."""
    yield session_instance
    session_instance.wipe()


@pytest.fixture
def run_genre(settings: Settings, instance: "dg.DagsterInstance", pasts: Pasts) -> GenreRunner:
    """Runs one genre: `run_genre("dance", as_of="2026-03-02")`; a failed run raises by default."""
    return GenreRunner(settings, instance, pasts)
