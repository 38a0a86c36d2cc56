"""What pages carry besides their lists (sessions, tokens, visitors) is found nowhere in what was written, and their bodies go nowhere."""

import base64
import json
import re
import tarfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet
import pytest
import requests
from pymongo import MongoClient

from tests.cli.conftest import run_tunemeld
from tests.django_backend.conftest import serving, settings_for_api
from tests.live_world import live_variables
from tests.wire import Play, Received, answer
from tunemeld_pipeline.plugins.registry import load_catalog

SECRET = "canary-of-a-visitor-41d7"
SANDBOX_SECRET = "sandbox-session-token"
"""What the sandbox's page has of its own in its session."""

BODY = ("itemV2", "tertiaryLinks", "containerDetailHeaderLockup")
"""Names of the pages' own structure, which only a body holds."""

SCRIPT = re.compile(r'(<script[^>]*id="(?:initialState|serialized-server-data)"[^>]*>)(.*?)(</script>)', re.DOTALL)


def beset(value: Any) -> Any:
    """The value with a visitor's secrets beside everything in it."""
    if isinstance(value, dict):
        return {name: beset(one) for name, one in value.items()} | {
            "accessToken": SECRET,
            "visitor": {"id": SECRET},
            "shareUrl": f"https://x.example/?si={SECRET}",
        }
    return [beset(one) for one in value] if isinstance(value, list) else value


def with_secrets(page: str, *, changed: bool = False) -> str:
    """The page with a visitor's secrets before, in and behind its script; perhaps with another structure."""

    def bared(text: str) -> str:
        text = json.dumps(beset(json.loads(text)))
        return text.replace('"content"', '"contents"').replace('"sections"', '"parts"') if changed else text

    def script(found: re.Match[str]) -> str:
        begin, text, end = found.groups()
        if text.lstrip().startswith(("{", "[")):
            return f"{begin}{bared(text)}{end}"
        state = bared(base64.b64decode(text).decode())
        return f"{begin}{base64.b64encode(state.encode()).decode()}{end}"

    page = SCRIPT.sub(script, page)
    return f'<!-- {SECRET} --><script>window.token = "{SECRET}"</script>{page}<script>var visitor = "{SECRET}"</script>'


def written(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder, archives unpacked, tables as text."""
    for path in folder.rglob("*"):
        if not path.is_file() or path.is_symlink():
            continue
        if path.suffix == ".gz" and tarfile.is_tarfile(path):
            with tarfile.open(path) as archive:
                content = b"".join(one.read() for member in archive if (one := archive.extractfile(member)))
        elif path.suffix == ".parquet":
            content = str(pyarrow.parquet.read_table(path).to_pylist()).encode()
        else:
            content = path.read_bytes()
        yield str(path.relative_to(folder)), content


@pytest.fixture
def live(play: Play, sandbox_root: str, mongod_url: str, tmp_path: Path) -> Iterator[dict[str, str]]:
    """The variables of a live world whose pages carry secrets; after its pages were read well, they have another structure."""
    reads: set[str] = set()

    def page(received: Received) -> bytes:
        found = requests.get(sandbox_root + received.target, timeout=30)
        if "/playlist/" not in received.target:
            return answer(found.content, found.status_code)
        again = received.target in reads
        reads.add(received.target)
        content = with_secrets(found.text, changed=again)
        cookie = {"Set-Cookie": f"sp_t={SECRET}; Path=/"}
        return answer(content.encode(), 200, cookie)

    dance = load_catalog().genre("dance")
    lists = [f'{service} = "{dance.playlist(service).url}"' for service in ("Spotify", "AppleMusic")]
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text("\n".join(["[genres.dance]", 'display_name = "Dance"', *lists, ""]))
    name = f"live_{datetime.now(UTC):%H%M%S%f}"
    yield {
        **live_variables(play(page).url),
        "TUNEMELD_HOME": str(tmp_path / "home"),
        "TUNEMELD_CATALOG": str(catalogue),
        "TUNEMELD_LIVE_PAGES": "yes",
        "MONGODB_URL": mongod_url,
        "MONGODB_DATABASE": name,
        "DUMP_DIR": str(tmp_path / "dumps"),
        "LOG_LEVEL": "DEBUG",
    }
    with MongoClient[dict[str, Any]](mongod_url) as client:
        client.drop_database(name)


@pytest.mark.slow
def test_no_secret_of_a_page_is_written_and_no_body_leaves(
    live: dict[str, str], mongod_url: str, sandbox_root: str, tmp_path: Path
) -> None:
    said = ""
    with MongoClient[dict[str, Any]](mongod_url) as client:
        database = client[live["MONGODB_DATABASE"]]
        for expected in (0, 3):
            ran = run_tunemeld("-v", "etl", "run", "full", "--genre", "dance", folder=tmp_path, **live)
            said += ran.stdout + ran.stderr
            if expected == 0:
                assert ran.returncode == 0, ran.stdout + ran.stderr
                # A day later the pages have another structure.
                database["kept_reads"].delete_many({})
        assert "does not have the expected structure" in said
        for words in (
            ("etl", "sources", "--probe"),
            ("chart", "dance"),
            ("db", "dump"),
            ("system", "debug-bundle", "--out", "help.tar.gz"),
        ):
            shown = run_tunemeld(*words, folder=tmp_path, **live)
            said += shown.stdout + shown.stderr
        documents = {name: list(database[name].find()) for name in database.list_collection_names()}
    assert "itemV2" in str(documents["raw_playlists"])

    variables: dict[str, Any] = {**live, "TUNEMELD_CACHE": "memory"}
    with serving(settings_for_api(mongod_url, sandbox_root, tmp_path / "home"), **variables) as api:
        paths = list(api.ask("/openapi.json").json()["paths"])
        answers = {path: api.ask(re.sub(r"\{\w+\}", "dance", path)) for path in paths}
    assert sum(one.status_code == 200 for one in answers.values()) > 10

    everything = {
        "said": said,
        **{f"collection {name}": str(found) for name, found in documents.items()},
        **{path: content.decode("utf-8", "replace") for path, content in written(tmp_path)},
        **{path: one.text + str(one.headers) for path, one in answers.items()},
    }
    assert {"help.tar.gz"} <= everything.keys()
    assert [path for path in everything if path.endswith(".parquet")]
    encoded = base64.b64encode(SECRET.encode()).decode().rstrip("=")[:-1]
    for secret in (SECRET, SANDBOX_SECRET, encoded):
        assert [where for where, text in everything.items() if secret in text] == []
    kept = {path for path in everything if "/drift/" in path}
    assert len(kept) == 2
    may_hold = {"collection raw_playlists", "collection wider_lists", "collection kept_reads", *kept}
    for name in BODY:
        assert {where for where, text in everything.items() if name in text} <= may_hold
