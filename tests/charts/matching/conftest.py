"""What every test of the matching finds: no text that an earlier test has had read."""

import pytest

from tunemeld_pipeline.charts.matching import artists, folding, judge, titles, versions


@pytest.fixture(autouse=True)
def nothing_read_before() -> None:
    """Empties what the matching remembers of texts, so that each test runs all the code that it stands for."""
    for remembering in (artists.split_names, folding.fold, judge._numbers, titles.readings, versions._recognise):
        remembering.cache_clear()
