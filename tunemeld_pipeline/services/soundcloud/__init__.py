"""SoundCloud: its editors' lists, and the plays that come with them."""

from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, CountSource, Service
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
