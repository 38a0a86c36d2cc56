"""What `deploy/` holds: files that are whole, and agree with the project."""

import re
import subprocess
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from tunemeld_pipeline.settings.choices import variable_name
from tunemeld_pipeline.settings.places import project_root
from tunemeld_pipeline.settings.settings import SETTING_NAMES

ROOT = project_root() or Path()
DEPLOY = ROOT / "deploy"
MANIFESTS = ("settings.yaml", "api.yaml", "pgbouncer.yaml")
KUBERNETES = "1.31"
OF_OTHERS = {"TUNEMELD_ENV_FILE"}


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
    return found


@pytest.mark.parametrize("name", MANIFESTS)
def test_kubernetes_takes_the_manifest(name: str) -> None:
    for resource in yaml.safe_load_all((DEPLOY / "kubernetes" / name).read_text("utf-8")):
        kubernetes_validate.validate(resource, KUBERNETES, strict=True)


def test_whatever_the_manifests_set_is_a_setting() -> None:
    names = {variable_name(name) for name in SETTING_NAMES}
    resource = yaml.safe_load((DEPLOY / "kubernetes" / "settings.yaml").read_text("utf-8"))
    assert set(resource["data"]) <= names


def test_compose_names_settings_and_no_secret(compose: dict[str, Any]) -> None:
    names = {variable_name(name) for name in SETTING_NAMES} | OF_OTHERS
    for service in compose["services"].values():
        assert set(service.get("environment", {})) <= names
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    assert not re.search(r"(?i)(password|secret|token|key)\s*[:=]\s*[^\s{\[]", re.sub(r"secrets/\w+", "", text))
    used = {secret for service in compose["services"].values() for secret in service.get("secrets", [])}
    assert used == set(compose["secrets"])


def test_there_is_one_daemon_and_everything_comes_back(compose: dict[str, Any]) -> None:
    services = compose["services"]
    starting = [name for name, one in services.items() if one.get("command", [])[:2] == ["tunemeld", "start"]]
    assert starting == ["daemon"] and "deploy" not in services["daemon"]
    assert {one["restart"] for name, one in services.items() if name != "mongodb-init"} == {"unless-stopped"}
    published = {name: one["ports"] for name, one in services.items() if "ports" in one}
    assert set(published) == {"proxy", "daemon"} and published["daemon"][0].startswith("127.0.0.1:")


def test_the_image_is_made_from_locked_packages_and_runs_as_nobody_in_particular() -> None:
    text = (DEPLOY / "Containerfile").read_text("utf-8")
    assert "--require-hashes --only-binary :all: -r /tmp/cluster.txt" in text
    last = text.rpartition("FROM ")[2]
    assert "USER tunemeld" in last and "HEALTHCHECK" in last and "org.opencontainers.image.version" in last
    sent = (ROOT / ".containerignore").read_text("utf-8").splitlines()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.MULTILINE)
    for path in " ".join(copied).split():
        assert any(path == one[1:] or path.startswith(f"{one[1:]}/") for one in sent if one.startswith("!")), path


def test_secrets_are_made_once_and_only_the_owner_may_enter(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets"
    script.write_bytes((DEPLOY / "make-secrets").read_bytes())
    for _ in range(2):
        subprocess.run(["sh", str(script)], check=True)
        made = {path.name: path.read_text("utf-8") for path in (tmp_path / "secrets").iterdir()}
        assert len(set(made.values())) == len(made) == 5
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert made["postgres_password"] in made["tunemeld_env"] and made["redis_password"] in made["tunemeld_env"]
