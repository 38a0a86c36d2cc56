"""`--env` and TUNEMELD_ENV switch everything: the command, Dagster and Django see the same value of every setting."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tests.warm import WARM
from tunemeld_pipeline.settings.choices import Environment
from tunemeld_pipeline.settings.settings import SETTING_NAMES

DUMP = """
def dump(settings):
    from tunemeld_pipeline.settings.settings import SETTING_NAMES
    plain = {name: getattr(settings, name) for name in SETTING_NAMES}
    print(json.dumps({
        name: value.get_secret_value() if hasattr(value, "get_secret_value") else value for name, value in plain.items()
    }, default=str))
"""

COMMAND = (
    """
import json, os, sys
from pathlib import Path
from types import SimpleNamespace
from tunemeld_pipeline.cli.context import Options, load
"""
    + DUMP
    + """
environment, env_file = sys.argv[1:]
options = Options(environment=environment or None, env_file=Path(env_file), log_level="error")
dump(load(SimpleNamespace(obj=options, command_path="tunemeld")))
print(json.dumps(dict(os.environ)))
"""
)

DAGSTER = f"""
import json
{DUMP}
from tunemeld_pipeline.definitions import defs
from tunemeld_pipeline.assets.partitions import settings
assert all(resource.settings is settings for resource in defs.resources.values())
dump(settings)
"""

DJANGO = f"""
import json
{DUMP}
from django_backend.settings import ALLOWED_HOSTS, TUNEMELD
assert ALLOWED_HOSTS == list(TUNEMELD.django_allowed_hosts)
dump(TUNEMELD)
"""

CHOSEN = """\
MONGODB_URL=mongodb://user:canary-7b2f@db.example/?replicaSet=rs
RAPIDAPI_KEY=canary-rapid
YOUTUBE_API_KEY='canary you # tube'
DJANGO_SECRET_KEY=canary-0123456789abcdef0123456789abcdef
DJANGO_ALLOWED_HOSTS=a.example,b.example
ETL_BATCH_SIZE=17
DAILY_REFRESH_CRON="15 3 * * *"
"""


def seen_by(script: str, folder: Path, environment: dict[str, str]) -> dict[str, Any]:
    """The settings that a program dumps which the command starts there, with the environment that it hands on."""
    printed = WARM.run((), folder=folder, environment=environment, code=script)
    assert printed.returncode == 0, printed.stderr
    (dumped,) = (json.loads(line) for line in printed.stdout.splitlines() if line.startswith("{"))
    return dict(dumped)


@pytest.mark.parametrize(
    ("environment", "how"),
    [
        (Environment.DEVELOPMENT, "TUNEMELD_ENV"),
        (Environment.TESTING, "--env"),
        (Environment.PRODUCTION, "--env"),
    ],
)
def test_the_command_dagster_and_django_see_the_same_values(tmp_path: Path, environment: Environment, how: str) -> None:
    chosen = tmp_path / "chosen.env"
    chosen.write_text(CHOSEN)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    for folder in (tmp_path, elsewhere):  # another one lies where each process starts, and is not asked
        (folder / ".env").write_text("ETL_THREAD_COUNT=3\nETL_BATCH_SIZE=99\nTUNEMELD_ENV=development\n")
    variables = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "TUNEMELD_HOME": "home",
        "SPOTIFY_RATE_LIMIT": "2.5",
    }
    if how == "TUNEMELD_ENV":
        variables["TUNEMELD_ENV"] = environment
    given = environment if how == "--env" else ""

    printed = WARM.run((given, str(chosen)), folder=tmp_path, environment=variables, code=COMMAND)

    assert printed.returncode == 0, printed.stderr
    command, handed_on = map(json.loads, printed.stdout.splitlines())
    dagster, django = (seen_by(script, elsewhere, handed_on) for script in (DAGSTER, DJANGO))
    seen: dict[str, tuple[Any, ...]] = {name: (command[name], dagster[name], django[name]) for name in SETTING_NAMES}
    assert {name: values for name, values in seen.items() if len(set(map(str, values))) > 1} == {}
    assert (command["environment"], command["log_level"], command["spotify_rate_limit"]) == (environment, "ERROR", 2.5)
    # Testing reads no file, so that no test reaches real data.
    assert command["etl_batch_size"] == (5 if environment is Environment.TESTING else 17)
    assert command["home"] == str(tmp_path / "home")
