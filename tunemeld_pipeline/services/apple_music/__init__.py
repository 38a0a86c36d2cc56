"""Apple Music: its editors' lists."""

from tunemeld_pipeline.charts.list_facts import facts_of
from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, Player, Service
from tunemeld_pipeline.plugins.contract import (
    RAPIDAPI_KEY,
    Bucket,
    Gives,
    Host,
    Setting,
    SettingKind,
    Source,
    Terms,
    reader,
)
from tunemeld_pipeline.services.apple_music import developer_formats, formats, page_formats

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

DEVELOPER = ("APPLE_MUSIC_KEY_FILE", "APPLE_MUSIC_KEY_ID", "APPLE_MUSIC_TEAM_ID")

KEY_FILE = Setting(
    "APPLE_MUSIC_KEY_FILE",
    "The file of your MusicKit key (AuthKey_….p8), from which each run makes its developer token.",
    SettingKind.FILE,
    obtain="make a MusicKit key at developer.apple.com and download its file",
    together=DEVELOPER,
)
KEY_ID = Setting(
    "APPLE_MUSIC_KEY_ID",
    "The id of that key.",
    obtain="it is in the name of the key's file",
    together=DEVELOPER,
)
TEAM_ID = Setting(
    "APPLE_MUSIC_TEAM_ID",
    "The id of your team at Apple.",
    obtain="it is under Membership at developer.apple.com",
    together=DEVELOPER,
)

SETTINGS = (RAPIDAPI_KEY, KEY_FILE, KEY_ID, TEAM_ID)

GATEWAY = Host("apple_music", "https://apple-music24.p.rapidapi.com", 5, "Apple Music through RapidAPI.")

API = Host("apple_music_api", "https://api.music.apple.com", 5, "Apple Music's documented API.")
PAGE = Host("apple_music_page", "https://music.apple.com", 0.5, "Apple Music's public pages of playlists.")

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
    Source(
        "apple_music.developer",
        reader(SERVICE, ListFormat(developer_formats.ANSWER, "rows", developer_formats.ROW, facts_of)),
        "tunemeld_pipeline.services.apple_music.developer:AppleMusicDeveloperClient",
        needs=DEVELOPER,
        hosts=(API,),
        gives=Gives(isrc=True, cover=True),
        terms=Terms(documented=True, address="https://developer.apple.com/support/terms/"),
    ),
    Source(
        "apple_music.page",
        reader(SERVICE, ListFormat(page_formats.PLAYLIST, "rows", page_formats.ROW, facts_of)),
        "tunemeld_pipeline.services.apple_music.page:AppleMusicPageClient",
        hosts=(PAGE,),
        gives=Gives(cover=True),
        terms=Terms(documented=False, address="https://www.apple.com/legal/internet-services/itunes/", consent=True),
    ),
)
