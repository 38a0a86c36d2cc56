"""The invented world: always the same, plausible, and with what makes matching and counting hard."""

import re
from collections import Counter
from datetime import date, timedelta
from itertools import pairwise

import pytest

from tunemeld_pipeline.charts.catalog import Catalog, Genre
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.sandbox.halves import sizes
from tunemeld_pipeline.sandbox.identifiers import Identifiers, Ref
from tunemeld_pipeline.sandbox.world import JOINED, SHARING, Recording, RecordingKind, World

DAY = date(2026, 11, 22)
FRIDAY = date(2026, 11, 20)
EVERY_DAY = [DAY - timedelta(days=days) for days in range(60)]


def recordings(world: World, genre: str, service: str, day: date = DAY) -> list[Recording]:
    return [entry.recording for entry in world.playlist(genre, service, day)]


def charting(world: World, day: date = DAY) -> dict[Ref, Recording]:
    return {
        recording.ref: recording
        for genre in world.genres
        for service in keys()
        for recording in recordings(world, genre, service, day)
    }


def test_a_day_can_be_asked_for_again_by_anybody(catalog: Catalog) -> None:
    one, other = World(7, catalog, sizes()), World(7, catalog, sizes())
    other.playlist("rap", "SoundCloud", DAY - timedelta(days=400))
    assert one.playlist("pop", "Spotify", DAY) == other.playlist("pop", "Spotify", DAY)


def test_another_seed_is_another_world(catalog: Catalog) -> None:
    titles = [{recording.isrc for recording in charting(World(seed, catalog, sizes())).values()} for seed in (1, 2)]
    assert not titles[0] & titles[1]


def test_lists_have_the_real_sizes_and_no_recording_twice(world: World) -> None:
    for day in (DAY, DAY - timedelta(weeks=90), date(2019, 3, 2)):
        for genre in world.genres:
            for service, size in (("Spotify", 75), ("AppleMusic", 100), ("SoundCloud", 50), ("Deezer", 50)):
                found = recordings(world, genre, service, day)
                assert len(found) == len({recording.ref for recording in found}) == size


def test_lists_of_any_size_can_be_asked_for(catalog: Catalog) -> None:
    for size in (1, 5, 300):
        small = World(1, catalog, dict.fromkeys(keys(), size))
        assert {len(recordings(small, genre, service)) for genre in small.genres for service in keys()} == {size}
    with pytest.raises(ValueError, match="tracks"):
        World(1, catalog, dict.fromkeys(keys(), 9_000))


@pytest.mark.parametrize("weeks", [0, 20, 70])
def test_the_first_services_agree_on_a_third_of_a_genre_and_all_of_them_on_a_tenth(world: World, weeks: int) -> None:
    for genre in world.genres:
        day = DAY - timedelta(weeks=weeks)
        places = Counter(
            recording.ref for service in keys()[:SHARING] for recording in recordings(world, genre, service, day)
        )
        assert 0.30 <= sum(count >= 2 for count in places.values()) / len(places) <= 0.45
        assert 0.06 <= sum(count == 3 for count in places.values()) / len(places) <= 0.13


def test_a_further_service_shares_most_of_its_list_and_changes_nothing_in_the_others(
    world: World, catalog: Catalog
) -> None:
    first = World(1, catalog, dict(list(sizes().items())[:SHARING]))
    for genre in world.genres:
        others = {service: recordings(world, genre, service) for service in keys()[:SHARING]}
        assert others == {service: recordings(first, genre, service) for service in others}
        refs = {recording.ref for found in others.values() for recording in found}
        for service in keys()[SHARING:]:
            found = recordings(world, genre, service)
            # Some come to it a week late.
            assert 0.5 * len(found) <= sum(recording.ref in refs for recording in found) <= JOINED * len(found)


def test_lists_change_on_fridays_and_hardly_in_between(world: World) -> None:
    for genre in world.genres:
        friday, thursday, before = (
            {recording.ref for recording in recordings(world, genre, "Spotify", day)}
            for day in (FRIDAY, FRIDAY + timedelta(days=6), FRIDAY - timedelta(days=1))
        )
        assert friday == thursday
        assert 2 <= len(friday - before) <= 16


