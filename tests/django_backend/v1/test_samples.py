"""The examples in the documentation: each one runs, from a shell, from Python and from JavaScript."""

import json
import shutil
import subprocess
import sys

import pytest

from django_backend.v1.operations import OPERATIONS
from django_backend.v1.samples import SERVER, samples
from tests.django_backend.conftest import Api
from tests.django_backend.v1.promises import known_values

PYTHON = """
import json, sys
for example in json.load(sys.stdin):
    exec(example, {"__name__": "__main__"})
    print(end="\\0", flush=True)
"""
JAVASCRIPT = """
import { readFileSync } from "node:fs";
for (const example of JSON.parse(readFileSync(0))) {
  await import("data:text/javascript," + encodeURIComponent(example));
  process.stdout.write("\\0");
}
"""
SHELL = """
import json, subprocess, sys
for example in json.load(sys.stdin):
    print(subprocess.run(["sh", "-c", example], check=True, stdout=subprocess.PIPE, text=True).stdout, end="\\0", flush=True)
"""
PROGRAMS = {
    "Shell": [sys.executable, "-c", SHELL],
    "Python": [sys.executable, "-c", PYTHON],
    "JavaScript": ["node", "--input-type=module", "-e", JAVASCRIPT],
}
"""What runs all of a language's examples, with a zero after the output of each: most of them take longer to start than to run."""


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
    real = [source.replace(SERVER, api.url) for source in sources]
    for example, value in examples.items():
        real = [source.replace(f"/{example}", f"/{value}") for source in real]
    done = subprocess.run(program, input=json.dumps(real), capture_output=True, text=True, timeout=300, check=False)
    printed = done.stdout.split("\0")[:-1]
    assert done.returncode == 0, (real[len(printed)], done.stderr)
    for source, output in zip(real, printed, strict=True):
        assert output.strip(), source


def test_the_page_shows_them_and_a_way_back(api: Api) -> None:
    document = api.ask("/openapi.json").json()
    assert all(len(document["paths"][one.path]["get"]["x-codeSamples"]) == 3 for one in OPERATIONS)
    assert "x-codeSamples" in api.ask("/docs/docs.js").text
    assert '<a href="/">' in api.ask("/docs").text
    assert {one["type"] for one in document["x-problems"]} >= {"unknown-genre", "no-chart-on-that-day"}
