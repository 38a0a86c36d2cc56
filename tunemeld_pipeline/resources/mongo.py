"""MongoDB as a Dagster resource.

It opens one client per run and closes it at the end. `storage/connection.py` says which server and database that is, and the rest of
`storage/` what is kept there.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.storage.connection import open_store
from tunemeld_pipeline.storage.store import Store


class MongoResource(dg.ConfigurableResource):
    """The database of this world. One client per run."""

    settings: SettingsDependency
    _store: Store = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        """Opens the client, creates missing collections and indexes, and notes which rollbacks there were before this run."""
        with open_store(self.settings) as self._store:
            self._store.rollbacks.note()
            yield self

    @property
    def store(self) -> Store:
        """The collections."""
        return self._store
