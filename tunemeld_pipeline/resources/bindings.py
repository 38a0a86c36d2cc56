"""Which resource each name means: the one table of resources, all of them over the one settings object."""

import dagster as dg

from tunemeld_pipeline.resources.cache import CacheResource
from tunemeld_pipeline.resources.clients import ClientsResource
from tunemeld_pipeline.resources.mongo import MongoResource
from tunemeld_pipeline.resources.observation import ObservationResource
from tunemeld_pipeline.resources.operator import OperatorResource
from tunemeld_pipeline.settings.settings import Settings


def resources(settings: Settings) -> dict[str, dg.ConfigurableResource]:
    """The resources, by the names that assets use for them."""
    return {
        "observation": ObservationResource(settings=settings),
        "mongo": MongoResource(settings=settings),
        "cache": CacheResource(settings=settings),
        "clients": ClientsResource(settings=settings),
        "operator": OperatorResource(settings=settings),
    }
