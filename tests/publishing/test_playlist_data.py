"""A chart in the shape that the older page reads."""

import json

from tests.documents import MONDAY, chart, isrc
from tunemeld_pipeline.charts.documents import Chart, DatedCount, RowReadings
from tunemeld_pipeline.charts.history import chart_week_start
from tunemeld_pipeline.publishing.playlist_data import PlaylistData, playlist_data
from tunemeld_pipeline.publishing.responses import document_json

WEEK = chart_week_start(MONDAY)


def counted(readings: dict[str, RowReadings]) -> Chart:
    """A chart of one track with these readings."""
    (track,) = chart([1]).tracks
    return chart([1]).model_copy(update={"tracks": [track.model_copy(update={"readings": readings})]})


def test_it_works() -> None:
    first = DatedCount(current_timestamp=WEEK, view_count=900)
    last = DatedCount(current_timestamp=MONDAY, view_count=1000)

    shown = document_json(playlist_data(counted({"Youtube": RowReadings(first_of_week=first, last=last)})))

    (row,) = shown["tracks"]
    assert (shown["genre_name"], row["isrc"], row["rank"]) == ("dance", isrc(1), 1)
    assert row["view_count_data_json"]["Youtube"] == {
        "initial_count_json": {"initial_timestamp": "2026-02-28T00:00:00+00:00", "initial_view_count": 900},
        "current_count_json": {"current_timestamp": "2026-03-02T02:30:00+00:00", "current_view_count": 1000},
    }
    assert list(row)[-2:] == ["view_count_data_json", "gain_7d"]


def test_youtube_and_spotify_are_always_there_and_soundcloud_where_it_counted() -> None:
    kept = RowReadings(last=DatedCount(current_timestamp=MONDAY, view_count=7))

    (without,), (with_soundcloud,) = (
        document_json(playlist_data(counted(readings)))["tracks"] for readings in ({}, {"SoundCloud": kept})
    )

    unknown = {
        "initial_count_json": {"initial_timestamp": None, "initial_view_count": ""},
        "current_count_json": {"current_timestamp": None, "current_view_count": ""},
    }
    assert without["view_count_data_json"] == {"Spotify": unknown, "Youtube": unknown}
    assert list(with_soundcloud["view_count_data_json"]) == ["Spotify", "Youtube", "SoundCloud"]
    assert with_soundcloud["view_count_data_json"]["SoundCloud"]["initial_count_json"] == unknown["initial_count_json"]


def test_its_version_stays_when_that_of_the_documents_rises() -> None:
    shown = document_json(playlist_data(chart()))

    assert shown["schema_version"] == 1
    assert "readings" not in json.dumps(shown)


def test_it_has_the_shape_that_it_says() -> None:
    shown = document_json(playlist_data(chart()))

    assert document_json(PlaylistData.model_validate_json(json.dumps(shown))) == shown
