"""Tidal: its editors' lists, through its official API."""

from functools import partial

from tunemeld_pipeline.charts.services import Colours, Service
from tunemeld_pipeline.plugins.contract import Gives, Host, Setting, SettingKind, Source, Terms
from tunemeld_service_tidal.reading import read

SERVICE = Service(
    key="Tidal",
    slug="tidal",
    name="Tidal",
    short="TD",
    order=50,
    hosts=("tidal.com", "listen.tidal.com"),
    colours=Colours("#0b6e78", "#5fd3df"),
    weight=0.5,
    track_address="https://tidal.com/track/{}".format,
)

_BOTH = ("TIDAL_CLIENT_ID", "TIDAL_CLIENT_SECRET")

SETTINGS = (
    Setting(_BOTH[0], "The id of an application at Tidal.", obtain="make one at developer.tidal.com", together=_BOTH),
    Setting(_BOTH[1], "Its secret.", SettingKind.SECRET, obtain="it is shown beside the id", together=_BOTH),
    Setting("TIDAL_COUNTRY", "The market whose lists are read, two letters.", default="US"),
)

SOURCES = (
    Source(
        "tidal.api",
        partial(read, SERVICE),
        "tunemeld_service_tidal.api:TidalClient",
        needs=_BOTH,
        hosts=(
            Host("tidal", "https://openapi.tidal.com/v2", 2, "Tidal's API."),
            Host("tidal_auth", "https://auth.tidal.com/v1", 1, "Tidal's tokens."),
        ),
        gives=Gives(isrc=True),
        terms=Terms(documented=True, address="https://developer.tidal.com/documentation/guidelines"),
    ),
)
