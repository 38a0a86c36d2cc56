"""What holds for the project as a whole: its lock files, its set-up, what loads it, and what each path may know.

These are promises that no single module can keep; how each module behaves is tested with the module.
"""

import ast
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.sources import docstring

PROJECT = Path(__file__).parents[1]
PACKAGE = PROJECT / "tunemeld_pipeline"
BACKEND = PROJECT / "django_backend"
PYPROJECT: dict[str, Any] = tomllib.loads((PROJECT / "pyproject.toml").read_text())
LOCKS = {name: PROJECT / "requirements" / f"{name}.txt" for name in ("uv", "node", "runtime", "cluster", "dev")}

# The contracts in pyproject.toml say which paths may know Dagster; these are theirs.
DAGSTER_PATHS = (
    "assets",
    "orchestration",
    "resources",
    "definitions.py",
    "operations/runs.py",
    "operations/run_records.py",
)

# The brackets keep the names out of this file, which is looked through as well.
REGISTRY_HOSTS = re.compile(
    r"py[p]i\.org|pythonhoste[d]\.org|npmj[s]\.org|yarnpk[g]\.com|deb\.debia[n]\.org|archive\.ubunt[u]\.com"
)
HOME_FOLDERS = re.compile(r"(?<![\w.$}])/(?:root|home/\w+|Users/\w+)/")


class Pin(NamedTuple):
    """One locked package: its version, the hashes of its files, and who asks for it."""

    version: str
    hashes: list[str]
    asked_for_by: list[str]


def pins(lock: Path) -> dict[str, Pin]:
    """The packages of a lock file by their names, as `uv pip compile` writes them with its annotations in one line."""
    found: dict[str, Pin] = {}
    for entry in re.split(r"\n(?=\S)", lock.read_text().strip()):
        if match := re.match(r"([\w.-]+)(?:\[[\w,-]+\])?==(\S+)", entry):
            via = re.search(r"# via (.+)", entry)
            found[canonicalize_name(match[1])] = Pin(
                version=match[2],
                hashes=re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry),
                asked_for_by=via[1].split(", ") if via else [],
            )
    return found


def asked_for(lock: str) -> list[Requirement]:
    """What `make lock` puts into a lock file because pyproject.toml says so."""
    groups, extras = PYPROJECT["dependency-groups"], PYPROJECT["project"]["optional-dependencies"]
    runtime = [*PYPROJECT["project"]["dependencies"], *extras["mongod"], *groups["build"]]
    cluster = [*PYPROJECT["project"]["dependencies"], *extras["cluster"], *groups["build"]]
    dev = [*runtime, *extras["cluster"], *extras["dev"]]
    lines = {"uv": groups["uv"], "node": groups["node"], "runtime": runtime, "cluster": cluster, "dev": dev}
    return [Requirement(line) for line in lines[lock]]


def make_targets() -> list[str]:
    """The targets that `make` lists."""
    lines = re.findall(r"^([a-z_ -]+):.*## ", (PROJECT / "Makefile").read_text(), flags=re.MULTILINE)
    return [target for line in lines for target in line.split()]


def tracked_files() -> list[Path]:
    """All files that git keeps."""
    if not (PROJECT / ".git").exists():
        pytest.skip("this is no git checkout, so that nothing says which files are the project's")
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=PROJECT, capture_output=True, text=True, check=True)
    return [PROJECT / name for name in listed.stdout.split("\0") if name and (PROJECT / name).is_file()]


def python_files() -> list[Path]:
    """The project's Python files, whether git knows them yet or not."""
    return sorted(
        path
        for folder in (PACKAGE, BACKEND, PROJECT / "tests", PROJECT / "benchmarks")
        for path in folder.rglob("*.py")
    )


def knows_dagster(path: Path) -> bool:
    """Whether the rule lets this file of the package import Dagster."""
    return any(path.is_relative_to(PACKAGE / known) for known in DAGSTER_PATHS)


def module_name(path: Path) -> str:
    """The name under which a file of the package is imported."""
    return ".".join(path.relative_to(PROJECT).with_suffix("").parts).removesuffix(".__init__")


