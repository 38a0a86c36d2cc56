"""Reading what asks for no key no more often than it is due, whoever asks: a run, a probe, a health check, a recording.

A read counts also where it gave no list, since the same page would only say the same. What was not answered does not count; the funnel
and the ladder say when that is tried again. `storage/kept_reads.py` keeps the reads.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TypeGuard

from tunemeld_pipeline.errors import MalformedResponse, NotFound, UpstreamUnavailable
from tunemeld_pipeline.storage.kept_reads import KeptRead, KeptReads
from tunemeld_pipeline.upstream.answers import FetchedPlaylist
from tunemeld_pipeline.upstream.interruption import REQUESTED, stop_if_asked
from tunemeld_pipeline.wire_formats.received import loads

LIST_AGAIN_AFTER = timedelta(hours=20)
"""A list of yesterday's refresh is read again by today's, which may begin a little earlier in its day."""

POLL_SECONDS = 0.1
OUTCOMES: dict[type, str] = {NotFound: "not_found", MalformedResponse: "drift"}


def read_once(
    reads: KeptReads,
    key: str,
    again_after: timedelta,
    ask: Callable[[KeptRead | None], KeptRead],
    *,
    service: str,
    seconds: float,
) -> KeptRead:
    """The last read of this, or a new one where the last is too old; of several that want it at once, one reads and the others wait.

    Args:
        ask: reads it; gets the read before, which its host may know again.
        service: the name that errors carry.
        seconds: the most that one read may take.

    Raises:
        UpstreamError: what `ask` raises, or somebody else's read does not end.
    """
    ends = time.monotonic() + seconds
    while True:
        known = reads.last(key)
        if _is_recent(known, again_after):
            return known
        if reads.claim(key, seconds):
            break
        if time.monotonic() > ends:
            raise UpstreamUnavailable(service, f"another run has been reading {key} for {seconds:.0f} seconds")
        REQUESTED.wait(POLL_SECONDS)
        stop_if_asked()
    try:
        known = reads.last(key)
        # Somebody else may have read it between our look and our claim.
        read = known if _is_recent(known, again_after) else ask(known)
    except BaseException:
        reads.give_up(key)
        raise
    reads.keep(key, read)
    return read


def _is_recent(known: KeptRead | None, again_after: timedelta) -> TypeGuard[KeptRead]:
    return known is not None and timedelta() <= datetime.now(UTC) - known.read_at < again_after


def list_once(
    reads: KeptReads,
    key: str,
    ask: Callable[[KeptRead | None], FetchedPlaylist],
    *,
    service: str,
    seconds: float,
    older: Sequence[str] = (),
    reread: Callable[[KeptRead], FetchedPlaylist | None] = lambda _: None,
) -> FetchedPlaylist:
    """A list that is read once in 20 hours; the arguments are those of `read_once`.

    Args:
        older: the keys of the same list in older formats, the newest first: what was read by an older reader need not be read again.
        reread: the list in such a read; None where it cannot be made of what was kept.

    Raises:
        UpstreamError: what `ask` raises, also where it did so within that time.
    """
    new: list[FetchedPlaylist | NotFound | MalformedResponse] = []

    def asked(known: KeptRead | None) -> KeptRead:
        for earlier in map(reads.last, older) if known is None else ():
            if _is_recent(earlier, LIST_AGAIN_AFTER) and (found := reread(earlier)) is not None:
                new.append(replace(found, read_at=earlier.read_at))
                return replace(
                    earlier, body=found.data_json, incomplete=found.incomplete, outcome="ok", why="", refused=None
                )
        try:
            fetched = ask(known)
        except (NotFound, MalformedResponse) as error:
            if type(error) not in OUTCOMES:
                raise
            new.append(error)
            why = str(error).removeprefix(f"{service}: ")
            refused = error.body if isinstance(error, MalformedResponse) else None
            return KeptRead(datetime.now(UTC), None, outcome=OUTCOMES[type(error)], why=why, refused=refused)
        new.append(fetched)
        return KeptRead(datetime.now(UTC), fetched.data_json, fetched.etag, fetched.incomplete)

    read = read_once(reads, key, LIST_AGAIN_AFTER, asked, service=service, seconds=seconds)
    found = new[0] if new else kept_list(read, service)
    if isinstance(found, FetchedPlaylist):
        return found
    raise found


def kept_list(read: KeptRead, service: str) -> FetchedPlaylist | NotFound | MalformedResponse:
    """The list of an earlier read, or why there was none."""
    if read.body is None:
        until = read.read_at + LIST_AGAIN_AFTER
        said = f"{read.why}; it was read at {read.read_at:%Y-%m-%d %H:%M} UTC, and is not again before {until:%H:%M}"
        if read.outcome == OUTCOMES[NotFound]:
            return NotFound(service, said)
        return MalformedResponse(service, said, body=read.refused)
    body = loads(read.body)
    pages = tuple(body) if isinstance(body, list) else (body,)
    return FetchedPlaylist(read.body, pages, read.incomplete, read.etag, read.read_at)


def unchanged(read: KeptRead, service: str) -> FetchedPlaylist:
    """The list of an earlier read that its host has just said to be the same still.

    Raises:
        MalformedResponse: there was none.
    """
    found = kept_list(read, service)
    if not isinstance(found, FetchedPlaylist):
        raise MalformedResponse(service, "it says that nothing has changed since a read that gave nothing")
    return replace(found, read_at=None)
