"""From the older system's environment files to the new one: untidy files are read, nothing is lost, no value is shown."""

import json
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli.conftest import run_tunemeld
from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.older_system.environment import OLD_NAMES, Migration, OldValue, migrate, rendered, write
from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.fields import Origin
from tunemeld_pipeline.settings.settings import SETTING_NAMES
from tunemeld_pipeline.settings.sources import load_settings

CANARY = "canary-91c4e7"
COMPLETE = f"""\
MONGO_URI=mongodb+srv://user:{CANARY}@cluster.example/charts?retryWrites=true
X_RAPIDAPI_KEY={CANARY}a
GOOGLE_API_KEY={CANARY}b
SPOTIFY_CLIENT_ID={CANARY}c
SPOTIFY_CLIENT_SECRET={CANARY}d
CF_ACCOUNT_ID={CANARY}e
CF_NAMESPACE_ID={CANARY}f
CF_API_TOKEN={CANARY}g
SECRET_KEY={CANARY}hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh
ALLOWED_HOSTS=tunemeld.example,api.tunemeld.example
"""
UNTIDY = f"""\
\ufeff# the old backend\r
export X_RAPIDAPI_KEY = "{CANARY}"  # our key\r
\r
 MONGO_DB_NAME='music_charts'\r
GOOGLE_API_KEY={CANARY}1\r
GOOGLE_API_KEY={CANARY}2\r
SECRET_KEY=changeme\r
SPOTIFY_CLIENT_ID=\r
GOOGLE_API_KEI=x\r
this is no assignment {CANARY}\r
CF_API_TOKEN=${{OTHER}}\r
ALLOWED_HOSTS=['https://tunemeld.example:443/', 'api.tunemeld.example']\r
"""


def file(folder: Path, text: str, name: str = "old.env") -> Path:
    """A file with this text, byte for byte."""
    path = folder / name
    path.write_bytes(text.encode())
    return path


def read(path: Path) -> dict[str, str]:
    """What the settings read of the file, as text, without what is not in it."""
    settings = load_settings(env_file=path, environment="production")
    dumped = {
        name: getattr(settings, name)
        for name in SETTING_NAMES
        if settings.provenance.origin(name) is Origin.ENVIRONMENT_FILE
    }
    plain = {
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value
        for name, value in dumped.items()
    }
    return {
        variable_name(name): ",".join(value) if isinstance(value, tuple) else str(value)
        for name, value in plain.items()
    }


def test_every_old_name_becomes_its_new_one(tmp_path: Path) -> None:
    migration = migrate([file(tmp_path, COMPLETE)], {}, environment="production")
    assert write(migration, tmp_path / ".env") is None
    old = dict(line.split("=", 1) for line in COMPLETE.splitlines())
    assert read(tmp_path / ".env") == {
        "MONGODB_DATABASE": "charts",
        **{OLD_NAMES[name]: value for name, value in old.items()},
    }
    assert (migration.conflicts, migration.unknown, migration.left_out, migration.missing) == ([], [], [], [])


def test_an_untidy_file_is_read_and_each_trouble_reported_with_its_line(tmp_path: Path) -> None:
    old = file(tmp_path, UNTIDY)
    migration = migrate([old], {}, environment="production")
    assert {new: one.value for new, one in migration.values.items()} == {
        "TUNEMELD_ENV": "production",
        "RAPIDAPI_KEY": CANARY,
        "MONGODB_DATABASE": "music_charts",
        "YOUTUBE_API_KEY": f"{CANARY}2",
        "DJANGO_ALLOWED_HOSTS": "tunemeld.example,api.tunemeld.example",
    }
    assert migration.conflicts == [f"GOOGLE_API_KEY is in {old} more than once; the last one counts ({old}, line 6)"]
    assert migration.unknown == [
        f"{old}, line 10: not NAME=value",
        f"{old}, line 9: GOOGLE_API_KEI; did you mean GOOGLE_API_KEY?",
    ]
    assert migration.left_out == [
        f"{old}, line 7: SECRET_KEY holds a placeholder",
        f"{old}, line 11: CF_API_TOKEN refers to another variable; write the value itself",
    ]
    missing = {sentence.split(":")[0] for sentence in migration.missing}
    assert missing == {"MONGODB_URL", "DJANGO_SECRET_KEY"}


