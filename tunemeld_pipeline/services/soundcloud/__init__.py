"""SoundCloud: its editors' lists, and the plays that come with them."""

from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, CountSource, Player, Service
from tunemeld_pipeline.plugins.contract import Source, reader
from tunemeld_pipeline.services.soundcloud import formats

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

SOURCES = (
    Source(
        "soundcloud.rapidapi",
        reader(SERVICE, ListFormat(formats.PLAYLIST_PAGE, "items", formats.PLAYLIST_ITEM)),
        "tunemeld_pipeline.services.soundcloud.rapidapi:SoundCloudClient",
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
