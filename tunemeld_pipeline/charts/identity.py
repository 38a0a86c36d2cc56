"""One recording, one `track_id`: which ISRC and which id each recording of a genre bears, decided here alone.

Matching says which rows are one recording; two recordings can still carry one ISRC, since labels report a code twice. Pure functions
share such codes out, and refuse documents in which two recordings share one id.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, Match, ServicePlaylist
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.charts.ranking import counting, is_charted
from tunemeld_pipeline.errors import SharedIdentity

ISRC_AUTHORITY = "Spotify"
"""Whose ISRC a recording bears where no history decides: of all services it gives one with every track, as the labels delivered it."""


@dataclass(frozen=True, slots=True)
class GenreRecording:
    """The rows of one genre that are the same recording, in the services' order, with how each was matched."""

    rows: tuple[PlaylistRow, ...]
    matches: tuple[Match, ...]
    isrcs: tuple[str, ...]

    @property
    def ranks(self) -> dict[str, int]:
        """The best position on each service, in the services' order: a recording twice on one list counts once."""
        best: dict[str, int] = {}
        for row in self.rows:
            best[row.service] = min(row.position, best.get(row.service, row.position))
        return best

    def row(self, service: str) -> PlaylistRow | None:
        """The row at the best position on this service."""
        rows = [row for row in self.rows if row.service == service]
        return min(rows, key=lambda row: row.position) if rows else None

    def canonical_isrc(self, first_seen: Mapping[str, datetime]) -> str | None:
        """Of several ISRCs the one with the oldest history, else Spotify's, else the smallest."""
        with_history = [isrc for isrc in self.isrcs if isrc in first_seen]
        if with_history:
            return min(with_history, key=lambda isrc: (first_seen[isrc], isrc))
        authority = self.row(ISRC_AUTHORITY)
        if authority is not None and authority.described.isrc in self.isrcs:
            return authority.described.isrc
        return min(self.isrcs, default=None)

    def other_ids(self, track_id: str) -> list[str]:
        """What else may identify it on another day: its further ISRCs, and the keys of rows that brought it no ISRC."""
        return sorted(
            {*self.isrcs, *(row.key for row in self.rows if row.described.isrc not in self.isrcs)} - {track_id}
        )

    @property
    def provisional_id(self) -> str:
        """What identifies the recording while it has no ISRC: the first service's own id."""
        return self.shown[0].key

    @property
    def shown(self) -> list[PlaylistRow]:
        """The best row of each service, in the services' order: people see the first one's wording of a title."""
        return [row for service in self.ranks if (row := self.row(service)) is not None]


def contested_isrcs(recordings: Iterable[GenreRecording]) -> set[str]:
    """The ISRCs that more than one recording carries."""
    return {isrc for isrc, claimants in _claimants(recordings).items() if len(claimants) > 1}


def with_own_isrcs(
    recordings: Sequence[GenreRecording],
    first_seen: Mapping[str, datetime],
    addresses: Mapping[str, Collection[str]],
) -> list[GenreRecording]:
    """The same recordings in the same order, each ISRC with one of them only.

    An ISRC stays with the recording that owns its history. Where no owner is known, it goes to one whose canonical ISRC it is, then
    to one whose row on Spotify carries it, then to the one with the smallest key. The others lose it: without another ISRC they bear
    a provisional id, have no history, and nothing is looked up by that code.

    Args:
        first_seen: when each ISRC that has a history was first seen.
        addresses: per ISRC, where the recording with its history was listed on any day.
    """
    owned: defaultdict[int, list[str]] = defaultdict(list)
    for isrc, claimants in _claimants(recordings).items():
        owner = min(claimants, key=lambda at: _claim(recordings[at], isrc, first_seen, addresses.get(isrc, ())))
        owned[owner].append(isrc)
    return [replace(recording, isrcs=tuple(sorted(owned[at]))) for at, recording in enumerate(recordings)]


def refuse_shared_ids(
    services: Sequence[ServicePlaylist], aggregate: AggregatePlaylist, named: Callable[[str], str] = str
) -> None:
    """Refuses rows and a consensus in which two recordings share one id, before they are written.

    Args:
        named: how people write a service, of which the data have the key.

    Raises:
        SharedIdentity: two tracks of the consensus share an id, or the services' lists bear an id at other positions than those which
            the consensus counted.
    """
    refuse_repeated_ids(aggregate.genre_name, aggregate.tracks)
    listed: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for playlist in services:
        for track in playlist.tracks:
            best = listed[track.track_id].get(playlist.service_name, track.rank)
            listed[track.track_id][playlist.service_name] = min(best, track.rank)
    agreed = {track.track_id: track.sources for track in aggregate.tracks}
    for track_id, ranks in listed.items():
        belongs = is_charted(counting(ranks, aggregate.ranking), aggregate.ranking, aggregate.only_service)
        if ranks != agreed.get(track_id, ranks) or (belongs and track_id not in agreed):
            raise SharedIdentity(
                f"{aggregate.genre_name}: {track_id} is listed at {_positions(ranks, named)}, but the consensus counts"
                f" {_positions(agreed.get(track_id, {}), named)}; what was written before stays;"
                " run all four assets, and send a debug bundle if it comes again",
                next_command=f"tunemeld etl run full --genre {aggregate.genre_name}",
            )


def refuse_repeated_ids(genre: str, tracks: Iterable[AggregateTrack]) -> None:
    """Refuses a chart that holds an id or an ISRC twice, whose counts would go into one history.

    Raises:
        SharedIdentity: it does.
    """
    seen: dict[str, int] = {}
    for track in tracks:
        for known in {track.track_id, *filter(None, [track.isrc])}:
            if known in seen:
                raise SharedIdentity(
                    f"{genre}: ranks {seen[known]} and {track.rank} are both {known}; what was written before stays;"
                    " run all four assets",
                    next_command=f"tunemeld etl run full --genre {genre}",
                )
            seen[known] = track.rank


def _claimants(recordings: Iterable[GenreRecording]) -> dict[str, list[int]]:
    found: defaultdict[str, list[int]] = defaultdict(list)
    for at, recording in enumerate(recordings):
        for isrc in recording.isrcs:
            found[isrc].append(at)
    return found


def _claim(
    recording: GenreRecording, isrc: str, first_seen: Mapping[str, datetime], addresses: Collection[str]
) -> tuple[bool, bool, bool, str]:
    """Smaller is the better claim; a total order, since no two recordings share a row."""
    authority = recording.row(ISRC_AUTHORITY)
    return (
        isrc not in first_seen or not any(row.track_url in addresses for row in recording.rows),
        recording.canonical_isrc(first_seen) != isrc,
        authority is None or authority.described.isrc != isrc,
        min(row.key for row in recording.rows),
    )


def _positions(ranks: Mapping[str, int], named: Callable[[str], str]) -> str:
    return ", ".join(f"{named(service)} {rank}" for service, rank in sorted(ranks.items())) or "nothing"
