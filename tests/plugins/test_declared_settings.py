"""The settings that a package of somebody else declares: they are in the one settings object, shown, judged and hidden like ours."""

import json
from pathlib import Path

from tests.cli.conftest import run_tunemeld
from tests.plugins.packages import WAVELET, install_package

SECRET = "wv-5be1f0c2a7"


def test_a_packages_settings_are_shown_with_their_origin_and_its_secret_is_hidden(tmp_path: Path) -> None:
    install_package(tmp_path, WAVELET)
    (tmp_path / ".env").write_text(f"WAVELET_TOKEN={SECRET}\nWAVELET_RATE_LIMIT=3\n")
    (tmp_path / ".env").chmod(0o600)

    run = run_tunemeld("config", "show", "--json", folder=tmp_path, PYTHONPATH=str(tmp_path), WAVELET_WEIGHT="0.5")

    assert (run.returncode, run.stderr) == (0, "")
    assert SECRET not in run.stdout
    shown = {name: one for name, one in json.loads(run.stdout).items() if "WAVELET" in name}
    assert shown == {
        "WAVELET_TOKEN": {"value": "(hidden)", "origin": "environment file"},
        "WAVELET_WEIGHT": {"value": 0.5, "origin": "variable"},
        "TUNEMELD_WAVELET_SOURCES": {"value": [], "origin": "default"},
        "WAVELET_RATE_LIMIT": {"value": 3, "origin": "environment file"},
        "WAVELET_DAILY_BUDGET": {"value": 50, "origin": "default"},
        "WAVELET_BASE_URL": {"value": "https://api.wavelet.example", "origin": "default"},
    }


def test_validation_judges_a_packages_settings_and_names_what_is_left_out_or_not_configured(tmp_path: Path) -> None:
    install_package(tmp_path, WAVELET)
    install_package(tmp_path, "raise RuntimeError('no such luck')", key="Ripple")
    catalogue = tmp_path / "catalog.toml"
    catalogue.write_text('[genres.pop]\ndisplay_name = "Pop"\nWavelet = "https://wavelet.example/1"\n')
    variables = {"PYTHONPATH": str(tmp_path), "TUNEMELD_CATALOG": str(catalogue), "TUNEMELD_UPSTREAMS": "live"}

    bare = run_tunemeld("config", "validate", "--json", folder=tmp_path, **variables)
    found = json.loads(bare.stdout)
    assert bare.returncode == 2
    assert found["problems"] == {
        "WAVELET_TOKEN": "is required to read live data; ask at wavelet.example, or set TUNEMELD_UPSTREAMS=sandbox to do without"
    }
    assert found["not_configured"] == {
        "Wavelet FM": "WAVELET_TOKEN is not set",
        "Spotify counts": "RAPIDAPI_KEY is not set",
        "YouTube counts": "YOUTUBE_API_KEY is not set",
    }
    assert "no such luck" in found["left_out"]["Ripple"]

    keyed = run_tunemeld("config", "validate", folder=tmp_path, WAVELET_TOKEN=SECRET, **variables)
    assert keyed.returncode == 0
    assert "YouTube counts: not configured (YOUTUBE_API_KEY is not set)" in keyed.stdout
    assert "Wavelet FM" not in keyed.stdout
    assert "warning: the service Ripple (ripple_service) cannot be loaded: no such luck" in keyed.stderr


def test_a_package_that_takes_the_name_of_one_of_our_settings_is_left_out(tmp_path: Path) -> None:
    log = (
        WAVELET.replace('"wavelet"', '"log"')
        .replace('"wavelet.api"', '"log.api"')
        .replace("WAVELET_TOKEN", "LOG_LEVEL")
    )
    install_package(tmp_path, log)

    run = run_tunemeld("config", "validate", "--json", folder=tmp_path, PYTHONPATH=str(tmp_path))

    found = json.loads(run.stdout)
    assert found["problems"] == {}
    assert "its setting LOG_LEVEL is one of TuneMeld's own" in found["left_out"]["Wavelet"]
