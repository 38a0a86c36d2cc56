"""The files that settings name, read before anything depends on them.

What belongs here: what is wrong with the catalogue and with the overrides of the matching, as problems of their settings. What does not:
reading them (`charts/catalog.py`, `matching/overrides.py`).
"""

from tunemeld_pipeline.charts.catalog import load_catalog
from tunemeld_pipeline.charts.matching.overrides import read_overrides
from tunemeld_pipeline.errors import CatalogError, OverridesError
from tunemeld_pipeline.settings.rules import Problem
from tunemeld_pipeline.settings.settings import Settings


def problems_of_files(settings: Settings) -> list[Problem]:
    """What is wrong with the files that these settings name; empty where all can be used."""
    problems = []
    try:
        load_catalog(settings.catalog_file)
    except CatalogError as error:
        problems.append(Problem("catalog_file", str(error)))
    try:
        read_overrides(settings.match_overrides)
    except OverridesError as error:
        problems.append(Problem("match_overrides", str(error)))
    return problems
