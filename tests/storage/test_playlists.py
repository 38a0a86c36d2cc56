"""Playlists, rows and the consensus on a real MongoDB: newer replaces older, never the other way round."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from pymongo.database import Database

from tests.documents import MONDAY, aggregate, raw_playlist, service_playlist
from tests.storage.acts import Act
from tunemeld_pipeline.charts.documents import RawPlaylist
from tunemeld_pipeline.limits import LIST_TOO_OLD
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.storage.store import Store

SPOTIFY, SOUNDCLOUD = "Spotify", "SoundCloud"
DAY = timedelta(days=1)
SUNDAY, TUESDAY = MONDAY - timedelta(days=1), MONDAY + timedelta(days=1)
Json = dict[str, Any]


def test_a_playlist_is_replaced_by_a_newer_one(store: Store) -> None:
    assert store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY, data_json='"old"'))
    assert store.playlists.put_raw_playlist(raw_playlist(at=MONDAY, data_json='"new"'))

    (kept,) = store.playlists.raw_playlists("dance", MONDAY)
    assert kept == raw_playlist(at=MONDAY, data_json='"new"')


def test_an_older_playlist_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist(at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist(SOUNDCLOUD, at=SUNDAY - DAY))

    assert not store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY, data_json='"older"'))

    assert [(one.service_name, one.data_json) for one in store.playlists.raw_playlists("dance", SUNDAY)] == [
        ("Spotify", '"older"'),
        ("SoundCloud", "{}"),
    ]
    assert {one.insert_timestamp for one in store.playlists.raw_playlists("dance", TUESDAY)} == {MONDAY, SUNDAY - DAY}


def test_genres_and_services_have_playlists_of_their_own(store: Store) -> None:
    for genre in ("dance", "rap"):
        for service in keys():
            store.playlists.put_raw_playlist(raw_playlist(service, genre=genre, data_json=f'"{genre} {service}"'))

    found = store.playlists.raw_playlists("rap", MONDAY)
    assert [one.data_json for one in found] == [f'"rap {service}"' for service in keys()]


def test_a_failed_fetch_marks_the_last_good_playlist_stale_since_the_first_failure(store: Store) -> None:
    assert store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, MONDAY, "Spotify: down") is None
    store.playlists.put_raw_playlist(raw_playlist(at=SUNDAY))

    store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, MONDAY, "Spotify: down")
    marked = store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, TUESDAY, "$still down")

    assert marked is not None
    assert (marked.stale, marked.stale_since, marked.error) == (True, MONDAY, "$still down")
    assert (marked.insert_timestamp, marked.data_json) == (SUNDAY, "{}")

    store.playlists.put_raw_playlist(raw_playlist(at=TUESDAY + DAY))
    (fresh,) = store.playlists.raw_playlists("dance", TUESDAY + DAY)
    assert (fresh.stale, fresh.stale_since, fresh.error) == (False, None, None)


def test_headers_are_the_playlists_of_that_time_without_their_bodies(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist("Spotify", at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist("AppleMusic", at=MONDAY))
    store.playlists.put_raw_playlist(raw_playlist("Spotify", at=SUNDAY))  # goes to the backfill
    for at in (MONDAY, SUNDAY):
        whole = store.playlists.raw_playlists("dance", at)
        assert whole
        assert store.playlists.playlist_headers("dance", at) == [
            one.model_copy(update={"data_json": ""}) for one in whole
        ]


def test_a_failed_fetch_of_an_older_day_leaves_a_newer_playlist_alone(store: Store) -> None:
    store.playlists.put_raw_playlist(raw_playlist(at=MONDAY))

    assert store.playlists.mark_raw_playlist_stale("dance", SPOTIFY, SUNDAY, "Spotify: down") is None
    assert not store.playlists.raw_playlists("dance", MONDAY)[0].stale


def put_playlist_of_its_own_hour(store: Store, number: int) -> bool:
    return store.playlists.put_raw_playlist(raw_playlist(at=MONDAY + timedelta(hours=number), data_json=f'"{number}"'))


def test_of_first_playlists_written_at_once_the_newest_stays(
    store: Store, mongo_database: Database[Json], at_once: Callable[[Act], list[Any]]
) -> None:
    for _ in range(5):
        assert at_once(put_playlist_of_its_own_hour)[-1] is True
        assert [one.data_json for one in store.playlists.raw_playlists("dance", TUESDAY)] == ['"7"']
        mongo_database["raw_playlists"].delete_many({})


def test_rows_and_consensus_are_replaced_together(store: Store) -> None:
    services = [service_playlist(SPOTIFY, (1, 2)), service_playlist(SOUNDCLOUD, (2, 1))]

    assert store.playlists.put_track_playlists(services, aggregate((1, 2)))

    assert store.playlists.service_playlists("dance", MONDAY) == services
    assert store.playlists.aggregate("dance", MONDAY) == aggregate((1, 2))
    assert store.playlists.service_playlists("rap", MONDAY) == []


def test_an_older_consensus_never_replaces_a_newer_one_and_its_own_run_reads_it(store: Store) -> None:
    store.playlists.put_track_playlists([service_playlist(numbers=(1, 2))], aggregate((1, 2)))
    older = service_playlist(numbers=(3, 4), at=SUNDAY)

    assert not store.playlists.put_track_playlists([older], aggregate((3, 4), at=SUNDAY))

    assert store.playlists.aggregate("dance", SUNDAY) == aggregate((3, 4), at=SUNDAY)
    assert store.playlists.service_playlists("dance", SUNDAY) == [older]
    assert store.playlists.aggregate("dance", MONDAY) == aggregate((1, 2))


def with_rows(rows: int | None, days: int = 0, **fields: Any) -> RawPlaylist:
    return raw_playlist(at=MONDAY + days * DAY, data_json=f'"{rows}"').model_copy(update={"rows": rows, **fields})


def kept(store: Store, at: datetime) -> list[int | None]:
    return [one.rows for one in store.playlists.wider_lists("dance", at).get(SPOTIFY, [])]


def test_an_answer_that_showed_more_is_kept_until_another_shows_as_much(store: Store) -> None:
    for days, rows, wider in ((0, 100, []), (1, 30, [100]), (2, 50, [100]), (3, 30, [50, 100]), (4, 50, [100])):
        store.playlists.put_raw_playlist(with_rows(rows, days))
        assert kept(store, MONDAY + days * DAY) == wider
    assert kept(store, SUNDAY) == []  # what a run for the past reads
    (one,) = store.playlists.wider_lists("dance", TUESDAY)[SPOTIFY]
    assert (one.data_json, one.insert_timestamp) == ('"100"', MONDAY)
    store.playlists.put_raw_playlist(with_rows(100, 5))
    assert kept(store, MONDAY + 5 * DAY) == []


def test_an_answer_that_showed_more_is_kept_until_it_is_too_old(store: Store) -> None:
    store.playlists.put_raw_playlist(with_rows(100))
    for days, wider in ((1, [100]), (LIST_TOO_OLD.days, [100]), (LIST_TOO_OLD.days + 1, [])):
        store.playlists.put_raw_playlist(with_rows(30, days))
        assert kept(store, MONDAY + days * DAY) == wider


def test_an_older_answer_that_shows_less_changes_nothing(store: Store) -> None:
    store.playlists.put_raw_playlist(with_rows(100))
    assert not store.playlists.put_raw_playlist(with_rows(30, -1))
    assert kept(store, MONDAY) == []


@pytest.mark.parametrize(("fields", "wider"), [({"rows_total": 100}, [None]), ({"rows_total": 30}, []), ({}, [])])
def test_an_answer_of_an_earlier_release_is_kept_where_the_next_one_says_that_it_lacks_rows(
    store: Store, fields: dict[str, Any], wider: list[None]
) -> None:
    store.playlists.put_raw_playlist(with_rows(None))
    store.playlists.put_raw_playlist(with_rows(30, 1, **fields))
    assert kept(store, TUESDAY) == wider
