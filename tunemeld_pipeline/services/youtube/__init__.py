"""YouTube: the views of videos. It has no lists."""

from tunemeld_pipeline.charts.observation import PACIFIC
from tunemeld_pipeline.charts.services import Colours, CountSource, Player
from tunemeld_pipeline.plugins.contract import Bucket, Counting, Host, Purpose, Setting, SettingKind

COUNTS = CountSource(
    key="Youtube",
    slug="youtube",
    name="YouTube",
    short="YT",
    order=20,
    colours=Colours("#c11414", "#ff8078"),
    unit="views",
    player=Player(
        r"https://(?:(?:www\.|m\.|music\.)?youtube\.com/watch\?(?:[^#]*&)?v=|youtu\.be/)([\w-]{11})(?![\w-])",
        "https://www.youtube-nocookie.com/embed/{1}",
    ),
    cover_hosts=("https://i.ytimg.com",),
)

KEY = Setting(
    "YOUTUBE_API_KEY", "The YouTube Data API key.", SettingKind.SECRET, obtain="get a key in the Google Cloud console"
)

SETTINGS = (KEY,)

HOST = Host("youtube", "https://www.googleapis.com/youtube/v3", 10, "The YouTube Data API.")

COUNTING = Counting(
    "tunemeld_pipeline.services.youtube.data_api:YouTubeClient",
    needs=(KEY.name,),
    hosts=(HOST,),
    least_coverage=0.5,
    budgets=(
        Bucket(
            "youtube",
            COUNTS.name,
            10_000,
            "Units per day from YouTube, without searches; the default is Google's own limit.",
            zone=PACIFIC,
        ),
        # Since June 2026 searches have a separate bucket.
        Bucket(
            "youtube_search",
            COUNTS.name,
            100,
            "Searches per day on YouTube; the default is Google's own limit.",
            title="YouTube searches",
            zone=PACIFIC,
            keeps=(Purpose.LOOKUPS,),
        ),
    ),
)
