"""`/v1/search`: recordings and artists by words, over all genres and days."""

from datetime import datetime

from pydantic import Field

from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.tracks import ArtistCredit, artist_credits
from tunemeld_pipeline.publishing.v1.values import Address, Row, Value, json_text
from tunemeld_pipeline.storage.store import Store

MOST_TRACKS, MOST_ARTISTS = 50, 20


class FoundTrack(Row):
    """A recording that a search means."""

    track_id: str = Field(description="The recording's id.")
    track: str = Field(description="The address of the recording on this API.", examples=["/v1/tracks/QZZ992600001"])
    title: str = Field(description="The title as last displayed.")
    artists: list[ArtistCredit] = Field(description="The artists whom it credits.")
    cover_url: Address | None = Field(description="A picture of the cover; null while unknown.")
    genres: list[str] = Field(description="The keys of the genres whose lists ever had it.")


class FoundArtist(Value):
    """An artist whom a search means."""

    slug: str = Field(description="The artist's slug.")
    artist: str = Field(description="The address of the artist on this API.", examples=["/v1/artists/ona-vale"])
    name: str = Field(description="The artist's name.")
    country: str | None = Field(description="The country by which artists of one name are distinguished; mostly null.")


class SearchResults(Value):
    """What a search finds, the best first."""

    artists: list[FoundArtist] = Field(description=f"Artists, at most {MOST_ARTISTS}, the best first.")
    tracks: list[FoundTrack] = Field(description=f"Recordings, at most {MOST_TRACKS}, the best first.")


def search_content(store: Store, text: str, at: datetime) -> Content:
    """The answer to a search; `at` is when the newest data were published.

    Raises:
        StoreError: the collections cannot be read.
    """
    artists = store.search.artists(text, MOST_ARTISTS)
    results = SearchResults(
        artists=[_artist(one) for one in artists],
        tracks=[_track(one) for one in store.search.recordings(text, MOST_TRACKS)],
    )
    return Content(json_text(results), at, links=links.described(links.search(text), SearchResults))


def _artist(artist: Artist) -> FoundArtist:
    return FoundArtist(slug=artist.slug, artist=links.artist(artist.slug), name=artist.name, country=artist.country)


def _track(facts: RecordingFacts) -> FoundTrack:
    return FoundTrack(
        track_id=facts.track_id,
        track=links.track(facts.track_id),
        title=facts.track_name,
        artists=artist_credits(facts.artists),
        cover_url=facts.album_cover_url,
        genres=facts.genres,
    )
