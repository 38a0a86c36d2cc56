"""Where Dagster's UI runs for a home."""

import os
from pathlib import Path

from tunemeld_pipeline.local.ui import forget_ui, note_ui, running_ui
from tunemeld_pipeline.settings.settings import Settings

URL = "http://127.0.0.1:3000"


def test_what_was_noted_is_found_until_it_is_taken_back(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert running_ui(settings) is None
    note_ui(tmp_path, URL, os.getpid(), daily_refresh=True)
    found = running_ui(settings)
    assert found is not None
    assert (found.url, found.pid, found.daily_refresh) == (URL, os.getpid(), True)
    forget_ui(tmp_path, os.getpid() + 1)
    assert running_ui(settings) == found
    forget_ui(tmp_path, os.getpid())
    assert running_ui(settings) is None


def test_one_whose_process_is_gone_or_another_by_now_is_none(tmp_path: Path) -> None:
    note_ui(tmp_path, URL, os.getpid(), daily_refresh=False)
    record = tmp_path / "ui.json"
    record.write_text(record.read_text().replace('"started": "', '"started": "an earlier one/'))
    assert running_ui(Settings(home=tmp_path)) is None


def test_a_damaged_record_is_none(tmp_path: Path) -> None:
    for text in ("", "{", '{"url": "x"}', '{"url": "x", "pid": "y", "started": "z"}', "[]"):
        (tmp_path / "ui.json").write_text(text)
        assert running_ui(Settings(home=tmp_path)) is None
