"""Settings: where values come from, what each environment refuses, and that no secret is ever shown."""

import copy
import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from tunemeld_pipeline.charts.documents import Ranking, RankingRule
from tunemeld_pipeline.errors import SettingsError
from tunemeld_pipeline.plugins.registry import keys
from tunemeld_pipeline.settings import reference as settings_reference
from tunemeld_pipeline.settings import rules
from tunemeld_pipeline.settings.choices import CacheBackend, Component, Environment, LogFormat, Upstreams, variable_name
from tunemeld_pipeline.settings.fields import Origin
from tunemeld_pipeline.settings.settings import DEFAULTS_BY_ENVIRONMENT, SETTING_NAMES, Settings
from tunemeld_pipeline.settings.sources import load_settings

PASSWORD = "hunter2-in-the-url"
MONGODB_URL = f"mongodb+srv://tunemeld:{PASSWORD}@db.internal/?retryWrites=true"
PRODUCTION: dict[str, Any] = {
    "environment": "production",
    "mongodb_url": MONGODB_URL,
    "rapidapi_key": "0f9e8d7c6b5a",
    "youtube_api_key": "AIza0f9e8d7c",
    "django_secret_key": "q8#v1z^0pl2m$k9w@3n7&c5x!b4j6h_d",
}


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """No variable of ours is set; the working directory is an empty folder next to an empty checkout."""
    for name in SETTING_NAMES:
        monkeypatch.delenv(variable_name(name), raising=False)
    checkout, folder = tmp_path / "checkout", tmp_path / "folder"
    checkout.mkdir()
    folder.mkdir()
    for module in ("fields", "sources"):
        monkeypatch.setattr(f"tunemeld_pipeline.settings.{module}.project_root", lambda: checkout)
    monkeypatch.chdir(folder)
    return tmp_path


def refusal(*args: Any, **kwargs: Any) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(*args, **kwargs)
    return str(caught.value)


def test_with_nothing_set_it_is_development_with_invented_data_on_this_machine(bare_machine: Path) -> None:
    settings = load_settings()

    assert settings.environment is Environment.DEVELOPMENT
    assert settings.upstreams is Upstreams.SANDBOX
    assert settings.mongodb_url is None
    assert settings.database_name == "tunemeld_sandbox"
    assert settings.home == bare_machine / "checkout" / ".tunemeld"
    assert settings.cache is CacheBackend.MEMORY
    assert (settings.debug, settings.log_level, settings.log_format) == (True, "DEBUG", LogFormat.TEXT)
    assert (settings.etl_batch_size, settings.etl_thread_count, settings.etl_retry_attempts) == (10, 2, 3)
    assert {"http://localhost:8000", "http://localhost:8080", "http://localhost:3000"} <= {
        *settings.django_cors_origins
    }
    assert settings.provenance.warnings == ()
    settings.require_pipeline()
    settings.require_django()


def test_production_has_its_own_defaults() -> None:
    settings = Settings(**PRODUCTION)

    assert (settings.upstreams, settings.database_name) == (Upstreams.LIVE, "tunemeld")
    assert (settings.debug, settings.log_level, settings.log_format) == (False, "INFO", LogFormat.JSON)
    assert (settings.etl_batch_size, settings.etl_thread_count, settings.etl_retry_attempts) == (500, 50, 3)
    assert settings.django_cors_origins == ("https://tunemeld.com", "https://www.tunemeld.com")
    assert settings.django_allowed_hosts == ("tunemeld.com", "www.tunemeld.com", "api.tunemeld.com")
    settings.require_pipeline()
    settings.require_django()


def test_testing_has_its_own_defaults() -> None:
    settings = Settings(environment="testing")

    assert (settings.upstreams, settings.mongodb_database) == (Upstreams.SANDBOX, "tunemeld_test")
    assert (settings.debug, settings.log_level) == (True, "DEBUG")
    assert (settings.etl_batch_size, settings.etl_thread_count, settings.etl_retry_attempts) == (5, 1, 1)


