"""From the services' rows to one genre's recordings, playlists and consensus.

These pure functions put matching (`charts/matching/`) and ranking (`ranking.py`) together into `track_playlist` documents; they read and
write nothing.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from tunemeld_pipeline.charts.documents import (
    AggregatePlaylist,
    AggregateTrack,
    Match,
    Ranking,
    RawPlaylist,
    ServiceOutcome,
    ServicePlaylist,
    Track,
    Upstream,
)
from tunemeld_pipeline.charts.identity import GenreRecording, with_own_isrcs
from tunemeld_pipeline.charts.matching.group import group
from tunemeld_pipeline.charts.matching.overrides import NO_OVERRIDES, Overrides
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.charts.ranking import STANDARD, Placement, only_service, ranked
from tunemeld_pipeline.charts.tails import kept_rows


def all_rows(playlists: Mapping[str, Listing]) -> list[PlaylistRow]:
    """The rows of a genre in the order of `playlists`, which is the services', then by position."""
    return [row for listing in playlists.values() for row in listing.rows]


def described(row: PlaylistRow, looked_up: Mapping[str, str]) -> Row:
    """What the row says of its recording; `looked_up` holds ISRCs by row key, for rows whose service gave none."""
    found = None if row.described.isrc else looked_up.get(row.key)
    return replace(row.described, isrc=found) if found else row.described


def recordings_of(
    playlists: Mapping[str, Listing],
    looked_up: Mapping[str, str] | None = None,
    overrides: Overrides = NO_OVERRIDES,
) -> list[GenreRecording]:
    """Which rows are the same recording; `looked_up` as in `described`."""
    rows = all_rows(playlists)
    compared = [described(row, looked_up or {}) for row in rows]
    by_hand = dict(overrides.isrcs)
    return [
        GenreRecording(
            rows=tuple(rows[at] for at in recording.rows),
            matches=tuple(
                Match(
                    method="isrc_lookup" if _by_look_up(rows[at], compared[at], by_hand) else match.method,
                    confidence=match.confidence,
                )
                for at, match in zip(recording.rows, recording.matches, strict=True)
            ),
            isrcs=tuple(
                sorted({isrc for at in recording.rows if (isrc := by_hand.get(rows[at].key) or compared[at].isrc)})
            ),
        )
        for recording in group(compared, overrides)
    ]


def _by_look_up(row: PlaylistRow, compared: Row, by_hand: Mapping[str, str]) -> bool:
    return row.described.isrc is None and compared.isrc is not None and row.key not in by_hand


def service_outcomes(
    services: Sequence[str], raws: Sequence[RawPlaylist], parsed: Mapping[str, Listing]
) -> dict[str, ServiceOutcome]:
    """What became of each of the genre's services, by key."""
    by_service = {raw.service_name: raw for raw in raws}
    outcomes: dict[str, ServiceOutcome] = {}
    for service in services:
        raw = by_service.get(service)
        if raw is None or service not in parsed:
            outcomes[service] = ServiceOutcome(state="absent", error=raw.error if raw else None)
        else:
            outcomes[service] = ServiceOutcome(
                state="stale" if raw.stale else "fresh",
                rows=len(parsed[service].rows) - kept_rows(parsed[service]),
                kept=kept_rows(parsed[service]),
                observed_at=raw.insert_timestamp,
                error=raw.error,
                source=raw.source,
                country=raw.country,
                rows_total=raw.rows_total,
                edited_at=raw.edited_at,
            )
    return outcomes


