"""What is kept of recordings: from a day's chart and lists, and from day to day."""

from datetime import timedelta

import pytest

from tests.documents import MONDAY, chart, isrc, recording, service_playlist
from tunemeld_pipeline.charts.documents import Match
from tunemeld_pipeline.charts.recordings import CreditedArtist, prominence_of, recordings_of_day, with_seen

DAY = timedelta(days=1)


@pytest.mark.parametrize(
    ("rank", "prominence"), [(None, 0), (1, 10), (2, 9), (3, 9), (4, 8), (7, 8), (8, 7), (100, 4), (5_000, 1)]
)
def test_prominence_is_the_rank_in_doublings(rank: int | None, prominence: int) -> None:
    assert prominence_of(rank) == prominence


def test_a_day_shows_the_recordings_of_the_chart_and_those_of_the_lists_alone() -> None:
    lists = [service_playlist("Spotify", (2, 1)), service_playlist("SoundCloud", (1, 3))]
    seen = {one.track_id: one for one in recordings_of_day(chart((1, 2)), lists)}
    assert list(seen) == [isrc(1), isrc(2), isrc(3)]
    assert [one.prominence for one in seen.values()] == [10, 9, 0]
    assert seen[isrc(1)].track_urls.keys() == {"Spotify", "SoundCloud"}
    assert seen[isrc(1)].ids == ["SoundCloud:soundcloud-1", "Spotify:spotify-1"]
    assert seen[isrc(3)].track_url == "https://example.org/SoundCloud/3"
    assert seen[isrc(3)].genres == ["dance"]


def test_what_accumulates_does_so_and_the_later_day_says_the_names() -> None:
    stored = recording(1).model_copy(
        update={
            "track_urls": {"Spotify": "old", "SoundCloud": "kept"},
            "genres": ["dance"],
            "prominence": 9,
            "ids": ["Spotify:1"],
            "artists": [CreditedArtist(slug="singer-1", name="Singer 1")],
            "terms": ["song"],
        }
    )
    later = {"insert_timestamp": MONDAY + DAY, "genres": ["rap"], "prominence": 3, "track_urls": {"Spotify": "new"}}
    seen = recording(1).model_copy(update={**later, "track_name": "Song One"})

    for one in (with_seen(stored, seen), with_seen(seen.model_copy(update={"artists": stored.artists}), stored)):
        assert (one.track_name, one.insert_timestamp, one.prominence) == ("Song One", MONDAY + DAY, 9)
        assert one.track_urls == {"Spotify": "new", "SoundCloud": "kept"}
        assert (one.genres, one.ids, one.artists) == (["dance", "rap"], ["Spotify:1"], stored.artists)
    assert with_seen(stored, seen).terms is None
    assert with_seen(stored, recording(1).model_copy(update=later)).terms == ["song"]
    assert with_seen(None, seen) is seen


def test_a_list_alone_does_not_overrule_a_chart() -> None:
    stored = recording(1).model_copy(update={"prominence": 5})
    seen = recording(1).model_copy(
        update={"insert_timestamp": MONDAY + DAY, "track_name": "Singer 1 - Song 1 (Premiere)", "genres": ["rap"]}
    )
    kept = with_seen(stored, seen)
    assert (kept.track_name, kept.insert_timestamp, kept.genres) == ("Song 1", MONDAY + DAY, ["rap"])


def test_an_id_that_became_a_recording_stays_so_and_other_credits_are_read_anew() -> None:
    stored = recording(1).model_copy(update={"became": isrc(2), "artists": [CreditedArtist(slug="a", name="A")]})
    later = {"insert_timestamp": MONDAY + DAY, "artist_name": "Somebody"}
    kept = with_seen(stored, recording(1).model_copy(update=later))
    assert (kept.became, kept.artists) == (isrc(2), [])


def test_what_charts_show_of_a_recording_changed_when_it_was_last_seen_otherwise() -> None:
    first, then = MONDAY, MONDAY + timedelta(days=1)
    stored = with_seen(None, recording(1).model_copy(update={"changed_at": first}))
    same = recording(1, at=then).model_copy(update={"changed_at": then})
    assert with_seen(stored, same).changed_at == first
    assert with_seen(stored, same.model_copy(update={"track_name": "Song I"})).changed_at == then
    assert with_seen(stored, same.model_copy(update={"genres": ["pop"], "prominence": 3})).changed_at == first
    of_earlier_release = recording(1)
    assert with_seen(of_earlier_release, same).changed_at == of_earlier_release.insert_timestamp


def test_what_a_row_shows_is_kept() -> None:
    row = {
        "album_cover_url": "https://example.org/cover",
        "youtube_url": "https://youtu.example/1",
        "duration_ms": 200_000,
        "isrcs": [isrc(1), isrc(9)],
        "other_ids": [isrc(9), "SoundCloud:7"],
        "match": Match(method="text", confidence=0.9),
    }
    charted = chart((1,))
    charted = charted.model_copy(update={"tracks": [charted.tracks[0].model_copy(update=row)]})
    (seen,) = recordings_of_day(charted, [])
    assert {name: getattr(seen, name) for name in row if name != "other_ids"} == {
        name: value for name, value in row.items() if name != "other_ids"
    }
    assert (seen.isrc, seen.ids) == (isrc(1), ["SoundCloud:7"]), "an ISRC is no former id"


def test_a_row_without_an_isrc_has_no_former_ids() -> None:
    charted = chart((1,))
    row = charted.tracks[0].model_copy(
        update={"isrc": None, "track_id": "Spotify:spotify-1", "other_ids": ["SoundCloud:7"]}
    )
    (seen,) = recordings_of_day(charted.model_copy(update={"tracks": [row]}), [])
    assert (seen.track_id, seen.isrc, seen.ids) == ("Spotify:spotify-1", None, [])


def test_of_two_runs_of_one_moment_the_second_says_the_names_and_the_later_run_is_named() -> None:
    stored = recording(1).model_copy(update={"run_id": "first"})
    again = recording(1).model_copy(update={"run_id": "second", "track_name": "Song One"})
    assert with_seen(stored, again).track_name == "Song One"
    later = again.model_copy(
        update={"insert_timestamp": MONDAY + DAY, "upstream": "replay", "prominence": 0, "track_name": "A list's words"}
    )
    kept = with_seen(stored.model_copy(update={"prominence": 5}), later)
    assert (kept.track_name, kept.run_id, kept.upstream) == ("Song 1", "second", "replay")
