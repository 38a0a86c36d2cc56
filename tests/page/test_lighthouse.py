"""Lighthouse on each page, as on a phone: at least 95 for accessibility, best practices and what search engines want.

Performance is printed, since it is the machine's too.

`make lighthouse` installs it from `tests/lighthouse/` and runs this; without it this is skipped.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.django_backend.conftest import Api
from tests.page.conftest import PAGES, PROJECT

INSTALLED = PROJECT / "tests" / "lighthouse" / "node_modules"
LEAST = 95
JUDGED = ("accessibility", "best-practices", "seo")
FLAGS = "--headless=new --no-sandbox --disable-gpu"


@pytest.mark.slow
@pytest.mark.skipif(not INSTALLED.exists(), reason="Lighthouse is not installed; make lighthouse installs it")
@pytest.mark.parametrize("name", PAGES)
def test_lighthouse_finds_little_to_say(
    chromium: str, site: Api, paths: dict[str, str], name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.json"
    categories = ",".join((*JUDGED, "performance"))
    command = [
        PROJECT / "scripts" / "frontend",
        "lighthouse",
        site.url + paths[name],
        "--quiet",
        "--output=json",
        f"--output-path={report}",
    ]
    command += [f"--only-categories={categories}", f"--chrome-flags={FLAGS}"]
    subprocess.run(command, check=True, env={**os.environ, "CHROME_PATH": chromium})
    found = json.loads(report.read_text("utf-8"))
    scores = {key: round(100 * one["score"]) for key, one in found["categories"].items()}
    with capsys.disabled():
        sys.stdout.write(f"\n{name}: {', '.join(f'{key} {score}' for key, score in scores.items())}\n")
    failed = [
        f"{one['id']}: {one['title']}"
        for key in JUDGED
        for audit in found["categories"][key]["auditRefs"]
        if (one := found["audits"][audit["id"]])["score"] is not None and one["score"] < 1 and audit["weight"] > 0
    ]
    assert [key for key in JUDGED if scores[key] < LEAST] == [], failed