def test_a_track_enters_climbs_and_leaves(world: World) -> None:
    lives: dict[Ref, list[int]] = {}
    for week in range(60):
        for rank, recording in enumerate(recordings(world, "dance", "Spotify", FRIDAY + timedelta(weeks=week)), 1):
            lives.setdefault(recording.ref, []).append(rank)
    whole = [ranks for ranks in lives.values() if 6 <= len(ranks) <= 22]
    climbed = sum(min(ranks) < ranks[0] and min(ranks) < ranks[-1] for ranks in whole)
    assert climbed > 0.8 * len(whole)


def test_some_tracks_stand_on_the_lists_of_two_genres(world: World) -> None:
    genres: dict[Ref, set[str]] = {}
    for genre in world.genres:
        for service in keys():
            for recording in recordings(world, genre, service):
                genres.setdefault(recording.ref, set()).add(genre)
    assert sum(len(found) > 1 for found in genres.values()) >= 10


def test_nothing_is_on_a_list_before_it_is_out(world: World) -> None:
    for genre in world.genres:
        for service in keys():
            for day in EVERY_DAY[::9]:
                for entry in world.playlist(genre, service, day):
                    assert entry.recording.released <= entry.added <= day


def test_isrcs_are_well_formed_unique_and_nobodys(world: World) -> None:
    known = charting(world)
    isrcs = [recording.isrc for recording in known.values()]
    isrcs += [recording.second_isrc for recording in known.values() if recording.second_isrc]
    assert len(isrcs) == len(set(isrcs)) > len(known)
    assert all(re.fullmatch(r"XX[A-Z0-9]{3}\d{7}", isrc) for isrc in isrcs)
    assert all(isrc[5:7] == f"{recording.released:%y}" for isrc, recording in zip(isrcs, known.values(), strict=False))


def test_ids_have_the_forms_of_the_services_and_can_be_read_back(world: World) -> None:
    identifiers = world.identifiers
    for recording in list(charting(world).values())[:100]:
        assert re.fullmatch(r"[0-9A-Za-z]{22}", recording.spotify_id)
        assert identifiers.track_of(recording.spotify_id) == recording.ref
        assert identifiers.album_of(recording.album.spotify_id) == recording.album.leader
        assert identifiers.recording_of(recording.isrc) == recording.ref
        assert re.fullmatch(r"[\w-]{11}", identifiers.youtube_video(recording.ref))
        assert identifiers.video_of(identifiers.youtube_video(recording.ref)) == recording.ref


def test_ids_of_another_world_and_nonsense_are_unknown(world: World) -> None:
    stranger = Identifiers(2)
    place = Ref(0, 1, 2)
    assert world.identifiers.track_of(stranger.spotify_track(place)) is None
    assert world.identifiers.video_of(stranger.youtube_video(place)) is None
    assert [world.identifiers.track_of(text) for text in ("", "x" * 22, "é" * 22, "z" * 22)] == [None] * 4
    assert [world.identifiers.video_of(text) for text in ("", "...........", "x" * 11)] == [None] * 3
    assert [world.identifiers.recording_of(text) for text in ("", "GBAAA0000000", "XXé012345678")] == [None] * 3


def test_plays_grow_by_another_amount_every_day_and_differ_by_source(world: World) -> None:
    days = sorted(EVERY_DAY)
    falls = readings = 0
    for recording in recordings(world, "pop", "Spotify"):
        for source in ("Spotify", "Youtube", "SoundCloud"):
            counts = [world.plays(recording, source, day) for day in days if day >= recording.released]
            gains = [after - before for before, after in pairwise(counts)]
            falls += sum(gain < 0 for gain in gains)
            readings += len(gains)
            if len(gains) > 30 and counts[-1] > 100_000:
                assert len(set(gains)) > 20
        assert world.plays(recording, "Spotify", DAY) > 10 * world.plays(recording, "SoundCloud", DAY)
    assert 0 < falls < 0.01 * readings


def test_remixes_live_and_sped_up_versions_accompany_their_originals(world: World) -> None:
    known = charting(world)
    versions = [recording for recording in known.values() if recording.kind is not RecordingKind.ORIGINAL]
    assert {recording.kind for recording in versions} == {
        RecordingKind.REMIX,
        RecordingKind.SPED_UP,
        RecordingKind.LIVE,
        RecordingKind.EXTENDED,
    }
    beside = 0
    for version in versions:
        original = known.get(version.ref._replace(slot=version.ref.slot - 1, occupant=version.ref.occupant - 1))
        assert version.version
        if original and original.title == version.title:
            beside += 1
            assert original.isrc != version.isrc
            assert abs(original.duration_ms - version.duration_ms) > 10_000
    assert beside >= 5


