"""The share image: its format, its content, and titles in any script."""

import io
import logging
from datetime import date

import pytest
from PIL import Image, ImageChops

from django_backend import fonts
from django_backend.share_image import HEIGHT, WIDTH, share_image
from django_backend.shown_chart import ShownChart, ShownRow
from tunemeld_pipeline.plugins.registry import load_catalog

DANCE = load_catalog().genres["dance"]
DAY = date(2026, 11, 24)
JAPANESE = "夜に駆ける"


def row(rank: int, title: str = "Song", artist: str = "Singer", **positions: int) -> ShownRow:
    return ShownRow(rank, f"QZZ9926{rank:05d}", title, artist, None, positions or {"Spotify": rank})


def drawn(*rows: ShownRow) -> Image.Image:
    return Image.open(io.BytesIO(share_image(ShownChart(DANCE, DAY, False, rows), "24 November 2026"))).convert("RGB")


def differing(one: Image.Image, other: Image.Image) -> tuple[int, int, int, int] | None:
    return ImageChops.difference(one, other).getbbox()


@pytest.fixture
def only_pillows_font(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine without any fonts."""
    caches = (fonts._system_fonts, fonts._font_file, fonts._has, fonts._code_points, fonts._complain)
    monkeypatch.setattr(fonts, "FOLDERS", ())
    for one in caches:
        one.cache_clear()
    yield
    monkeypatch.undo()
    for one in caches:
        one.cache_clear()


def test_it_works() -> None:
    picture = drawn(*(row(rank) for rank in range(1, 7)))
    assert picture.size == (WIDTH, HEIGHT)
    # Only the first five rows are shown; for the sixth, the image says that there is one more.
    assert differing(picture, drawn(*(row(rank) for rank in range(1, 7)))) is None
    changed = differing(picture, drawn(*(row(rank) for rank in range(1, 6)), row(6, "Another")))
    assert changed is None
    assert differing(picture, drawn(row(1, "Another"), *(row(rank) for rank in range(2, 7)))) is not None


def test_a_long_title_leaves_room_for_the_artist_and_the_positions() -> None:
    long = drawn(row(1, "An endless title " * 20, "Somebody"))
    longer = drawn(row(1, "An endless title " * 40, "Somebody"))
    assert differing(long, longer) is None
    left, _, right, _ = differing(long, drawn(row(1, "An endless title " * 20, "Sombebody"))) or (0, 0, WIDTH, 0)
    assert 400 < left < right < 832


def test_one_service_alone_has_one_column_and_is_called_no_consensus() -> None:
    chart = ShownChart(DANCE, DAY, False, [row(1, AppleMusic=1)], "AppleMusic", ["AppleMusic"])
    alone = Image.open(io.BytesIO(share_image(chart, "24 November 2026"))).convert("RGB")
    assert chart.claim() == "Apple Music’s list alone, no consensus"
    assert chart.services == ["AppleMusic"]
    left, top, right, _ = differing(alone, drawn(row(1, AppleMusic=1))) or (0, 0, 0, 0)
    assert (left, top, right) == (0, 0, WIDTH)  # from the stripe of all services to the last column


def test_an_empty_chart_says_so() -> None:
    assert differing(drawn(), drawn(row(1))) is not None


def test_letters_of_other_alphabets_are_drawn_where_a_font_has_them() -> None:
    text = "Полёт"
    pieces = fonts.runs(text, 30)
    if not pieces:
        pytest.skip("this machine has no font with Cyrillic")
    assert "".join(piece for piece, _ in pieces) == text


@pytest.mark.usefixtures("only_pillows_font")
def test_what_no_font_has_is_never_a_box(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert fonts.runs(JAPANESE, 30) == []
        assert fonts.runs("\U0001f600", 30) == []
    assert "fonts-noto-cjk" in caplog.text

    def shown(text: str) -> str:
        return "".join(piece for piece, _ in fonts.runs(text, 30))

    assert shown("Beyoncé & Øst ő ß") == "Beyonce & Ost o ss"
    assert shown(f"{JAPANESE} (Remix)") == "… (Remix)"
    assert shown("ḟoo\u200b\u0000bar") == "foobar"
    # If no font has the title's script, only the artist is shown.
    assert differing(drawn(row(1, JAPANESE, "Yoasobi")), drawn(row(1, "Yoasobi", ""))) is None


@pytest.mark.usefixtures("only_pillows_font")
def test_nothing_that_can_be_drawn_is_a_picture_all_the_same() -> None:
    assert drawn(row(1, JAPANESE, JAPANESE)).size == (WIDTH, HEIGHT)
