"""The clients of the upstream services, as a Dagster resource: each is opened when an asset first asks for it, for as long as the run."""

import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Self, overload

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.plugins.contract import Access, Counting, IsrcLookup, Source
from tunemeld_pipeline.resources.observation import observation_time
from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.upstream.service_client import (
    CountClient,
    HintClient,
    IsrcClient,
    ListClient,
    ServiceClient,
    client_of,
)


class ClientsResource(dg.ConfigurableResource):
    """The calls to the upstream services, observing the world at the run's time."""

    settings: SettingsDependency
    _as_of: datetime = PrivateAttr()
    _stack: ExitStack = PrivateAttr()
    _opened: dict[Any, Any] = PrivateAttr(default_factory=dict)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:
        """Closes every client that was opened."""
        self._as_of = observation_time(context, self.settings)
        with ExitStack() as self._stack:
            yield self

    @overload
    def of(self, access: Source) -> ListClient: ...
    @overload
    def of(self, access: Counting) -> CountClient: ...
    @overload
    def of(self, access: IsrcLookup) -> IsrcClient | HintClient: ...
    def of(self, access: Access) -> ServiceClient:
        """The run's client of a source, a counting or a look-up; those of one folder that reach the same have one client together.

        What one of them learns of a host that hangs, the others need not learn again, and the host's rate is kept to by all together.

        Raises:
            SettingsError: a key that it needs is missing.
            PluginError: its client cannot be loaded.
        """
        reach = (access.client, access.needs, access.hosts, access.budgets)
        with self._lock:
            if reach not in self._opened:
                kind = client_of(access)
                self._opened[reach] = self._stack.enter_context(kind(self.settings, self._as_of, access).opened())
            client: ServiceClient = self._opened[reach]
            return client
