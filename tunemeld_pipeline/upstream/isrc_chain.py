"""Looking up the ISRCs that no list has, in turn: what was remembered costs nothing, and each look-up is asked for what is left.

What a look-up remembers, tries again and verifies is as in `lookups.py`. Its answers have keys of their own, so that what one has not found
keeps nobody from asking the next.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tunemeld_pipeline.charts.documents import Lookup, ServicePlaylist, Track
from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import PlaylistRow
from tunemeld_pipeline.plugins.contract import IsrcLookup
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.upstream.lookups import (
    Facts,
    LookupReport,
    Wanted,
    look_up,
    look_up_isrcs,
    sorted_out,
    wanted_of,
)
from tunemeld_pipeline.upstream.service_client import HintClient, IsrcClient, ServiceClient

CACHE: Lookup = "isrc_cache"


@dataclass(frozen=True, slots=True)
class Asked:
    """A look-up, whose ids it takes (a service's key, where it takes any), and its client; None where it is not configured."""

    lookup: IsrcLookup
    service: str
    client: ServiceClient | None

    def wanted(self, rows: Sequence[PlaylistRow]) -> Wanted | None:
        """What to look up for a recording's rows; None where it can say nothing of them."""
        mine = [row for row in rows if row.service == self.service] if self.lookup.by_id else list(rows)
        if not mine:
            return None
        keys = [f"{self.lookup.begins}{row.key}" for row in mine]
        return Wanted(keys[0], mine[0].described, tuple(keys[1:]))


@dataclass
class Sought:
    """What came of it: ISRCs by the key of a recording's first row, and each look-up's report."""

    isrcs: dict[str, str] = field(default_factory=dict)
    reports: list[tuple[Asked, LookupReport]] = field(default_factory=list)

    def total(self, name: str) -> int:
        """The sum of one of the reports' numbers."""
        return sum(int(getattr(report, name)) for _, report in self.reports)


def look_up_in_turn(
    store: Store, chain: Sequence[Asked], recordings: Sequence[Sequence[PlaylistRow]], at: datetime
) -> Sought:
    """The ISRCs of recordings, each given by its rows, the most important first.

    An answer that an unconfigured look-up once gave still counts.
    """
    wanted: list[dict[str, Wanted]] = [
        {rows[0].key: want for rows in recordings if (want := asked.wanted(rows)) is not None} for asked in chain
    ]
    remembered = [sorted_out(store, CACHE, list(wants.values()), at)[0] for wants in wanted]
    known = {
        key: number
        for number, wants in reversed(list(enumerate(wanted)))
        for key, want in wants.items()
        if want.key in remembered[number]
    }
    sought = Sought()
    for number, (asked, wants) in enumerate(zip(chain, wanted, strict=True)):
        mine = {
            want.key: key for key, want in wants.items() if key not in sought.isrcs and known.get(key, number) == number
        }
        if asked.client is None:
            report = LookupReport(facts={name: remembered[number][name] for name in mine if name in remembered[number]})
            report.known = len(report.facts)
        else:
            report = _ask(store, asked, [want for want in wants.values() if want.key in mine], recordings, at)
        sought.reports.append((asked, report))
        sought.isrcs |= {mine[name]: facts["isrc"] for name, facts in report.facts.items() if name in mine}
    return sought


def look_up_between_runs(
    store: Store, lookup: IsrcLookup, client: IsrcClient, lists: Sequence[ServicePlaylist], at: datetime
) -> LookupReport:
    """The ISRCs of what the last run has left without one, for the next one to find among what is remembered.

    Args:
        lists: the services' lists of a genre, as that run has left them.
    """
    keys: dict[str, list[str]] = {}
    tracks: dict[str, Track] = {}
    for track in sorted((one for each in lists for one in each.tracks), key=lambda one: one.rank):
        if track.isrc is None and track.service_track_id:
            tracks.setdefault(track.track_id, track)
            keys.setdefault(track.track_id, []).append(f"{lookup.begins}{track.source_name}:{track.service_track_id}")
    wanted = [Wanted(own[0], wanted_of(tracks[track]).row, tuple(own[1:])) for track, own in keys.items()]
    return look_up_isrcs(store, client, wanted, at)


def _ask(
    store: Store, asked: Asked, wanted: list[Wanted], recordings: Sequence[Sequence[PlaylistRow]], at: datetime
) -> LookupReport:
    client = asked.client
    if isinstance(client, IsrcClient):
        return look_up_isrcs(store, client, wanted, at)
    assert isinstance(client, HintClient)  # noqa: S101
    return _look_up_hints(store, asked, client, wanted, recordings, at)


def _look_up_hints(
    store: Store,
    asked: Asked,
    client: HintClient,
    wanted: list[Wanted],
    recordings: Sequence[Sequence[PlaylistRow]],
    at: datetime,
) -> LookupReport:
    """ISRCs by a service's ids, several a call. Title, artist and length of the row must agree with what is said of the track."""
    ids = {f"{asked.lookup.begins}{row.key}": row.service_track_id for rows in recordings for row in rows}
    rows = {want.key: want.row for want in wanted}

    def with_isrcs(found: Mapping[str, Facts]) -> dict[str, Facts | None]:
        said = client.recordings([facts["track_id"] for facts in found.values()])
        return {key: _confirmed(rows[key], said.get(facts["track_id"])) for key, facts in found.items()}

    return look_up(store, CACHE, wanted, lambda want: {"track_id": ids[want.key]}, client.client, at, with_isrcs)


def _confirmed(row: Row, said: Row | None) -> Facts | None:
    if said is None or said.isrc is None or row.duration_ms is None or said.duration_ms is None:
        return None
    return {"isrc": said.isrc} if judge(row, said).verdict is Verdict.SAME else None
