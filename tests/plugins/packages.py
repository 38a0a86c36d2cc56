"""Packages that are not ours, as pip leaves them: a module, and its entry point."""

from pathlib import Path

WAVELET = """
from tunemeld_pipeline.charts.services import Colours, Service
from tunemeld_pipeline.plugins.contract import Bucket, Host, Setting, SettingKind, Source

SERVICE = Service("Wavelet", "wavelet", "Wavelet FM", "WV", 25, ("wavelet.example",), Colours("#333333", "#dddddd"))
SETTINGS = (Setting("WAVELET_TOKEN", "A token.", SettingKind.SECRET, obtain="ask at wavelet.example"),)
HOST = Host("wavelet", "https://api.wavelet.example", 2)
SOURCES = (
    Source(
        "wavelet.api",
        lambda pages, body: None,
        "wavelet_service:Client",
        needs=("WAVELET_TOKEN",),
        hosts=(HOST,),
        budgets=(Bucket("wavelet", "Wavelet FM", 50, "Requests per day to Wavelet FM."),),
    ),
)
"""


def install_package(folder: Path, code: str, key: str = "Wavelet") -> None:
    """Puts a package with this code, which brings the service of this key, where `folder` is on Python's path."""
    module = f"{key.lower()}_service"
    (folder / f"{module}.py").write_text(code, "utf-8")
    information = folder / f"{module}-1.dist-info"
    information.mkdir()
    (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {module}\nVersion: 1\n", "utf-8")
    (information / "entry_points.txt").write_text(f"[tunemeld.services]\n{key} = {module}\n", "utf-8")
