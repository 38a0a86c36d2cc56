"""What a view gets for a path: a page with the age of its data, or the reason why nobody has it now."""

from dataclasses import dataclass

from django_backend.caching import Rendering
from tunemeld_pipeline.errors import TuneMeldError, UnreadableDocument


class Unanswerable(TuneMeldError):
    """Neither this worker nor the shared cache has the response, and the database cannot help.

    `for_clients` is what a client may know of the reason.
    """

    transient = True
    for_clients = "the database is unreachable and no cache has this answer; try again in a moment"


class UnreadableData(Unanswerable):
    """The database answers, but the stored document behind this response cannot be read."""

    def __init__(self, error: UnreadableDocument) -> None:
        super().__init__(str(error))
        self.for_clients = (
            f"a stored document of this answer cannot be read ({error.name}), and no cache has the answer;"
            " `tunemeld db check` says what to do"
        )


class NotYet(Unanswerable):
    """This worker has just started, and what all genres share is still being made."""

    for_clients = "this answer is still being made; try again in a moment"


@dataclass(frozen=True, slots=True)
class Found:
    """A page, the age of its data in seconds if it is stale, and where it came from."""

    page: Rendering
    stale_seconds: int | None
    source: str
