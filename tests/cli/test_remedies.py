"""Every `next:` leads somewhere: who follows it ends at a command that works, or at a task that the message leaves to a person."""

import shlex

import pytest

from tests.cli.conftest import Command
from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.storage.store import Store

AWAY = {"MONGODB_URL": "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=200"}
UNREADABLE = {"MONGODB_URL": "mongodb://u:p@ss@h"}
A_PERSONS = {
    ("config", "validate"): "its own message says what to write in the settings",
    ("start",): "it stays in the foreground",
    ("api", "start"): "it stays in the foreground",
    ("sandbox",): "it stays in the foreground",
}
"""Commands that end a chain, with the reason."""

MOST_STEPS = 4

FEW = [
    (("db", "test-connection"), UNREADABLE),
    (("etl", "run", "full", "--genre", "danc"), {}),
    (("chart", "dance"), {}),
    (("config", "set", "ETL_THREAD_COUNT", "9999"), {}),
]
"""Of each kind one; the others take a minute of processor time."""

MANY = [
    (("db", "test-connection"), AWAY),
    (("etl", "run", "full", "--genre", "dance"), AWAY),
    (("etl", "run", "full", "--genre", "dance"), UNREADABLE),
    (("etl", "run", "transform", "--genre", "dance"), {}),
    (("etl", "run", "view_count", "--genre", "dance"), {}),
    (("etl", "rollback", "--genre", "dance"), {}),
    (("etl", "release", "--genre", "dance"), {}),
    (("etl", "logs", "--genre", "danc"), {}),
    (("chart", "danc"), {}),
    (("changes", "dance"), {}),
    (("track", "QZAAA2600001"), {}),
    (("runs", "show", "zzz"), {}),
    (("open", "ui"), {}),
    (("config", "get", "LOG_LEVL"), {}),
    (("alarms", "test"), {}),
    (("db", "restore", "nowhere"), {}),
    (("api", "health", "--url", "http://127.0.0.1:9"), {}),
    (("status",), AWAY),
    (("status",), {"LOG_LEVEL": "loud"}),
]


def next_of(text: str) -> tuple[str, ...] | None:
    """The words after `tunemeld` of the last `next:`; None without one."""
    found = [line.partition("next: ")[2] for line in text.splitlines() if "next: tunemeld" in line]
    return tuple(shlex.split(found[-1])[1:]) if found else None


@pytest.mark.parametrize(
    ("words", "settings_of_it"),
    [*FEW, *(pytest.param(*one, marks=pytest.mark.slow) for one in MANY)],
    ids=lambda one: " ".join(one),
)
def test_who_follows_the_remedies_arrives(
    tunemeld: Command, store: Store, words: tuple[str, ...], settings_of_it: dict[str, str]
) -> None:
    del store
    asked = [words]
    shown = tunemeld(*words, **settings_of_it)
    assert shown.returncode not in (exits.OK, exits.DEGRADED)
    while shown.returncode not in (exits.OK, exits.DEGRADED):
        following = next_of(shown.stdout + shown.stderr)
        assert following is not None, (asked, shown.stdout, shown.stderr)
        assert following not in asked, (asked, following)
        asked.append(following)
        assert len(asked) <= MOST_STEPS, asked
        if any(following[: len(one)] == one for one in A_PERSONS) and "--help" not in following:
            return
        shown = tunemeld(*following, **settings_of_it)
