"""What visitors may see: recordings, artists and services that an operator withholds, and what is left of each document without them.

`Withheld.shown` decides for every document, and storage passes each document through it that is read for visitors. Ranks, counts and
everything else that is stored stay as they are: a row that is withheld leaves a gap.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, Field

from tunemeld_pipeline.charts.chart_days import ChartDay, ChartedDay, ChartedTrack, PastOutcomes
from tunemeld_pipeline.charts.documents import (
    VIDEOS,
    AggregatePlaylist,
    AggregateTrack,
    Chart,
    ChartTrack,
    Materialization,
    Model,
    Moment,
    PublishedVersion,
    RawPlaylist,
    ServicePlaylist,
    Track,
)
from tunemeld_pipeline.charts.positions import PositionsOfMonth
from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts

WithheldKind = Literal["track", "artist", "service"]
Texts = Mapping[str, Any]
T = TypeVar("T", bound=BaseModel)


class Withholding(Model):
    """`withheld`: something that visitors may not see, why, and since when; once it is taken back, until when they might not.

    `key` is what the operator named: any id of a recording, an artist's name, a service. `ids` are all ids by which the recording was
    known when it was withheld.
    """

    kind: WithheldKind
    key: Annotated[str, Field(min_length=1)]
    ids: list[str]
    reason: str
    withheld_at: Moment
    taken_back_at: Moment | None = None

    @property
    def stands(self) -> bool:
        """Whether it has not been taken back."""
        return self.taken_back_at is None

    @property
    def changed_at(self) -> datetime:
        """When what visitors see changed because of it for the last time."""
        return self.taken_back_at or self.withheld_at

    def means(self, track: Track) -> bool:
        """Whether the row is the recording that is withheld, or one by the artist who is."""
        if self.kind == "artist":
            return not artist_forms(self.key).isdisjoint(credited_forms(track.track_name, track.artist_name))
        return self.kind == "track" and not ids_of(track).isdisjoint(self.ids)


@dataclass(frozen=True, slots=True)
class Withheld:
    """Everything that is withheld now.

    Attributes:
        track_ids: the ids of recordings, also those of recordings by withheld artists as far as they are known.
        artist_forms: artists' names, in the compact forms in which matching compares names.
        services: services, and sources of counts, by their keys.
        changed_at: when anything was withheld or taken back for the last time; None if that never happened.
    """

    track_ids: frozenset[str] = frozenset()
    artist_forms: frozenset[str] = frozenset()
    services: frozenset[str] = frozenset()
    changed_at: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self.track_ids or self.artist_forms or self.services)

    def hides_recording(self, ids: Iterable[str | None], title: str = "", artist: str = "") -> bool:
        """Whether a recording is withheld that is known by one of these ids, or in whose credit or title a withheld artist stands."""
        if not self.track_ids.isdisjoint(ids):
            return True
        return bool(self.artist_forms) and not self.artist_forms.isdisjoint(credited_forms(title, artist))

    def modified(self, at: datetime) -> datetime:
        """When an answer changed that was made from data of this time: a copy of before a withholding must not count as current."""
        return max(at, self.changed_at or at)

    def hides_service(self, key: str) -> bool:
        """Whether a service, or a source of counts, is withheld."""
        return key in self.services

    def shown(self, document: T) -> T | None:
        """What visitors may see of a document: all of it, a copy without what is withheld, or None.

        Raises:
            TypeError: nobody has decided what visitors may see of documents of its kind.
        """
        for kind, left in _LEFT.items():
            if isinstance(document, kind):
                return left(self, document) if self else document
        raise TypeError(f"nobody has decided what visitors may see of a {type(document).__name__}")

    def without_services(self, by_service: Mapping[Any, Any]) -> dict[str, Any]:
        """A mapping by service, or source of counts, without those that are withheld."""
        return {key: value for key, value in by_service.items() if key not in self.services}


NOTHING_WITHHELD = Withheld()


def withheld_by(withholdings: Iterable[Withholding]) -> Withheld:
    """What these withholdings hide together; those that were taken back hide nothing, and count as a change."""
    known = list(withholdings)
    standing = [one for one in known if one.stands]
    artists = [artist_forms(one.key) for one in standing if one.kind == "artist"]
    return Withheld(
        track_ids=frozenset(track_id for one in standing for track_id in one.ids),
        artist_forms=frozenset().union(*artists),
        services=frozenset(one.key for one in standing if one.kind == "service"),
        changed_at=max((one.changed_at for one in known), default=None),
    )


@lru_cache(maxsize=16_384)
def credited_forms(title: str, artist: str) -> frozenset[str]:
    """The compact forms of every artist's name in a credit and in a title, such as "Undertow (feat. Ona Vale)"."""
    # Imported here: an API worker needs all of matching only while an artist is withheld.
    from tunemeld_pipeline.charts.matching.titles import parse_title

    return frozenset().union(*(name.forms for name in parse_title(title, artist).credits))


