"""Every test of the matching starts with empty caches: no text is already read by an earlier test."""

import pytest

from tunemeld_pipeline.charts.matching import artists, folding, spelling, titles, treatments, versions, wording


@pytest.fixture(autouse=True)
def nothing_read_before() -> None:
    """Empties what the matching remembers of texts, so that each test runs all the code that it covers."""
    for remembering in (
        artists.split_names,
        folding.fold,
        folding.romanise,
        folding._word_under,
        spelling.is_slip,
        titles.readings,
        treatments.is_treatment,
        versions._recognise,
        wording.numbers,
        wording.one_writing,
    ):
        remembering.cache_clear()