def test_of_two_files_the_first_counts_and_a_variable_comes_last(tmp_path: Path) -> None:
    first = file(tmp_path, "GOOGLE_API_KEY=one\n", "first.env")
    second = file(tmp_path, "GOOGLE_API_KEY=two\nX_RAPIDAPI_KEY=three\n", "second.env")
    migration = migrate([first, second], {"X_RAPIDAPI_KEY": "four", "SECRET_KEY": CANARY * 3, "PATH": "/bin"})
    assert {new: one.value for new, one in migration.values.items()} == {
        "YOUTUBE_API_KEY": "one",
        "RAPIDAPI_KEY": "three",
        "DJANGO_SECRET_KEY": CANARY * 3,
    }
    printed = "\n".join(migration.conflicts)
    assert "YOUTUBE_API_KEY" in printed
    assert "RAPIDAPI_KEY" in printed
    assert "/bin" not in rendered(migration)


def test_a_database_that_is_named_beats_the_one_in_the_address(tmp_path: Path) -> None:
    old = file(tmp_path, "MONGO_URI=mongodb://db.example/other\nMONGO_DB_NAME=charts\n")
    migration = migrate([old], {})
    assert migration.values["MONGODB_DATABASE"].value == "charts"
    assert migration.values["MONGODB_URL"].value == "mongodb://db.example/other"
    assert ["MONGODB_DATABASE" in sentence for sentence in migration.conflicts] == [True]


def test_what_no_setting_would_take_is_left_out_and_told(tmp_path: Path) -> None:
    old = file(
        tmp_path, f"MONGO_URI=postgres://u:{CANARY}@db\nMONGO_DB_NAME=admin\nCF_ACCOUNT_ID=a\nSECRET_KEY=short\n"
    )
    migration = migrate([old], {}, environment="production")
    assert "MONGODB_URL" not in migration.values
    assert "MONGODB_DATABASE" not in migration.values
    assert [sentence.split(": ")[1] for sentence in migration.left_out] == ["MONGO_URI", "MONGO_DB_NAME"]
    missing = {"CLOUDFLARE_API_TOKEN", "CLOUDFLARE_NAMESPACE_ID", "DJANGO_SECRET_KEY"}
    assert missing <= {one.split(":")[0] for one in migration.missing}
    assert CANARY not in "".join(migration.left_out)


def test_an_address_that_is_left_out_names_no_database(tmp_path: Path) -> None:
    migration = migrate([file(tmp_path, "MONGO_URI=x\nLOG_LEVEL=INFO\n")], {})
    assert set(migration.values) == {"LOG_LEVEL"}
    (sentence,) = migration.left_out
    assert ": MONGO_URI: " in sentence


def test_values_are_judged_as_the_environment_judges_them_that_the_new_file_means(tmp_path: Path) -> None:
    old = file(tmp_path, "DEBUG=True\nLOG_LEVEL=INFO\n")
    unnamed = migrate([old], {})
    assert (unnamed.environment, set(unnamed.values), unnamed.left_out) == ("development", {"DEBUG", "LOG_LEVEL"}, [])
    named = migrate([old], {}, environment="production")
    assert (named.environment, set(named.values)) == ("production", {"LOG_LEVEL", "TUNEMELD_ENV"})
    assert named.left_out == [f"{old}, line 1: DEBUG: is refused in production; set it to false"]


def test_an_environment_that_there_is_not_is_refused_on_the_command_line_and_left_out_of_a_file(tmp_path: Path) -> None:
    old = file(tmp_path, "TUNEMELD_ENV=staging\nLOG_LEVEL=INFO\n")
    migration = migrate([old], {})
    assert (migration.environment, set(migration.values)) == ("development", {"LOG_LEVEL"})
    assert migration.left_out == [
        f"{old}, line 1: TUNEMELD_ENV: must be one of: development, testing, production; did you mean testing?"
    ]

    run = run_tunemeld("config", "migrate-env", old, "--env", "nonsense", "--write", "n.env", folder=tmp_path)
    assert (run.returncode, run.stdout) == (2, "")
    assert "--env nonsense: must be one of: development, testing, production" in run.stderr
    assert not (tmp_path / "n.env").exists()


