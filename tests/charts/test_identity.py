"""One recording, one `track_id`: what holds of matching, identity and ranking together, for all lists."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import MONDAY, isrc, raw_playlist
from tunemeld_pipeline.charts.consensus import recordings_of, track_playlists
from tunemeld_pipeline.charts.documents import AggregatePlaylist, AggregateTrack, Ranking, ServicePlaylist
from tunemeld_pipeline.charts.identity import (
    contested_isrcs,
    refuse_repeated_ids,
    refuse_shared_ids,
    with_own_isrcs,
)
from tunemeld_pipeline.charts.matching.judge import Verdict, judge
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.errors import SharedIdentity
from tunemeld_pipeline.plugins.registry import in_order, keys, name_of

SPOTIFY, APPLE, SOUNDCLOUD = "Spotify", "AppleMusic", "SoundCloud"
CODE, OTHER_CODE = isrc(1), isrc(2)


def row(
    service: str,
    position: int,
    title: str = "Glass Rivers",
    artist: str = "Marrow",
    *,
    length: int | None = 234_000,
    code: str | None = None,
    uploader: str | None = None,
) -> PlaylistRow:
    return PlaylistRow(
        service=service,
        position=position,
        service_track_id=str(position),
        track_url=f"https://example.org/{service}/{position}",
        described=Row(title, artist, length, code, uploader, service=service, key=f"{service}:{position}"),
        play_count=1000 + position if service == SOUNDCLOUD else None,
    )


def documents(
    rows: Iterable[PlaylistRow],
    first_seen: Mapping[str, datetime] | None = None,
    addresses: Mapping[str, Collection[str]] | None = None,
) -> tuple[list[ServicePlaylist], AggregatePlaylist]:
    rows = list(rows)
    parsed = {
        service: Listing([one for one in rows if one.service == service], 200, [])
        for service in in_order({one.service for one in rows})
    }
    return track_playlists(
        "dance",
        [raw_playlist(service) for service in parsed],
        parsed,
        recordings_of(parsed),
        first_seen or {},
        Ranking(),
        services=keys(),
        addresses=addresses,
        as_of=MONDAY,
        run_id="a-run",
        upstream="sandbox",
    )


def ids(services: Iterable[ServicePlaylist]) -> dict[str, str]:
    """The track id of each row, by the row's key."""
    return {
        f"{playlist.service_name}:{track.service_track_id}": track.track_id
        for playlist in services
        for track in playlist.tracks
    }


SPOTIFYS = row(SPOTIFY, 2, length=234_300, code=CODE)
APPLES = row(APPLE, 2)
SOUNDCLOUDS = row(SOUNDCLOUD, 39, "Marrow - Glass Rivers", length=293_000, code=CODE)
LONGER = row(SPOTIFY, 2, "Copper Harbour", "The Hollow Kettles", length=290_000, code=CODE)
SHORTER = row(SOUNDCLOUD, 5, length=200_000, code=CODE)


def test_rows_of_one_isrc_vouch_for_a_row_that_is_the_same_as_one_of_them() -> None:
    services, aggregate = documents([SPOTIFYS, APPLES, SOUNDCLOUDS])

    (track,) = aggregate.tracks
    assert track.sources == {"AppleMusic": 2, "SoundCloud": 39, "Spotify": 2}
    assert set(ids(services).values()) == {CODE}


def test_a_third_list_never_lowers_the_score() -> None:
    first, second, third = row(SOUNDCLOUD, 1, length=293_000, code=CODE), SPOTIFYS, row(APPLE, 100)

    (two,) = documents([first, second])[1].tracks
    (three,) = documents([first, second, third])[1].tracks

    assert two.score == pytest.approx(0.0975)
    assert three.score > two.score


def test_a_remix_listed_by_its_remixer_under_one_isrc_is_the_same() -> None:
    remix = row(SPOTIFY, 1, "Glass Rivers (Kestrel & Ona Vale Remix)", code=CODE)
    by_its_remixers = row(SOUNDCLOUD, 1, "Glass Rivers", "Kestrel, Ona Vale", code=CODE)
    original = row(SOUNDCLOUD, 1, "Glass Rivers", "Marrow", code=CODE)

    assert len(documents([remix, by_its_remixers])[1].tracks) == 1
    assert documents([remix, original])[1].tracks == []


