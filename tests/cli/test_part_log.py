"""The one log of the supervised parts: JSON where that was chosen, and every line in exactly one file."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from tunemeld_pipeline.cli.part_log import PartLog
from tunemeld_pipeline.logs.files import log_files, log_folder
from tunemeld_pipeline.logs.lines import LEVELS
from tunemeld_pipeline.settings.settings import Settings

OWN = '{"timestamp":"2026-03-02T02:30:00.000Z","level":"info","event":"it runs","logger":"x","process":"api"}'
DAGSTER = '{"event":"Shutting down","level":"warning","logger":"dagster.daemon","timestamp":"2026-03-02 02:30:00"}'


def settings_for(folder: Path, form: str) -> Settings:
    return Settings(environment="testing", home=folder, log_format=form)


def written(settings: Settings) -> list[dict[str, object]]:
    return [json.loads(line) for file in log_files(log_folder(settings)) for line in file.path.read_text().splitlines()]


@pytest.mark.parametrize(
    ("text", "level", "event"),
    [
        ("[WARNING] A worker has ended", "warning", "[WARNING] A worker has ended"),
        ("Started server process [1]", "info", "Started server process [1]"),
        (DAGSTER, "warning", "Shutting down"),
        ("{ half of some JSON", "info", "{ half of some JSON"),
        (OWN, "info", "it runs"),
    ],
)
def test_every_line_is_json_with_its_part(tmp_path: Path, text: str, level: str, event: str) -> None:
    with closing(PartLog(settings_for(tmp_path, "json"), colour=False)) as log:
        shown = json.loads(log("daemon", text) or "")
    assert (shown["part"], shown["level"], shown["event"]) == ("daemon", level, event)
    assert shown["level"] in LEVELS


@pytest.mark.parametrize("form", ["json", "text"])
def test_what_no_other_process_has_written_is_in_the_supervisors_file(tmp_path: Path, form: str) -> None:
    settings = settings_for(tmp_path, form)
    said = "api was ended by SIGKILL; it is started again"
    with closing(PartLog(settings, colour=False)) as log:
        for part, text in (("api", OWN), ("daemon", DAGSTER), ("tunemeld", said)):
            log(part, text)
    lines = written(settings)
    assert [(line["part"], line["event"]) for line in lines] == [
        ("daemon", "Shutting down"),
        ("tunemeld", said),
    ]
    assert {line["process"] for line in lines} == {"supervisor"}


def test_people_get_the_line_without_json(tmp_path: Path) -> None:
    with closing(PartLog(settings_for(tmp_path, "text"), colour=False)) as log:
        assert log("ui", "plain") is None
        shown = log("api", OWN) or ""
    assert "it runs" in shown
    assert "{" not in shown