def artist_forms(name: str) -> frozenset[str]:
    """The compact forms of one artist's name, as a credit of this artist alone has them."""
    return credited_forms("", name)


def _copy(document: T, **changes: Any) -> T:
    return document.model_copy(update=changes)


def _everything(withheld: Withheld, document: T) -> T:
    del withheld
    return document


def ids_of(track: Track) -> set[str]:
    """Everything by which a row's recording is known: its ids, its ISRCs, and the key of the service's own row."""
    ids = {track.track_id, *([track.isrc] if track.isrc else [])}
    if track.service_track_id:
        ids.add(f"{track.source_name}:{track.service_track_id}")
    if isinstance(track, AggregateTrack):
        ids.update(track.isrcs, track.other_ids)
    return ids


def _row(withheld: Withheld, track: Track) -> Track | None:
    if withheld.hides_recording(ids_of(track), track.track_name, track.artist_name):
        return None
    changes: dict[str, Any] = {}
    if withheld.hides_service(VIDEOS):
        changes["youtube_url"] = None
    if isinstance(track, AggregateTrack):
        changes |= _without_addresses(withheld, track)
    elif withheld.hides_service(track.source_name):
        return None
    if isinstance(track, ChartTrack):
        changes["readings"] = withheld.without_services(track.readings)
        changes["gain_7d"] = withheld.without_services(track.gain_7d)
    return _copy(track, **changes) if changes else track


def _without_addresses(withheld: Withheld, track: AggregateTrack) -> dict[str, Any]:
    """A consensus row's positions, shares and addresses on the services that are not withheld; None shows it while one is left."""
    others = withheld.without_services(track.additional_sources)
    changes: dict[str, Any] = {
        "sources": withheld.without_services(track.sources),
        "contributions": withheld.without_services(track.contributions),
        "additional_sources": others,
        "other_ids": [one for one in track.other_ids if not withheld.hides_service(one.partition(":")[0])],
    }
    if withheld.hides_service(track.source_name):
        main = next(iter(changes["sources"]), "")
        changes |= {
            "track_url": others.pop(main, ""),
            "source_name": main,
            "service_track_id": None,
            "album_id": None,
            "album_cover_url": None,
            "play_count": None,
        }
    if withheld.hides_service(track.aggregate_service_name):
        changes["aggregate_service_name"] = changes.get("source_name", track.source_name)
    return changes


def _rows(withheld: Withheld, document: T, tracks: Iterable[Track]) -> T:
    rows = [row for track in tracks if (row := _row(withheld, track)) is not None]
    consensus = [row for row in rows if not isinstance(row, AggregateTrack) or row.sources]
    return _copy(document, tracks=consensus)


def _chart(withheld: Withheld, chart: Chart) -> Chart:
    return _copy(_rows(withheld, chart, chart.tracks), **_facts_by_service(withheld, chart))


def _aggregate(withheld: Withheld, aggregate: AggregatePlaylist) -> AggregatePlaylist:
    return _copy(_rows(withheld, aggregate, aggregate.tracks), **_facts_by_service(withheld, aggregate))


