"""A chart as a file: each format is valid, is read back by another program, and takes no name for its own signs."""

import csv
import io
import json
import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import jsonschema_rs
import m3u8 as m3u8_reader
import pytest
import xspf_lib
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tunemeld_pipeline.publishing.v1.charts import GenreChart
from tunemeld_pipeline.publishing.v1.exports import (
    BYTE_ORDER_MARK,
    FORMATS,
    ExportedChart,
    ExportedRow,
    csv_table,
    exported_chart,
    file_name,
    jspf,
    m3u8,
    text_lines,
    xspf,
)
from tunemeld_pipeline.publishing.v1.plain_text import plain_line

XSPF_SCHEMA = etree.RelaxNG(etree.parse(Path(__file__).parents[2] / "schemas" / "xspf.rng"))
JSPF_SCHEMA = jsonschema_rs.validator_for(
    {
        "type": "object",
        "required": ["playlist"],
        "additionalProperties": False,
        "properties": {
            "playlist": {
                "type": "object",
                "required": ["title", "creator", "date", "track"],
                "additionalProperties": False,
                "properties": {
                    "title": {"type": "string"},
                    "creator": {"type": "string"},
                    "date": {"type": "string", "format": "date-time"},
                    "track": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "additionalProperties": False,
                            "properties": {
                                "location": {"type": "array", "items": {"type": "string", "format": "uri"}},
                                "title": {"type": "string"},
                                "creator": {"type": "string"},
                                "image": {"type": "string", "format": "uri"},
                                "duration": {"type": "integer", "minimum": 1},
                                "meta": {
                                    "type": "array",
                                    "items": {"type": "object", "minProperties": 1, "maxProperties": 1},
                                },
                            },
                        },
                    },
                },
            }
        },
    },
    validate_formats=True,
)


def row(rank: int, title: str, artist: str = "Singer", **more: object) -> ExportedRow:
    plain = ExportedRow(
        rank=rank,
        title=title,
        artist=artist,
        isrc=f"QZZ9926{rank:05}",
        duration_ms=181_500,
        cover_url=f"https://covers.example/{rank}.jpg",
        urls={"Spotify": f"https://one.example/{rank}", "SoundCloud": f"https://two.example/{rank}"},
        positions={"Spotify": rank, "SoundCloud": rank + 1},
        status="up",
        movement=2,
        peak_rank=1,
        weeks_on_chart=3,
        totals={"Youtube": 3_600_000_000},
        gains={"Youtube": -5},
    )
    return replace(plain, **more)  # type: ignore[arg-type]


def chart(*rows: ExportedRow, service: str | None = None) -> ExportedChart:
    return ExportedChart(
        genre="pop",
        display_name="Pop",
        date="2026-03-02",
        rows=rows,
        services=("Spotify", "AppleMusic", "SoundCloud"),
        sources=("Spotify", "Youtube"),
        service=service,
    )


PLAIN = chart(
    row(1, "Été & <Hiver>", "Zoë"),
    row(2, "東京", "A, B"),
    row(3, "No address", urls={}, isrc=None, duration_ms=None, cover_url=None),
)

NASTY = [
    "=HYPERLINK(\"https://evil.example\",\"x\")",
    "+1", "-1", "@SUM(A1)", "|calc", "%0A", "\t=1", "\r=1", " =1", "＝1", "a;=1", "a; +1", 'quote"d', "comma, semicolon;",
    "line\nbreak", "line\r\n#EXTINF:1,other\nhttps://evil.example", "\u2028separator", "null\0byte", "\x1b[31m", "\ufffe", "\ud800",
    "]]>", "<track>", "&amp;", "#EXTM3U", "",
]  # fmt: skip


def test_xspf_is_read_back_with_names_addresses_and_lengths(tmp_path: Path) -> None:
    file = tmp_path / "chart.xspf"
    file.write_text(xspf(PLAIN), "utf-8")
    read = xspf_lib.Playlist.parse(str(file))
    assert read.title == "TuneMeld Pop, 2026-03-02"
    assert [(one.creator, one.title, one.duration) for one in read] == [
        ("Zoë", "Été & <Hiver>", 181_500),
        ("A, B", "東京", 181_500),
        ("Singer", "No address", None),
    ]
    assert [list(map(str, one.location)) for one in read] == [
        ["https://one.example/1", "https://two.example/1"],
        ["https://one.example/2", "https://two.example/2"],
        [],
    ]
    assert [[one.content for one in track.meta] for track in read] == [["QZZ992600001"], ["QZZ992600002"], []]


def test_jspf_says_the_same() -> None:
    playlist = json.loads(jspf(PLAIN))["playlist"]
    JSPF_SCHEMA.validate({"playlist": playlist})
    assert playlist["track"][0] == {
        "location": ["https://one.example/1", "https://two.example/1"],
        "title": "Été & <Hiver>",
        "creator": "Zoë",
        "image": "https://covers.example/1.jpg",
        "duration": 181_500,
        "meta": [{"https://isrc.ifpi.org/": "QZZ992600001"}],
    }
    assert playlist["track"][2] == {"title": "No address", "creator": "Singer"}


def test_m3u8_is_read_back_and_a_row_without_an_address_is_a_comment() -> None:
    text = m3u8(PLAIN)
    read = m3u8_reader.loads(text)
    assert [(one.title, one.duration, one.uri) for one in read.segments] == [
        ("Zoë - Été & <Hiver>", 182, "https://one.example/1"),
        ("A, B - 東京", 182, "https://one.example/2"),
    ]
    assert text.splitlines()[-1] == "# no address: Singer - No address"


