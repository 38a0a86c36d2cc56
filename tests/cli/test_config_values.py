"""`tunemeld config get` and `config set`: one setting, judged with all others and written into the `.env` that is read."""

from pathlib import Path

import pytest

from tests.cli.conftest import run_tunemeld
from tunemeld_pipeline.settings.env_file import write_setting
from tunemeld_pipeline.settings.sources import EnvFile


def test_a_value_is_written_where_it_is_read_and_all_other_lines_stay(tmp_path: Path) -> None:
    env_file = tmp_path / ".env"
    env_file.write_text("# mine\nLOG_LEVEL=DEBUG\n\nAPP_NAME='My charts'\n")
    done = run_tunemeld("config", "set", "log_level", "INFO", folder=tmp_path)
    assert (done.returncode, done.stdout) == (0, f"{env_file}: LOG_LEVEL is set\n")
    assert env_file.read_text() == "# mine\nLOG_LEVEL=INFO\n\nAPP_NAME='My charts'\n"
    assert run_tunemeld("config", "get", "LOG_LEVEL", folder=tmp_path).stdout == "INFO\n"
    assert run_tunemeld("config", "set", "LOG_LEVEL", "ERROR", "--quiet", folder=tmp_path).stdout == ""


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("ETL_THREAD_COUNT", "9999", "must be at most 500; nothing was written"),
        ("LOG_LEVL", "INFO", "no setting is called LOG_LEVL; did you mean LOG_LEVEL?"),
        ("MONGODB_URL", "mongodb://u:p@ss@h", "%40 for @"),
        ("SPOTIFY_CLIENT_ID", "one", "is needed together with SPOTIFY_CLIENT_ID"),
    ],
)
def test_a_value_that_cannot_be_used_is_refused_and_nothing_is_written(
    tmp_path: Path, key: str, value: str, why: str
) -> None:
    refused = run_tunemeld("config", "set", key, value, folder=tmp_path)
    assert refused.returncode == 2
    assert why in refused.stderr
    assert "next: tunemeld config " in refused.stderr
    assert not (tmp_path / ".env").exists()


def test_a_secret_is_for_the_owner_alone_and_never_shown(tmp_path: Path) -> None:
    assert run_tunemeld("config", "set", "RAPIDAPI_KEY", "hunter2-5be1", folder=tmp_path).returncode == 0
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert run_tunemeld("config", "get", "RAPIDAPI_KEY", folder=tmp_path).stdout == "(hidden)\n"


def test_a_setting_that_a_variable_hides_is_written_with_a_warning(tmp_path: Path) -> None:
    done = run_tunemeld("config", "set", "LOG_LEVEL", "INFO", folder=tmp_path, LOG_LEVEL="ERROR")
    assert "LOG_LEVEL is also a variable of this shell, which counts more" in done.stderr


@pytest.mark.parametrize("value", ["", "plain", "two words", "a#b", "it's", 'say "it"', "a\\b", "$HOME", "ü"])
def test_what_is_written_is_what_is_read(tmp_path: Path, value: str) -> None:
    path = tmp_path / ".env"
    path.write_text("A=1")
    write_setting(path, "APP_NAME", value)
    write_setting(path, "APP_NAME", value)
    assert EnvFile.find(path).variables == {"A": "1", "APP_NAME": value}


def test_a_setting_of_a_wrong_environment_is_not_shown_as_if_it_were_set(tmp_path: Path) -> None:
    shown = run_tunemeld("config", "show", folder=tmp_path, TUNEMELD_ENV="prod")
    assert shown.returncode == 2
    assert shown.stdout.splitlines()[0].split(maxsplit=1)[1] == "(cannot be used)  [refused]"
