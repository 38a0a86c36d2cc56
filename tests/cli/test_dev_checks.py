"""`tunemeld dev test|lint|format`: the tools of development, from any folder."""

import shutil
from pathlib import Path

import pytest

from tests.cli.conftest import run_tunemeld
from tunemeld_pipeline.cli import dev_checks
from tunemeld_pipeline.cli.dev_checks import Component
from tunemeld_pipeline.errors import ConfigurationError


def test_what_is_not_ours_goes_to_pytest_whose_exit_status_is_kept(tmp_path: Path) -> None:
    chosen = ("dev", "test", "-c", "etl", "-n0", "tests/supervision/test_parts.py")
    done = run_tunemeld(*chosen, "-k", "stable_minute", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("1 passed, ")
    assert run_tunemeld(*chosen, "-k", "no_such_test", folder=tmp_path).returncode == 5


def test_the_tests_of_each_component_are_there() -> None:
    named = (*dev_checks.API_TESTS, *dev_checks.PAGE_TESTS)
    assert [path for path in named if not (dev_checks.checkout() / path).exists()] == []


def test_lint_finds_what_is_wrong_in_python(tmp_path: Path) -> None:
    shutil.copy(dev_checks.checkout() / "pyproject.toml", tmp_path)
    for package in ("tunemeld_pipeline", "django_backend"):
        shutil.copytree(dev_checks.checkout() / package, tmp_path / package)
    (tmp_path / "wrong.py").write_text("import os\n")
    found = run_tunemeld("dev", "lint", folder=tmp_path, PYTHONPATH=str(tmp_path))
    assert found.returncode == 1
    assert "`os` imported but unused" in found.stdout
    assert run_tunemeld("dev", "format", folder=tmp_path, PYTHONPATH=str(tmp_path)).returncode == 0
    assert (tmp_path / "wrong.py").read_text() == ""


def test_an_unknown_component_is_wrong_usage(tmp_path: Path) -> None:
    refused = run_tunemeld("dev", "test", "-c", "kitchen", folder=tmp_path)
    assert refused.returncode == 2
    assert "etl" in refused.stderr


def test_without_the_sources_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dev_checks, "project_root", lambda: None)
    with pytest.raises(ConfigurationError, match="work in a checkout"):
        dev_checks.test_page(Component.FRONTEND)