def test_csv_is_read_back_by_sqlite(tmp_path: Path) -> None:
    program = shutil.which("sqlite3")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("sqlite3 is needed to read the CSV file; .ci/run installs it")
        pytest.skip("sqlite3 is needed to read the CSV file; install it (apt-get install sqlite3)")
    (tmp_path / "chart.csv").write_text(csv_table(PLAIN), "utf-8", newline="")
    asked = "SELECT rank, title, artist, isrc, duration_ms, position_Spotify, total_Youtube, gain_7d_Youtube, url_SoundCloud FROM c"
    command = [program, "-csv", ":memory:", "-cmd", ".import chart.csv c", asked]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert list(csv.reader(io.StringIO(done.stdout))) == [
        ["1", "Été & <Hiver>", "Zoë", "QZZ992600001", "181500", "1", "3600000000", "-5", "https://two.example/1"],
        ["2", "東京", "A, B", "QZZ992600002", "181500", "2", "3600000000", "-5", "https://two.example/2"],
        ["3", "No address", "Singer", "", "", "3", "3600000000", "-5", ""],
    ]


def test_text_has_one_recording_a_line() -> None:
    assert text_lines(PLAIN) == "Zoë - Été & <Hiver>\nA, B - 東京\nSinger - No address\n"
    assert text_lines(chart(row(1, "Title", artist=""))) == "Title\n"


def test_a_chosen_services_file_has_its_addresses_alone() -> None:
    of_one = replace(PLAIN, service="SoundCloud")
    assert text_lines(of_one) == "https://two.example/1\nhttps://two.example/2\n"
    assert "one.example" not in xspf(of_one) + jspf(of_one) + m3u8(of_one) + csv_table(of_one)
    assert len(json.loads(jspf(of_one))["playlist"]["track"]) == 3
    assert csv_table(of_one).partition("\r\n")[0].endswith('"url_SoundCloud"')


def test_an_address_that_is_none_of_the_web_goes_into_no_file() -> None:
    urls = {"Spotify": "javascript:alert(1)", "AppleMusic": "https://[", "SoundCloud": "https://two.example/ü \n#x"}
    odd = chart(row(1, "Title", urls=urls, cover_url="file:///etc/passwd"))
    track = json.loads(jspf(odd))["playlist"]["track"][0]
    assert (track["location"], track.get("image")) == (["https://two.example/%C3%BC%20%0A#x"], None)
    assert [one.uri for one in m3u8_reader.loads(m3u8(odd)).segments] == ["https://two.example/%C3%BC%20%0A#x"]


def test_csv_begins_with_a_byte_order_mark_for_spreadsheets() -> None:
    assert csv_table(PLAIN).startswith(f'{BYTE_ORDER_MARK}"genre","date","rank"')


@pytest.mark.parametrize("name", NASTY)
def test_no_name_is_read_as_a_formula(name: str) -> None:
    table = list(csv.reader(io.StringIO(csv_table(chart(row(1, name, name))).removeprefix(BYTE_ORDER_MARK))))
    assert [len(line) for line in table] == [len(table[0])] * 2
    title, artist = table[1][5], table[1][6]
    assert title == artist
    assert title.replace("'", "") == plain_line(name).replace("'", "")
    for part in title.split(";"):  # where a spreadsheet takes the semicolon for the comma, each part is a cell
        assert not part.lstrip().startswith(("=", "+", "-", "@", "|", "%", "＝", "＋", "－", "＠"))


def test_a_number_below_zero_stays_a_number() -> None:
    assert ",-5," in csv_table(PLAIN)


@pytest.mark.parametrize("name", NASTY)
def test_no_name_adds_a_row_or_breaks_a_file(name: str) -> None:
    answered = chart(row(1, name, name), row(2, "Title"))
    read = etree.fromstring(xspf(answered).encode())
    XSPF_SCHEMA.assertValid(read)
    assert len(read.findall(".//{*}track")) == 2
    JSPF_SCHEMA.validate(json.loads(jspf(answered)))
    assert len(m3u8(answered).splitlines()) == 6
    assert [one.uri for one in m3u8_reader.loads(m3u8(answered)).segments] == [
        "https://one.example/1",
        "https://one.example/2",
    ]
    assert len(text_lines(answered).splitlines()) == 2


@settings(max_examples=30)
@given(st.text(), st.text())
def test_any_name_makes_valid_files(title: str, artist: str) -> None:
    answered = chart(row(1, title, artist))
    XSPF_SCHEMA.assertValid(etree.fromstring(xspf(answered).encode()))
    JSPF_SCHEMA.validate(json.loads(jspf(answered)))
    assert len(m3u8(answered).splitlines()) == 4
    assert len(list(csv.reader(io.StringIO(csv_table(answered))))) == 2


def test_a_chart_without_rows_makes_valid_files() -> None:
    XSPF_SCHEMA.assertValid(etree.fromstring(xspf(chart()).encode()))
    JSPF_SCHEMA.validate(json.loads(jspf(chart())))
    assert m3u8_reader.loads(m3u8(chart())).segments == []
    assert csv_table(chart()).count("\r\n") == 1
    assert text_lines(chart()) == ""


def test_every_format_has_a_media_type_and_a_file_name() -> None:
    assert [file_name(PLAIN, ending) for ending in FORMATS] == [
        f"tunemeld-pop-2026-03-02.{ending}" for ending in ("jspf", "xspf", "m3u8", "csv", "txt")
    ]


def test_a_withheld_source_of_counts_has_no_columns() -> None:
    chart = GenreChart.model_construct(
        genre="pop", name="Pop", date="2026-03-02", lists={}, coverage={"Spotify": 1.0}, tracks=[]
    )
    (head,) = csv.reader(io.StringIO(csv_table(exported_chart(chart, None)).removeprefix(BYTE_ORDER_MARK)))
    assert {name for name in head if name.startswith(("total_", "gain_"))} == {"total_Spotify", "gain_7d_Spotify"}
