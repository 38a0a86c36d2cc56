"""MongoDB as a Dagster resource.

It opens one client per run and closes it at the end; all that the run writes passes the run's lease (`held_leases.py`).
`storage/connection.py` says which server and database that is, and the rest of `storage/` what is kept there.
"""

from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.resources.held_leases import held_lease
from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.run_tags import PARTITION_TAG
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.storage.store import Store


class MongoResource(dg.ConfigurableResource):
    """The database of this world. One client per run."""

    settings: SettingsDependency
    _store: Store = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:
        """Opens the client, creates missing collections and indexes, holds the run's lease, and notes which rollbacks there were before.

        Raises:
            LeaseLost: the run was ended before this process began it.
        """
        with open_store(self.settings) as opened, ExitStack() as stack:
            self._store = opened
            if context.run is not None:
                genre = context.run.tags.get(PARTITION_TAG, "")
                fence = stack.enter_context(held_lease(opened, context.run.run_id, genre, self.settings.app_version))
                self._store = opened.fenced(fence)
            self._store.rollbacks.note()
            yield self

    @property
    def store(self) -> Store:
        """The collections."""
        return self._store