@given(
    value=st.text(st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp")), min_size=1).map(str.strip).filter(bool)
)
def test_any_value_is_read_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, value: str) -> None:
    migration = Migration("production", {"RAPIDAPI_KEY": OldValue("X_RAPIDAPI_KEY", value, "old.env, line 1")})
    path = file(tmp_path_factory.mktemp("any"), rendered(migration), ".env")
    assert migrate([path], {}).values.get("RAPIDAPI_KEY", OldValue("", value, "")).value == value
    settings = load_settings(env_file=path, environment="development")
    assert settings.rapidapi_key is not None
    assert settings.rapidapi_key.get_secret_value() == value


def test_each_old_file_is_kept_when_the_migration_is_repeated(tmp_path: Path) -> None:
    target = file(tmp_path, "LOG_LEVEL=ERROR\nYOUTUBE_API_KEY=mine\n", ".env")
    first_copy = file(tmp_path, "an earlier one", ".env.bak")
    old = file(tmp_path, COMPLETE)
    before = old.read_bytes()

    migration = migrate([old], {}, environment="production", existing=target)
    kept = write(migration, target)

    assert kept == tmp_path / ".env.bak.1"
    assert kept.read_text() == "LOG_LEVEL=ERROR\nYOUTUBE_API_KEY=mine\n"
    assert first_copy.read_text() == "an earlier one"
    assert old.read_bytes() == before
    assert (read(target)["LOG_LEVEL"], read(target)["YOUTUBE_API_KEY"]) == ("ERROR", "mine")
    assert ["YOUTUBE_API_KEY" in sentence for sentence in migration.conflicts] == [True]
    assert [stat.S_IMODE(path.stat().st_mode) for path in (target, kept)] == [0o600, 0o600]

    again = migrate([old], {}, environment="production", existing=target)
    assert write(again, target) is None
    assert {path.name for path in tmp_path.iterdir()} == {".env", ".env.bak", ".env.bak.1", "old.env"}


def test_the_old_file_may_be_the_new_one(tmp_path: Path) -> None:
    target = file(tmp_path, COMPLETE, ".env")
    kept = write(migrate([target], {}, environment="production", existing=target), target)
    assert kept is not None
    assert kept.read_text() == COMPLETE
    assert read(target)["RAPIDAPI_KEY"] == f"{CANARY}a"


def test_nothing_to_migrate_and_files_that_cannot_be_read_say_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none of the files and variables holds a value"):
        migrate([file(tmp_path, "# nothing\n")], {})
    with pytest.raises(SettingsError, match=r"no\.env: there is no such file"):
        migrate([tmp_path / "no.env"], {})
    (tmp_path / "utf16.env").write_bytes("SECRET_KEY=x".encode("utf-16"))
    with pytest.raises(SettingsError, match="is not UTF-8 text"):
        migrate([tmp_path / "utf16.env"], {})
    with pytest.raises(SettingsError, match="cannot be written"):
        write(migrate([file(tmp_path, COMPLETE)], {}), tmp_path / "no" / ".env")


def test_the_command_reports_everything_and_no_value(tmp_path: Path) -> None:
    old, more = file(tmp_path, UNTIDY), file(tmp_path, COMPLETE, "more.env")
    plan = run_tunemeld("config", "migrate-env", old, more, folder=tmp_path)
    assert plan.returncode == 3
    assert "nothing was written; --write .env does" in plan.stdout
    assert not (tmp_path / ".env").exists()

    done = run_tunemeld("config", "migrate-env", old, more, "--write", ".env", "--env", "production", folder=tmp_path)
    assert done.returncode == 3
    for heading in ("conflict: YOUTUBE_API_KEY", "unknown: ", "left out: ", "note: Cloudflare's cache is used once"):
        assert heading in done.stderr
    data = run_tunemeld("config", "migrate-env", old, "--json", folder=tmp_path, CF_ACCOUNT_ID=CANARY)
    assert json.loads(data.stdout)["settings"]["RAPIDAPI_KEY"]["from"] == "X_RAPIDAPI_KEY"
    for shown in (plan, done, data):
        assert CANARY not in shown.stdout + shown.stderr
    assert run_tunemeld("config", "validate", folder=tmp_path).returncode == 0
