"""YouTube: the views of videos. It has no lists."""

from tunemeld_pipeline.charts.services import Colours, CountSource, Player

COUNTS = CountSource(
    key="Youtube",
    slug="youtube",
    name="YouTube",
    short="YT",
    order=20,
    colours=Colours("#c11414", "#ff8078"),
    unit="views",
    least_coverage=0.5,
    player=Player(
        r"https://(?:(?:www\.|m\.|music\.)?youtube\.com/watch\?(?:[^#]*&)?v=|youtu\.be/)([\w-]{11})(?![\w-])",
        "https://www.youtube-nocookie.com/embed/{1}",
    ),
    cover_hosts=("https://i.ytimg.com",),
)
