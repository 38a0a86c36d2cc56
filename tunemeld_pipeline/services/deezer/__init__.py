"""Deezer: its editors' lists, read without a key."""

from tunemeld_pipeline.charts.list_facts import facts_of
from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, Player, Service
from tunemeld_pipeline.plugins.contract import Bucket, Gives, Host, IsrcLookup, Source, Terms, reader
from tunemeld_pipeline.services.deezer import formats

SERVICE = Service(
    key="Deezer",
    slug="deezer",
    name="Deezer",
    short="DZ",
    order=40,
    hosts=("www.deezer.com", "deezer.com"),
    colours=Colours("#7b2fbf", "#c79bf2"),
    track_address="https://www.deezer.com/track/{}".format,
    player=Player(
        r"https://www\.deezer\.com/(?:\w\w/)?track/(\d+)",
        "https://widget.deezer.com/widget/auto/track/{1}",
        height=150,
    ),
    cover_hosts=("https://*.dzcdn.net",),
)

# Half of the 50 requests in five seconds that one address may send, by all runs together.
HOST = Host("deezer", "https://api.deezer.com", 5, "Deezer's public API.")

SOURCES = (
    Source(
        "deezer.api",
        reader(SERVICE, ListFormat(formats.PLAYLIST, "rows", formats.ROW, facts_of)),
        "tunemeld_pipeline.services.deezer.api:DeezerClient",
        hosts=(HOST,),
        gives=Gives(isrc=True, added=True, cover=True, seldom=("isrc", "added")),
        terms=Terms(documented=True, address="https://developers.deezer.com/termsofuse"),
    ),
)

ISRCS = IsrcLookup(
    "tunemeld_pipeline.services.deezer.search:DeezerSearchClient",
    begins="deezer:",
    hosts=(HOST,),
    budgets=(
        Bucket(
            "deezer_search",
            SERVICE.name,
            1_000,
            "Requests per day to Deezer for ISRCs by words, two for most; 0 sends none.",
        ),
    ),
)
