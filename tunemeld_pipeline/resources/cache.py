"""The shared cache of rendered responses, as a Dagster resource.

What belongs here: how hard a run tries to reach it, and how long its client lives. What does not: the backends themselves
(`cache.py`).
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.cache import Cache, cache_key, open_cache
from tunemeld_pipeline.http import Limits
from tunemeld_pipeline.resources.settings import SettingsDependency


class CacheResource(dg.ConfigurableResource):
    """The shared cache: Cloudflare KV in production, this process's memory otherwise."""

    settings: SettingsDependency
    _cache: Cache = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        """Opens the cache's client."""
        limits = Limits(
            attempts=self.settings.etl_retry_attempts,
            first_wait=self.settings.etl_retry_delay,
            request_timeout=self.settings.etl_request_timeout,
            call_deadline=self.settings.etl_call_deadline,
            threads=1,
        )
        with open_cache(self.settings, limits) as self._cache:
            yield self

    @property
    def cache(self) -> Cache:
        """The cache."""
        return self._cache

    def key(self, path: str) -> str:
        """The key of a response's path; each world has keys of its own."""
        return cache_key(self.settings, path)