def test_every_default_by_environment_belongs_to_a_setting() -> None:
    assert {name for defaults in DEFAULTS_BY_ENVIRONMENT.values() for name in defaults} <= {*SETTING_NAMES}


def test_without_a_checkout_local_data_lives_in_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tunemeld_pipeline.settings.fields.project_root", lambda: None)

    assert load_settings().home == Path.cwd() / ".tunemeld"


def test_the_consensus_is_weighed_as_the_settings_say(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().ranking == Ranking(weights=dict.fromkeys(keys(), 1))
    for name, value in (("RANKING_RULE", "Sum"), ("RANKING_PHI", "0.9"), ("APPLE_MUSIC_WEIGHT", "2")):
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("RANKING_STALE_DISCOUNT", "1")

    assert load_settings().ranking == Ranking(
        rule=RankingRule.SUM,
        phi=0.9,
        weights=dict.fromkeys(keys(), 1) | {"AppleMusic": 2},
        stale_discount=1,
    )


@pytest.mark.parametrize(
    ("field", "value"),
    [("ranking_rule", "votes"), ("ranking_phi", 1), ("spotify_weight", -1), ("ranking_stale_discount", 1.5)],
)
def test_a_consensus_that_cannot_be_weighed_so_is_refused(field: str, value: object) -> None:
    with pytest.raises(SettingsError, match=variable_name(field)):
        load_settings(overrides={field: value})


# Where values come from


def test_an_override_beats_a_variable_which_beats_the_file_which_beats_the_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path(".env").write_text("ETL_BATCH_SIZE=1\nETL_THREAD_COUNT=1\nETL_RETRY_ATTEMPTS=1\n")
    monkeypatch.setenv("ETL_BATCH_SIZE", "2")
    monkeypatch.setenv("ETL_THREAD_COUNT", "2")

    settings = load_settings(overrides={"etl_batch_size": 3, "etl_retry_delay": None})

    assert (settings.etl_batch_size, settings.etl_thread_count, settings.etl_retry_attempts) == (3, 2, 1)
    names = ("etl_batch_size", "etl_thread_count", "etl_retry_attempts", "etl_retry_delay")
    origins = [settings.provenance.origin(name) for name in names]
    assert origins == [Origin.OPTION, Origin.VARIABLE, Origin.ENVIRONMENT_FILE, Origin.DEFAULT]
    assert settings.provenance.env_file == Path.cwd() / ".env"


def test_only_one_env_file_is_read_the_named_one_then_the_working_directory_then_the_checkout(
    bare_machine: Path,
) -> None:
    checkout, folder, named = bare_machine / "checkout/.env", bare_machine / "folder/.env", bare_machine / "staging.env"

    checkout.write_text("APP_NAME=checkout\nETL_BATCH_SIZE=7\n")
    assert (load_settings().app_name, load_settings().etl_batch_size) == ("checkout", 7)
    folder.write_text("APP_NAME=folder\n")
    assert (load_settings().app_name, load_settings().etl_batch_size) == ("folder", 10)
    named.write_text("APP_NAME=named\n")
    assert load_settings(named).app_name == "named"


def test_an_env_file_that_is_named_must_be_there() -> None:
    assert "no-such.env: there is no such environment file" in refusal(Path("no-such.env"))


def test_an_env_file_that_is_not_text_is_refused_by_name() -> None:
    Path(".env").write_bytes(b"APP_NAME=\xff\xfe\n")

    assert ".env: is not UTF-8 text" in refusal()


def test_constructing_settings_reads_neither_variables_nor_a_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APP_NAME", "variable")
    Path(".env").write_text("ETL_BATCH_SIZE=7\n")

    assert Settings().model_dump() == Settings(environment="development").model_dump()
    assert (Settings().app_name, Settings().etl_batch_size) == ("TuneMeld", 10)


def test_the_machine_s_own_home_variable_is_not_ours(monkeypatch: pytest.MonkeyPatch, bare_machine: Path) -> None:
    monkeypatch.setenv("HOME", "/nobody")

    assert load_settings().home == bare_machine / "checkout" / ".tunemeld"


def test_an_empty_value_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URL", "")
    monkeypatch.setenv("ETL_BATCH_SIZE", " ")
    Path(".env").write_text("ETL_BATCH_SIZE=7\nLOG_LEVEL=\n")

    settings = load_settings()

    assert (settings.mongodb_url, settings.etl_batch_size, settings.log_level) == (None, 7, "DEBUG")


def test_values_in_the_file_are_taken_literally() -> None:
    Path(".env").write_text("export RAPIDAPI_KEY='a${HOME}#b'  # a comment\n", "utf-8-sig")

    key = load_settings().rapidapi_key

    assert key is not None
    assert key.get_secret_value() == "a${HOME}#b"


def test_an_unknown_name_in_the_file_is_reported_with_the_nearest_one_and_stops_nothing() -> None:
    Path(".env").write_text("MONGO_URL=mongodb://somewhere\nZQX=1\nAPP_NAME=Mine\nmongodb_database=other\n")

    settings = load_settings()

    assert settings.app_name == "Mine"
    first, second, third = settings.provenance.warnings
    assert first.endswith("unknown name MONGO_URL; did you mean MONGODB_URL?")
    assert second.endswith("unknown name ZQX; no setting has a name like it")
    assert third.endswith("unknown name mongodb_database; did you mean MONGODB_DATABASE?")


def test_a_line_that_is_no_setting_is_reported_by_its_number_without_its_text() -> None:
    Path(".env").write_text("APP_NAME=Mine\nhalf-a-secret\nand 'the other half\n")

    (*warnings,) = load_settings().provenance.warnings

    assert len(warnings) == 2
    assert "line 2: not NAME=value" in warnings[0]
    assert "half" not in "".join(warnings)


def test_unknown_variables_of_the_process_are_nobody_s_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGODB_URI", "mongodb://somewhere")

    assert load_settings().provenance.warnings == ()


# The environment


@pytest.mark.parametrize("spelling", ["production", "Production", "PRODUCTION"])
def test_the_environment_s_name_is_read_in_any_case_of_letters(monkeypatch: pytest.MonkeyPatch, spelling: str) -> None:
    monkeypatch.setenv("TUNEMELD_ENV", spelling)
    monkeypatch.setenv("MONGODB_URL", MONGODB_URL)

    assert load_settings().environment is Environment.PRODUCTION


def test_the_environment_comes_from_the_caller_then_the_process_then_the_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text(f"TUNEMELD_ENV=production\nMONGODB_URL={MONGODB_URL}\n")
    assert load_settings().environment is Environment.PRODUCTION
    monkeypatch.setenv("TUNEMELD_ENV", "development")
    assert load_settings().environment is Environment.DEVELOPMENT
    assert load_settings(environment="testing").environment is Environment.TESTING


def test_another_environment_is_refused_with_the_three_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEMELD_ENV", "staging")

    assert "TUNEMELD_ENV: must be one of: development, testing, production" in refusal()


def test_testing_reads_no_env_file(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_bytes(b"ETL_BATCH_SIZE=7\nMONGODB_DATABASE=tunemeld\nNONSENSE=\xff\n")
    monkeypatch.setenv("TUNEMELD_ENV", "testing")

    settings = load_settings()

    assert (settings.etl_batch_size, settings.mongodb_database) == (5, "tunemeld_test")
    assert settings.provenance.env_file is None


def test_a_file_that_says_testing_says_nothing_else() -> None:
    Path(".env").write_text("TUNEMELD_ENV=testing\nMONGODB_DATABASE=tunemeld\nNONSENSE=1\n")

    settings = load_settings()

    assert (settings.environment, settings.mongodb_database) == (Environment.TESTING, "tunemeld_test")
    assert settings.provenance.origin("environment") is Origin.ENVIRONMENT_FILE
    assert settings.provenance.warnings == ()


# The three worlds and their databases


def test_development_reads_live_data_as_soon_as_both_keys_are_there() -> None:
    keys = {"rapidapi_key": "0f9e8d7c6b5a", "youtube_api_key": "AIza0f9e8d7c"}

    assert load_settings(overrides=keys).upstreams is Upstreams.LIVE
    assert load_settings(overrides=keys | {"upstreams": "sandbox"}).upstreams is Upstreams.SANDBOX
    assert load_settings(overrides={"rapidapi_key": "0f9e8d7c6b5a"}).upstreams is Upstreams.SANDBOX
    assert load_settings(overrides=keys | {"youtube_api_key": "<your key>"}).upstreams is Upstreams.SANDBOX


@pytest.mark.parametrize(
    ("environment", "upstreams", "name"),
    [
        ("development", "live", "tunemeld"),
        ("development", "sandbox", "tunemeld_sandbox"),
        ("development", "replay", "tunemeld_replay"),
        ("testing", "sandbox", "tunemeld_sandbox_test"),
        ("testing", "replay", "tunemeld_replay_test"),
    ],
)
def test_each_world_has_a_database_of_its_own(environment: str, upstreams: str, name: str, tmp_path: Path) -> None:
    settings = Settings(environment=environment, upstreams=upstreams, replay_dir=tmp_path)

    assert settings.database_name == name


def test_replay_needs_a_folder_that_exists(tmp_path: Path) -> None:
    assert "TUNEMELD_REPLAY_DIR: is required by TUNEMELD_UPSTREAMS=replay" in refusal(overrides={"upstreams": "replay"})
    missing = {"upstreams": "replay", "replay_dir": tmp_path / "nowhere"}
    assert "nowhere is not a folder" in refusal(overrides=missing)
    assert load_settings(overrides=missing | {"replay_dir": tmp_path}).replay_dir == tmp_path


def test_testing_refuses_live_upstreams_and_real_databases() -> None:
    message = refusal(environment="testing", overrides={"upstreams": "live", "mongodb_database": "tunemeld"})

    assert "TUNEMELD_UPSTREAMS: live is refused in testing" in message
    assert "MONGODB_DATABASE: must end in _test in testing" in message


@pytest.mark.parametrize("name", ["tunemeld_test", "tunemeld_sandbox", "tunemeld_replay", "admin", "a.b", "a" * 41])
def test_outside_testing_a_database_name_cannot_be_another_world_s(name: str) -> None:
    assert "MONGODB_DATABASE: " in refusal(overrides={"mongodb_database": name})


# What is required, and when


def test_production_says_every_problem_at_once() -> None:
    message = refusal(
        environment="production",
        overrides={
            "debug": True,
            "upstreams": "sandbox",
            "etl_batch_size": "many",
            "log_level": "loud",
            "django_allowed_hosts": "*",
            "django_cors_origins": "https://*.tunemeld.com",
            "spotify_client_secret": "changeme",
        },
        needed_by=[Component.PIPELINE, Component.DJANGO],
    )

    for line in (
        "ETL_BATCH_SIZE: must be a whole number",
        "LOG_LEVEL: Log level must be one of: DEBUG, INFO, WARNING, ERROR, CRITICAL",
        "DEBUG: is refused in production",
        "TUNEMELD_UPSTREAMS: sandbox is refused in production",
        "MONGODB_URL: is required in production",
        "DJANGO_ALLOWED_HOSTS: * is refused in production",
        "DJANGO_CORS_ORIGINS: * is refused in production",
        "SPOTIFY_CLIENT_ID: is needed together with SPOTIFY_CLIENT_SECRET",
        "SPOTIFY_CLIENT_SECRET: is a placeholder",
        "DJANGO_SECRET_KEY: is required in production",
    ):
        assert f"\n  {line}" in message
    assert len(message.splitlines()) == 11


def test_a_malformed_value_is_reported_once() -> None:
    message = refusal(environment="production", overrides={"mongodb_url": "localhost:27017"})

    assert message.splitlines()[1:] == ["  MONGODB_URL: MongoDB URL must start with mongodb:// or mongodb+srv://"]


def test_the_pipeline_needs_a_key_only_when_it_reads_live_data_of_a_service_that_takes_one(tmp_path: Path) -> None:
    catalogue = tmp_path / "catalog.toml"
    catalogue.write_text('[genres.pop]\ndisplay_name = "Pop"\nSoundCloud = "https://soundcloud.com/a/sets/b"\n')
    settings = load_settings(overrides={"upstreams": "live", "catalog_file": catalogue})

    settings.require_django()
    with pytest.raises(
        SettingsError, match=r"RAPIDAPI_KEY: is required to read live data; get a key at rapidapi\.com, or"
    ):
        settings.require_pipeline()
    load_settings(overrides={"upstreams": "sandbox"}, needed_by=[Component.PIPELINE])


def test_the_api_starts_in_production_without_upstream_keys() -> None:
    needed = {name: PRODUCTION[name] for name in ("mongodb_url", "django_secret_key")}

    load_settings(environment="production", overrides=needed, needed_by=[Component.DJANGO])


def test_the_pipeline_starts_in_production_without_the_api_s_secret() -> None:
    needed = {name: value for name, value in PRODUCTION.items() if name != "django_secret_key"}

    load_settings(overrides=needed, needed_by=[Component.PIPELINE])
    assert "DJANGO_SECRET_KEY: is required" in refusal(overrides=needed, needed_by=[Component.DJANGO])


def test_a_short_django_secret_is_refused() -> None:
    message = refusal(overrides=PRODUCTION | {"django_secret_key": "tr0ub4dor"}, needed_by=[Component.DJANGO])

    assert "DJANGO_SECRET_KEY: is too short" in message
    assert "tr0ub4dor" not in message


@pytest.mark.parametrize(
    "placeholder", ["changeme", "CHANGE-ME", "your-api-key", "<key>", "xxxx", "placeholder", "..."]
)
def test_production_refuses_placeholders(placeholder: str) -> None:
    assert "RAPIDAPI_KEY: is a placeholder" in refusal(overrides=PRODUCTION | {"rapidapi_key": placeholder})


def test_production_refuses_a_database_address_with_its_template_s_password() -> None:
    url = "mongodb+srv://tunemeld:<password>@cluster0.abc.mongodb.net"

    assert "MONGODB_URL: is a placeholder" in refusal(overrides=PRODUCTION | {"mongodb_url": url})


def test_the_spotify_pair_and_the_cloudflare_triple_are_all_or_none() -> None:
    message = refusal(overrides={"spotify_client_id": "abc", "cloudflare_account_id": "abc"})

    assert "SPOTIFY_CLIENT_SECRET: is needed together with SPOTIFY_CLIENT_ID" in message
    assert "CLOUDFLARE_NAMESPACE_ID: is needed together with CLOUDFLARE_ACCOUNT_ID" in message
    assert "CLOUDFLARE_API_TOKEN: is needed together with CLOUDFLARE_ACCOUNT_ID" in message


def test_the_cloudflare_cache_needs_the_triple() -> None:
    triple = dict.fromkeys(("cloudflare_account_id", "cloudflare_namespace_id", "cloudflare_api_token"), "0f9e8d7c")

    message = refusal(overrides={"cache": "cloudflare"})
    assert all(f"{variable_name(name)}: is required by TUNEMELD_CACHE=cloudflare" in message for name in triple)
    assert load_settings(overrides=triple | {"cache": "cloudflare"}).cache is CacheBackend.CLOUDFLARE


def test_no_deadline_is_shorter_than_what_it_holds() -> None:
    message = refusal(overrides={"etl_request_timeout": 200, "etl_step_deadline": 60})

    assert "ETL_REQUEST_TIMEOUT: is longer than ETL_CALL_DEADLINE" in message
    assert "ETL_CALL_DEADLINE: is longer than ETL_STEP_DEADLINE" in message


# The form of single values


@pytest.mark.parametrize(
    "written",
    ["https://a.test,https://b.test", " https://a.test , https://b.test,", '["https://a.test","https://b.test"]'],
)
def test_lists_are_written_with_commas_or_as_json(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    monkeypatch.setenv("DJANGO_CORS_ORIGINS", written)

    assert load_settings().django_cors_origins == ("https://a.test", "https://b.test")


@pytest.mark.parametrize(
    ("written", "hosts"),
    [
        ("[::1]", ("[::1]",)),
        ("[::1],localhost", ("[::1]", "localhost")),
        (" [::1] , [fe80::1] ,127.0.0.1", ("[::1]", "[fe80::1]", "127.0.0.1")),
        ("localhost,[::1]", ("localhost", "[::1]")),
        ('["[::1]", "localhost"]', ("[::1]", "localhost")),
        ("[::ffff:127.0.0.1], a.test", ("[::ffff:127.0.0.1]", "a.test")),
        ("[]", ()),
    ],
)
def test_an_address_in_brackets_is_no_json(
    monkeypatch: pytest.MonkeyPatch, written: str, hosts: tuple[str, ...]
) -> None:
    monkeypatch.setenv("DJANGO_ALLOWED_HOSTS", written)

    assert load_settings().django_allowed_hosts == hosts


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("django_cors_origins", '["https://a.test"'),
        ("django_allowed_hosts", "[::1"),
        ("django_allowed_hosts", "[::1]:8000"),
        ("django_allowed_hosts", "[1]"),
        ("django_cors_origins", "tunemeld.com"),
        ("django_cors_origins", "https://tunemeld.com/path"),
        ("django_allowed_hosts", "https://tunemeld.com"),
        ("django_allowed_hosts", "tunemeld.com:8000"),
        ("mongodb_url", "postgres://localhost"),
        ("mongodb_url", "mongodb://"),
        ("log_level", "loud"),
        ("log_format", "xml"),
        ("cache", "redis"),
        ("upstreams", "real"),
        ("debug", "perhaps"),
        ("etl_batch_size", "0"),
        ("etl_retry_delay", "-1"),
        ("etl_call_deadline", "inf"),
        ("spotify_rate_limit", "0"),
        ("youtube_daily_budget", "-1"),
    ],
)
def test_a_value_of_the_wrong_form_is_refused_by_its_variable_s_name(name: str, value: str) -> None:
    assert f"\n  {variable_name(name)}: " in refusal(overrides={name: value})


def test_a_log_level_is_read_in_any_case_of_letters() -> None:
    assert Settings(log_level="warning").log_level == "WARNING"


@pytest.mark.parametrize(
    "address",
    [
        "api.spotify.com",
        "ftp://api.spotify.com",
        "https://",
        "https://user:secret-password@api.spotify.com",
        "https://api.spotify.com/v1?key=secret-password",
        "http://api.spotify.com",
        "http://localhost.evil.test",
        "https://api.spotify.com:port",
        "https://[::1",
    ],
)
def test_a_base_url_is_https_without_credentials(address: str) -> None:
    message = refusal(overrides={"spotify_web_api_base_url": address})

    assert "\n  SPOTIFY_WEB_API_BASE_URL: " in message
    assert "secret-password" not in message


@pytest.mark.parametrize(
    "address", ["http://localhost:1", "http://127.0.0.2:1/x", "http://[::1]:1", "https://a.test/v1"]
)
def test_a_base_url_may_be_plain_http_on_this_machine_and_loses_its_last_slash(address: str) -> None:
    assert Settings(youtube_base_url=f"{address}/").youtube_base_url == address


def test_a_running_sandbox_must_be_on_this_machine() -> None:
    assert "TUNEMELD_SANDBOX_URL: must be on this machine" in refusal(overrides={"sandbox_url": "https://a.test"})
    assert Settings(sandbox_url="http://127.0.0.1:8899/").sandbox_url == "http://127.0.0.1:8899"


@pytest.mark.parametrize(
    "cron", ["30 2 * * *", "*/15 0-6,12 1 JAN-MAR mon", "0 0 * * 7", "5  4 * * *", "0 1-23/2 * * 1-5"]
)
def test_a_cron_expression_of_five_fields_is_accepted(cron: str) -> None:
    assert Settings(daily_refresh_cron=cron).daily_refresh_cron == " ".join(cron.split())


@pytest.mark.parametrize(
    "cron",
    [
        *("@daily", "30 2 * *", "30 2 * * * *", "60 2 * * *", "30 24 * * *", "30 2 0 * *", "30 2 * 13 *", "30 2 * * 8"),
        *("x 2 * * *", "*/0 2 * * *", "5/2 2 * * *", "9-3 2 * * *", "1,,2 2 * * *", "30 2 * * 1²"),
    ],
)
def test_anything_else_is_no_cron_expression(cron: str) -> None:
    assert "DAILY_REFRESH_CRON: " in refusal(overrides={"daily_refresh_cron": cron})


def test_relative_paths_become_absolute_from_the_working_directory(tmp_path: Path) -> None:
    assert load_settings(overrides={"home": "data"}).home == tmp_path / "folder" / "data"


# Secrets


def test_no_secret_is_shown_by_the_object_or_its_dumps() -> None:
    settings = Settings(**PRODUCTION)
    shown = f"{settings!r} {settings} {settings.model_dump()} {settings.model_dump_json()} {vars(settings)}"

    assert settings.mongodb_url == SecretStr(MONGODB_URL)
    for secret in (PASSWORD, *(PRODUCTION[name] for name in ("rapidapi_key", "youtube_api_key", "django_secret_key"))):
        assert secret not in shown


def test_no_error_shows_a_secret() -> None:
    values: dict[str, Any] = {**PRODUCTION, "mongodb_url": f"https://tunemeld:{PASSWORD}@db.internal", "debug": True}

    with pytest.raises(ValidationError) as direct:
        Settings(**values)
    message = f"{direct.value} {refusal(overrides=values)}"

    assert "MongoDB URL must start with mongodb:// or mongodb+srv://" in message
    for secret in (PASSWORD, *(PRODUCTION[name] for name in ("rapidapi_key", "youtube_api_key", "django_secret_key"))):
        assert secret not in message


def test_settings_cannot_be_changed_and_can_be_copied_and_pickled() -> None:
    settings = load_settings(overrides=PRODUCTION)

    with pytest.raises(ValidationError, match="frozen"):
        settings.debug = True  # type: ignore[misc]
    assert pickle.loads(pickle.dumps(settings)) == copy.deepcopy(settings) == settings  # noqa: S301
    assert hash(settings) == hash(copy.deepcopy(settings))


# The module and its reference


def test_importing_the_module_reads_nothing_and_stays_light() -> None:
    program = "import sys, tunemeld_pipeline.settings.fields; print('dagster' in sys.modules, 'pymongo' in sys.modules)"
    broken = {**os.environ, "TUNEMELD_ENV": "nonsense", "ETL_BATCH_SIZE": "many"}

    done = subprocess.run([sys.executable, "-c", program], env=broken, capture_output=True, text=True, check=True)

    assert done.stdout.split() == ["False", "False"]


def test_the_example_and_the_reference_say_what_the_class_says() -> None:
    checkout = Path(__file__).parents[2]

    stale = [str(path) for path in settings_reference.outdated(checkout)]

    assert stale == [], "run: python -m tunemeld_pipeline.settings.reference --write"


def test_the_reference_names_every_setting_with_its_meaning() -> None:
    example, reference = settings_reference.render_example(), settings_reference.render_reference()

    for name in SETTING_NAMES:
        assert f"\n#{variable_name(name)}=" in example
        assert f"| `{variable_name(name)}` |" in reference
        assert Settings.model_fields[name].description
    assert {*settings_reference.HEADINGS} <= {*SETTING_NAMES}


def test_the_example_uncommented_is_development_as_it_is_by_default() -> None:
    lines = settings_reference.render_example().splitlines()
    Path(".env").write_text("\n".join(line.removeprefix("#") for line in lines if not line.startswith("# ")))

    settings = load_settings()

    assert settings.provenance.warnings == ()
    assert settings.model_dump() == Settings().model_dump()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("mongodb://u:p@ss@h", "write mongodb://USER:PASSWORD@HOST:PORT/, and in user and password %40 for @"),
        ("mongodb://u:pw/x@h", "%2F for /"),
        ("mongodb://u:pw?x@h", "%40 for @"),
        ("mongodb://u:p%zz@h", "%25 for %"),
        ("mongodb+srv://u:p@ss@cluster.example", "%40 for @"),
        ("mongodb://h:99999", "the port a number up to 65535"),
        ("mongodb://h:abc", "the port a number up to 65535"),
        ("mongodb://[::1", "an IPv6 address in brackets"),
        ("mongodb:///tmp/x.sock", "%2F for each / in the path of a socket"),
        ("mongodb://h/?nonsense=1", "has the option nonsense"),
        ("mongodb://h/?tls=maybe", "has the option tls"),
        ("mongodb://h,other/?directConnection=true", "contradict one another"),
        ("mongodb+srv://cluster.example:27017/", "names one host without a port"),
    ],
)
def test_an_address_that_the_driver_cannot_read_is_refused_with_how_to_write_it(url: str, why: str) -> None:
    message = refusal(overrides={"mongodb_url": url})
    assert "MONGODB_URL: " in message
    assert why in message
    assert not {"p@ss", "pw/x", "pw?x"} & set(message.split())


