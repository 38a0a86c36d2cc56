"""From rows to one genre's documents: which rows are one recording, under which ISRC, at which place."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations

import pytest

from tests.documents import MONDAY, isrc, raw_playlist
from tunemeld_pipeline.charts.consensus import (
    matched_shares,
    recordings_of,
    service_outcomes,
    track_playlists,
)
from tunemeld_pipeline.charts.documents import AggregatePlaylist, Match, Ranking, RankingRule, ServicePlaylist
from tunemeld_pipeline.charts.identity import GenreRecording, refuse_shared_ids
from tunemeld_pipeline.charts.matching.overrides import Overrides
from tunemeld_pipeline.charts.matching.rows import Row
from tunemeld_pipeline.charts.playlists import Listing, PlaylistRow
from tunemeld_pipeline.errors import SharedIdentity
from tunemeld_pipeline.plugins.registry import in_order, keys, slug_of

SPOTIFY, APPLE, SOUNDCLOUD = "Spotify", "AppleMusic", "SoundCloud"
Lists = dict[str, list[PlaylistRow]]

SONGS = {1: "Glass Rivers", 2: "Paper Lanterns", 3: "Northbound", 4: "Velvet Static", 5: "Hollow Coast"}
SINGERS = {1: "Ona Vale", 2: "Marrow", 3: "Tin Harbor", 4: "Juno Quill", 5: "Pale Orchard"}


def row(service: str, position: int, song: int, *, code: str | None = None, plays: int | None = None) -> PlaylistRow:
    track_id = f"{slug_of(service)}-{song}-{position}"
    return PlaylistRow(
        service=service,
        position=position,
        service_track_id=track_id,
        track_url=f"https://example.org/{service}/{song}",
        described=Row(
            SONGS[song], SINGERS[song], 200_000 + song * 10_000, code, service=service, key=f"{service}:{track_id}"
        ),
        album_cover_url=None if service == APPLE else f"https://images.example.org/{service}/{song}",
        play_count=plays,
    )


def lists() -> Lists:
    """Song 1 is on all three, 2 on Spotify and Apple Music, 3 on SoundCloud and Apple Music, 4 and 5 on one each."""
    return {
        SPOTIFY: [
            row(SPOTIFY, 1, 2, code=isrc(2)),
            row(SPOTIFY, 2, 1, code=isrc(1)),
            row(SPOTIFY, 4, 4, code=isrc(4)),
        ],
        APPLE: [row(APPLE, 1, 1), row(APPLE, 2, 3), row(APPLE, 3, 2), row(APPLE, 4, 5)],
        SOUNDCLOUD: [row(SOUNDCLOUD, 1, 1, code=isrc(1), plays=900), row(SOUNDCLOUD, 2, 3, plays=50)],
    }


def parsed(rows: Lists) -> dict[str, Listing]:
    return {
        service: Listing(list(rows[service]), max((one.position for one in rows[service]), default=0), [])
        for service in in_order(rows)
    }


def documents(
    rows: Lists,
    first_seen: dict[str, datetime] | None = None,
    looked_up: dict[str, str] | None = None,
    *,
    overrides: Overrides | None = None,
    ranking: Ranking | None = None,
    stale: str | None = None,
    services: Sequence[str] | None = None,
) -> tuple[list[ServicePlaylist], AggregatePlaylist]:
    playlists = parsed(rows)
    return track_playlists(
        "dance",
        [raw_playlist(service).model_copy(update={"stale": service is stale}) for service in rows],
        playlists,
        recordings_of(playlists, looked_up, overrides or Overrides()),
        first_seen or {},
        ranking or Ranking(),
        services=keys() if services is None else services,
        as_of=MONDAY,
        run_id="a-run",
        upstream="sandbox",
    )


def recording(rows: Sequence[PlaylistRow]) -> GenreRecording:
    codes = tuple(sorted({one.described.isrc for one in rows if one.described.isrc}))
    return GenreRecording(tuple(rows), tuple(Match(method="isrc", confidence=1) for _ in rows), codes)


def test_the_chart_holds_what_two_services_agree_on_best_first() -> None:
    _, aggregate = documents(lists())

    assert [(track.rank, track.track_name, track.sources) for track in aggregate.tracks] == [
        (1, "Glass Rivers", {"AppleMusic": 1, "SoundCloud": 1, "Spotify": 2}),
        (2, "Paper Lanterns", {"AppleMusic": 3, "Spotify": 1}),
        (3, "Northbound", {"AppleMusic": 2, "SoundCloud": 2}),
    ]
    first = aggregate.tracks[0]
    assert first.isrc == first.track_id == isrc(1)
    assert first.track_url == "https://example.org/Spotify/1"
    assert first.additional_sources == {
        "AppleMusic": "https://example.org/AppleMusic/1",
        "SoundCloud": "https://example.org/SoundCloud/1",
    }
    assert (first.raw_aggregate_rank, first.aggregate_service_name) == (1, "AppleMusic")
    assert sum(first.contributions.values()) == 1
    assert aggregate.tracks[1].raw_aggregate_rank == 3


def test_every_row_is_in_its_services_list_at_its_own_position() -> None:
    services, _ = documents(lists())

    assert {one.service_name: [(track.rank, track.track_name) for track in one.tracks] for one in services} == {
        "Spotify": [(1, "Paper Lanterns"), (2, "Glass Rivers"), (4, "Velvet Static")],
        "AppleMusic": [(1, "Glass Rivers"), (2, "Northbound"), (3, "Paper Lanterns"), (4, "Hollow Coast")],
        "SoundCloud": [(1, "Glass Rivers"), (2, "Northbound")],
    }


def test_a_row_without_an_isrc_takes_it_from_another_services_row() -> None:
    services, _ = documents(lists())

    apple = next(one for one in services if one.service_name == APPLE)
    assert [track.isrc for track in apple.tracks] == [isrc(1), None, isrc(2), None]
    assert apple.tracks[0].match.method == "text"


def test_a_recording_that_nobody_knows_the_isrc_of_has_one_provisional_id_on_all_lists() -> None:
    services, aggregate = documents(lists())

    (northbound,) = [track for track in aggregate.tracks if track.track_name == "Northbound"]
    assert (northbound.isrc, northbound.track_id) == (None, "AppleMusic:apple_music-3-2")
    assert {track.track_id for one in services for track in one.tracks if track.track_name == "Northbound"} == {
        northbound.track_id
    }


def test_an_isrc_that_was_looked_up_joins_rows_and_says_so() -> None:
    apple = row(APPLE, 4, 5)
    listed = row(SOUNDCLOUD, 3, 5, code=isrc(5))
    label = "Night Drive Records"
    relabelled = replace(listed, described=replace(listed.described, artist=label, uploader=label))
    rows: Lists = {APPLE: [apple], SOUNDCLOUD: [relabelled]}
    assert documents(rows)[1].tracks == []

    (joined,) = documents(rows, looked_up={apple.key: isrc(5)})[1].tracks

    assert (joined.isrc, joined.sources) == (isrc(5), {"AppleMusic": 4, "SoundCloud": 3})
    assert joined.match.method == "isrc_lookup"


def test_the_chart_is_the_same_whatever_the_order_of_services_and_rows() -> None:
    expected = documents(lists())[1]

    for order in permutations(lists()):
        rows = {service: list(reversed(lists()[service])) for service in order}
        assert documents(rows)[1].tracks == expected.tracks


def test_a_recording_twice_on_one_list_counts_once_at_its_best_position() -> None:
    rows = lists()
    rows[SPOTIFY].append(row(SPOTIFY, 9, 1, code=isrc(1)))

    services, aggregate = documents(rows)

    assert aggregate.tracks[0].sources["Spotify"] == 2
    spotify = next(one for one in services if one.service_name == SPOTIFY)
    assert [track.rank for track in spotify.tracks if track.isrc == isrc(1)] == [2, 9]


def test_two_positions_of_one_service_are_no_agreement() -> None:
    rows: Lists = {SPOTIFY: [row(SPOTIFY, 1, 1, code=isrc(1)), row(SPOTIFY, 2, 1, code=isrc(1))], SOUNDCLOUD: []}

    assert documents(rows)[1].tracks == []


def test_of_several_isrcs_the_one_with_the_oldest_history_is_canonical() -> None:
    found = recording([row(SPOTIFY, 1, 1, code=isrc(3)), row(SOUNDCLOUD, 1, 1, code=isrc(2))])
    older, newer = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)

    assert found.canonical_isrc({isrc(2): older, isrc(3): newer}) == isrc(2)
    assert found.canonical_isrc({isrc(2): newer, isrc(3): older}) == isrc(3)
    assert found.canonical_isrc({isrc(2): newer}) == isrc(2)
    assert found.canonical_isrc({isrc(2): older, isrc(3): older}) == isrc(2)


def test_without_a_history_spotifys_isrc_is_canonical_and_then_the_smallest() -> None:
    others = [row(APPLE, 1, 1, code=isrc(2)), row(SOUNDCLOUD, 1, 1, code=isrc(9))]

    assert recording([row(SPOTIFY, 1, 1, code=isrc(3)), *others]).canonical_isrc({}) == isrc(3)
    assert recording([row(SPOTIFY, 1, 1), *others]).canonical_isrc({}) == isrc(2)
    assert recording([row(APPLE, 1, 1)]).canonical_isrc({}) is None


def test_several_isrcs_of_one_recording_are_all_shown() -> None:
    rows: Lists = {SPOTIFY: [row(SPOTIFY, 1, 1, code=isrc(1))], SOUNDCLOUD: [row(SOUNDCLOUD, 1, 1, code=isrc(7))]}

    (track,) = documents(rows, first_seen={isrc(7): MONDAY})[1].tracks

    assert (track.isrc, track.isrcs) == (isrc(7), [isrc(1), isrc(7)])


def test_what_the_shown_service_does_not_tell_comes_from_the_next() -> None:
    _, aggregate = documents(lists())

    (northbound,) = [track for track in aggregate.tracks if track.track_name == "Northbound"]
    assert northbound.source_name == "AppleMusic"
    assert northbound.album_cover_url == "https://images.example.org/SoundCloud/3"
    assert northbound.play_count == 50


def test_the_consensus_goes_by_the_settings_and_says_so() -> None:
    chosen = Ranking(rule=RankingRule.PRIORITY)

    aggregate = documents(lists(), ranking=chosen)[1]

    assert aggregate.ranking == chosen
    assert [track.track_name for track in aggregate.tracks] == ["Glass Rivers", "Northbound", "Paper Lanterns"]


def test_the_list_of_a_stale_service_counts_less() -> None:
    def share(stale: str | None) -> float:
        return documents(lists(), stale=stale)[1].tracks[0].contributions["SoundCloud"]

    assert share(SOUNDCLOUD) < share(None) < share(SPOTIFY)


def test_the_operators_hand_outranks_the_judgement() -> None:
    ours, theirs = (row(service, 1, 1, code=isrc(1)).key for service in (APPLE, SOUNDCLOUD))
    apart = Overrides(different=frozenset({(ours, theirs), (ours, "Spotify:spotify-1-2")}))

    aggregate = documents(lists(), overrides=apart)[1]

    (glass,) = [track for track in aggregate.tracks if track.track_name == "Glass Rivers"]
    assert glass.sources == {"SoundCloud": 1, "Spotify": 2}


def test_an_isrc_given_by_hand_is_the_recordings_and_replaces_a_wrong_one() -> None:
    wrong = row(SOUNDCLOUD, 2, 3, code=isrc(8))
    rows = {APPLE: [row(APPLE, 2, 3)], SOUNDCLOUD: [wrong]}

    (track,) = documents(rows, overrides=Overrides(isrcs=frozenset({(wrong.key, isrc(3))})))[1].tracks

    assert (track.isrc, track.isrcs) == (isrc(3), [])


def test_the_matched_share_is_per_service() -> None:
    shares = matched_shares(recordings_of(parsed(lists())))

    assert shares == {"Spotify": 2 / 3, "AppleMusic": 3 / 4, "SoundCloud": 1.0}


def test_each_services_outcome_is_fresh_stale_or_absent() -> None:
    stale = raw_playlist(APPLE).model_copy(update={"stale": True, "error": "AppleMusic: down"})

    outcomes = service_outcomes(keys(), [raw_playlist(SPOTIFY), stale], parsed({SPOTIFY: lists()[SPOTIFY], APPLE: []}))

    assert {name: outcome.state for name, outcome in outcomes.items()} == {
        **dict.fromkeys(keys(), "absent"),
        "Spotify": "fresh",
        "AppleMusic": "stale",
    }
    assert (outcomes["Spotify"].rows, outcomes["Spotify"].observed_at) == (3, MONDAY)
    assert outcomes["AppleMusic"].error == "AppleMusic: down"


def test_a_row_twice_on_a_list_counts_at_its_better_position_wherever_it_stands() -> None:
    better, worse = row(SPOTIFY, 2, 1, code=isrc(1)), row(SPOTIFY, 7, 1, code=isrc(1))

    for rows in ([better, worse], [worse, better]):
        found = recording(rows)
        assert (found.ranks, found.row(SPOTIFY)) == ({SPOTIFY: 2}, better)


def test_a_recording_on_two_lists_counts_as_matched_and_on_one_does_not() -> None:
    shares = matched_shares(
        [
            recording([row(SPOTIFY, 1, 1), row(APPLE, 1, 1)]),
            recording([row(SPOTIFY, 2, 2)]),
            recording([row(SPOTIFY, 3, 3), row(SPOTIFY, 4, 3)]),
        ]
    )

    assert shares == {"Spotify": 1 / 3, "AppleMusic": 1.0}


def test_a_track_carries_what_its_row_and_then_the_next_service_say() -> None:
    rows = lists()
    services, aggregate = documents(rows, stale=APPLE)

    spotify = next(one for one in services if one.service_name == SPOTIFY)
    soundcloud = next(one for one in services if one.service_name == SOUNDCLOUD)
    apple = next(one for one in services if one.service_name == APPLE)
    first = spotify.tracks[0]
    assert (first.album_cover_url, first.duration_ms) == ("https://images.example.org/Spotify/2", 220_000)
    assert [track.play_count for track in soundcloud.tracks] == [900, 50]
    assert (apple.stale, spotify.stale) == (True, False)
    assert [track.duration_ms for track in aggregate.tracks] == [210_000, 220_000, 230_000]
    assert aggregate.matched_share == matched_shares(recordings_of(parsed(rows)))
    assert {name: outcome.state for name, outcome in aggregate.outcomes.items()} == {
        **dict.fromkeys(keys(), "absent"),
        "Spotify": "fresh",
        "AppleMusic": "stale",
        "SoundCloud": "fresh",
    }


def test_an_album_is_known_to_the_row_and_the_consensus() -> None:
    rows = {SPOTIFY: [replace(row(SPOTIFY, 1, 1), album_id="album-1")], APPLE: [row(APPLE, 1, 1)]}
    services, aggregate = documents(rows)
    assert (services[0].tracks[0].album_id, aggregate.tracks[0].album_id) == ("album-1", "album-1")


def test_a_service_that_failed_says_why() -> None:
    failed = raw_playlist(APPLE).model_copy(update={"error": "AppleMusic: down"})
    outcomes = service_outcomes(keys(), [failed], {})
    assert (outcomes["AppleMusic"].state, outcomes["AppleMusic"].error) == ("absent", "AppleMusic: down")
    assert outcomes["Spotify"].error is None


def test_one_service_alone_is_its_list_in_its_order_and_says_so() -> None:
    services, alone = documents({APPLE: lists()[APPLE]}, services=[APPLE])

    assert (alone.only_service, alone.matched_share) == (APPLE, {})
    assert [(track.rank, track.track_name, track.sources) for track in alone.tracks] == [
        (1, "Glass Rivers", {APPLE: 1}),
        (2, "Northbound", {APPLE: 2}),
        (3, "Paper Lanterns", {APPLE: 3}),
        (4, "Hollow Coast", {APPLE: 4}),
    ]
    refuse_shared_ids(services, alone)


def test_what_one_service_alone_lists_is_missed_in_its_consensus_and_a_track_of_no_other_is_not() -> None:
    services, alone = documents({APPLE: lists()[APPLE]}, services=[APPLE])
    _, _, *others = alone.tracks

    with pytest.raises(SharedIdentity, match="is listed at AppleMusic 1, but the consensus counts nothing"):
        refuse_shared_ids(services, alone.model_copy(update={"tracks": others}))
    # The same list beside others that failed agrees with nobody, so nothing is missed.
    refuse_shared_ids(services, alone.model_copy(update={"tracks": [], "only_service": None}))


def test_a_row_that_its_source_cannot_show_bears_the_time_of_the_read_that_did() -> None:
    shown, hidden = row(SPOTIFY, 1, 1), replace(row(SPOTIFY, 2, 2), seen_at=MONDAY)
    services, _ = documents({SPOTIFY: [shown, hidden]}, services=[SPOTIFY])

    assert [(track.rank, track.last_seen_at) for track in services[0].tracks] == [(1, None), (2, MONDAY)]


def test_a_service_whose_others_failed_is_not_alone() -> None:
    assert documents({APPLE: lists()[APPLE]}, services=[SPOTIFY, APPLE])[1].tracks == []


@pytest.mark.parametrize("weight", [0.0, 0.001])
def test_a_list_that_weighs_nothing_is_shown_beside_and_makes_no_agreement(weight: float) -> None:
    """Song 2 is on Spotify and Apple Music alone, 3 on SoundCloud and Apple Music."""
    services, aggregate = documents(lists(), ranking=Ranking(weights={APPLE: weight}))

    assert [track.track_name for track in aggregate.tracks] == (
        ["Glass Rivers", "Paper Lanterns", "Northbound"] if weight else ["Glass Rivers"]
    )
    assert aggregate.tracks[0].sources == {APPLE: 1, SOUNDCLOUD: 1, SPOTIFY: 2}
    assert aggregate.only_service is None
    refuse_shared_ids(services, aggregate)


def test_beside_a_list_that_weighs_nothing_one_service_is_alone() -> None:
    rows = {SPOTIFY: lists()[SPOTIFY], APPLE: lists()[APPLE]}

    services, aggregate = documents(rows, ranking=Ranking(weights={APPLE: 0.0}), services=[SPOTIFY, APPLE])

    assert aggregate.only_service == SPOTIFY
    assert [(track.rank, track.sources) for track in aggregate.tracks] == [
        (1, {SPOTIFY: 1, APPLE: 3}),
        (2, {SPOTIFY: 2, APPLE: 1}),
        (3, {SPOTIFY: 4}),
    ]
    refuse_shared_ids(services, aggregate)