def python(script: str, folder: Path) -> str:
    """What a script prints in a process of its own."""
    answer = subprocess.run([sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stderr
    return answer.stdout


@pytest.fixture
def dagster_environment(tmp_path: Path) -> dict[str, str]:
    """An environment in which Dagster's commands keep their data in a folder of the test's own and report to nobody."""
    (tmp_path / "dagster.yaml").write_text("telemetry:\n  enabled: false\n")
    quiet = {"DAGSTER_HOME": str(tmp_path), "DAGSTER_DISABLE_TELEMETRY": "1", "VIRTUAL_ENV": sys.prefix}
    return {**os.environ, **quiet}


def test_dagster_loads_the_project(dagster_environment: dict[str, str]) -> None:
    """By its workspace; `make definitions` checks that `dg` does."""
    command = [Path(sys.executable).with_name("dagster"), "definitions", "validate", "-w", "workspace.yaml"]
    answer = subprocess.run(command, cwd=PROJECT, env=dagster_environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout + answer.stderr


def test_the_workspace_and_its_successor_mean_the_same_place() -> None:
    workspace = dict(re.findall(r"(\w+): (\S+)", (PROJECT / "workspace.yaml").read_text()))
    successor = PYPROJECT["tool"]["dg"]["project"]
    assert workspace["module_name"] == successor["code_location_target_module"]
    assert workspace["location_name"] == successor["code_location_name"]


@pytest.mark.parametrize("name", LOCKS)
def test_every_dependency_is_locked_at_a_version_that_fits(name: str) -> None:
    locked = pins(LOCKS[name])
    unfit = [
        str(requirement)
        for requirement in asked_for(name)
        if (pin := locked.get(canonicalize_name(requirement.name))) is None or pin.version not in requirement.specifier
    ]
    assert not unfit, "make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_nothing_stays_locked_that_nobody_asks_for_any_more(name: str) -> None:
    ours = {
        package
        for package, pin in pins(LOCKS[name]).items()
        if any("pyproject.toml" in who for who in pin.asked_for_by)
    }
    assert ours == {canonicalize_name(requirement.name) for requirement in asked_for(name)}, "make lock"


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_version_has_its_hashes_and_no_address(name: str) -> None:
    assert [package for package, pin in pins(LOCKS[name]).items() if not pin.hashes] == []
    assert not re.search(r"://|--(extra-)?index-url|--find-links", LOCKS[name].read_text())


def test_developers_run_what_is_run_elsewhere() -> None:
    runtime, dev = pins(LOCKS["runtime"]), pins(LOCKS["dev"])
    assert {package: pin.version for package, pin in runtime.items()} == {
        package: dev[package].version for package in runtime
    }


def test_what_builds_the_project_is_locked_too() -> None:
    assert PYPROJECT["dependency-groups"]["build"] == PYPROJECT["build-system"]["requires"]


def test_the_last_step_of_the_check_is_the_tests() -> None:
    # These tests may themselves be run by make, which hands its options on.
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    command = ["make", "--no-print-directory", "--dry-run", "check"]
    steps = subprocess.run(command, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    assert steps.stdout.splitlines()[-1].startswith(".venv/bin/tunemeld dev test")
    assert "make --no-print-directory check" in (PROJECT / ".ci" / "run").read_text()


def test_every_make_target_is_explained() -> None:
    explained = (PROJECT / "docs" / "development.md").read_text()
    assert make_targets()
    assert [target for target in make_targets() if f"`make {target}" not in explained] == []


@pytest.mark.parametrize(
    ("target", "command"),
    [
        ("extract", "etl run extract"),
        ("transform", "etl run transform"),
        ("aggregate", "etl run transform"),
        ("view_count", "etl run view_count"),
        ("serve-backend", "api start"),
        ("serve-frontend", "dev start --only page"),
        ("format", "dev format"),
        ("lint", "dev lint"),
        ("test", "dev test"),
    ],
)
def test_the_older_systems_targets_are_one_call_each(target: str, command: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL"}}
    make = ["make", "--no-print-directory", "--dry-run", "ARGS=--given", target]
    steps = subprocess.run(make, cwd=PROJECT, env=environment, capture_output=True, text=True, check=True)
    last = steps.stdout.splitlines()[-1]
    assert last.removesuffix(" --given") == f".venv/bin/tunemeld {command}"
    assert len([step for step in steps.stdout.splitlines() if "tunemeld" in step]) == 1


def test_set_up_names_the_pythons_that_it_can_use(tmp_path: Path) -> None:
    (tmp_path / "scripts").mkdir()
    script = tmp_path / "scripts" / "setup"
    script.write_bytes((PROJECT / "scripts" / "setup").read_bytes())
    environment = {**os.environ, "PYTHON": "/bin/false"}
    answer = subprocess.run(["bash", script, "runtime"], env=environment, capture_output=True, text=True, check=False)
    assert answer.returncode == 1
    assert answer.stderr == "setup: PYTHON=/bin/false is no Python 3.11, 3.12 or 3.13\n"
    assert not (tmp_path / ".venv").exists()


def test_hooks_fetch_nothing() -> None:
    hooks = (PROJECT / ".pre-commit-config.yaml").read_text()
    assert set(re.findall(r"repo: (\S+)", hooks)) == {"local"}
    assert set(re.findall(r"language: (\S+)", hooks)) == {"system"}


def test_no_file_names_a_registry_or_somebodys_home() -> None:
    found = []
    for path in tracked_files():
        text = path.read_bytes().decode(errors="replace")
        found += [
            f"{path.relative_to(PROJECT)}: {match[0]}"
            for pattern in (REGISTRY_HOSTS, HOME_FOLDERS)
            for match in pattern.finditer(text)
        ]
    assert found == []


def test_every_module_says_what_it_is_for() -> None:
    silent = [str(path.relative_to(PROJECT)) for path in python_files() if not docstring(path)]
    assert silent == []


def test_a_package_is_only_a_place() -> None:
    full = [
        str(path)
        for path in (*PACKAGE.rglob("__init__.py"), BACKEND / "__init__.py")
        # A service's own package declares it: that is what its entry point names.
        if len(ast.parse(path.read_text()).body) != 1 and path.parent.parent != PACKAGE / "services"
    ]
    assert full == []


def test_the_contracts_of_imports_hold() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    answer = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    assert answer.returncode == 0, answer.stdout


def test_neither_the_command_nor_any_plain_module_loads_dagster(tmp_path: Path) -> None:
    plain = [module_name(path) for path in sorted(PACKAGE.rglob("*.py")) if not knows_dagster(path)]
    assert "tunemeld_pipeline.cli.main" in plain
    script = f"""
import importlib, sys
for name in {plain}:
    importlib.import_module(name)
    if "dagster" in sys.modules:
        sys.exit(f"{{name}} loads Dagster")
"""
    python(script, tmp_path)


def test_loading_the_definitions_touches_no_network(tmp_path: Path) -> None:
    script = """
import sys

def watch(event, arguments):
    # A bare `socket.bind` is how urllib3 finds out whether this machine has IPv6.
    if event in {"socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"}:
        print(event, arguments)

sys.addaudithook(watch)
import tunemeld_pipeline.definitions
"""
    assert python(script, tmp_path) == ""
