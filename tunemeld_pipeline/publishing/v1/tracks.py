"""`/v1/tracks/{track_id}`: everything that is known of one recording, over all genres and days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from tunemeld_pipeline.charts.documents import AGGREGATE, Reading
from tunemeld_pipeline.charts.positions import Standing, first_listed, standings_of
from tunemeld_pipeline.charts.recordings import CreditedArtist, RecordingFacts
from tunemeld_pipeline.charts.withholding import Withheld
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.values import Address, Day, Moment, Value, json_text
from tunemeld_pipeline.storage.store import Store


class ArtistCredit(Value):
    """An artist as a recording credits them."""

    slug: str = Field(description="The artist's slug, which never changes.", examples=["ona-vale"])
    name: str = Field(description="The name as this recording's credit writes it.", examples=["Ona Vale"])
    artist: str = Field(description="The address of the artist on this API.", examples=["/v1/artists/ona-vale"])


class RankOnDay(Value):
    """A rank on a list on one day."""

    date: Day = Field(description="The UTC day.")
    rank: int = Field(description="The rank on that day, from 1.")


class CountAt(Value):
    """A count of plays or views."""

    counted_at: Moment = Field(description="When it was read.")
    count: int = Field(description="All plays or views until then.")


class FirstListing(Value):
    """When a service listed a recording for the first time, in any genre."""

    service: str = Field(description="The service's key.")
    date: Day = Field(description="The first UTC day on which its list had the recording.")


class GenreStanding(Value):
    """Where a recording stood in one genre."""

    genre: str = Field(description="The genre's key.", examples=["pop"])
    first_date: Day = Field(description="The first UTC day on which a list or the chart had the recording.")
    last_date: Day = Field(description="The last UTC day on which a list or the chart had the recording.")
    days_on_chart: int = Field(description="On how many days it was on the chart.")
    best_rank: int | None = Field(description="Its best rank on the chart; null if it was never on it.")
    best_rank_date: Day | None = Field(description="The first day at that rank; null if it was never on the chart.")
    chart: list[RankOnDay] = Field(description="Its rank on the chart on each day on which it was there, oldest first.")
    lists: dict[str, list[RankOnDay]] = Field(
        description="By service, its rank on that service's list on each day on which it was there, oldest first."
    )


class TrackDetails(Value):
    """A recording: what it is called, where it can be heard, and where it stood on every day of every genre."""

    track_id: str = Field(description="The recording's id: its ISRC, or a provisional id while none is known.")
    isrc: str | None = Field(description="The International Standard Recording Code; null while unknown.")
    isrcs: list[str] = Field(description="All ISRCs under which services have it, the recording's own among them.")
    former_ids: list[str] = Field(description="Provisional ids that it had; their addresses lead here for ever.")
    title: str | None = Field(description="The title as last displayed; null if it is not known any more.")
    credit: str | None = Field(description="The artists as last displayed, in one text; null if not known any more.")
    artists: list[ArtistCredit] = Field(description="The artists in that credit, one by one.")
    duration_ms: int | None = Field(description="The length in milliseconds; null while unknown.")
    cover_url: Address | None = Field(description="A picture of the cover; null while unknown.")
    video_url: Address | None = Field(description="The video whose views count; null while unknown.")
    addresses: dict[str, Address] = Field(description="By service that ever listed it, where it can be heard there.")
    first_listed: list[FirstListing] = Field(description="Which service listed it first, and when each one did.")
    genres: list[GenreStanding] = Field(description="Where it stood, genre by genre.")
    counts: dict[str, list[CountAt]] = Field(
        description="By source, how often it was played or seen: one count a UTC day, oldest first."
    )
    seen_at: Moment | None = Field(description="When it was last seen on a list or chart; null if not known any more.")


def track_content(store: Store, track_id: str, at: datetime) -> Content | None:
    """The answer about a recording as of `at`; None where no list and no chart ever had this id, or it became another.

    Raises:
        UnreadableDocument: what is known of it cannot be read.
        StoreError: the collections cannot be read.
    """
    facts = store.recordings.recording(track_id)
    if facts is not None and facts.became is not None:
        return None
    months = store.positions.of(facts.all_ids if facts else [track_id])
    if facts is None and not months:
        return None
    isrc = facts.isrc if facts else None
    histories = store.histories.of([isrc]) if isrc else []
    counts = histories[0].view_counts if histories else {}
    shown = store.withheld.without_services(counts)
    details = track_details(track_id, facts, standings_of(months), shown, _former_ids(facts, store.withheld))
    itself = links.track(track_id)
    return Content(json_text(details), at, links=links.described(itself, TrackDetails))


def track_details(
    track_id: str,
    facts: RecordingFacts | None,
    standings: Sequence[Standing],
    counts: Mapping[str, Sequence[Reading]],
    former_ids: Sequence[str] = (),
) -> TrackDetails:
    """What is known of a recording; without facts it is known from the lists of days alone, by its id.

    Args:
        former_ids: the provisional ids that it had, those of withheld services left out.
    """
    isrc = facts.isrc if facts else None
    return TrackDetails(
        track_id=track_id,
        isrc=isrc,
        isrcs=sorted({*(facts.isrcs if facts else ()), *([isrc] if isrc else ())}),
        former_ids=list(former_ids),
        title=(facts.track_name if facts else None) or None,
        credit=(facts.artist_name if facts else None) or None,
        artists=artist_credits(facts.artists) if facts else [],
        duration_ms=facts.duration_ms if facts else None,
        cover_url=facts.album_cover_url if facts else None,
        video_url=facts.youtube_url if facts else None,
        addresses=facts.track_urls if facts else {},
        first_listed=[FirstListing(service=service, date=date) for service, date in first_listed(standings).items()],
        genres=[genre_standing(one) for one in standings],
        counts={
            source: [CountAt(counted_at=one.current_timestamp, count=one.view_count) for one in readings]
            for source, readings in counts.items()
            if readings
        },
        seen_at=facts.insert_timestamp if facts else None,
    )


def _former_ids(facts: RecordingFacts | None, withheld: Withheld) -> list[str]:
    return [one for one in facts.ids if not withheld.hides_service(one.partition(":")[0])] if facts else []


def genre_standing(standing: Standing) -> GenreStanding:
    """Where a recording stood in one genre, day by day."""
    chart = standing.ranks.get(AGGREGATE, {})
    days = [date for ranks in standing.ranks.values() for date in ranks]
    best = min(((rank, date) for date, rank in chart.items()), default=(None, None))
    return GenreStanding(
        genre=standing.genre,
        first_date=min(days),
        last_date=max(days),
        days_on_chart=len(chart),
        best_rank=best[0],
        best_rank_date=best[1],
        chart=_ranks(chart),
        lists={name: _ranks(ranks) for name, ranks in standing.ranks.items() if name != AGGREGATE},
    )


def artist_credits(artists: Iterable[CreditedArtist]) -> list[ArtistCredit]:
    """The artists of a recording with their addresses."""
    return [ArtistCredit(slug=one.slug, name=one.name, artist=links.artist(one.slug)) for one in artists]


def _ranks(ranks: Mapping[str, int]) -> list[RankOnDay]:
    return [RankOnDay(date=date, rank=rank) for date, rank in ranks.items()]
