"""What visitors see of each kind of document while something is withheld."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from pydantic import BaseModel

from tests.documents import (
    MONDAY,
    aggregate,
    aggregate_track,
    chart,
    chart_day,
    isrc,
    materialization,
    raw_playlist,
    recording,
    service_playlist,
    track,
    views,
)
from tunemeld_pipeline.charts.chart_days import ChartedTrack, PastOutcomes
from tunemeld_pipeline.charts.documents import ChartTrack, Ranking, ServiceOutcome
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.positions import PositionsOfMonth
from tunemeld_pipeline.charts.recordings import Artist, RecordingFacts
from tunemeld_pipeline.charts.withholding import (
    NOTHING_WITHHELD,
    Withheld,
    WithheldKind,
    Withholding,
    artist_forms,
    ids_of,
    withheld_by,
)


def withheld(kind: WithheldKind, key: str, *ids: str) -> Withheld:
    return withheld_by([Withholding(kind=kind, key=key, ids=list(ids), reason="a wish", withheld_at=MONDAY)])


TRACK_2 = withheld("track", isrc(2), isrc(2))
SINGER_2 = withheld("artist", "Singer 2", isrc(2))


@pytest.mark.parametrize("hidden", [TRACK_2, SINGER_2])
def test_a_withheld_row_leaves_and_the_ranks_of_the_others_stay(hidden: Withheld) -> None:
    for document in (chart(), aggregate(), service_playlist()):
        shown = hidden.shown(document)
        assert shown is not None
        assert [(row.rank, row.track_id) for row in shown.tracks] == [(1, isrc(1)), (3, isrc(3))]
        assert len(document.tracks) == 3


@pytest.mark.parametrize("hidden", [TRACK_2, SINGER_2])
def test_a_past_day_keeps_a_gap_at_the_rank_of_what_is_withheld(hidden: Withheld) -> None:
    shown = hidden.shown(chart_day())
    assert shown is not None
    assert shown.chart == [isrc(1), None, isrc(3)]
    assert shown.ranked == [(1, isrc(1)), (3, isrc(3))]
    assert shown.lists == {"Spotify": [isrc(1), None, isrc(3)]}


@pytest.mark.parametrize("hidden", [TRACK_2, SINGER_2])
def test_nothing_is_known_of_a_withheld_recording(hidden: Withheld) -> None:
    assert hidden.shown(recording(2)) is None
    assert hidden.shown(recording(1)) == recording(1)


def test_an_id_that_a_recording_had_before_is_enough() -> None:
    row = aggregate_track(7, 1).model_copy(update={"other_ids": ["SoundCloud:7"], "isrcs": [isrc(7), isrc(8)]})
    document = aggregate().model_copy(update={"tracks": [row]})
    for known in ("SoundCloud:7", isrc(8), isrc(7), "Spotify:spotify-7"):
        shown = withheld("track", known, known).shown(document)
        assert shown is not None
        assert shown.tracks == [], known
    day = chart_day().model_copy(update={"other_ids": {isrc(1): ["SoundCloud:1"]}})
    shown_day = withheld("track", "SoundCloud:1", "SoundCloud:1").shown(day)
    assert shown_day is not None
    assert shown_day.chart[0] is None
    assert shown_day.other_ids == {}


def test_a_guest_in_the_title_is_an_artist_too() -> None:
    hidden = withheld("artist", "Ona Vale")

    def facts(title: str, artist: str) -> RecordingFacts:
        return recording(1).model_copy(update={"track_name": title, "artist_name": artist})

    for title, artist in (
        ("Undertow (feat. Ona Vale)", "Marrow"),
        ("Undertow", "Marrow & ONA VALE"),
        ("Undertow", "Óna Vale"),
    ):
        assert hidden.shown(facts(title, artist)) is None, (title, artist)
    for title, artist in (("Ona Vale", "Marrow"), ("Undertow", "Ona Valentine")):
        assert hidden.shown(facts(title, artist)) is not None, (title, artist)


def test_a_withheld_service_takes_its_list_positions_addresses_and_counts() -> None:
    hidden = withheld("service", "Spotify")
    rows = [
        row.model_copy(update={"readings": {"Spotify": views(MONDAY, 5), "Youtube": views(MONDAY, 6)}})
        for row in chart().tracks
    ]
    shown = hidden.shown(chart().model_copy(update={"tracks": rows}))
    assert shown is not None
    assert "spotify" not in shown.model_dump_json().lower()
    assert [row.rank for row in shown.tracks] == [1, 2, 3]
    assert shown.tracks[0].track_url == "https://example.org/SoundCloud/1"
    assert shown.tracks[0].source_name == "SoundCloud"
    assert list(shown.tracks[0].readings) == ["Youtube"]

    assert hidden.shown(service_playlist("Spotify")) is None
    assert hidden.shown(service_playlist("SoundCloud")) == service_playlist("SoundCloud")
    assert hidden.shown(raw_playlist("Spotify")) is None
    day = hidden.shown(chart_day())
    assert day is not None
    assert day.lists == {}
    assert day.ranked == []


def test_a_withheld_service_takes_its_ids_of_the_recording() -> None:
    row = aggregate_track(1, 1).model_copy(update={"other_ids": ["SoundCloud:7", "Spotify:7"]})
    playlist = aggregate().model_copy(update={"tracks": [row]})
    shown = withheld("service", "SoundCloud").shown(playlist)
    assert shown is not None
    assert shown.tracks[0].other_ids == ["Spotify:7"]


def test_a_row_that_only_withheld_services_list_leaves_too() -> None:
    both = withheld_by(
        Withholding(kind="service", key=key, ids=[], reason="a wish", withheld_at=MONDAY)
        for key in ("Spotify", "SoundCloud")
    )
    shown = both.shown(chart())
    assert shown is not None
    assert shown.tracks == []


def test_a_withheld_source_of_counts_takes_its_addresses() -> None:
    facts = recording(1).model_copy(
        update={"youtube_url": "https://youtu.example/1", "track_urls": {"Spotify": "https://example.org/Spotify/1"}}
    )
    shown = withheld("service", "Youtube").shown(facts)
    assert shown is not None
    assert shown.youtube_url is None
    shown = withheld("service", "Spotify").shown(facts)
    assert shown is not None
    assert (shown.track_url, shown.track_urls, shown.youtube_url) == ("", {}, facts.youtube_url)


def test_what_is_stale_of_a_withheld_service_is_not_said() -> None:
    lacking = materialization().model_copy(update={"degraded": ["Spotify playlist", "Youtube counts"]})
    shown = withheld("service", "Spotify").shown(lacking)
    assert shown is not None
    assert shown.degraded == ["Youtube counts"]


def test_what_was_taken_back_is_shown_and_counts_as_a_change() -> None:
    later = MONDAY + timedelta(days=1)
    one = Withholding(
        kind="track", key=isrc(2), ids=[isrc(2)], reason="a wish", withheld_at=MONDAY, taken_back_at=later
    )
    now = withheld_by([one])
    assert not now
    assert now.shown(chart()) == chart()
    assert now.modified(MONDAY) == later
    assert now.modified(later + timedelta(days=1)) == later + timedelta(days=1)


@pytest.mark.parametrize("make", [chart, aggregate, service_playlist, raw_playlist, chart_day, materialization])
def test_nothing_changes_where_nothing_is_withheld(make: Callable[[], BaseModel]) -> None:
    assert NOTHING_WITHHELD.shown(make()) == make()


def test_a_kind_of_document_that_nobody_decided_about_is_not_shown() -> None:
    incident = Incident(incident_id="1", key="k", kind="k", opened_at=MONDAY, last_seen=MONDAY)
    with pytest.raises(TypeError, match="nobody has decided what visitors may see of a Incident"):
        NOTHING_WITHHELD.shown(incident)


def test_names_are_compared_as_matching_compares_them() -> None:
    assert artist_forms("Ona Vale") & artist_forms("ONA  VÁLE")
    assert not artist_forms("Ona Vale") & artist_forms("Vale")


def full_row() -> ChartTrack:
    """A row of the chart that says something of Spotify, which was its first source, in every part that can."""
    return (
        chart((1,))
        .tracks[0]
        .model_copy(
            update={
                "aggregate_service_name": "Spotify",
                "album_id": "an-album",
                "album_cover_url": "https://example.org/cover",
                "play_count": 5,
                "youtube_url": "https://youtu.example/1",
                "other_ids": ["Spotify:7:a", "SoundCloud:7"],
                "readings": {"Spotify": views(MONDAY, 5), "Youtube": views(MONDAY, 6)},
                "gain_7d": {"Spotify": 1, "Youtube": 2},
            }
        )
    )


def row_without(service: str, row: ChartTrack) -> ChartTrack:
    shown = withheld("service", service).shown(chart().model_copy(update={"tracks": [row]}))
    assert shown is not None
    (left,) = shown.tracks
    return left


def test_a_row_loses_all_that_its_first_service_said() -> None:
    assert row_without("Spotify", full_row()) == full_row().model_copy(
        update={
            "track_url": "https://example.org/SoundCloud/1",
            "source_name": "SoundCloud",
            "aggregate_service_name": "SoundCloud",
            "sources": {"SoundCloud": 1},
            "additional_sources": {},
            "contributions": {"SoundCloud": 0.5},
            "other_ids": ["SoundCloud:7"],
            "service_track_id": None,
            "album_id": None,
            "album_cover_url": None,
            "play_count": None,
            "readings": {"Youtube": views(MONDAY, 6)},
            "gain_7d": {"Youtube": 2},
        }
    )


def test_a_row_keeps_its_first_service_where_another_is_withheld() -> None:
    row = full_row().model_copy(update={"aggregate_service_name": "SoundCloud"})
    assert row_without("SoundCloud", row) == row.model_copy(
        update={
            "aggregate_service_name": "Spotify",
            "sources": {"Spotify": 1},
            "additional_sources": {},
            "contributions": {"Spotify": 0.5},
            "other_ids": ["Spotify:7:a"],
        }
    )


def test_a_row_keeps_all_but_the_video_where_the_videos_are_withheld() -> None:
    assert row_without("Youtube", full_row()) == full_row().model_copy(
        update={"youtube_url": None, "readings": {"Spotify": views(MONDAY, 5)}, "gain_7d": {"Spotify": 1}}
    )


def test_a_list_has_no_row_of_a_withheld_service_and_no_video() -> None:
    listed = service_playlist("SoundCloud", (1, 2))
    foreign = track(3, 3, "Spotify").model_copy(update={"youtube_url": "https://youtu.example/3"})
    both = listed.model_copy(update={"tracks": [*listed.tracks, foreign]})
    shown = withheld("service", "Spotify").shown(both)
    assert shown is not None
    assert shown.tracks == listed.tracks
    shown = withheld("service", "Youtube").shown(both)
    assert shown is not None
    assert shown.tracks == [*listed.tracks, foreign.model_copy(update={"youtube_url": None})]


@pytest.mark.parametrize(
    "names",
    [
        {"track_name": "Undertow (feat. Ona Vale)", "artist_name": "Marrow"},
        {"track_name": "Undertow", "artist_name": "Ona Vale"},
    ],
)
def test_a_row_of_a_withheld_artist_leaves_whatever_its_ids_are(names: dict[str, str]) -> None:
    row = track(9, 1).model_copy(update=names)
    shown = withheld("artist", "Ona Vale").shown(service_playlist().model_copy(update={"tracks": [row]}))
    assert shown is not None
    assert shown.tracks == []


OUTCOMES = {"Spotify": ServiceOutcome(state="fresh"), "SoundCloud": ServiceOutcome(state="stale")}
BY_SERVICE = {
    "count_errors": {"Spotify": "gone", "Youtube": "late"},
    "matched_share": {"Spotify": 0.5, "SoundCloud": 0.25},
    "outcomes": OUTCOMES,
    "only_service": "Spotify",
}
WITHOUT_SPOTIFY = {
    "count_errors": {"Youtube": "late"},
    "matched_share": {"SoundCloud": 0.25},
    "outcomes": {"SoundCloud": OUTCOMES["SoundCloud"]},
    "only_service": None,
}


@pytest.mark.parametrize("make", [chart, aggregate, chart_day, materialization])
def test_a_document_says_nothing_of_a_withheld_service(make: Callable[[], BaseModel]) -> None:
    weighed = Ranking(weights={"Spotify": 2.0, "SoundCloud": 3.0}, counting_rows={"Spotify": 30}, phi=0.9)
    said = {name: value for name, value in BY_SERVICE.items() if name in type(make()).model_fields}
    if "ranking" in type(make()).model_fields:
        said["ranking"] = weighed
    document = make().model_copy(update=said)
    shown = withheld("service", "Spotify").shown(document)
    assert shown is not None
    assert {name: getattr(shown, name) for name in said if name != "ranking"} == {
        name: value for name, value in WITHOUT_SPOTIFY.items() if name in said
    }
    if "ranking" in said:
        assert shown.ranking == weighed.model_copy(update={"weights": {"SoundCloud": 3.0}, "counting_rows": {}})  # type: ignore[attr-defined]
    other = withheld("service", "Youtube").shown(document)
    assert getattr(other, "only_service", None) == "Spotify"


def test_a_past_day_keeps_what_other_services_list() -> None:
    day = chart_day().model_copy(
        update={
            "lists": {"Spotify": [isrc(1), isrc(2), isrc(3)], "SoundCloud": [isrc(3), None, isrc(1)]},
            "uncovered": [isrc(2), isrc(3)],
            "other_ids": {isrc(2): ["SoundCloud:2"], isrc(3): ["SoundCloud:3"]},
        }
    )
    shown = withheld("service", "Spotify").shown(day)
    assert shown is not None
    assert shown.chart == [isrc(1), None, isrc(3)]
    assert shown.uncovered == [isrc(3)]
    assert shown.other_ids == {isrc(3): ["SoundCloud:3"]}


def test_a_past_day_keeps_what_no_list_has_where_no_service_is_withheld() -> None:
    day = chart_day().model_copy(update={"lists": {"Spotify": [isrc(1), isrc(2)]}})
    shown = TRACK_2.shown(day)
    assert shown is not None
    assert shown.chart == [isrc(1), None, isrc(3)]


def test_the_months_of_a_withheld_recording_and_the_ranks_on_a_withheld_list_are_gone() -> None:
    month = PositionsOfMonth(
        insert_timestamp=MONDAY,
        run_id="a-run",
        upstream="sandbox",
        genre_name="dance",
        period="2026-03",
        track_id=isrc(2),
        ranks={"Spotify": {"02": 1}, "Aggregate": {"02": 2}},
    )
    assert TRACK_2.shown(month) is None
    assert withheld("track", isrc(1), isrc(1)).shown(month) == month
    assert withheld("service", "Spotify").shown(month) == month.model_copy(update={"ranks": {"Aggregate": {"02": 2}}})


def test_a_withheld_artist_is_not_known_under_any_spelling() -> None:
    def artist(name: str) -> Artist:
        return Artist(insert_timestamp=MONDAY, run_id="a-run", upstream="sandbox", slug="a", name=name, key="a")

    for hidden in ("Ona Vale", "ÓNA VALE"):
        assert withheld("artist", "Ona Vale").shown(artist(hidden)) is None
    assert withheld("artist", "Ona Vale").shown(artist("Ona Valentine")) == artist("Ona Valentine")
    assert TRACK_2.shown(artist("Ona Vale")) == artist("Ona Vale")


def test_the_past_of_a_withheld_recording_is_not_known_by_any_of_its_ids() -> None:
    past = ChartedTrack(
        insert_timestamp=MONDAY,
        run_id="a-run",
        upstream="sandbox",
        genre_name="dance",
        track_id=isrc(2),
        ids=["Spotify:2"],
        years={},
    )
    for known in (isrc(2), "Spotify:2"):
        assert withheld("track", known, known).shown(past) is None
    assert withheld("track", isrc(1), isrc(1)).shown(past) == past


def test_a_past_day_says_nothing_of_a_withheld_service() -> None:
    day = PastOutcomes(date="2026-03-02", outcomes=OUTCOMES)
    assert withheld("service", "Spotify").shown(day) == PastOutcomes(
        date="2026-03-02", outcomes={"SoundCloud": OUTCOMES["SoundCloud"]}
    )


def test_a_cover_of_a_withheld_service_is_not_shown() -> None:
    facts = recording(1).model_copy(
        update={
            "track_urls": {
                "Spotify": "https://example.org/Spotify/1",
                "SoundCloud": "https://example.org/SoundCloud/1",
            },
            "album_cover_url": "https://example.org/cover",
        }
    )
    shown = withheld("service", "Spotify").shown(facts)
    assert shown is not None
    assert (shown.track_url, shown.album_cover_url) == ("https://example.org/SoundCloud/1", None)
    shown = withheld("service", "SoundCloud").shown(facts)
    assert shown is not None
    assert (shown.track_url, shown.album_cover_url) == (facts.track_url, facts.album_cover_url)


def test_what_could_not_be_counted_of_a_withheld_source_is_not_said() -> None:
    lacking = materialization().model_copy(update={"degraded": ["Spotify playlist", "Youtube counts"]})
    shown = withheld("service", "Youtube").shown(lacking)
    assert shown is not None
    assert shown.degraded == ["Spotify playlist"]


def test_the_raw_list_of_another_service_stays() -> None:
    assert withheld("service", "Spotify").shown(raw_playlist("SoundCloud")) == raw_playlist("SoundCloud")


def test_a_recording_is_known_by_every_id_and_by_its_row() -> None:
    listed = track(1, 1).model_copy(update={"track_id": "Spotify:spotify-1"})
    assert ids_of(listed) == {"Spotify:spotify-1", isrc(1)}
    assert ids_of(listed.model_copy(update={"isrc": None, "service_track_id": None})) == {"Spotify:spotify-1"}
    assert ids_of(full_row()) == {isrc(1), "Spotify:spotify-1", "Spotify:7:a", "SoundCloud:7"}


@pytest.mark.parametrize(
    ("kind", "key", "ids", "means"),
    [
        ("track", isrc(1), [isrc(1)], True),
        ("track", isrc(1), [isrc(2)], False),
        ("track", "x", ["Spotify:spotify-1"], True),
        ("artist", "Singer 1", [], True),
        ("artist", "Ona Vale", [], True),
        ("artist", "Singer 2", [isrc(1)], False),
        ("service", "Spotify", [isrc(1)], False),
    ],
)
def test_a_withholding_means_its_recording_or_those_of_its_artist(
    kind: WithheldKind, key: str, ids: list[str], means: bool
) -> None:
    row = track(1, 1).model_copy(update={"track_name": "Undertow (feat. Ona Vale)"})
    one = Withholding(kind=kind, key=key, ids=ids, reason="a wish", withheld_at=MONDAY)
    assert one.means(row) is means


def test_without_any_withholding_nothing_ever_changed() -> None:
    assert withheld_by([]) == NOTHING_WITHHELD
    assert withheld_by([]).changed_at is None
