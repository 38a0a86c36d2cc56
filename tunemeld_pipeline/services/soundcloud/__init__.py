"""SoundCloud: its editors' lists, and the plays that come with them."""

from tunemeld_pipeline.charts.list_facts import facts_of
from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, CountSource, Player, Service
from tunemeld_pipeline.plugins.contract import (
    RAPIDAPI_KEY,
    Bucket,
    Counting,
    Gives,
    Host,
    Setting,
    SettingKind,
    Source,
    Terms,
    reader,
)
from tunemeld_pipeline.services.soundcloud import formats, official_formats

SERVICE = Service(
    key="SoundCloud",
    slug="soundcloud",
    name="SoundCloud",
    short="SC",
    order=30,
    hosts=("soundcloud.com",),
    colours=Colours("#ab4100", "#ffa25c"),
    player=Player(
        r"https://(?:www\.|m\.)?soundcloud\.com/([^/?#]+/[^?#]+)",
        "https://w.soundcloud.com/player/?url=https%3A%2F%2Fsoundcloud.com%2F{1}&show_teaser=false",
        height=166,
    ),
    cover_hosts=("https://*.sndcdn.com",),
)

APPLICATION = ("SOUNDCLOUD_CLIENT_ID", "SOUNDCLOUD_CLIENT_SECRET")

CLIENT_ID = Setting(
    "SOUNDCLOUD_CLIENT_ID",
    "Your application at SoundCloud, for its documented API.",
    obtain="register an application at soundcloud.com/you/apps",
    together=APPLICATION,
)
CLIENT_SECRET = Setting(
    "SOUNDCLOUD_CLIENT_SECRET",
    "The secret of SOUNDCLOUD_CLIENT_ID.",
    SettingKind.SECRET,
    obtain="it stands beside the application's id",
    together=APPLICATION,
)

SETTINGS = (RAPIDAPI_KEY, CLIENT_ID, CLIENT_SECRET)

GATEWAY = Host("soundcloud", "https://soundcloud-scraper.p.rapidapi.com", 5, "SoundCloud through RapidAPI.")
OEMBED = Host(
    "soundcloud_oembed",
    "https://soundcloud.com/oembed",
    5,
    "Names and covers of SoundCloud playlists.",
    address_setting="SOUNDCLOUD_OEMBED_URL",
    rate_setting="SOUNDCLOUD_RATE_LIMIT",
)

API = Host("soundcloud_api", "https://api.soundcloud.com", 5, "SoundCloud's documented API.")
ACCOUNTS = Host(
    "soundcloud_accounts",
    "https://secure.soundcloud.com",
    5,
    "The source of that API's tokens.",
    rate_setting="SOUNDCLOUD_API_RATE_LIMIT",
)

SOURCES = (
    Source(
        "soundcloud.rapidapi",
        reader(SERVICE, ListFormat(formats.PLAYLIST_PAGE, "items", formats.PLAYLIST_ITEM)),
        "tunemeld_pipeline.services.soundcloud.rapidapi:SoundCloudClient",
        needs=(RAPIDAPI_KEY.name,),
        hosts=(GATEWAY, OEMBED),
        budgets=(
            Bucket("soundcloud", SERVICE.name, 500, "Requests per day to SoundCloud; 0 sends none.", tells_plan=True),
        ),
        gives=Gives(isrc=True, plays=True, cover=True, seldom=("isrc", "cover")),
        terms=Terms(documented=True, address="https://rapidapi.com/terms/"),
    ),
    Source(
        "soundcloud.official",
        reader(SERVICE, ListFormat(official_formats.PAGE, "rows", official_formats.ROW, facts_of)),
        "tunemeld_pipeline.services.soundcloud.official:SoundCloudOfficialClient",
        needs=APPLICATION,
        hosts=(API, ACCOUNTS),
        gives=Gives(isrc=True, plays=True, cover=True, seldom=("isrc", "cover")),
        terms=Terms(documented=True, address="https://developers.soundcloud.com/docs/api/terms-of-use"),
    ),
)

COUNTS = CountSource(
    key=SERVICE.key,
    slug=SERVICE.slug,
    name=SERVICE.name,
    short=SERVICE.short,
    order=30,
    colours=SERVICE.colours,
)

COUNTING = Counting("tunemeld_pipeline.services.soundcloud.counts:SoundCloudCounts")
