"""One service's list in place of a consensus says so, wherever the API shows it."""

import pytest

from tests.documents import chart, materialization
from tunemeld_pipeline.plugins.registry import load_catalog
from tunemeld_pipeline.publishing.v1.charts import genre_chart
from tunemeld_pipeline.publishing.v1.genres import genre_states

CATALOG = load_catalog()


@pytest.mark.parametrize("only", ["AppleMusic", None])
def test_a_chart_and_its_genre_name_the_only_service(only: str | None) -> None:
    shown = genre_chart(chart((1, 2)).model_copy(update={"only_service": only}), CATALOG.genre("dance"), None, None)
    made = materialization().model_copy(update={"only_service": only})
    states = {one.genre: one for one in genre_states(CATALOG, {"dance": made})}

    assert shown.only_service == states["dance"].only_service == only
    assert states["pop"].only_service is None
