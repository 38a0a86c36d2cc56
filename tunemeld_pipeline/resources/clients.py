"""The clients of the upstream services, as a Dagster resource: each is opened when an asset first asks for it, for as long as the run."""

import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime
from typing import Any, Self, TypeVar

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.resources.observation import observation_time
from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.upstream.service_client import ServiceClient

C = TypeVar("C", bound=ServiceClient)


class ClientsResource(dg.ConfigurableResource):
    """The calls to the upstream services, observing the world at the run's time."""

    settings: SettingsDependency
    _as_of: datetime = PrivateAttr()
    _stack: ExitStack = PrivateAttr()
    _opened: dict[type[ServiceClient], Any] = PrivateAttr(default_factory=dict)
    _lock: Any = PrivateAttr(default_factory=threading.Lock)

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:
        """Closes every client that was opened."""
        self._as_of = observation_time(context, self.settings)
        with ExitStack() as self._stack:
            yield self

    def of(self, kind: type[C]) -> C:
        """The run's client of this kind.

        Raises:
            SettingsError: a key that live upstreams need is missing.
        """
        with self._lock:
            if kind not in self._opened:
                self._opened[kind] = self._stack.enter_context(kind(self.settings, self._as_of).opened())
            client: C = self._opened[kind]
            return client
