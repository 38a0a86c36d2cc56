"""MusicBrainz: ISRCs of recordings that nobody else has, by words, slowly and without a key. It has no lists."""

from tunemeld_pipeline.charts.services import IsrcSource
from tunemeld_pipeline.plugins.contract import Bucket, Host, IsrcLookup

ISRC_SOURCE = IsrcSource(key="MusicBrainz", slug="musicbrainz", name="MusicBrainz")

# One request a second is what it allows; without a contact in the User-Agent it allows none.
HOST = Host("musicbrainz", "https://musicbrainz.org/ws/2", 1, "MusicBrainz, the open encyclopaedia of music.")

BUDGET = Bucket(
    "musicbrainz",
    ISRC_SOURCE.name,
    1_000,
    "Requests per day to MusicBrainz for ISRCs by words, between runs, two for most; 0 sends none.",
)

ISRCS = IsrcLookup(
    "tunemeld_pipeline.services.musicbrainz.search:MusicBrainzClient",
    begins="musicbrainz:",
    background=True,
    hosts=(HOST,),
    budgets=(BUDGET,),
)
