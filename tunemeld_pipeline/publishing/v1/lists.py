"""`/v1/lists/{genre}/{service}`: one service's list of a genre, today's or a past day's.

Of a past day the positions are kept, and of each recording what was last known of it: a recording that was never on a chart has no names.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import Field

from tunemeld_pipeline.charts.catalog import Genre
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.documents import RawPlaylist, ServicePlaylist, Track, Upstream
from tunemeld_pipeline.charts.observation import utc_day
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.isrc import well_formed_isrc
from tunemeld_pipeline.publishing.forms import Content, Link
from tunemeld_pipeline.publishing.past_days import last_change
from tunemeld_pipeline.publishing.reading import Documents
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.charts import HowMatched
from tunemeld_pipeline.publishing.v1.values import Address, Day, Moment, Row, Value, json_text
from tunemeld_pipeline.storage.store import Store


class ListRow(Row):
    """One row of a service's list."""

    rank: int = Field(
        description="Its position on the list, from 1. A gap is a row that cannot be read, or is withheld."
    )
    track_id: str = Field(description="What the recording is known by: its ISRC, or `Service:id` while none is known.")
    title: str | None = Field(description="The recording's title; null if unknown.")
    artist: str | None = Field(description="The artists as the service credits them; null if unknown.")
    isrc: str | None = Field(description="Its ISRC; null while none is known.")
    url: Address | None = Field(description="Its address on the service; null if unknown.")
    duration_ms: int | None = Field(description="Its length in milliseconds; null if unknown.")
    cover_url: Address | None = Field(description="A picture of the album's cover; null if unknown.")
    play_count: int | None = Field(description="The plays that the list itself shows; null if it shows none.")
    chart_rank: int | None = Field(description="Its rank on the genre's chart of the day; null if it is not there.")
    match: HowMatched | None = Field(description="How the row was matched with rows of other lists; null if unknown.")
    last_seen_at: Moment | None = Field(
        description="When an earlier read last showed the row, where the source of the list cannot; null for a row that was read."
    )


class ServiceList(Value):
    """A service's list of a genre on one day, with what people see of it."""

    genre: str = Field(description="The genre's key.", examples=["pop"])
    service: str = Field(description="The service's key.")
    date: Day = Field(description="The UTC day of the list.")
    observed_at: Moment | None = Field(description="When the list was read; null if it never was.")
    stale: bool = Field(description="Whether the list is an older one, because it could not be read on this day.")
    stale_since: Moment | None = Field(description="Since when it could not be read; null if it could, or if unknown.")
    upstream: Upstream = Field(
        description="Where the data come from: `live`, or for trying things out `sandbox` (invented) or `replay` (recorded)."
    )
    source: str | None = Field(
        description="The source that it was read from, as `/v1/services` names it; null if unknown."
    )
    country: str | None = Field(
        description="The market that it was read for, as two letters (ISO 3166-1): elsewhere the list may differ; null if unknown.",
        examples=["US"],
    )
    rows_read: int | None = Field(description="The number of rows that were read of it; null if unknown.")
    rows_total: int | None = Field(description="The number of rows that the service says it has; null if unknown.")
    kept: int = Field(
        description="How many rows at its end stay from an earlier read, since its source cannot show them."
    )
    edited_at: Moment | None = Field(
        description="When its editors last changed it, or else last added a row; null if unknown."
    )
    url: Address | None = Field(description="The list's address on the service; null if unknown.")
    name: str | None = Field(description="The list's name; null if unknown.")
    description: str | None = Field(description="What the editors say of it; null if unknown.")
    cover_url: Address | None = Field(description="A picture or video of its cover; null if unknown.")
    previous_date: Day | None = Field(description="The nearest day before that has a chart; null if there is none.")
    next_date: Day | None = Field(description="The nearest day after that has a chart; null if there is none.")
    tracks: list[ListRow] = Field(description="The rows in the service's order; empty if the list was never read.")


def todays_list(documents: Documents, described: Genre, service: str) -> Content:
    """The answer with a service's current list; after a rollback with the list of the day whose chart is shown."""
    genre, made = described.key, documents.materialization
    shown_again = next(iter(documents.last_days.days), None) if made.rolled_back_to else None
    if shown_again is not None:
        before, _ = links.days_beside(shown_again.date, documents.dates)
        known, is_withheld = documents.last_days.recordings, documents.withheld.hides_service(service)
        again = _list_of_day(shown_again, described, service, known, (before, None), is_withheld=is_withheld)
        found = links.described(links.service_list(genre, service), ServiceList, _beside(genre, service, before, None))
        return Content(json_text(again), made.finished_at, links=found)
    header = next((one for one in documents.playlists if one.service_name == service), None)
    listed = next((one for one in documents.services if one.service_name == service), None)
    outcome = made.outcomes.get(service)
    ranks = {track.track_id: track.rank for track in documents.chart.tracks}
    date = utc_day(made.as_of)
    previous, _ = links.days_beside(date, documents.dates)
    shown = ServiceList(
        genre=genre,
        service=service,
        date=date,
        observed_at=header.insert_timestamp if header else None,
        stale=header.stale if header else True,
        stale_since=header.stale_since if header else None,
        upstream=header.upstream if header else made.upstream,
        source=header.source if header else None,
        country=header.country if header else None,
        rows_read=outcome.rows if outcome else None,
        rows_total=header.rows_total if header else None,
        kept=outcome.kept if outcome else 0,
        edited_at=header.edited_at if header else None,
        **_shown(header, described, service, is_withheld=documents.withheld.hides_service(service)),
        previous_date=previous,
        next_date=None,
        tracks=_rows(listed, ranks),
    )
    found = links.described(links.service_list(genre, service), ServiceList, _beside(genre, service, previous, None))
    return Content(json_text(shown), made.finished_at, links=found)