def test_two_songs_with_one_isrc_never_share_an_id() -> None:
    services, aggregate = documents([LONGER, SHORTER, row(APPLE, 7, length=200_000)])

    assert ids(services) == {"Spotify:2": CODE, "SoundCloud:5": "AppleMusic:7", "AppleMusic:7": "AppleMusic:7"}
    (agreed,) = aggregate.tracks
    assert (agreed.isrc, agreed.isrcs) == (None, [])
    assert agreed.other_ids == ["SoundCloud:5"]


def test_a_contested_isrc_stays_with_the_recording_that_owns_its_history() -> None:
    seen = {CODE: datetime(2026, 1, 1, tzinfo=UTC)}

    services, _ = documents([LONGER, SHORTER], seen, {CODE: {SHORTER.track_url}})

    assert ids(services) == {"Spotify:2": "Spotify:2", "SoundCloud:5": CODE}


@pytest.mark.parametrize(
    "addresses", [{}, {CODE: {"https://example.org/elsewhere"}}, {CODE: {LONGER.track_url, SHORTER.track_url}}]
)
def test_without_an_owner_of_the_history_a_contested_isrc_goes_by_the_older_rule(
    addresses: dict[str, Collection[str]],
) -> None:
    services, _ = documents([LONGER, SHORTER], {CODE: MONDAY}, addresses)

    assert ids(services) == {"Spotify:2": CODE, "SoundCloud:5": "SoundCloud:5"}


def test_a_recording_that_loses_a_contested_isrc_keeps_its_other_one() -> None:
    also = row(APPLE, 9, length=200_000, code=OTHER_CODE)

    services, _ = documents([LONGER, SHORTER, also])

    assert ids(services) == {"Spotify:2": CODE, "SoundCloud:5": OTHER_CODE, "AppleMusic:9": OTHER_CODE}


def test_what_two_recordings_carry_is_known_to_be_contested() -> None:
    playlists = {one.service: Listing([one], 9, []) for one in (LONGER, SHORTER)}
    recordings = recordings_of(playlists)

    assert contested_isrcs(recordings) == {CODE}
    assert contested_isrcs(with_own_isrcs(recordings, {}, {})) == set()


def test_a_shared_id_is_refused_before_it_is_written() -> None:
    services, aggregate = documents([SPOTIFYS, APPLES, SOUNDCLOUDS])
    (track,) = aggregate.tracks
    apart = aggregate.model_copy(
        update={"tracks": [track.model_copy(update={"sources": {"AppleMusic": 2, "Spotify": 2}})]}
    )

    refuse_shared_ids(services, aggregate, name_of)
    with pytest.raises(
        SharedIdentity, match=r"is listed at Apple Music 2, SoundCloud 39, Spotify 2, but the consensus"
    ):
        refuse_shared_ids(services, apart, name_of)
    with pytest.raises(SharedIdentity, match="counts nothing"):
        refuse_shared_ids(services, aggregate.model_copy(update={"tracks": []}))


@pytest.mark.parametrize("changes", [{"track_id": "Spotify:9"}, {"isrc": None}])
def test_a_chart_that_holds_an_id_twice_is_refused(changes: dict[str, Any]) -> None:
    (track,) = documents([SPOTIFYS, APPLES])[1].tracks
    twin: AggregateTrack = track.model_copy(update={"rank": 2, **changes})

    refuse_repeated_ids("dance", [track])
    with pytest.raises(SharedIdentity, match=f"ranks 1 and 2 are both {CODE}"):
        refuse_repeated_ids("dance", [track, twin])


@st.composite
def genres(
    draw: st.DrawFn, titles: Collection[str], artists: Collection[str], lengths: Collection[int | None]
) -> list[PlaylistRow]:
    """Lists of a genre whose rows are often alike, often contradict each other, and often share an ISRC."""
    places = draw(st.lists(st.tuples(st.sampled_from(keys()), st.integers(1, 60)), min_size=2, max_size=7, unique=True))
    return [
        row(
            service,
            position,
            draw(st.sampled_from(sorted(titles))),
            draw(st.sampled_from(sorted(artists))),
            length=draw(st.sampled_from(list(lengths))),
            code=draw(st.sampled_from([None, None, CODE, OTHER_CODE])),
        )
        for service, position in places
    ]


