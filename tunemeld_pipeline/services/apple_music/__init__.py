"""Apple Music: its editors' lists."""

from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, Player, Service
from tunemeld_pipeline.plugins.contract import RAPIDAPI_KEY, Bucket, Host, Source, Terms, reader
from tunemeld_pipeline.services.apple_music import formats

SERVICE = Service(
    key="AppleMusic",
    slug="apple_music",
    name="Apple Music",
    short="AM",
    order=20,
    hosts=("music.apple.com",),
    colours=Colours("#b81d63", "#ff86b4"),
    track_address="https://music.apple.com/us/song/{}".format,
    player=Player(
        r"https://music\.apple\.com/(\w\w)/(?:song/(?:[^/?#]+/)?|album/(?:[^/?#]+/)?\d+\?(?:[^#]*&)?i=)(\d+)",
        "https://embed.music.apple.com/{1}/song/{2}",
        height=175,
    ),
    cover_hosts=("https://*.mzstatic.com",),
)

SETTINGS = (RAPIDAPI_KEY,)

GATEWAY = Host("apple_music", "https://apple-music24.p.rapidapi.com", 5, "Apple Music through RapidAPI.")

SOURCES = (
    Source(
        "apple_music.rapidapi",
        reader(SERVICE, ListFormat(formats.PLAYLIST, "rows", formats.SONG, formats.facts)),
        "tunemeld_pipeline.services.apple_music.rapidapi:AppleMusicClient",
        needs=(RAPIDAPI_KEY.name,),
        hosts=(GATEWAY,),
        budgets=(
            Bucket("apple_music", SERVICE.name, 200, "Requests per day to Apple Music; 0 sends none.", tells_plan=True),
        ),
        terms=Terms(documented=True, address="https://rapidapi.com/terms/"),
    ),
)