def past_list(store: Store, described: Genre, service: str, date: str) -> Content | None:
    """The answer with a service's list of a past UTC day; None if nothing is kept of that day, or it was withdrawn.

    Raises:
        StoreError: it cannot be read.
    """
    genre = described.key
    day = store.charts.chart_day(genre, date)
    if day is None or day.withdrawn:
        return None
    recordings = store.recordings.known([one for one in day.lists.get(service, []) if one is not None])
    previous, following = links.days_beside(date, store.charts.chart_dates(genre))
    is_withheld = store.withheld.hides_service(service)
    shown = _list_of_day(day, described, service, recordings, (previous, following), is_withheld=is_withheld)
    beside = _beside(genre, service, previous, following)
    found = links.described(links.service_list(genre, service, date), ServiceList, beside)
    return Content(json_text(shown), last_change(store, day, recordings), links=found)


def _list_of_day(
    day: ChartDay,
    described: Genre,
    service: str,
    recordings: Mapping[str, RecordingFacts],
    beside: tuple[str | None, str | None],
    *,
    is_withheld: bool,
) -> ServiceList:
    """The list as the day kept it; `beside` are the days before and after."""
    listed, outcome = day.lists.get(service, []), day.outcomes.get(service)
    return ServiceList(
        genre=described.key,
        service=service,
        date=day.date,
        observed_at=outcome.observed_at if outcome else day.insert_timestamp if listed else None,
        stale=outcome.state != "fresh" if outcome else not listed,
        stale_since=None,
        upstream=day.upstream,
        source=outcome.source if outcome else None,
        country=outcome.country if outcome else None,
        rows_read=outcome.rows if outcome else None,
        rows_total=outcome.rows_total if outcome else None,
        kept=outcome.kept if outcome else 0,
        edited_at=outcome.edited_at if outcome else None,
        **_shown(None, described, service, is_withheld=is_withheld),
        previous_date=beside[0],
        next_date=beside[1],
        tracks=_past_rows(day, service, recordings),
    )


def _shown(header: RawPlaylist | None, described: Genre, service: str, *, is_withheld: bool) -> dict[str, str | None]:
    """What people see of the list: what the service said, else what the catalogue says."""
    is_shown = service in described.playlists and not is_withheld
    listed = described.playlist(service) if is_shown else None
    return {
        "url": (header.playlist_url if header else None) or (listed.url if listed else None),
        "name": (header.playlist_name if header else None) or (listed.name if listed else None),
        "description": (header.playlist_cover_description_text if header else None) or None,
        "cover_url": (header.playlist_cover_url if header else None) or None,
    }


def _rows(listed: ServicePlaylist | None, ranks: Mapping[str, int]) -> list[ListRow]:
    return [_row(track, ranks.get(track.track_id)) for track in listed.tracks] if listed else []


def _row(track: Track, chart_rank: int | None) -> ListRow:
    return ListRow(
        rank=track.rank,
        track_id=track.track_id,
        title=track.track_name or None,
        artist=track.artist_name or None,
        isrc=track.isrc,
        url=track.track_url or None,
        duration_ms=track.duration_ms,
        cover_url=track.album_cover_url or None,
        play_count=track.play_count,
        chart_rank=chart_rank,
        match=HowMatched(method=track.match.method, confidence=track.match.confidence),
        last_seen_at=track.last_seen_at,
    )


def _past_rows(day: ChartDay, service: str, recordings: Mapping[str, RecordingFacts]) -> list[ListRow]:
    ranks = {track_id: rank for rank, track_id in day.ranked}
    seen = {rank: one.seen_at for one in day.kept.get(service, ()) for rank in range(one.first, one.last + 1)}
    return [
        _past_row(rank, track_id, recordings.get(track_id), service, ranks.get(track_id), seen.get(rank))
        for rank, track_id in enumerate(day.lists.get(service, []), start=1)
        if track_id is not None
    ]


def _past_row(
    rank: int,
    track_id: str,
    facts: RecordingFacts | None,
    service: str,
    chart_rank: int | None,
    seen_at: datetime | None,
) -> ListRow:
    return ListRow(
        rank=rank,
        track_id=track_id,
        title=(facts.track_name if facts else None) or None,
        artist=(facts.artist_name if facts else None) or None,
        isrc=facts.isrc if facts else well_formed_isrc(track_id),
        url=facts.track_urls.get(service) if facts else None,
        duration_ms=facts.duration_ms if facts else None,
        cover_url=(facts.album_cover_url if facts else None) or None,
        play_count=None,
        chart_rank=chart_rank,
        match=None,
        last_seen_at=seen_at,
    )


def _beside(genre: str, service: str, previous: str | None, following: str | None) -> list[Link]:
    beside = (("prev", previous), ("next", following))
    return [Link(links.service_list(genre, service, date), relation) for relation, date in beside if date is not None]
