"""`/v1/artists/{slug}`: an artist's recordings over all genres and days."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from tunemeld_pipeline.charts.positions import PositionsOfMonth, standings_of
from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.tracks import ArtistCredit, artist_credits, genre_standing
from tunemeld_pipeline.publishing.v1.values import Address, Day, Row, Value, json_text
from tunemeld_pipeline.storage.store import Store

MOST_RECORDINGS = 100
"""Recordings in one answer: those that came highest."""


class GenreOfRecording(Value):
    """How a recording did in one genre."""

    genre: str = Field(description="The genre's key.", examples=["pop"])
    first_date: Day = Field(description="The first UTC day on which a list or the chart had the recording.")
    last_date: Day = Field(description="The last UTC day on which a list or the chart had the recording.")
    days_on_chart: int = Field(description="On how many days it was on the chart.")
    best_rank: int | None = Field(description="Its best rank on the chart; null if it was never on it.")


class ArtistRecording(Row):
    """A recording that credits the artist."""

    track_id: str = Field(description="The recording's id.")
    track: str = Field(description="The address of the recording on this API.", examples=["/v1/tracks/QZZ992600001"])
    title: str = Field(description="The title as last displayed.")
    artists: list[ArtistCredit] = Field(description="Everybody whom the recording credits.")
    cover_url: Address | None = Field(description="A picture of the cover; null while unknown.")
    genres: list[GenreOfRecording] = Field(description="How it did, genre by genre.")


class Homonym(Value):
    """Another artist of the same name."""

    slug: str = Field(description="The other artist's slug.")
    name: str = Field(description="The other artist's name.")
    country: str | None = Field(description="The country by which the two are distinguished; null where none is known.")


class ArtistDetails(Value):
    """An artist, and the recordings that credit them, those that came highest on a chart first."""

    slug: str = Field(description="The artist's slug: it never changes, and nobody else ever gets it.")
    name: str = Field(description="The name as it was first displayed.")
    country: str | None = Field(description="The country that credits name behind the name; null where none does.")
    homonyms: list[Homonym] = Field(description="Other artists of the same name, as far as they can be distinguished.")
    recordings: list[ArtistRecording] = Field(
        description=f"Their recordings, at most {MOST_RECORDINGS}: those that came highest on a chart first."
    )


def artist_content(store: Store, slug: str, at: datetime) -> Content | None:
    """The answer about an artist as of `at`; None where nobody has this slug.

    Raises:
        UnreadableDocument: what is known of the artist cannot be read.
        StoreError: the collections cannot be read.
    """
    artist = store.artists.artist(slug)
    if artist is None:
        return None
    recordings = store.recordings.of_artist(slug, MOST_RECORDINGS)
    months = store.positions.of([one for facts in recordings for one in facts.all_ids])
    details = artist_details(artist, store.artists.homonyms(artist), recordings, months)
    return Content(json_text(details), at, links=links.described(links.artist(slug), ArtistDetails))


def artist_details(
    artist: Artist, homonyms: Iterable[Artist], recordings: Sequence[RecordingFacts], months: Iterable[PositionsOfMonth]
) -> ArtistDetails:
    """What is known of an artist; `months` are those of all these recordings."""
    by_id: dict[str, list[PositionsOfMonth]] = {}
    for month in months:
        by_id.setdefault(month.track_id, []).append(month)
    return ArtistDetails(
        slug=artist.slug,
        name=artist.name,
        country=artist.country,
        homonyms=[Homonym(slug=one.slug, name=one.name, country=one.country) for one in homonyms],
        recordings=[_recording(one, by_id) for one in recordings],
    )


def _recording(facts: RecordingFacts, by_id: Mapping[str, Sequence[PositionsOfMonth]]) -> ArtistRecording:
    standings = standings_of([month for one in facts.all_ids for month in by_id.get(one, ())])
    return ArtistRecording(
        track_id=facts.track_id,
        track=links.track(facts.track_id),
        title=facts.track_name,
        artists=artist_credits(facts.artists),
        cover_url=facts.album_cover_url,
        genres=[
            GenreOfRecording.model_validate(genre_standing(one).model_dump(include=set(GenreOfRecording.model_fields)))
            for one in standings
        ],
    )
