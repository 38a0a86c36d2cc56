"""The shared cache as a run opens it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import dagster as dg
import pytest

from tests.wire import CANARY, Play, answer
from tunemeld_pipeline.errors import CredentialsRefused
from tunemeld_pipeline.local.credentials import CLOUDFLARE_ACCOUNT_ID, CLOUDFLARE_API_TOKEN, CLOUDFLARE_NAMESPACE_ID
from tunemeld_pipeline.publishing.cache import CacheEntry, MemoryCache, cache_key
from tunemeld_pipeline.resources.cache import CacheResource
from tunemeld_pipeline.sandbox.faults import Faults
from tunemeld_pipeline.settings.settings import Settings

ENTRY = CacheEntry("{}", 1, datetime(2025, 11, 22, tzinfo=UTC))


def with_kv(settings: Settings, base_url: str, token: str = CLOUDFLARE_API_TOKEN) -> Settings:
    """The same settings with Workers KV as their cache."""
    return Settings.model_validate(
        {
            **settings.model_dump(),
            "cache": "cloudflare",
            "cloudflare_base_url": base_url,
            "cloudflare_account_id": CLOUDFLARE_ACCOUNT_ID,
            "cloudflare_namespace_id": CLOUDFLARE_NAMESPACE_ID,
            "cloudflare_api_token": token,
        }
    )


@contextmanager
def opened(settings: Settings, instance: dg.DagsterInstance) -> Iterator[CacheResource]:
    with dg.build_resources({"cache": CacheResource(settings=settings)}, instance=instance) as scope:
        resource: CacheResource = scope.cache
        yield resource


def test_it_works(settings: Settings, sandbox_root: str, faults: Faults, instance: dg.DagsterInstance) -> None:
    with opened(with_kv(settings, f"{sandbox_root}/cloudflare"), instance) as resource:
        resource.cache.put_many({cache_key(settings, "/graph-data/pop"): ENTRY}, 60)
        assert resource.cache.get(cache_key(settings, "/graph-data/pop")) == ENTRY
    assert faults.requests()["cloudflare"] == {"bulk": 1, "values": 1}


def test_memory_is_the_default_cache(settings: Settings, instance: dg.DagsterInstance) -> None:
    with opened(settings, instance) as resource:
        assert isinstance(resource.cache, MemoryCache)


def test_each_world_has_keys_of_its_own(settings: Settings) -> None:
    assert cache_key(settings, "/graph-data/pop") == f"{settings.database_name}:/graph-data/pop"


def test_a_write_in_trouble_is_tried_again(
    settings: Settings, sandbox_root: str, faults: Faults, instance: dg.DagsterInstance
) -> None:
    faults.add("cloudflare", "500")
    patient = with_kv(settings, f"{sandbox_root}/cloudflare").model_copy(update={"etl_retry_attempts": 2})
    with opened(patient, instance) as resource:
        resource.cache.put_many({"/x": ENTRY}, 60)
    assert faults.requests()["cloudflare"] == {"bulk": 2}


def test_the_token_is_sent_as_a_bearer_and_never_shown(
    settings: Settings, play: Play, instance: dg.DagsterInstance
) -> None:
    errors = [{"code": 10000, "message": f"Authentication error: {CANARY}"}]
    server = play(answer({"success": False, "errors": errors, "messages": [], "result": None}, 403))
    with (
        opened(with_kv(settings, server.url, CANARY), instance) as resource,
        pytest.raises(CredentialsRefused, match="check CLOUDFLARE_API_TOKEN") as caught,
    ):
        resource.cache.put_many({"/x": ENTRY}, 60)
    assert CANARY not in str(caught.value)
    received = server.requests[0]
    assert received.headers["authorization"] == f"Bearer {CANARY}"
    assert received.target == "/accounts/sandbox/storage/kv/namespaces/sandbox/bulk"
