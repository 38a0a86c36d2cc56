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
    views,
)
from tunemeld_pipeline.charts.incident import Incident
from tunemeld_pipeline.charts.recordings import RecordingFacts
from tunemeld_pipeline.charts.withholding import (
    NOTHING_WITHHELD,
    Withheld,
    WithheldKind,
    Withholding,
    artist_forms,
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
