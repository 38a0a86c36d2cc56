"""What stands between a run and a chart that somebody has put back: a hold, or a rollback that came while the run was under way.

Asked inside the transactions that replace what visitors see (`charts.py`, `playlists.py`), and by a run before it spends anything.
"""

from datetime import datetime
from typing import Any

from pymongo.client_session import ClientSession

from tunemeld_pipeline.errors import NothingToPublish
from tunemeld_pipeline.storage.errors import translated_errors
from tunemeld_pipeline.storage.handle import Handle

Json = dict[str, Any]

FIELDS = {"as_of": 1, "held": 1, "rolled_back_to": 1, "rolled_back_at": 1}


class Rollbacks:
    """The rollbacks of one database, as one run sees them."""

    def __init__(self, database: Handle) -> None:
        self._collection = database["materializations"]
        self._known: dict[str, datetime | None] | None = None

    def note(self) -> None:
        """A run begins: a rollback from now on overtakes it. No clock is compared, so a wrong one does no harm."""
        with translated_errors():
            found = self._collection.find({}, FIELDS)
            self._known = {document["_id"]: document.get("rolled_back_at") for document in found}

    def refuse(self, genre: str, as_of: datetime, session: ClientSession | None = None) -> None:
        """Refuses to go on towards a new chart of a genre at `as_of`; a day before the shown one only adds to histories.

        Raises:
            NothingToPublish: the genre is held, or was rolled back after this run began.
        """
        with translated_errors():
            document = self._collection.find_one({"_id": genre}, FIELDS, session=session)
        shown = document.get("as_of") if document else None
        if document is None or not isinstance(shown, datetime) or shown > as_of:
            return
        if document.get("held") is True:
            day = document.get("rolled_back_to")
            which = f" of {day:%Y-%m-%d}" if isinstance(day, datetime) else ""
            raise NothingToPublish(
                f"{genre} is held at its chart{which}, and no run replaces it until it is released",
                next_command=f"tunemeld etl release --genre {genre}",
            )
        at = document.get("rolled_back_at")
        if at is not None and self._known is not None and self._known.get(genre) != at:
            raise NothingToPublish(f"{genre} was rolled back while this run was under way, which stays; run it again")
