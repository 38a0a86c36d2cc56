"""What the definitions are made from: this process's settings, its catalogue, and the partitions, which are the genres.

A service that is not configured is not in this catalogue: a run does not ask it, and lacks nothing by that. Dagster must know these when
it imports the project; nothing here concerns a single genre.
"""

import dagster as dg

from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.configured import configured
from tunemeld_pipeline.settings.sources import load_settings

settings = load_settings()
catalog = configured(settings, load_catalog(settings.catalog_file))
genres = dg.StaticPartitionsDefinition(list(catalog.genres))
