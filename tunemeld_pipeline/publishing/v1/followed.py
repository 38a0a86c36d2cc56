"""`/v1/tracks?ids=`: where some recordings stand now, for who follows them."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pydantic import Field

from tunemeld_pipeline.charts.documents import AGGREGATE
from tunemeld_pipeline.charts.positions import PositionsOfMonth, Standing, standings_of
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.publishing.forms import Content
from tunemeld_pipeline.publishing.v1 import links
from tunemeld_pipeline.publishing.v1.artists import GenreOfRecording
from tunemeld_pipeline.publishing.v1.tracks import ArtistCredit, artist_credits, genre_standing
from tunemeld_pipeline.publishing.v1.values import Address, Day, Row, json_text
from tunemeld_pipeline.storage.store import Store

MOST_IDS = 50
"""Ids of one request: each reads what is kept of a recording's days."""


class GenreNow(GenreOfRecording):
    """How a recording did in one genre, and where it stands there now."""

    date: Day | None = Field(description="The day of the genre's newest chart; null if it has none now.")
    rank: int | None = Field(description="Its rank on that chart; null if it is not on it.")


class FollowedTrack(Row):
    """A recording, and where it stands now."""

    asked: str = Field(description="The id under which it was asked for.")
    track_id: str = Field(description="The id that it has now: its ISRC, or a provisional id while none is known.")
    track: str = Field(description="The address of the recording on this API.", examples=["/v1/tracks/QZZ992600001"])
    title: str = Field(description="The title as last displayed.")
    artists: list[ArtistCredit] = Field(description="Everybody whom the recording credits.")
    cover_url: Address | None = Field(description="A picture of the cover; null while unknown.")
    video_url: Address | None = Field(description="The video whose views count; null while unknown.")
    addresses: dict[str, Address] = Field(description="By service that ever listed it, where it can be heard there.")
    genres: list[GenreNow] = Field(description="How it did, genre by genre; first those where it stands highest now.")


def followed_content(store: Store, ids: Sequence[str], newest: Mapping[str, str], at: datetime) -> Content:
    """The answer about some recordings as of `at`, in the order of `ids`; those that nobody knows are left out.

    Args:
        newest: the day of the newest chart by genre.

    Raises:
        StoreError: the collections cannot be read.
    """
    known = _known(store, ids)
    recordings = {facts.track_id: facts for facts in known.values()}
    by_id: dict[str, list[PositionsOfMonth]] = {}
    for month in store.positions.of([one for facts in recordings.values() for one in facts.all_ids]):
        by_id.setdefault(month.track_id, []).append(month)
    tracks = [_followed(one, known[one], by_id, newest) for one in ids if one in known]
    itself = links.followed(ids)
    return Content(json_text(tracks), at, links=links.described(itself, FollowedTrack))


def _known(store: Store, ids: Sequence[str]) -> dict[str, RecordingFacts]:
    """What is known of recordings by the ids that they were asked under, of one that became another that one."""
    found = store.recordings.known(ids)
    now = {one: facts.became for one, facts in found.items() if facts.became is not None}
    for one in set(ids) - set(found):
        if (owner := store.recordings.successor(one) or store.recordings.carrier(one)) is not None:
            now[one] = owner
    owners = store.recordings.known(set(now.values()))
    return {one: facts for one, facts in found.items() if one not in now} | {
        one: owners[owner] for one, owner in now.items() if owner in owners
    }


def _followed(
    asked: str, facts: RecordingFacts, by_id: Mapping[str, Sequence[PositionsOfMonth]], newest: Mapping[str, str]
) -> FollowedTrack:
    standings = standings_of([month for one in facts.all_ids for month in by_id.get(one, ())])
    genres = [_now(one, newest.get(one.genre)) for one in standings]
    return FollowedTrack(
        asked=asked,
        track_id=facts.track_id,
        track=links.track(facts.track_id),
        title=facts.track_name,
        artists=artist_credits(facts.artists),
        cover_url=facts.album_cover_url,
        video_url=facts.youtube_url,
        addresses=facts.track_urls,
        genres=sorted(
            genres, key=lambda one: (one.rank is None, one.rank or 0, one.best_rank is None, one.best_rank or 0)
        ),
    )


def _now(standing: Standing, date: str | None) -> GenreNow:
    shown = genre_standing(standing).model_dump(include=set(GenreOfRecording.model_fields))
    rank = standing.ranks.get(AGGREGATE, {}).get(date) if date else None
    return GenreNow.model_validate({**shown, "date": date, "rank": rank})