@pytest.mark.parametrize(
    "url",
    [
        "mongodb://u@h",
        "mongodb://%2Ftmp%2Fmongo.sock",
        "mongodb://u:p%40ss@[::1]:27017,other:27018/x?replicaSet=rs0&tls=true",
        "mongodb+srv://u:p%40@no-such-cluster.example/?retryWrites=true&w=majority",
    ],
)
def test_an_address_is_judged_without_looking_its_name_up(url: str) -> None:
    assert load_settings(overrides={"mongodb_url": url}).mongodb_url == SecretStr(url)


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("etl_thread_count", "9999", "ETL_THREAD_COUNT: must be at most 500"),
        ("ranking_phi", "2", "RANKING_PHI: must be at most 0.999"),
        ("spotify_weight", "-1", "SPOTIFY_WEIGHT: must be at least 0"),
        ("etl_retry_delay", "inf", "ETL_RETRY_DELAY: must be a number, and not infinite"),
        ("spotify_daily_budget", "1.5", "SPOTIFY_DAILY_BUDGET: must be a whole number"),
        ("debug", "perhaps", "DEBUG: must be true or false"),
        ("app_name", "", "APP_NAME: must not be empty"),
        ("upstreams", "sandbx", "TUNEMELD_UPSTREAMS: must be one of: live, sandbox, replay; did you mean sandbox?"),
        ("environment", "prodution", "did you mean production?"),
        ("log_level", "warn", "did you mean WARNING?"),
        ("mongodb_database", "9x", "MONGODB_DATABASE: must begin with a letter"),
        ("postgres_url", "mysql://u:p@h/d", "POSTGRES_URL: is no Postgres address; write postgresql://USER:PASSWORD@"),
        ("postgres_url", "postgresql://h", "POSTGRES_URL: is no Postgres address"),
        ("broker_url", "amqp://h", "BROKER_URL: is no address of Redis; write redis://:PASSWORD@HOST:PORT/0"),
        ("broker_url", "redis://h:1", "POSTGRES_URL: is needed with BROKER_URL"),
        ("broker_url", "redis://h:1", "MONGODB_URL: is needed with BROKER_URL: no other machine reaches a local"),
    ],
)
def test_a_value_is_refused_in_plain_words(name: str, value: str, why: str) -> None:
    assert why in refusal(overrides={name: value})


def test_a_broker_needs_what_the_workers_share() -> None:
    shared = {"broker_url": "redis://h:1", "postgres_url": "postgres://u@h/d", "mongodb_url": "mongodb://h"}
    assert load_settings(overrides=shared).broker_url is not None
    assert "WORKER_SLOTS: is more than CLUSTER_SLOTS, which is 1" in refusal(overrides={**shared, "cluster_slots": 1})
    own = {**shared, "dagster_home": "/srv/dagster"}
    assert "POSTGRES_URL: is not read where DAGSTER_HOME has a dagster.yaml" in refusal(overrides=own)


def test_the_extra_for_several_machines_is_asked_for_where_it_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "find_spec", lambda name: None)
    assert "POSTGRES_URL: needs the extra" in refusal(overrides={"postgres_url": "postgresql://u@h/d"})
    assert load_settings().postgres_url is None