def test_some_albums_hold_several_chart_tracks(world: World) -> None:
    albums = Counter(recording.album.spotify_id for recording in charting(world).values())
    assert sum(count > 1 for count in albums.values()) >= 4
    for recording in charting(world).values():
        tracks = world.album_tracks(recording.album.leader, DAY)
        assert tracks is not None
        assert recording in tracks


def test_names_have_what_matching_trips_over(world: World) -> None:
    artists = " ".join(artist.name for recording in charting(world).values() for artist in recording.artists)
    assert all(mark in artists for mark in ("&", "$", "DJ ", "The "))
    assert re.search(r"[À-ž]", artists)
    assert re.search(r"[Ͱ-ӿ぀-ヿ가-힣]", artists)
    assert any(recording.featured for recording in charting(world).values())


def test_a_recording_can_come_back_after_an_absence(world: World) -> None:
    weeks: dict[Ref, list[int]] = {}
    for week in range(120):
        for recording in recordings(world, "country", "Spotify", FRIDAY + timedelta(weeks=week)):
            weeks.setdefault(recording.ref, []).append(week)
    returns = [seen for seen in weeks.values() if seen[-1] - seen[0] >= len(seen)]
    assert returns


def test_search_finds_a_recording_by_its_folded_words(world: World) -> None:
    found = 0
    known = charting(world).values()
    for recording in known:
        words = f"{recording.artists[0].name.upper()} {recording.title}"
        hits = world.search(words, DAY)
        found += any(hit.title == recording.title and hit.artists == recording.artists for hit in hits)
    assert found > 0.97 * len(known)
    assert world.search("nobody ever sang this", DAY) == []


def test_some_recordings_have_no_video_and_some_videos_become_private(world: World) -> None:
    known = charting(world).values()
    assert any(not recording.has_video for recording in known)
    private = next(recording for recording in known if recording.private_after and recording.has_video)
    assert private.private_after is not None
    last = private.released + timedelta(days=private.private_after - 1)
    assert world.video(private.ref, last) is not None
    assert world.video(private.ref, last + timedelta(days=1)) is None


def test_days_outside_the_worlds_time_are_refused(world: World) -> None:
    for day in (date(2014, 1, 1), date(2051, 1, 1)):
        with pytest.raises(ValueError, match="lasts from"):
            world.playlist("pop", "Spotify", day)


def test_a_world_of_a_thousand_genres_reads_its_ids_back_and_keeps_those_of_the_first() -> None:
    genres = {
        f"genre-{number}": Genre(key=f"genre-{number}", display_name="A", playlists={}) for number in range(1_024)
    }
    size = {"Spotify": 3, "AppleMusic": 3}
    many = World(1, Catalog(genres=genres), size)
    few = World(1, Catalog(genres=dict(list(genres.items())[:32])), size)
    for place in (Ref(0, 2, 5), Ref(31, 511, 511), Ref(32, 0, 0, 3), Ref(1_023, 511, 511, 15)):
        assert many.identifiers.track_of(many.identifiers.spotify_track(place)) == place
        assert many.identifiers.recording_of(many.identifiers.isrc(place, 2020)) == place
    assert few.identifiers.isrc(Ref(31, 2, 5), 2020) == many.identifiers.isrc(Ref(31, 2, 5), 2020)
    (last,) = {one.recording.ref.genre for one in many.playlist("genre-1023", "Spotify", DAY)} - {0}
    assert last == 1_023


def test_a_world_with_more_than_its_ids_can_tell_apart_is_refused() -> None:
    genres = {
        f"genre-{number}": Genre(key=f"genre-{number}", display_name="A", playlists={}) for number in range(1_025)
    }
    with pytest.raises(ValueError, match=r"room for 1024 genres; the catalogue has 1025"):
        World(1, Catalog(genres=genres), {"Spotify": 3})
    few = Catalog(genres=dict(list(genres.items())[:33]))
    with pytest.raises(ValueError, match=r"with 33 genres, each has 512 slots; these lists need 600"):
        World(1, few, {"Spotify": 600})
