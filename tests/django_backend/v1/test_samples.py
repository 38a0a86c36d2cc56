"""The examples in the documentation: each one runs, from a shell, from Python and from JavaScript."""

import shutil
import subprocess
import sys

import pytest

from django_backend.v1.operations import OPERATIONS
from django_backend.v1.samples import SERVER, samples
from tests.django_backend.conftest import Api
from tests.django_backend.v1.promises import known_values

PROGRAMS = {
    "Shell": ["sh", "-c"],
    "Python": [sys.executable, "-c"],
    "JavaScript": ["node", "--input-type=module", "-e"],
}


@pytest.mark.parametrize("language", PROGRAMS)
def test_every_example_runs(api: Api, language: str) -> None:
    program = PROGRAMS[language]
    needed = "curl" if language == "Shell" else program[0]
    if shutil.which(needed) is None:
        pytest.skip(f"there is no {needed} on the PATH")
    sources = [one["source"] for operation in OPERATIONS for one in samples(operation) if one["lang"] == language]
    assert len(sources) == len(OPERATIONS)
    there = known_values(api)
    examples = {
        one.example: there[one.name]
        for operation in OPERATIONS
        for one in operation.parameters
        if one.place == "path" and one.name in there
    }
    for source in sources:
        real = source.replace(SERVER, api.url)
        for example, value in examples.items():
            real = real.replace(f"/{example}", f"/{value}")
        done = subprocess.run([*program, real], capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, (source, done.stderr)
        assert done.stdout.strip(), source


def test_the_page_shows_them_and_a_way_back(api: Api) -> None:
    document = api.ask("/openapi.json").json()
    assert all(len(document["paths"][one.path]["get"]["x-codeSamples"]) == 3 for one in OPERATIONS)
    assert "x-codeSamples" in api.ask("/docs/docs.js").text
    assert '<a href="/">' in api.ask("/docs").text
    assert {one["type"] for one in document["x-problems"]} >= {"unknown-genre", "no-chart-on-that-day"}
