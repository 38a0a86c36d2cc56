"""Spotify: its editors' lists, the plays of its albums, and look-ups of ISRCs."""

from tunemeld_pipeline.charts.playlists import ListFormat
from tunemeld_pipeline.charts.services import Colours, CountSource, Player, Service
from tunemeld_pipeline.plugins.contract import Source, reader
from tunemeld_pipeline.services.spotify import formats

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

SOURCES = (
    Source(
        "spotify.rapidapi",
        reader(SERVICE, ListFormat(formats.PLAYLIST_PAGE, "items", formats.PLAYLIST_ITEM)),
        "tunemeld_pipeline.services.spotify.rapidapi:SpotifyClient",
    ),
)

COUNTS = CountSource(
    key=SERVICE.key,
    slug=SERVICE.slug,
    name=SERVICE.name,
    short=SERVICE.short,
    order=10,
    colours=SERVICE.colours,
    least_coverage=0.5,
)
