"""`/v1/export/{genre}.…`: a chart to take along."""

import csv
import io

import m3u8
import pytest
from lxml import etree

from tests.django_backend.conftest import EMPTY_GENRE, GENRE, TUESDAY, WEDNESDAY, Api
from tests.publishing.v1.test_exports import JSPF_SCHEMA, XSPF_SCHEMA

TYPES = {
    "jspf": "application/jspf+json",
    "xspf": "application/xspf+xml",
    "m3u8": "audio/mpegurl; charset=utf-8",
    "csv": "text/csv; charset=utf-8; header=present",
    "txt": "text/plain; charset=utf-8",
}


@pytest.fixture(scope="module")
def names(api: Api) -> list[tuple[str, str]]:
    """Title and artist of each row of the chart."""
    return [(row["track_name"], row["artist_name"]) for row in api.data(f"/playlist-data/{GENRE}")[0]["tracks"]]


@pytest.mark.parametrize("ending", TYPES)
def test_it_works(api: Api, ending: str) -> None:
    answer = api.ask(f"/v1/export/{GENRE}.{ending}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, TYPES[ending])
    name = f"tunemeld-{GENRE}-{WEDNESDAY}.{ending}"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}"'
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert api.ask(f"/v1/export/{GENRE}.{ending}", If_None_Match=answer.headers["ETag"]).status_code == 304


def test_each_format_has_every_row_in_order(api: Api, names: list[tuple[str, str]]) -> None:
    spoken = [" - ".join((artist, title)) for title, artist in names]
    jspf = api.ask(f"/v1/export/{GENRE}.jspf").json()
    JSPF_SCHEMA.validate(jspf)
    assert [(one["title"], one["creator"]) for one in jspf["playlist"]["track"]] == names
    xspf = etree.fromstring(api.ask(f"/v1/export/{GENRE}.xspf").content)
    XSPF_SCHEMA.assertValid(xspf)
    assert [one.findtext("{*}title") for one in xspf.iterfind(".//{*}track")] == [title for title, _ in names]
    assert [one.title for one in m3u8.loads(api.ask(f"/v1/export/{GENRE}.m3u8").text).segments] == spoken
    assert api.ask(f"/v1/export/{GENRE}.txt").content.decode().splitlines() == spoken
    table = csv.DictReader(io.StringIO(api.ask(f"/v1/export/{GENRE}.csv").content.decode("utf-8-sig"), newline=""))
    assert [(int(one["rank"]), one["title"].removeprefix("'")) for one in table] == [
        (rank, title) for rank, (title, _) in enumerate(names, start=1)
    ]


def test_a_chosen_services_addresses_are_its_own(api: Api) -> None:
    rows = api.data(f"/playlist-data/{GENRE}")[0]["tracks"]
    urls = [{row["source_name"]: row["track_url"], **row["additional_sources"]} for row in rows]
    expected = [one["SoundCloud"] for one in urls if "SoundCloud" in one]
    assert expected
    assert api.ask(f"/v1/export/{GENRE}.txt?service=SoundCloud").text.splitlines() == expected


def test_a_past_day_can_be_taken_along(api: Api) -> None:
    answer = api.ask(f"/v1/export/{GENRE}.jspf?date={TUESDAY}")
    assert answer.json()["playlist"]["date"].startswith(TUESDAY)
    past = api.data(f"/playlist-data/{GENRE}?date={TUESDAY}")[0]["tracks"]
    assert [one["title"] for one in answer.json()["playlist"]["track"]] == [row["track_name"] for row in past]


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (f"{GENRE}.csv?service=Nothing", 404),
        (f"{GENRE}.csv?date=2025-01-01", 404),
        (f"{GENRE}.csv?date=never", 400),
        (f"{GENRE}.csv?servce=Spotify", 400),
        (f"{GENRE}.exe", 404),
        ("polka.csv", 404),
        (f"{EMPTY_GENRE}.csv", 404),
    ],
)
def test_what_cannot_be_is_a_problem(api: Api, asked: str, status: int) -> None:
    answer = api.ask(f"/v1/export/{asked}")
    assert (answer.status_code, answer.headers["Content-Type"]) == (status, "application/problem+json")
