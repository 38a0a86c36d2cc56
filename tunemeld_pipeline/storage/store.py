"""One open database: each attribute keeps one kind of thing, and all of them read through the same session."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

from pymongo.client_session import ClientSession
from pymongo.database import Database

from tunemeld_pipeline.charts.withholding import NOTHING_WITHHELD, Withheld
from tunemeld_pipeline.errors import UnreadableDocument
from tunemeld_pipeline.storage.artists import Artists
from tunemeld_pipeline.storage.charts import Charts
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.fence import Fence
from tunemeld_pipeline.storage.handle import Handle
from tunemeld_pipeline.storage.heartbeats import Heartbeats
from tunemeld_pipeline.storage.histories import Histories
from tunemeld_pipeline.storage.hosts import Hosts
from tunemeld_pipeline.storage.incidents import Incidents
from tunemeld_pipeline.storage.kept_reads import KeptReads
from tunemeld_pipeline.storage.layout import Layout
from tunemeld_pipeline.storage.leases import Leases
from tunemeld_pipeline.storage.lookups import Lookups
from tunemeld_pipeline.storage.months import Months
from tunemeld_pipeline.storage.observations import Observations
from tunemeld_pipeline.storage.playlists import Playlists
from tunemeld_pipeline.storage.positions import Positions
from tunemeld_pipeline.storage.quarantine import Quarantine
from tunemeld_pipeline.storage.recordings import Recordings
from tunemeld_pipeline.storage.rollbacks import Rollbacks
from tunemeld_pipeline.storage.search import Search
from tunemeld_pipeline.storage.sources import Sources
from tunemeld_pipeline.storage.transfer import Transfer
from tunemeld_pipeline.storage.withholdings import Withholdings

Json = dict[str, Any]


class Store:
    """The collections of one database, grouped by what they keep.

    Args:
        database: the database that holds them.
        batch_size: the most operations in one bulk write.
        session: the session that readers' methods use; None reads the latest state each time.
        withheld: what is withheld, if this is for visitors.
        fence: what every write passes, if this is for a run.
    """

    def __init__(
        self,
        database: "Database[Json]",
        batch_size: int = 100,
        session: ClientSession | None = None,
        withheld: Withheld | None = None,
        fence: Fence | None = None,
    ) -> None:
        self.handle = Handle(database, batch_size, session, withheld, fence)
        self.quarantine = Quarantine(self.handle)
        observations = Observations(self.handle, self.quarantine)
        self.layout = Layout(self.handle)
        self.histories = Histories(self.handle)
        self.rollbacks = Rollbacks(self.handle)
        self.playlists = Playlists(self.handle, observations, self.quarantine, self.rollbacks)
        self.positions = Positions(self.handle, self.quarantine)
        self.search = Search(self.handle)
        self.artists = Artists(self.handle, self.quarantine, self.search)
        self.recordings = Recordings(self.handle, self.quarantine, self.artists, self.search, self.positions)
        self.charts = Charts(
            self.handle,
            observations,
            self.histories,
            self.quarantine,
            self.rollbacks,
            self.recordings,
            self.positions,
        )
        self.sources = Sources(self.handle, self.quarantine)
        self.lookups = Lookups(self.handle, self.quarantine)
        self.incidents = Incidents(self.handle, self.quarantine)
        self.withholdings = Withholdings(self.handle)
        self.heartbeats = Heartbeats(self.handle)
        self.leases = Leases(self.handle)
        self.hosts = Hosts(self.handle)
        self.kept_reads = KeptReads(self.handle)
        self.transfer = Transfer(self.handle)
        self.months = Months(self.handle)

    @property
    def unreadable(self) -> list[UnreadableDocument]:
        """What was left out since this store was opened, because it could not be read."""
        return list(self.handle.unreadable.values())

    def anew(self) -> "Store":
        """The same collections, with nothing noted as unreadable yet."""
        return Store(self.handle.database, self.handle.batch_size, self.handle.session)

    def fenced(self, fence: Fence) -> "Store":
        """The same collections for a run: nothing is written once its lease is lost."""
        return Store(self.handle.database, self.handle.batch_size, self.handle.session, fence=fence)

    @contextmanager
    def snapshot(self) -> Generator["Store"]:
        """A store whose readers' methods all see the collections at the same moment, as long as the block lasts."""
        with translated_errors(), self.handle.client.start_session(snapshot=True) as session:
            yield Store(self.handle.database, self.handle.batch_size, session)

    @contextmanager
    def for_visitors(self) -> Generator["Store"]:
        """A snapshot in which readers' methods leave out what is withheld at its moment. All that visitors get is read through one."""
        with self.snapshot() as view:
            yield Store(view.handle.database, view.handle.batch_size, view.handle.session, view.withholdings.now())

    @property
    def withheld(self) -> Withheld:
        """What this store leaves out, because it is for visitors."""
        return NOTHING_WITHHELD if self.handle.withheld is None else self.handle.withheld