MANY_KINDS = genres(
    {"Glass Rivers", "Glass Rivers (Kestrel Remix)", "Marrow - Glass Rivers", "Copper Harbour", "Стекло"},
    {"Marrow", "Marrow, Kestrel", "Kestrel", "The Hollow Kettles"},
    (None, 234_000, 234_300, 240_000, 293_000),
)
ONE_SONG = genres({"Glass Rivers", "Marrow - Glass Rivers"}, {"Marrow"}, (None, 234_000, 234_300, 240_000, 293_000))
ONE_WORK = settings(deadline=None, max_examples=settings().max_examples * 3 // 2)


@ONE_WORK
@given(MANY_KINDS)
def test_a_track_id_and_an_isrc_name_one_recording(rows: list[PlaylistRow]) -> None:
    services, aggregate = documents(rows)

    refuse_shared_ids(services, aggregate, name_of)
    parsed = {
        service: Listing([one for one in rows if one.service == service], 60, [])
        for service in {one.service for one in rows}
    }
    of_row = ids(services)
    together = {frozenset(one.key for one in recording.rows) for recording in recordings_of(parsed)}
    assert {frozenset(key for key in of_row if of_row[key] == one) for one in of_row.values()} == together
    for playlist in services:
        for track in playlist.tracks:
            assert track.isrc is None or track.track_id == track.isrc


@ONE_WORK
@given(MANY_KINDS, st.randoms(use_true_random=False))
def test_the_order_of_lists_and_rows_does_not_matter(rows: list[PlaylistRow], random: Any) -> None:
    shuffled = list(rows)
    random.shuffle(shuffled)

    services, aggregate = documents(rows)
    others, other = documents(shuffled)

    assert aggregate.tracks == other.tracks
    assert ids(services) == ids(others)


@ONE_WORK
@given(ONE_SONG)
def test_a_row_that_contradicts_none_of_a_recordings_rows_takes_no_service_from_it(rows: list[PlaylistRow]) -> None:
    *before, added = rows
    served = {one.service for one in before}
    parsed = {service: Listing([one for one in before if one.service == service], 60, []) for service in served}
    scores = {track.track_id: track for track in documents(rows)[1].tracks}
    later = ids(documents(rows)[0])
    earlier, agreed = documents(before)

    known = ids(earlier)
    for recording in recordings_of(parsed):
        if any(judge(added.described, one.described).verdict is Verdict.DIFFERENT for one in recording.rows):
            continue
        (now,) = {later[one.key] for one in recording.rows}
        track = next((one for one in agreed.tracks if one.track_id == known[recording.rows[0].key]), None)
        if track is not None:
            assert scores[now].sources.keys() >= track.sources.keys()
            assert scores[now].score >= track.score


def test_a_recording_twice_on_one_list_is_counted_at_its_best_place_under_one_id() -> None:
    again = replace(row(SPOTIFY, 50, length=234_300, code=CODE), service_track_id="fifty")

    services, aggregate = documents([SPOTIFYS, again, APPLES])

    refuse_shared_ids(services, aggregate, name_of)
    assert aggregate.tracks[0].sources["Spotify"] == 2


def test_a_refused_chart_says_the_next_step_and_the_genre() -> None:
    services, aggregate = documents([SPOTIFYS, APPLES, SOUNDCLOUDS])
    (track,) = aggregate.tracks
    twice = aggregate.model_copy(update={"tracks": [track, track.model_copy(update={"rank": 2})]})
    apart = aggregate.model_copy(update={"tracks": [track.model_copy(update={"sources": {"Spotify": 2}})]})

    for refused, end in ((twice, "run all four assets"), (apart, "run all four assets, and send a debug bundle")):
        with pytest.raises(SharedIdentity, match=rf"^dance: .*; what was written before stays; {end}") as said:
            refuse_shared_ids(services, refused)
        assert said.value.next_command == "tunemeld etl run full --genre dance"
    with pytest.raises(SharedIdentity, match="the consensus counts Spotify 2;"):
        refuse_shared_ids(services, apart, name_of)


def test_what_two_lists_agree_on_is_in_the_consensus() -> None:
    services, aggregate = documents([SPOTIFYS, APPLES])
    with pytest.raises(SharedIdentity, match="counts nothing"):
        refuse_shared_ids(services, aggregate.model_copy(update={"tracks": []}))
    refuse_shared_ids(services[:1], aggregate.model_copy(update={"tracks": []}))
