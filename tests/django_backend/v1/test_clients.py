"""Clients that are generated from `/openapi.json` call every operation and understand its answer."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.django_backend.conftest import Api
from tests.django_backend.v1.promises import known_values

GENERATORS = Path(__file__).parents[3] / ".venv" / "clients"
CALLING = Path(__file__).with_name("generated_client.py")

pytestmark = pytest.mark.slow  # generating takes ten seconds of processor time


@pytest.fixture(scope="module")
def document(api: Api, tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not GENERATORS.exists():
        assert not os.environ.get("CI"), "`make test-slow` installs the generators"
        pytest.skip("the generators of clients are not installed; scripts/clients installs them")
    path = tmp_path_factory.mktemp("clients") / "openapi.json"
    path.write_text(api.ask("/openapi.json").text)
    return path


def run(*arguments: str, folder: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": f"{GENERATORS}{os.pathsep}{folder}", "NO_COLOR": "1"}
    environment["PATH"] = f"{GENERATORS / 'bin'}{os.pathsep}{environment['PATH']}"
    command = [sys.executable, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stdout[-4_000:] + done.stderr[-4_000:]
    return done.stdout + done.stderr


@pytest.mark.parametrize("kind", ["functions", "models"])
def test_a_generated_client_calls_every_operation(api: Api, document: Path, kind: str) -> None:
    folder = document.parent
    if kind == "functions":
        # It knows JSON and texts; all else it leaves as bytes.
        media = re.findall(r'"((?:application|image|audio)/[^"]+)": {"schema"', document.read_text())
        others = {one: "application/octet-stream" for one in media if not one.endswith("json")}
        settings = folder / "settings.json"
        settings.write_text(json.dumps({"content_type_overrides": others}))
        generate = ["-m", "openapi_python_client", "generate", "--path", str(document), "--meta", "none"]
        made = ["--output-path", str(folder / "made_client"), "--config", str(settings)]
        said = run(*generate, *made, folder=folder)
        assert "WARNING" not in said.upper(), said
        assert "ERROR" not in said.upper(), said
    else:
        generate = ["-m", "datamodel_code_generator", "--input", str(document), "--input-file-type", "openapi"]
        style = ["--output-model-type", "pydantic_v2.BaseModel", "--output", str(folder / "made_models.py")]
        run(*generate, *style, folder=folder)
    known = json.dumps(known_values(api))
    called = json.loads(run(str(CALLING), kind, api.url, str(document), known, folder=folder).splitlines()[-1])
    paths = json.loads(document.read_text())["paths"]
    assert set(called) == {item["get"]["operationId"] for path, item in paths.items() if path.startswith("/v1/")}
