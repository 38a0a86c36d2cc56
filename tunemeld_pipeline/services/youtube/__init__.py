"""YouTube: the views of videos. It has no lists."""

from tunemeld_pipeline.charts.services import Colours, CountSource

COUNTS = CountSource(
    key="Youtube",
    slug="youtube",
    name="YouTube",
    short="YT",
    order=20,
    colours=Colours("#c11414", "#ff8078"),
    unit="views",
    least_coverage=0.5,
)
