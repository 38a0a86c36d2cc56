"""Checks the files that settings name before anything depends on them.

Whatever is wrong with the catalogue or with the matching overrides becomes a problem of the setting that names the file. The files are
read in `charts/catalog.py` and `charts/matching/overrides.py`.
"""

from tunemeld_pipeline.charts.matching.overrides import read_overrides
from tunemeld_pipeline.errors import CatalogError, OverridesError
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.settings.rules import SettingProblem
from tunemeld_pipeline.settings.settings import Settings


def problems_of_files(settings: Settings) -> list[SettingProblem]:
    """What is wrong with the files that these settings name; empty when all can be used."""
    problems = []
    try:
        load_catalog(settings.catalog_file)
    except CatalogError as error:
        problems.append(SettingProblem("catalog_file", str(error)))
    try:
        read_overrides(settings.match_overrides)
    except OverridesError as error:
        problems.append(SettingProblem("match_overrides", str(error)))
    return problems
