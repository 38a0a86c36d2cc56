"""`tunemeld dev test|lint|format`: the tools of development, for Python and for the page.

This module chooses what each tool gets. The tools' own settings are in `pyproject.toml` and `frontend/`, and what CI runs besides is in the
`Makefile`.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.errors import ConfigurationError
from tunemeld_pipeline.settings.places import project_root

API_TESTS = ("tests/django_backend", "tests/cli/test_api.py")
PAGE_TESTS = ("tests/page", "tests/test_page_build.py")
IN_PARALLEL = ("-n", "auto", "--dist", "loadscope")
NOT_SLOW = ("-m", "not slow and not matrix")
"""`make test-slow` and `make matrix` run the others; a `-m` among the arguments replaces this one."""

DURATIONS = ("--durations", "15", "--durations-min", "1")


class Component(StrEnum):
    """What can be tested alone."""

    ETL = "etl"
    API = "api"
    FRONTEND = "frontend"


def checkout() -> Path:
    """The folder of the sources.

    Raises:
        ConfigurationError: the package was installed without them.
    """
    root = project_root()
    if root is None:
        raise ConfigurationError("this is an installed package without its sources; work in a checkout, with its .venv")
    return root


def test_page(component: Component | None) -> int:
    """The exit status of the page's own tests, where this component has them; all is well where it has none."""
    return _frontend(checkout(), "test") if component in (None, Component.FRONTEND) else exits.OK


def become_pytest(component: Component | None, *, coverage: bool, arguments: Sequence[str]) -> None:
    """Goes on as pytest, with the tests in Python of one component or all. Its summary is the last thing printed.

    Args:
        arguments: handed on to it.
    """
    root, pytest = checkout(), _tool("pytest")
    chosen: tuple[str, ...] = ()
    if component is Component.API:
        chosen = API_TESTS
    elif component is Component.FRONTEND:
        chosen = PAGE_TESTS
    elif component is Component.ETL:
        chosen = tuple(f"--ignore={path}" for path in (*API_TESTS, *PAGE_TESTS))
    covered = ("--cov=tunemeld_pipeline", "--cov=django_backend", "--cov-report=term-missing:skip-covered")
    os.chdir(root)
    sys.stdout.flush()
    command = [pytest, "-q", *IN_PARALLEL, *NOT_SLOW, *DURATIONS, *(covered if coverage else ()), *chosen, *arguments]
    os.execv(pytest, command)  # noqa: S606


def lint() -> int:
    """What the linters of both languages find, and whether imports keep to the layers; 1 where something is wrong."""
    root = checkout()
    return _worst(
        _run(root, _tool("ruff"), "check", "--quiet", "."),
        _run(root, _tool("lint-imports"), "--no-cache"),
        _frontend(root, "lint"),
    )


def reformat() -> int:
    """Formats both languages, and mends what the linter can mend; 1 where something is left that it cannot."""
    root = checkout()
    ruff = _tool("ruff")
    return _worst(
        _run(root, ruff, "check", "--fix", "--quiet", "."),
        _run(root, ruff, "format", "."),
        _frontend(root, "format"),
    )


def _worst(*statuses: int) -> int:
    return exits.FAILED if any(statuses) else exits.OK


def _frontend(root: Path, command: str) -> int:
    script = root / "scripts" / "frontend"
    return _run(root, "bash", str(script), command) if script.is_file() else exits.OK


def _run(root: Path, *command: str) -> int:
    sys.stdout.flush()
    return subprocess.run(command, cwd=root, check=False).returncode  # noqa: S603


def _tool(name: str) -> str:
    tool = Path(sys.executable).with_name(name)
    if not tool.is_file():
        raise ConfigurationError(f"{name} is not installed in {tool.parent}", next_command="tunemeld dev setup")
    return str(tool)
