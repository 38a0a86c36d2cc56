"""An invented service, Wavelet FM, with three sources of its lists: of the same list they show 30, 50 and 100 rows.

The last one needs a key. `client.py` asks all three in the same way, and `sandbox.py` plays them.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from tunemeld_pipeline.charts.playlists import ListFormat, Listing, read_listing
from tunemeld_pipeline.charts.services import Colours, Service
from tunemeld_pipeline.plugins.contract import Host, Setting, SettingKind, Source
from tunemeld_pipeline.wire_formats.reading import Format, Value, list_of
from tunemeld_pipeline.wire_formats.received import id_of, isrc_of, length_in_ms, text_of, web_address

SERVICE = Service(
    key="Wavelet",
    slug="wavelet",
    name="Wavelet FM",
    short="WV",
    order=25,
    hosts=("wavelet.example",),
    colours=Colours("#333333", "#dddddd"),
    track_address="https://wavelet.example/track/{}".format,
)

SETTINGS = (Setting("WAVELET_KEY", "The key of Wavelet FM's large API.", SettingKind.SECRET, obtain="invent one"),)

SHOWN = {"small": 30, "middle": 50, "large": 100}
"""How many rows of a list each source shows."""

LISTED = ListFormat(
    Format(name="Wavelet FM list", needed={"items": Value("tracks", list_of, "tracks")}, ignored=("total", "owner")),
    "items",
    Format(
        name="Wavelet FM list, a row",
        needed={
            "service_track_id": Value("id", id_of, "id"),
            "track_name": Value("title", text_of, "title"),
            "artist_name": Value("artist", text_of, "artist"),
            "track_url": Value("url", web_address, "url"),
        },
        optional={"isrc": Value("isrc", isrc_of), "duration_ms": Value("ms", length_in_ms)},
    ),
)


def read(pages: Sequence[Any], data_json: str) -> Listing:
    """The rows, how many there are in all, and whether the editors own the list."""
    listing = read_listing(SERVICE, LISTED, pages, data_json)
    return replace(listing, rows_total=pages[0].get("total"), editorial=pages[0].get("owner") == "editors")


def _source(name: str, *needs: str) -> Source:
    host = Host(f"wavelet_{name}", f"https://{name}.wavelet.example", 1.0)
    return Source(f"wavelet.{name}", read, "tests.wavelet_service.client:WaveletClient", needs=needs, hosts=(host,))


SOURCES = (_source("large", "WAVELET_KEY"), _source("middle"), _source("small"))
