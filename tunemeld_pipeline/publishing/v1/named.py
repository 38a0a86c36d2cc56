"""Which recording a row of the editors' answers is about: its id, its names and addresses as they were last known."""

from collections.abc import Mapping
from typing import TypedDict

from pydantic import Field

from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.publishing.v1.values import Address, Row


class NamedRow(Row):
    """A recording."""

    track_id: str = Field(
        description="The recording's id, as `/v1/tracks/{track_id}` takes it.", examples=["QZZ992600001"]
    )
    isrc: str | None = Field(description="Its ISRC; null while it is not known.")
    title: str | None = Field(description="Its title; null if none was kept.")
    artist: str | None = Field(description="Its artists as the service credits them; null if they were not kept.")
    cover_url: Address | None = Field(description="Its album's cover; null if it is not known.")
    urls: dict[str, Address] = Field(description="By service, its address there, where one is known.")


class Names(TypedDict):
    """The fields of a `NamedRow`."""

    track_id: str
    isrc: str | None
    title: str | None
    artist: str | None
    cover_url: str | None
    urls: dict[str, str]


def names(track_id: str, recordings: Mapping[str, RecordingFacts]) -> Names:
    """What is known of a recording; nothing but its id where nothing was kept."""
    facts = recordings.get(track_id)
    if facts is None:
        return Names(track_id=track_id, isrc=None, title=None, artist=None, cover_url=None, urls={})
    return Names(
        track_id=track_id,
        isrc=facts.isrc,
        title=facts.track_name or None,
        artist=facts.artist_name or None,
        cover_url=facts.album_cover_url or None,
        urls=facts.track_urls,
    )
