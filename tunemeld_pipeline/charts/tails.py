"""What a list shows where its source cannot show all of it: a change of source moves no chart.

Sources of one list show more or fewer of its rows. Rows that a read cannot show are unknown, not absent. Pure functions add the end that an
earlier, wider read showed to a list, say how many rows count of a list of which a source shows more than could ever be seen, and which
recordings are on a chart only because of those.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from tunemeld_pipeline.charts.documents import AggregateTrack, ServiceOutcome
from tunemeld_pipeline.charts.identity import GenreRecording
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.limits import LIST_TOO_OLD

T = TypeVar("T", bound=AggregateTrack)


@dataclass(frozen=True, slots=True)
class Read:
    """A list as one source gave it at one time; `incomplete` says that pages were missing at the end."""

    listing: Listing
    source: str
    at: datetime
    incomplete: bool = False


@dataclass(frozen=True, slots=True)
class ListBefore:
    """What an earlier day's chart had of a service's list: the track ids by position, and what that day saw of it."""

    track_ids: Sequence[str | None]
    outcome: ServiceOutcome | None


def with_tail(last: Read, earlier: Sequence[Read]) -> Listing:
    """The list of the last read, with the rows at its end that only earlier reads could show.

    Such a row keeps its position and bears the time at which it was last seen. It stays while the service does not say that the list is
    shorter, while no read that shows the whole list lacks it, and until the read that showed it is `LIST_TOO_OLD` older than the last one.
    Its plays are left out: they are not those of the last read.

    Args:
        earlier: reads that showed more rows than a later one, the newest first.
    """
    rows, shown, read = list(last.listing.rows), last.listing.length, last
    known = {row.key for row in rows}
    end = last.listing.rows_total
    for older in earlier:
        if last.at - older.at > LIST_TOO_OLD or not may_lack(read, older):
            break
        added = [
            _seen(row, older.at)
            for row in older.listing.rows
            if row.position > shown and row.key not in known and (end is None or row.position <= end)
        ]
        rows += added
        known.update(row.key for row in added)
        shown, read = max(shown, older.listing.length), older
    return last.listing if len(rows) == len(last.listing.rows) else replace(last.listing, rows=rows)


def may_lack(read: Read, older: Read) -> bool:
    """Whether the list may go on behind the rows that a read showed.

    The service says that there are more, pages are missing, or it does not say how many there are and another source once showed more.
    """
    if read.incomplete:
        return True
    if read.listing.rows_total is not None:
        return read.listing.rows_total > read.listing.length
    return read.source != older.source and read.listing.length < older.listing.length


def kept_rows(listing: Listing) -> int:
    """How many of a list's rows stay from an earlier read."""
    return sum(row.seen_at is not None for row in listing.rows)


def counting_rows(
    service: str, recordings: Sequence[GenreRecording], outcome: ServiceOutcome, days: Sequence[ListBefore]
) -> int | None:
    """How many rows of a service's list count, where its source shows more of it than could be seen before; None where all of them do.

    They count once the list is edited: a recording that was seen goes from it. Another order is no edit, nor is a row that cannot be read:
    both come with a change of source.

    Args:
        recordings: today's, with their rows on all lists.
        days: what the charts of the days before had of the list, oldest first; none older than `LIST_TOO_OLD`.
    """
    today = _ids_by_position(service, recordings)
    for number, day in enumerate(days):
        seen = len(day.track_ids)
        since = days[number:]
        if seen < len(today) and _was_cut(day, outcome) and not any(_is_edited(one.track_ids, today) for one in since):
            return seen
    return None


def uncovered(
    tracks: Sequence[AggregateTrack], outcomes: Mapping[str, ServiceOutcome], before: Mapping[str, ListBefore]
) -> set[str]:
    """The track ids of recordings that the chart compared with lacks, and that it may lack only because fewer rows could be seen then.

    Such a recording is not new: with what was on the lists of that day, and what could not be seen of them, it may have been on two.

    Args:
        tracks: the chart, with its memory.
        outcomes: by service, what its day saw of the lists.
        before: by service that counts, the lists behind the chart that it is compared with.
    """
    on_lists = {service: set(one.track_ids) for service, one in before.items()}
    return {
        track.track_id
        for track in tracks
        if track.status in ("new", "re")
        and sum(
            _may_have_been(track, service, rank, outcomes, before, on_lists) for service, rank in track.sources.items()
        )
        > 1
    }


def not_new(tracks: Sequence[T], those: Collection[str]) -> list[T]:
    """The tracks, of which those with these ids are neither new nor back."""
    return [track.model_copy(update={"status": None}) if track.track_id in those else track for track in tracks]


def _may_have_been(
    track: AggregateTrack,
    service: str,
    rank: int,
    outcomes: Mapping[str, ServiceOutcome],
    before: Mapping[str, ListBefore],
    on_lists: Mapping[str, Collection[str | None]],
) -> bool:
    then = before.get(service)
    if then is None:
        return False
    ids = {track.track_id, *track.isrcs, *track.other_ids}
    if not ids.isdisjoint(on_lists[service]):
        return True
    return rank > len(then.track_ids) and _was_cut(then, outcomes.get(service))


def _was_cut(then: ListBefore, now: ServiceOutcome | None) -> bool:
    """Whether an earlier day's list may have gone on behind the rows that the day had of it."""
    if then.outcome is None or then.outcome.state == "absent":
        return False
    if then.outcome.rows_total is not None:
        return then.outcome.rows_total > len(then.track_ids)
    return now is not None and then.outcome.source is not None and now.source != then.outcome.source


def _ids_by_position(service: str, recordings: Sequence[GenreRecording]) -> list[set[str]]:
    """By position on a service's list, what the recording there may be known by; nothing where a row could not be read."""
    found = {
        row.position: {*recording.isrcs, *(one.key for one in recording.rows)}
        for recording in recordings
        for row in recording.rows
        if row.service == service
    }
    return [found.get(position, set()) for position in range(1, max(found, default=0) + 1)]


def _is_edited(then: Sequence[str | None], now: Sequence[Collection[str]]) -> bool:
    """Whether a recording that was among the rows of an earlier day went from the list; rows that are not known may be any."""
    gone = set(then[: len(now)]) - {track_id for known in now for track_id in known} - {None}
    return len(gone) > sum(not known for known in now)


def _seen(row: PlaylistRow, at: datetime) -> PlaylistRow:
    return replace(row, seen_at=at, play_count=None)
