"""Options that several commands take, what they accept, and what a shell completes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Command, run_tunemeld
from tunemeld_pipeline.cli.arguments import genres_named
from tunemeld_pipeline.errors import CatalogError
from tunemeld_pipeline.plugins.registry import load_catalog

COMPLETION = {"_TUNEMELD_COMPLETE": "complete_bash"}


def completed(words: str, folder: Path, **variables: str) -> list[str]:
    """What bash is offered after these words, of which the last is incomplete."""
    position = {"COMP_WORDS": words, "COMP_CWORD": str(len(words.split(" ")) - 1)}
    return run_tunemeld(folder=folder, **COMPLETION, **position, **variables).stdout.split()


@pytest.mark.parametrize("named", [["all"], ["ALL"], None, ["dance", "all"]])
def test_all_means_every_genre(named: list[str] | None) -> None:
    assert genres_named(load_catalog(), named) == []


def test_a_genre_is_taken_once_and_a_wrong_one_is_refused_with_the_one_that_was_meant() -> None:
    assert genres_named(load_catalog(), ["dance", "pop", "dance"]) == ["dance", "pop"]
    for words in (["danc"], ["all", "danc"]):
        with pytest.raises(CatalogError, match=r"unknown genre 'danc'; .*; did you mean dance\?"):
            genres_named(load_catalog(), words)


@pytest.mark.parametrize(
    "words",
    [("etl", "run", "full", "--dry-run"), ("match", "report"), ("cache", "status"), ("etl", "logs")],
    ids=" ".join,
)
def test_every_command_that_takes_some_genres_takes_all(tunemeld: Command, words: tuple[str, ...]) -> None:
    done = tunemeld(*words, "--genre", "all")
    assert (done.returncode, "error" in done.stderr) == (0, False), done.stderr


def test_the_older_option_that_switches_reloading_off_is_understood(tmp_path: Path) -> None:
    from tunemeld_pipeline.cli.main import PANELS, WITHIN, application
    from tunemeld_pipeline.cli.tree import command_tree, nodes

    command: Any = dict(nodes(command_tree(application(), PANELS, WITHIN, plain=True)))["api", "start"]
    with command.make_context("start", ["--no-reload"]) as context:
        assert context.params["reload"] is False


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("tunemeld etl run full --genre d", ["dance"]),
        ("tunemeld etl run full --genre a", ["all"]),
        ("tunemeld etl logs --genre c", ["country"]),
        ("tunemeld --env p", ["production"]),
        ("tunemeld etl run full --env t", ["testing"]),
        ("tunemeld sandbox fault spot", ["spotify", "spotify_reccobeats"]),
        ("tunemeld etl run ext", ["extract"]),
    ],
)
def test_values_are_completed(tmp_path: Path, words: str, offered: list[str]) -> None:
    assert completed(words, tmp_path, TUNEMELD_HOME=str(tmp_path / "home")) == offered


def test_a_completion_of_broken_settings_offers_nothing_and_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "catalog.toml").write_text("not toml")
    assert completed("tunemeld etl run full --genre d", tmp_path, TUNEMELD_CATALOG=str(tmp_path / "catalog.toml")) == []


def test_days_with_a_chart_and_runs_are_completed(
    variables: dict[str, str], tunemeld: Command, store: object, tmp_path: Path
) -> None:
    del store
    assert tunemeld("etl", "run", "full", "--genre", "dance", "--as-of", "2026-03-02").returncode in (0, 3)
    assert completed("tunemeld etl rollback --genre dance --to 2026", tmp_path, **variables) == ["2026-03-02"]
    (run,) = completed("tunemeld etl logs --run-id ", tmp_path, **variables)
    assert len(run) == 36


@pytest.mark.parametrize(
    ("cores", "genres", "wanted", "at_once"),
    [(2, 4, None, False), (3, 4, None, True), (8, 1, None, False), (1, 4, True, True), (8, 4, False, False)],
)
def test_genres_run_at_once_on_more_than_two_processors_unless_somebody_chooses(
    monkeypatch: pytest.MonkeyPatch, cores: int, genres: int, wanted: bool | None, at_once: bool
) -> None:
    from tunemeld_pipeline.cli import etl_run

    monkeypatch.setattr(etl_run.os, "sched_getaffinity", lambda _: set(range(cores)))
    decide: Callable[..., bool] = etl_run._at_once
    assert decide(wanted, ["genre"] * genres) is at_once
