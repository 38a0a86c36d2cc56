"""`tunemeld dev setup`: from a checkout to a place to work in.

This module has the steps, in their order, and the remedy of each; `scripts/` and the other commands do the work. Every step is a separate
program: the first one may replace the packages that this process runs on, and only the last two read settings.
"""

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import typer

from tunemeld_pipeline.cli import exits

PRIVATE = 0o600
NEXT_STEPS = """\
All is set up. Next:
  tunemeld demo             two weeks of invented music, and the charts that come of it
  tunemeld dev start        everything together, in one log
  tunemeld dev test         the tests; dev lint and dev format go before a commit
  docs/development.md       where what is"""


@dataclass(frozen=True)
class SetupStep:
    """One step.

    Attributes:
        title: what it does.
        act: does it; False when it failed. It has then said why.
        remedy: what helps where it failed.
    """

    title: str
    act: Callable[[], bool]
    remedy: str


def set_up(root: Path, options: list[str]) -> int:
    """Takes every step until one fails; the exit status.

    Args:
        root: the checkout.
        options: the global options that commands which read settings are given too.
    """
    steps = list(_steps(root, options))
    for number, step in enumerate(steps, start=1):
        typer.secho(f"[{number}/{len(steps)}] {step.title}", bold=True)
        if not step.act():
            sys.stdout.flush()
            typer.echo(f"error: step {number}, {step.title}, failed; its own words are above. {step.remedy}", err=True)
            typer.echo("next: tunemeld dev setup, which goes on from there", err=True)
            return exits.FAILED
    typer.echo(NEXT_STEPS)
    return exits.OK


def _steps(root: Path, options: list[str]) -> Iterator[SetupStep]:
    def run(*command: str | Path) -> bool:
        sys.stdout.flush()
        done = subprocess.run(list(map(str, command)), cwd=root, stdin=subprocess.DEVNULL, check=False)  # noqa: S603
        return done.returncode == 0

    binaries = root / ".venv" / "bin"
    tunemeld = (str(Path(sys.executable).with_name("tunemeld")), *options)
    yield SetupStep(
        "Python packages (scripts/setup dev)",
        lambda: run("bash", root / "scripts" / "setup", "dev"),
        "Mend what it names: mostly the way to the package index, or a system package.",
    )
    if (root / "scripts" / "frontend").is_file():
        yield SetupStep(
            "Node packages and the page (scripts/frontend build)",
            lambda: run("bash", root / "scripts" / "frontend", "build"),
            "Install Node.js 22, or mend the way to the package index.",
        )
    if (root / ".git").exists() and shutil.which("git"):
        yield SetupStep(
            "commit hooks (pre-commit install)",
            lambda: run(binaries / "pre-commit", "install"),
            "Where git's core.hooksPath is set, `git config --unset-all core.hooksPath` makes room for them.",
        )
    yield SetupStep(".env, from .env.example", lambda: _make_env_file(root), "Look at the permissions of the folder.")
    yield SetupStep(
        "the settings (tunemeld config validate)",
        lambda: run(*tunemeld, "config", "validate"),
        "Change the settings that it names, in .env or in your shell.",
    )
    yield SetupStep(
        "the database (tunemeld db init)",
        lambda: run(*tunemeld, "db", "init"),
        "Without a server of your own (MONGODB_URL) there has to be a mongod: docs/development.md.",
    )


def _make_env_file(root: Path) -> bool:
    env_file = root / ".env"
    if env_file.exists():
        typer.echo(f"{env_file} is there; it stays unchanged")
        return True
    try:
        example = (root / ".env.example").read_text(encoding="utf-8")
        # Before anything is in it: it will hold keys.
        env_file.touch(mode=PRIVATE, exist_ok=False)
        env_file.write_text(example, encoding="utf-8")
    except OSError as error:
        typer.echo(f"{error.filename}: {error.strerror}", err=True)
        return False
    typer.echo(f"{env_file} is made; all in it is commented out, so that the defaults hold")
    return True
