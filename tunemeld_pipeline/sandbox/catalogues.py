"""Invents a catalogue of many genres for the sandbox, whose services have a list for every address in it.

On the live services the addresses lead nowhere. `charts/catalog.py` reads the text.
"""

from collections.abc import Iterator, Sequence

from tunemeld_pipeline.charts.catalog import OF_MARKET
from tunemeld_pipeline.charts.services import Service

DIGITS = 22
"""As many as a playlist's id on any service may have; all services' ids may be digits."""

HEAD = """# An invented catalogue for the sandbox: its addresses lead nowhere on the live services.
#
#   TUNEMELD_UPSTREAMS=sandbox TUNEMELD_CATALOG=this-file tunemeld etl run full
"""


def invented_catalog(families: int, markets: Sequence[str], services: Sequence[Service]) -> str:
    """The text of a catalogue with so many genres, each in these markets, or in none; each has a list on every service.

    Args:
        markets: two letters each, in lower case.
    """
    return "\n".join([HEAD, *_tables(families, markets, services)])


def _tables(families: int, markets: Sequence[str], services: Sequence[Service]) -> Iterator[str]:
    number = 0
    for family in range(1, families + 1):
        for market in markets or [""]:
            number += 1
            key = f"genre-{family:04}" + (f"{OF_MARKET}{market}" if market else "")
            name = f"Genre {family}" + (f" ({market.upper()})" if market else "")
            lists = [f'{one.key} = "https://{one.hosts[0]}/playlist/{number:0{DIGITS}}"' for one in services]
            yield "\n".join([f"[genres.{key}]", f'display_name = "{name}"', *lists, ""])
