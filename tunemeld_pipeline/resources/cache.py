"""The shared cache of rendered responses, as a Dagster resource.

It opens the client at the start of a run and closes it at the end; the backends are in `publishing/cache.py`.
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.publishing.cache import Cache, open_cache, pipeline_limits
from tunemeld_pipeline.resources.settings import SettingsDependency


class CacheResource(dg.ConfigurableResource):
    """The shared cache: Cloudflare KV in production, this process's memory otherwise."""

    settings: SettingsDependency
    _cache: Cache = PrivateAttr()

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Generator[Self]:  # noqa: ARG002
        """Opens the cache's client."""
        with open_cache(self.settings, pipeline_limits(self.settings)) as self._cache:
            yield self

    @property
    def cache(self) -> Cache:
        """The cache."""
        return self._cache
