"""`tunemeld config`: values with their origins, secrets hidden, and all problems at once."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Command, run_tunemeld

CANARY = "canary-3f9d2c"


def test_it_shows_every_value_with_its_origin(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("ETL_BATCH_SIZE=77\nLOG_LEVEL=INFO\n")
    shown = run_tunemeld("config", "show", folder=tmp_path, LOG_LEVEL="ERROR")
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in shown.stdout.splitlines()}
    assert lines["ETL_BATCH_SIZE"] == "77  [environment file]"
    assert lines["LOG_LEVEL"] == "ERROR  [variable]"
    assert lines["ETL_THREAD_COUNT"] == "2  [default]"
    assert lines["RAPIDAPI_KEY"] == "(not set)  [default]"


def test_no_secret_is_shown(tmp_path: Path) -> None:
    variables = {
        "MONGODB_URL": f"mongodb://user:{CANARY}@localhost",
        "RAPIDAPI_KEY": CANARY,
        "YOUTUBE_API_KEY": CANARY,
        "DJANGO_SECRET_KEY": CANARY,
    }
    for options in ([], ["--json"]):
        shown = run_tunemeld("config", "show", *options, folder=tmp_path, **variables)
        assert shown.returncode == 0
        assert "(hidden)" in shown.stdout
        assert CANARY not in shown.stdout + shown.stderr


def test_json_is_for_programs(tmp_path: Path) -> None:
    shown = run_tunemeld("config", "show", "--json", folder=tmp_path, DJANGO_ALLOWED_HOSTS="a.example,b.example")
    printed = json.loads(shown.stdout)
    assert printed["DJANGO_ALLOWED_HOSTS"] == {"value": ["a.example", "b.example"], "origin": "variable"}
    assert printed["TUNEMELD_ENV"] == {"value": "development", "origin": "default"}


def test_the_global_options_hold_here_too(tmp_path: Path) -> None:
    printed = json.loads(run_tunemeld("--json", "--log-level", "error", "config", "show", folder=tmp_path).stdout)
    assert printed["LOG_LEVEL"] == {"value": "ERROR", "origin": "option"}


@pytest.mark.parametrize("before", [True, False], ids=["tunemeld --env", "config show --env"])
def test_it_shows_another_environments_defaults(tmp_path: Path, before: bool) -> None:
    of = ["--env", "testing"]
    arguments = [*of, "config", "show", "--json"] if before else ["config", "show", "--json", *of]
    printed = json.loads(run_tunemeld(*arguments, folder=tmp_path).stdout)
    assert (printed["ETL_BATCH_SIZE"]["value"], printed["TUNEMELD_ENV"]["value"]) == (5, "testing")


def test_what_cannot_be_used_is_told_and_the_rest_shown(tmp_path: Path) -> None:
    broken = {"TUNEMELD_ENV": "qa", "LOG_LEVEL": "ERROR"}
    shown = run_tunemeld("config", "show", folder=tmp_path, **broken)
    assert shown.returncode == 2
    assert shown.stderr == "error: TUNEMELD_ENV: must be one of: development, testing, production\n"
    lines = {line.split()[0]: line.split(maxsplit=1)[1] for line in shown.stdout.splitlines()}
    assert lines["LOG_LEVEL"] == "ERROR  [variable]"
    assert lines["TUNEMELD_ENV"] == "(cannot be used)  [refused]"
    malformed = run_tunemeld("config", "show", "--json", folder=tmp_path, ETL_BATCH_SIZE="many")
    assert json.loads(malformed.stdout)["ETL_BATCH_SIZE"] == {"value": None, "origin": "refused"}


def test_a_usable_development_is_ok(tmp_path: Path) -> None:
    checked = run_tunemeld("config", "validate", folder=tmp_path)
    assert (checked.returncode, checked.stdout) == (0, "OK: development, sandbox data, no .env\n")


def test_every_problem_is_told_at_once_without_a_value(tmp_path: Path) -> None:
    checked = run_tunemeld(
        "config", "validate", "--env", "production", folder=tmp_path, LOG_LEVEL=CANARY, SPOTIFY_CLIENT_ID=CANARY
    )
    assert (checked.returncode, checked.stdout) == (2, "")
    problems = {line.split(": ")[1] for line in checked.stderr.splitlines()}
    assert {"LOG_LEVEL", "SPOTIFY_CLIENT_SECRET", "MONGODB_URL", "DJANGO_SECRET_KEY"} <= problems
    assert len(checked.stderr.splitlines()) == len(problems)
    assert CANARY not in checked.stderr


def test_problems_are_data_where_wanted(tmp_path: Path) -> None:
    fine = run_tunemeld("config", "validate", "--json", folder=tmp_path)
    printed = json.loads(fine.stdout)
    assert (fine.returncode, printed["usable"], printed["problems"]) == (0, True, {})
    assert isinstance(printed["readable_by_others"], list)
    checked = run_tunemeld("--json", "config", "validate", folder=tmp_path, LOG_LEVEL="LOUD")
    assert checked.returncode == 2
    assert "must be one of" in json.loads(checked.stdout)["problems"]["LOG_LEVEL"]


def test_what_people_are_warned_of_is_data_too(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(f"RAPIDAPI_KEY={CANARY}\nLOG_LEVLE=INFO\n")
    (tmp_path / ".env").chmod(0o644)
    checked = run_tunemeld("config", "validate", "--json", folder=tmp_path, TUNEMELD_HOME=str(tmp_path / "home"))
    printed = json.loads(checked.stdout)
    assert printed["readable_by_others"] == [str(tmp_path / ".env")]
    others, unknown = printed["warnings"]
    assert "others on this machine can read it" in others
    assert "unknown name LOG_LEVLE; did you mean LOG_LEVEL?" in unknown
    assert CANARY not in checked.stdout


def test_an_environment_file_that_is_not_there_is_wrong_usage(tmp_path: Path) -> None:
    checked = run_tunemeld("--env-file", "no.env", "config", "validate", folder=tmp_path)
    assert checked.returncode == 2
    assert "there is no such environment file" in checked.stderr
    assert "Traceback" not in checked.stderr


def test_an_address_for_alarms_that_cannot_be_used_is_named_without_its_secrets(tunemeld: Command) -> None:
    checked = tunemeld("config", "validate", ALARM_URLS="json://127.0.0.1/canary-1 nosuchservice://canary-2")
    assert checked.returncode == 2
    assert "ALARM_URLS: address 2 (nosuchservice) is not an address that apprise can read" in checked.stderr
    assert "canary" not in checked.stdout + checked.stderr
    refused = tunemeld("config", "validate", ALARM_URLS="jsons://127.0.0.1/canary-1?verify=no")
    assert "ALARM_URLS: number 1 says verify=no" in refused.stderr


def test_a_file_that_a_setting_names_and_that_cannot_be_used_is_a_problem(tmp_path: Path) -> None:
    (tmp_path / "cat.toml").write_text('[genres.polka]\ndisplay_name = "Polka"\n')
    broken = {"TUNEMELD_CATALOG": "cat.toml", "MATCH_OVERRIDES": "/nope"}
    checked = run_tunemeld("config", "validate", folder=tmp_path, **broken)
    assert (checked.returncode, checked.stdout) == (2, "")
    catalogue, overrides = checked.stderr.splitlines()
    assert catalogue.startswith("error: TUNEMELD_CATALOG: ")
    assert "genres.polka: names no service" in catalogue
    assert overrides.startswith("error: MATCH_OVERRIDES: /nope: cannot be read")


def test_what_depends_on_an_environment_that_nobody_knows_is_not_shown_as_development_has_it(tmp_path: Path) -> None:
    shown = run_tunemeld("config", "show", folder=tmp_path, TUNEMELD_ENV="prodution")
    assert shown.returncode == 2
    (debug,) = [line for line in shown.stdout.splitlines() if line.startswith("DEBUG ")]
    assert debug.split(maxsplit=1)[1] == "(depends on TUNEMELD_ENV)  [default]"
    assert "did you mean production?" in shown.stderr
