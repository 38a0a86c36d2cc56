"""The shared cache of rendered responses, as a Dagster resource.

What belongs here: which backend the settings mean, and its address. What does not: the backends themselves (`cache.py`).
"""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Self

import dagster as dg
from pydantic import PrivateAttr

from tunemeld_pipeline.cache import Cache, CloudflareCache, MemoryCache, read_cloudflare_error
from tunemeld_pipeline.http import HttpClient, Limits
from tunemeld_pipeline.resources.settings import SettingsDependency
from tunemeld_pipeline.settings import CacheBackend, Settings


@contextmanager
def open_cache(settings: Settings, limits: Limits) -> Generator[Cache]:
    """The cache that the settings mean, for as long as the block lasts."""
    if settings.cache is CacheBackend.MEMORY:
        yield MemoryCache()
        return
    base = (
        f"{settings.cloudflare_base_url}/accounts/{settings.cloudflare_account_id}"
        f"/storage/kv/namespaces/{settings.cloudflare_namespace_id}"
    )
    token = settings.cloudflare_api_token
    headers = {"Authorization": f"Bearer {token.get_secret_value() if token else ''}"}
    with HttpClient("Cloudflare KV", base, headers, limits, read_cloudflare_error) as client:
        yield CloudflareCache(client)


def pipeline_limits(settings: Settings) -> Limits:
    """How often and how long the pipeline tries to write to the cache."""
    return Limits(
        attempts=settings.etl_retry_attempts,
        first_wait=settings.etl_retry_delay,
        request_timeout=settings.etl_request_timeout,
        call_deadline=settings.etl_call_deadline,
        threads=1,
    )


def response_key(settings: Settings, path: str) -> str:
    """The key of a response's path; each world has keys of its own."""
    return f"{settings.database_name}:{path}"


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

    def key(self, path: str) -> str:
        """The key of a response's path."""
        return response_key(self.settings, path)
