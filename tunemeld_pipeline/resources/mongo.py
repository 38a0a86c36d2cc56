"""MongoDB as a Dagster resource.

What belongs here: which database, and how long the client lives. What does not: what is kept there (`store.py`).
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.sandbox.mongod import mongodb_url
from tunemeld_pipeline.store import Store, connect


class MongoResource(dg.ConfigurableResource):
    """The database of this world. One client per run."""

    settings: SettingsDependency
    _store: Store = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        """Opens the client, and creates what is missing of collections and indexes."""
        with connect(mongodb_url(self.settings)) as client:
            self._store = Store(client[self.settings.database_name], self.settings.etl_batch_size)
            self._store.prepare()
            yield self

    @property
    def store(self) -> Store:
        """The collections."""
        return self._store
