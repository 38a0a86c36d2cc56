"""Spotify: its editors' lists, the plays of its albums, and look-ups of ISRCs."""

from tunemeld_pipeline.charts.list_facts import facts_of
from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, CountSource, Player, Service
from tunemeld_pipeline.plugins.contract import (
    RAPIDAPI_KEY,
    Bucket,
    Counting,
    Gives,
    Host,
    IsrcLookup,
    Purpose,
    Setting,
    SettingKind,
    Source,
    Terms,
    reader,
)
from tunemeld_pipeline.services.spotify import formats, page_formats

SERVICE = Service(
    key="Spotify",
    slug="spotify",
    name="Spotify",
    short="SP",
    order=10,
    hosts=("open.spotify.com",),
    colours=Colours("#0b7335", "#4bd681"),
    track_address="https://open.spotify.com/track/{}".format,
    player=Player(
        r"https://open\.spotify\.com/(?:intl-\w+/)?track/(\w+)", "https://open.spotify.com/embed/track/{1}", height=152
    ),
    # Album covers, generated playlist covers and editorial covers.
    cover_hosts=("https://*.scdn.co", "https://*.spotifycdn.com"),
)

WEB_API_CLIENT = ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET")

CLIENT_ID = Setting(
    "SPOTIFY_CLIENT_ID",
    "The Spotify Web API client, for better look-ups; set it together with the secret or not at all.",
    obtain="make an app at developer.spotify.com",
    together=WEB_API_CLIENT,
)
CLIENT_SECRET = Setting(
    "SPOTIFY_CLIENT_SECRET",
    "The secret of SPOTIFY_CLIENT_ID.",
    SettingKind.SECRET,
    obtain="it stands beside the client's id",
    together=WEB_API_CLIENT,
)

SETTINGS = (RAPIDAPI_KEY, CLIENT_ID, CLIENT_SECRET)

RATE = "SPOTIFY_RATE_LIMIT"

GATEWAY = Host("spotify", "https://spotify23.p.rapidapi.com", 5, "Spotify through RapidAPI.")
WEB_API = Host("spotify_web_api", "https://api.spotify.com/v1", 5, "The Spotify Web API.", rate_setting=RATE)
ACCOUNTS = Host(
    "spotify_accounts",
    "https://accounts.spotify.com",
    5,
    "The source of the Spotify Web API's tokens.",
    rate_setting=RATE,
)
OEMBED = Host(
    "spotify_oembed",
    "https://open.spotify.com/oembed",
    5,
    "Names and covers of Spotify playlists.",
    address_setting="SPOTIFY_OEMBED_URL",
    rate_setting=RATE,
)

PAGE = Host("spotify_page", "https://open.spotify.com", 1, "Spotify's public pages of playlists.")

BUDGET = Bucket(
    "spotify",
    SERVICE.name,
    2_000,
    "Requests per day to Spotify; 0 sends none.",
    tells_plan=True,
    keeps=(Purpose.COUNTS, Purpose.LOOKUPS),
)

CLIENT = "tunemeld_pipeline.services.spotify.rapidapi:SpotifyClient"
NEEDS = (RAPIDAPI_KEY.name,)
HOSTS = (GATEWAY, OEMBED, WEB_API, ACCOUNTS)

SOURCES = (
    Source(
        "spotify.rapidapi",
        reader(SERVICE, ListFormat(formats.PLAYLIST_PAGE, "items", formats.PLAYLIST_ITEM, formats.facts)),
        CLIENT,
        needs=NEEDS,
        hosts=HOSTS,
        budgets=(BUDGET,),
        gives=Gives(isrc=True, added=True, album=True, cover=True),
        terms=Terms(documented=True, address="https://rapidapi.com/terms/"),
    ),
    Source(
        "spotify.page",
        reader(SERVICE, ListFormat(page_formats.PLAYLIST, "rows", page_formats.ROW, facts_of)),
        "tunemeld_pipeline.services.spotify.page:SpotifyPageClient",
        hosts=(PAGE,),
        gives=Gives(plays=True, album=True, cover=True),
        terms=Terms(documented=False, address="https://www.spotify.com/legal/end-user-agreement/", consent=True),
    ),
)

RECCOBEATS = Host(
    "spotify_reccobeats", "https://api.reccobeats.com/v1", 1, "ReccoBeats, for ISRCs of Spotify's tracks."
)

ISRCS = (
    IsrcLookup(
        "tunemeld_pipeline.services.spotify.reccobeats:ReccoBeatsClient",
        "ReccoBeats",
        "reccobeats:",
        by_id=True,
        hosts=(RECCOBEATS,),
        budgets=(
            Bucket(
                "spotify_reccobeats",
                "ReccoBeats",
                200,
                "Requests per day to ReccoBeats, for ISRCs of up to 20 of Spotify's tracks each; 0 sends none.",
            ),
        ),
    ),
    IsrcLookup(CLIENT, needs=NEEDS, hosts=HOSTS, budgets=(BUDGET,)),
)

COUNTS = CountSource(
    key=SERVICE.key,
    slug=SERVICE.slug,
    name=SERVICE.name,
    short=SERVICE.short,
    order=10,
    colours=SERVICE.colours,
)

COUNTING = (
    Counting(CLIENT, needs=NEEDS, hosts=HOSTS, budgets=(BUDGET,), least_coverage=0.5),
    Counting("tunemeld_pipeline.services.spotify.listed_counts:SpotifyListCounts"),
)
"""An album shows the plays of all its tracks; the page shows those of its own rows, and takes no key."""
