"""How the assets are partitioned: by genre.

What belongs here: the partitions and the catalogue that they come from. What does not: anything about a single genre.
"""

import dagster as dg

from tunemeld_pipeline.catalog import load_catalog
from tunemeld_pipeline.settings import load_settings

catalog = load_catalog(load_settings().catalog_file)
genres = dg.StaticPartitionsDefinition(list(catalog.genres))
