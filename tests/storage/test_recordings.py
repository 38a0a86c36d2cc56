"""Recordings, their positions, artists and words on a real MongoDB: kept up with each day, made from past days, and found."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import pytest
from pymongo.database import Database

from tests.documents import MONDAY, aggregate, chart, chart_day, isrc, materialization, recording
from tests.storage.acts import put_recordings
from tests.storage.listening import listened_to
from tunemeld_pipeline.charts.chart_days import ChartDay
from tunemeld_pipeline.charts.positions import Standing, first_listed, standings_of
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.operations.recordings_fill import fill
from tunemeld_pipeline.storage.store import Store

DAY = timedelta(days=1)
Json = dict[str, Any]


def facts(number: int, title: str, artist: str, **more: Any) -> RecordingFacts:
    return recording(number).model_copy(update={"track_name": title, "artist_name": artist, "prominence": 5, **more})


def listed(
    day: int, lists: Mapping[str, Sequence[str | None]], chart: Sequence[str] = (), genre: str = "dance"
) -> ChartDay:
    made = chart_day(at=MONDAY + day * DAY, genre=genre, numbers=())
    return made.model_copy(update={"lists": {name: list(ids) for name, ids in lists.items()}, "chart": list(chart)})


def publish(store: Store, day: ChartDay, seen: Sequence[RecordingFacts] = ()) -> None:
    published = materialization(at=day.insert_timestamp, genre=day.genre_name)
    store.charts.put_chart(chart(at=day.insert_timestamp, genre=day.genre_name))
    store.charts.finish({}, day, published, seen)


def standings(store: Store, *track_ids: str) -> list[Standing]:
    return standings_of(store.positions.of(track_ids))


def test_a_published_day_gives_a_recording_its_positions_artists_and_words(store: Store) -> None:
    publish(
        store,
        listed(0, {"Spotify": [isrc(2), isrc(1)], "SoundCloud": [None, isrc(2)]}, [isrc(2)]),
        [facts(1, "Glass Rivers", "Ona Vale"), facts(2, "Tin Roof", "Marrow & Ona Vale")],
    )
    publish(store, listed(1, {"Spotify": [isrc(1)]}, [isrc(1)]))

    assert standings(store, isrc(1)) == [
        Standing("dance", {"Aggregate": {"2026-03-03": 1}, "Spotify": {"2026-03-02": 2, "2026-03-03": 1}})
    ]
    assert first_listed(standings(store, isrc(2))) == {"SoundCloud": "2026-03-02", "Spotify": "2026-03-02"}
    known = store.recordings.recording(isrc(2))
    assert known is not None
    assert [(one.slug, one.name) for one in known.artists] == [("marrow", "Marrow"), ("ona-vale", "Ona Vale")]
    assert [one.track_name for one in store.recordings.of_artist("ona-vale", 10)] == ["Tin Roof", "Glass Rivers"]
    artist = store.artists.artist("ona-vale")
    assert artist is not None
    assert artist.name == "Ona Vale"


def test_a_second_run_of_a_day_and_a_rollback_leave_the_positions_of_what_is_remembered(store: Store) -> None:
    publish(store, listed(0, {"Spotify": [isrc(1), isrc(2)]}, [isrc(1)]))
    later = listed(0, {"Spotify": [isrc(2)]}, [isrc(2)])
    later = later.model_copy(update={"insert_timestamp": MONDAY + timedelta(hours=3)})
    publish(store, later)
    publish(store, listed(1, {"Spotify": [isrc(3), isrc(2)]}, [isrc(3)]))
    assert standings(store, isrc(1)) == []
    assert standings(store, isrc(2))[0].ranks["Spotify"] == {"2026-03-02": 1, "2026-03-03": 2}

    published = store.charts.materializations()["dance"]
    shown = chart(at=published.as_of).model_copy(update={"rolled_back_to": MONDAY})
    store.charts.roll_back(shown, aggregate(at=published.as_of), published, published.finished_at)
    assert standings(store, isrc(3)) == []
    assert standings(store, isrc(2))[0].ranks["Spotify"] == {"2026-03-02": 1}

    published = store.charts.materializations()["dance"]
    shown = chart(at=published.as_of).model_copy(update={"rolled_back_to": MONDAY + DAY})
    store.charts.roll_back(shown, aggregate(at=published.as_of), published, published.finished_at)
    assert standings(store, isrc(3))[0].ranks["Aggregate"] == {"2026-03-03": 1}


def test_an_id_that_becomes_an_isrc_leads_to_it_for_ever_and_is_found_no_more(store: Store) -> None:
    early = facts(1, "Glass Rivers", "Ona Vale", track_id="Spotify:abc", isrc=None)
    publish(store, listed(0, {"Spotify": ["Spotify:abc"]}), [early])
    now = facts(1, "Glass Rivers", "Ona Vale", ids=["Spotify:abc", "SoundCloud:never-borne"])
    publish(store, listed(1, {"Spotify": [isrc(1)]}), [now])
    # Another recording claims it later, and another genre still lists the old id.
    publish(store, listed(2, {"Spotify": [isrc(2)]}), [facts(2, "Tin Roof", "Marrow", ids=["Spotify:abc"])])
    publish(store, listed(2, {"Spotify": ["Spotify:abc"]}, genre="rap"), [early])

    assert store.recordings.successor("Spotify:abc") == isrc(1)
    assert store.recordings.successor("SoundCloud:never-borne") is None
    known = store.recordings.recording(isrc(1))
    assert known is not None
    assert known.ids == ["Spotify:abc"]
    assert [one.genre for one in standings(store, *known.all_ids)] == ["dance", "rap"]
    assert [one.track_id for one in store.search.recordings("glass rivers", 10)] == [isrc(1)]


def test_artists_of_one_name_are_told_apart_by_their_countries_and_no_slug_is_used_twice(store: Store) -> None:
    put_recordings(store, [facts(1, "One", "Flex (UK)"), facts(2, "Two", "Flex (Germany)"), facts(3, "Three", "Flex")])
    put_recordings(store, [facts(4, "Four", "FLEX (uk)"), facts(5, "Five", "Fléx Official")])

    slugs = {
        number: [artist.slug for artist in known.artists]
        for number in range(1, 6)
        if (known := store.recordings.recording(isrc(number)))
    }
    assert slugs == {1: ["flex"], 2: ["flex-germany"], 3: ["flex"], 4: ["flex"], 5: ["flex"]}
    artist = store.artists.artist("flex")
    assert artist is not None
    assert [one.slug for one in store.artists.homonyms(artist)] == ["flex-germany"]


def test_a_recording_whose_credit_changes_changes_its_artists_and_the_slug_stays_with_the_first(store: Store) -> None:
    put_recordings(store, [facts(1, "One", "Ona Vale")])
    later = facts(1, "One", "Ona Vale & Marrow").model_copy(update={"insert_timestamp": MONDAY + DAY})
    put_recordings(store, [later])
    put_recordings(store, [facts(1, "An older day", "Somebody")])

    known = store.recordings.recording(isrc(1))
    assert known is not None
    assert (known.track_name, [one.slug for one in known.artists]) == ("One", ["ona-vale", "marrow"])
    assert store.artists.artist("ona-vale") is not None


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("glass rivers", ["Glass Rivers"]),
        ("GLASS  RIVERS!", ["Glass Rivers"]),
        ("glas rivers", ["Glass Rivers"]),
        ("glass rievrs", ["Glass Rivers"]),
        ("glass rivers ona vale", ["Glass Rivers"]),
        ("ona val", ["Glass Rivers", "Für Élise"]),
        ("fur elise", ["Für Élise"]),
        ("fuer elise", ["Für Élise"]),
        ("polnoch", ["Полночь"]),
        ("полночь", ["Полночь"]),
        ("newera", ["New Era"]),
        ("new era", ["New Era"]),
        ("glass official video", ["Glass Rivers"]),
        ("zzzz qqqq", []),
        ("", []),
        ("!!", []),
    ],
)
def test_accents_and_small_errors_are_forgiven(store: Store, typed: str, found: list[str]) -> None:
    put_recordings(
        store,
        [
            facts(1, "Glass Rivers", "Ona Vale"),
            facts(2, "Für Élise", "Ona Vale", prominence=1),
            facts(3, "Полночь", "Marrow"),
            facts(4, "New Era", "Slate"),
        ],
    )
    assert [one.track_name for one in store.search.recordings(typed, 10)] == found


def test_artists_are_found_too_and_the_exact_name_comes_first(store: Store) -> None:
    put_recordings(
        store, [facts(1, "One", "Ona Vale Quartet", prominence=9), facts(2, "Two", "Oná Vale", prominence=1)]
    )
    assert [one.name for one in store.search.artists("ona vale", 10)] == ["Oná Vale", "Ona Vale Quartet"]
    assert [one.name for one in store.search.artists("ona vael", 10)] == ["Oná Vale", "Ona Vale Quartet"]


def test_whatever_is_typed_a_search_makes_few_requests_and_each_reads_little(
    mongod_url: str, mongo_database: Database[Json], store: Store
) -> None:
    put_recordings(store, [facts(number, f"Love Song {number}", "The Singers") for number in range(1, 60)])
    typed = " ".join(["love", "sonng", "the", *(f"word{number}" for number in range(50))]) + "x" * 100_000

    with listened_to(mongod_url, mongo_database.name) as (listened, seen):
        listened.search.recordings(typed, 10)
        listened.search.artists(typed, 10)

    asked = [command for name, command in seen if name in ("find", "aggregate")]
    assert 0 < len(asked) < 60
    for command in asked:
        limits = [stage["$limit"] for stage in command.get("pipeline", ()) if "$limit" in stage] or [
            command.get("limit")
        ]
        assert limits[0] is not None and limits[0] <= 501, command


def test_positions_artists_and_words_are_made_from_past_days_and_cut_off_go_on(
    mongo_database: Database[Json], store: Store
) -> None:
    for day in (0, 1, 40):
        publish(
            store, listed(day, {"Spotify": [isrc(1), "Spotify:x"]}, [isrc(1)]), [facts(1, "Glass Rivers", "Ona Vale")]
        )
    made = list(mongo_database["positions"].find().sort("_id"))
    before = store.recordings.recording(isrc(1))
    for name in ("positions", "artists", "search_words"):
        mongo_database[name].delete_many({})
    fresh = {"terms": "", "artists": "", "genres": "", "prominence": "", "ids": ""}
    mongo_database["recordings"].update_many({}, {"$unset": fresh})

    assert fill(store, dry_run=True) == [
        "positions: 2 months would be made from past days",
        "recordings: 1 would be given artists and words",
    ]
    store.handle.transaction(lambda session: store.positions.make_month("dance", "2026-03", session))
    assert fill(store) == ["positions: 1 months made from past days", "recordings: 1 given artists and words"]
    assert fill(store) == []

    again = list(mongo_database["positions"].find().sort("_id"))
    assert [one["ranks"] for one in again] == [one["ranks"] for one in made]
    after = store.recordings.recording(isrc(1))
    assert before is not None and after is not None
    assert (after.artists, after.terms, after.genres) == (before.artists, before.terms, ["dance"])
    assert [one.track_name for one in store.search.recordings("glass", 10)] == ["Glass Rivers"]


def test_an_unreadable_month_is_made_again_by_the_next_run(mongo_database: Database[Json], store: Store) -> None:
    publish(store, listed(0, {"Spotify": [isrc(1), isrc(2)]}))
    mongo_database["positions"].update_one(
        {"track_id": isrc(1)}, {"$set": {"ranks": "broken"}}, bypass_document_validation=True
    )
    publish(store, listed(1, {"Spotify": [isrc(1), isrc(2)]}))
    publish(store, listed(2, {"Spotify": [isrc(1), isrc(2)]}))

    for number in (1, 2):
        assert list(standings(store, isrc(number))[0].ranks["Spotify"]) == ["2026-03-02", "2026-03-03", "2026-03-04"]


def test_months_without_a_chart_are_not_missing_and_one_without_positions_is_wherever_it_lies(
    mongo_database: Database[Json], store: Store
) -> None:
    for day in (0, 35, 100, 190):  # none in May, July and August
        publish(store, listed(day, {"Spotify": [isrc(1)]}))
    assert store.positions.missing_months("dance") == []
    for period in ("2026-06", "2026-03"):
        mongo_database["positions"].delete_many({"period": period})
    assert store.positions.missing_months("dance") == ["2026-03", "2026-06"]
    assert store.positions.missing_months("pop") == []