def _facts_by_service(
    withheld: Withheld, document: Chart | AggregatePlaylist | ChartedDay | Materialization
) -> dict[str, Any]:
    """What a document says of services besides its rows."""
    changes: dict[str, Any] = {
        name: withheld.without_services(getattr(document, name))
        for name in ("coverage", "count_errors", "matched_share", "outcomes")
        if hasattr(document, name)
    }
    if withheld.hides_service(getattr(document, "only_service", None) or ""):
        changes["only_service"] = None
    if not isinstance(document, Materialization):
        by_service = {
            name: withheld.without_services(getattr(document.ranking, name)) for name in ("weights", "counting_rows")
        }
        changes["ranking"] = _copy(document.ranking, **by_service)
    return changes


def _list(withheld: Withheld, playlist: ServicePlaylist) -> ServicePlaylist | None:
    return None if withheld.hides_service(playlist.service_name) else _rows(withheld, playlist, playlist.tracks)


def _raw(withheld: Withheld, playlist: RawPlaylist) -> RawPlaylist | None:
    return None if withheld.hides_service(playlist.service_name) else playlist


def _charted_day(withheld: Withheld, day: ChartedDay) -> ChartedDay:
    def shown(track_id: str | None) -> str | None:
        if track_id is None or withheld.hides_recording([track_id, *day.other_ids.get(track_id, ())]):
            return None
        return track_id

    chart = [shown(track_id) for track_id in day.chart]
    changes = _facts_by_service(withheld, day)
    if isinstance(day, ChartDay):
        lists = withheld.without_services(day.lists)
        changes["lists"] = {service: [shown(one) for one in listed] for service, listed in lists.items()}
        changes["kept"] = withheld.without_services(day.kept)
        if len(lists) < len(day.lists):
            listed = set(chain.from_iterable(lists.values()))
            chart = [track_id if track_id in listed else None for track_id in chart]
    left = set(chart)
    changes["chart"] = chart
    changes["other_ids"] = {track_id: ids for track_id, ids in day.other_ids.items() if track_id in left}
    changes["uncovered"] = [track_id for track_id in day.uncovered if track_id in left]
    return _copy(day, **changes)


def _recording(withheld: Withheld, facts: RecordingFacts) -> RecordingFacts | None:
    if withheld.hides_recording([*facts.all_ids, facts.isrc], facts.track_name, facts.artist_name):
        return None
    urls = withheld.without_services(facts.track_urls)
    changes: dict[str, Any] = {"track_urls": urls}
    hidden = {facts.track_urls[service] for service in facts.track_urls.keys() - urls.keys()}
    if facts.track_url in hidden:
        changes |= {"track_url": next(iter(urls.values()), ""), "album_cover_url": None}
    if withheld.hides_service(VIDEOS):
        changes["youtube_url"] = None
    return _copy(facts, **changes)


def _positions(withheld: Withheld, month: PositionsOfMonth) -> PositionsOfMonth | None:
    if withheld.hides_recording([month.track_id]):
        return None
    return _copy(month, ranks=withheld.without_services(month.ranks))


def _artist(withheld: Withheld, artist: Artist) -> Artist | None:
    if withheld.artist_forms and not withheld.artist_forms.isdisjoint(artist_forms(artist.name)):
        return None
    return artist


def _past_outcomes(withheld: Withheld, day: PastOutcomes) -> PastOutcomes:
    return _copy(day, outcomes=withheld.without_services(day.outcomes))


def _charted_track(withheld: Withheld, track: ChartedTrack) -> ChartedTrack | None:
    return None if withheld.hides_recording([track.track_id, *track.ids]) else track


def _materialization(withheld: Withheld, one: Materialization) -> Materialization:
    named = {f"{key} {what}" for key in withheld.services for what in ("playlist", "counts")}
    return _copy(
        one,
        **_facts_by_service(withheld, one),
        degraded=[what for what in one.degraded if what not in named],
    )


_LEFT: Mapping[type[BaseModel], Callable[[Withheld, Any], Any]] = {
    Chart: _chart,
    AggregatePlaylist: _aggregate,
    ServicePlaylist: _list,
    RawPlaylist: _raw,
    ChartedDay: _charted_day,
    RecordingFacts: _recording,
    ChartedTrack: _charted_track,
    PositionsOfMonth: _positions,
    Artist: _artist,
    Materialization: _materialization,
    PastOutcomes: _past_outcomes,
    PublishedVersion: _everything,
}
"""What is left of a document of each kind; the first kind that it belongs to counts."""