def track_playlists(
    genre: str,
    raws: Sequence[RawPlaylist],
    parsed: Mapping[str, Listing],
    recordings: Sequence[GenreRecording],
    first_seen: Mapping[str, datetime],
    ranking: Ranking = STANDARD,
    *,
    services: Sequence[str],
    addresses: Mapping[str, Collection[str]] | None = None,
    as_of: datetime,
    run_id: str,
    upstream: Upstream,
) -> tuple[list[ServicePlaylist], AggregatePlaylist]:
    """The documents of one genre: each service's rows with their recordings' ids, and the consensus of at least two services, or the list
    of the one that there is.

    `services` are the keys of the genre's services, in their order. `first_seen` and
    `addresses` decide whose an ISRC is that two recordings carry, as in `with_own_isrcs`.
    """
    recordings = with_own_isrcs(recordings, first_seen, addresses or {})
    isrcs = {id(recording): recording.canonical_isrc(first_seen) for recording in recordings}
    lists = []
    for raw in raws:
        if raw.service_name in parsed:
            tracks = [
                _track(genre, row, match, isrcs[id(recording)], recording)
                for recording in recordings
                for row, match in zip(recording.rows, recording.matches, strict=True)
                if row.service == raw.service_name
            ]
            lists.append(
                ServicePlaylist(
                    insert_timestamp=as_of,
                    run_id=run_id,
                    upstream=upstream,
                    genre_name=genre,
                    service_name=raw.service_name,
                    playlist_url=raw.playlist_url,
                    stale=raw.stale,
                    tracks=sorted(tracks, key=lambda track: track.rank),
                )
            )
    alone = only_service(services, ranking)
    places = ranked(
        recordings,
        lambda recording: recording.ranks,
        lambda recording: isrcs[id(recording)] or recording.provisional_id,
        ranking,
        {raw.service_name for raw in raws if raw.stale},
        alone,
    )
    outcomes, shares = service_outcomes(services, raws, parsed), matched_shares(recordings)
    aggregate = AggregatePlaylist(
        insert_timestamp=as_of,
        run_id=run_id,
        upstream=upstream,
        genre_name=genre,
        tracks=[
            _aggregate_track(genre, place, recording, standing, isrcs[id(recording)])
            for place, (recording, standing) in enumerate(places, start=1)
        ],
        ranking=ranking,
        matched_share={service: shares[service] for service in services if service in shares},
        outcomes=outcomes,
        only_service=alone,
    )
    return lists, aggregate


def matched_shares(recordings: Sequence[GenreRecording]) -> dict[str, float]:
    """Per service, the share of its recordings that another service's list has too; none for a list without any other."""
    shares: dict[str, float] = {}
    listing = dict.fromkeys(service for recording in recordings for service in recording.ranks)
    for service in listing if len(listing) > 1 else ():
        own = [recording for recording in recordings if service in recording.ranks]
        shares[service] = sum(len(recording.ranks) > 1 for recording in own) / len(own)
    return shares


def _track(genre: str, row: PlaylistRow, match: Match, isrc: str | None, recording: GenreRecording) -> Track:
    return Track(
        **_shown(genre, row, match, isrc, recording),
        rank=row.position,
        album_cover_url=row.album_cover_url,
        duration_ms=row.described.duration_ms,
        play_count=row.play_count,
        last_seen_at=row.seen_at,
    )


def _shown(genre: str, row: PlaylistRow, match: Match, isrc: str | None, recording: GenreRecording) -> dict[str, Any]:
    """The fields that a track of a list and one of the consensus take from the same row."""
    return {
        "isrc": isrc,
        "track_id": isrc or recording.provisional_id,
        "track_name": row.described.title,
        "artist_name": row.described.artist,
        "track_url": row.track_url,
        "source_name": row.service,
        "genre_name": genre,
        "match": match,
        "service_track_id": row.service_track_id,
        "album_id": row.album_id,
    }


def _aggregate_track(
    genre: str, place: int, recording: GenreRecording, standing: Placement, isrc: str | None
) -> AggregateTrack:
    shown = recording.shown
    main = shown[0]
    match = recording.matches[recording.rows.index(main)]
    return AggregateTrack(
        **_shown(genre, main, match, isrc, recording),
        rank=place,
        album_cover_url=next((row.album_cover_url for row in shown if row.album_cover_url), None),
        duration_ms=next((row.described.duration_ms for row in shown if row.described.duration_ms), None),
        play_count=next((row.play_count for row in shown if row.play_count is not None), None),
        sources=dict(sorted(recording.ranks.items())),
        additional_sources={row.service: row.track_url for row in shown[1:]},
        score=standing.score,
        contributions=standing.contributions,
        raw_aggregate_rank=standing.priority_rank,
        aggregate_service_name=standing.priority_service,
        isrcs=list(recording.isrcs) if len(recording.isrcs) > 1 else [],
        other_ids=recording.other_ids(isrc or recording.provisional_id),
    )
