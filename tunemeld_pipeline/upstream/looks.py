"""What the canary says of a list: is it as it was at the last look, and has it what its source declares? Pure; `source_probe.py` reads."""

from collections.abc import Iterator

from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.source_states import Look
from tunemeld_pipeline.limits import LEAST_FILLED_ROWS, LEAST_ROWS_OF_USUAL
from tunemeld_pipeline.plugins.contract import Gives, Source
from tunemeld_pipeline.plugins.given import GIVEN


def unlike(source: Source, listing: Listing, before: Look | None) -> list[str]:
    """What is not as it should be, a sentence each; none where all is well.

    Whether it is the editors' list at all, and has its usual rows of the last weeks, is judged with every read (`ladder.py`).

    Args:
        before: the look before at the same list; None where there was none.
    """
    return [*_unlike_before(listing, before), *_lacking(source.gives, listing.rows)]


def _unlike_before(listing: Listing, before: Look | None) -> Iterator[str]:
    if before is None:
        return
    if before.name and listing.name and listing.name != before.name:
        yield f"its title is {listing.name!r}, and was {before.name!r}"
    rows = len(listing.rows)
    if before.rows and rows < before.rows * LEAST_ROWS_OF_USUAL:
        yield f"it has {rows} rows, and had {before.rows} at the last look"


def _lacking(gives: Gives, rows: list[PlaylistRow]) -> Iterator[str]:
    for name, (what, value_of) in GIVEN.items():
        if getattr(gives, name) and name not in gives.seldom:
            filled = sum(value_of(row) is not None for row in rows)
            if filled < len(rows) * LEAST_FILLED_ROWS:
                yield f"only {filled} of {len(rows)} rows have {what}"
