"""What a service is: its addresses, and what its lists weigh."""

from dataclasses import replace

import pytest

from tunemeld_pipeline.charts.services import Colours, ListKind, Player, Service, last_part

WAVELET = Service("Wavelet", "wavelet", "Wavelet FM", "WV", 25, ("wavelet.example",), Colours("#333333", "#dddddd"))


@pytest.mark.parametrize(
    ("address", "part"),
    [
        ("https://wavelet.example/playlist/abc?si=x", "abc"),
        ("https://wavelet.example/playlist/abc/", "abc"),
        ("https://wavelet.example/playlist/abc//#top", "abc"),
        ("https://wavelet.example/playlist/XXabcXX", "XXabcXX"),
        ("https://wavelet.example/ abc ", " abc "),
        ("https://wavelet.example", ""),
    ],
)
def test_the_last_part_of_an_address_is_an_id(address: str, part: str) -> None:
    assert last_part(address) == part


def test_a_list_of_editors_weighs_what_the_service_says_unless_the_operator_says_otherwise() -> None:
    service = replace(WAVELET, weight=0.5)
    assert service.weighing(None) == 0.5
    assert service.weighing(2.0) == 2.0
    assert service.weighing(0.0) == 0.0
    assert WAVELET.weighing(None) == 1.0


def test_a_chart_of_listeners_never_weighs_anything() -> None:
    charts = replace(WAVELET, kind=ListKind.CHART, weight=0.5)
    assert (charts.weighing(None), charts.weighing(2.0)) == (0.0, 0.0)


def test_the_origin_of_a_player_is_its_scheme_and_host() -> None:
    assert Player("x", "https://play.wavelet.example/embed/{1}?a=b").origin == "https://play.wavelet.example"
