"""Anything that an operator's file may hold: it is read, or refused with an error of ours that names the file; never another error."""

import gzip
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import bson
import pytest
from bson import json_util
from hypothesis import given

from tests.documents import raw_playlist
from tests.fuzz.mutations import TRIED, bytes_of, either_of, fuzzed
from tunemeld_pipeline.backups.backup import MANIFEST, _documents, back_up, restore, verified
from tunemeld_pipeline.backups.signing import KEY_BYTES
from tunemeld_pipeline.charts.catalog import PACKAGED_CATALOG
from tunemeld_pipeline.charts.matching.overrides import parse_overrides, read_overrides
from tunemeld_pipeline.errors import BackupError, CatalogError, OverridesError, SettingsError
from tunemeld_pipeline.plugins.registry import keys, load_catalog
from tunemeld_pipeline.settings.sources import load_settings
from tunemeld_pipeline.storage.encoding import to_bson
from tunemeld_pipeline.storage.store import Store
from tunemeld_pipeline.text_files import MAX_BYTES

PROJECT = Path(__file__).parents[2]
HERE: dict[str, Any] = {"database": "charts", "upstreams": "sandbox", "key": b"k" * KEY_BYTES}
SECRET = "canary-7f3a9c51e2b84d06"
ENV_FILE = (PROJECT / ".env.example").read_bytes() + f"\nRAPIDAPI_KEY={SECRET}\nMATCH_OVERRIDES=~/a.toml\n".encode()
SHORT_ENV_FILE = f"""# of a developer
TUNEMELD_ENV=development
export MONGODB_URL="mongodb://user:{SECRET}@localhost:27017/?replicaSet=rs"
RAPIDAPI_KEY='{SECRET}'
TUNEMELD_HOME=~/tunemeld
SPOTIFY_DAILY_BUDGET=100
ETL_RETRY_DELAY=0.5
DJANGO_CORS_ORIGINS=https://a.example,https://b.example
TUNEMELD_SCHEDULE_CRON=30 2 * * *
""".encode()
OVERRIDES = b"""
[[same]]
rows = ["SoundCloud:1234", "Spotify:abc"]
reason = "the label's upload"

[[different]]
rows = ["AppleMusic:77", "Spotify:def"]

[[isrc]]
row = "AppleMusic:78"
isrc = "QZAAA2400001"
"""


def test_an_env_file_of_any_bytes_is_read_or_refused_without_its_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TUNEMELD_ENV", "ETL_RETRY_DELAY"):
        monkeypatch.delenv(name)
    file = tmp_path / ".env"

    @fuzzed(0.25)
    @given(bytes_of([ENV_FILE, SHORT_ENV_FILE, SHORT_ENV_FILE]))
    def every(content: bytes) -> None:
        TRIED[".env"] += 1
        file.write_bytes(content)
        try:
            settings = load_settings(file)
        except SettingsError as error:
            assert SECRET not in str(error)
        else:
            assert SECRET not in repr(settings)

    every()


def test_overrides_of_any_bytes_are_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "overrides.toml"

    @fuzzed()
    @given(bytes_of([OVERRIDES]))
    def every(content: bytes) -> None:
        TRIED["match overrides"] += 1
        file.write_bytes(content)
        try:
            overrides = read_overrides(file)
        except OverridesError as error:
            assert str(file) in str(error)
        else:
            assert overrides.same.isdisjoint(overrides.different)

    every()


def test_a_catalogue_of_any_bytes_is_read_or_refused(tmp_path: Path) -> None:
    file = tmp_path / "catalog.toml"

    @fuzzed()
    @given(bytes_of([PACKAGED_CATALOG.read_bytes()]))
    def every(content: bytes) -> None:
        TRIED["catalogue"] += 1
        file.write_bytes(content)
        try:
            catalog = load_catalog(file)
        except CatalogError as error:
            assert str(file) in str(error)
        else:
            assert catalog.genres

    every()


@pytest.mark.parametrize("text", [f"a = {'[' * 5_000}", f"a = {'9' * 5_000}", "a = " + "{b = " * 3_000])
def test_toml_that_would_exhaust_its_parser_is_refused(text: str, tmp_path: Path) -> None:
    file = tmp_path / "any.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(OverridesError, match="not TOML"):
        parse_overrides(text)
    with pytest.raises(CatalogError, match="not TOML"):
        load_catalog(file)


@pytest.mark.parametrize("kind", ["too large", "a pipe", "a folder"])
def test_what_is_no_small_ordinary_file_is_refused_at_once(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "file"
    match kind:
        case "too large":
            with path.open("wb") as file:
                file.truncate(MAX_BYTES + 1)
        case "a pipe":
            os.mkfifo(path)
        case "a folder":
            path.mkdir()
    with pytest.raises(OverridesError, match="cannot be read"):
        read_overrides(path)
    with pytest.raises(CatalogError, match="cannot be read"):
        load_catalog(path)
    with pytest.raises(SettingsError, match=r"cannot be read|no such environment file"):
        load_settings(path, environment="development")


@pytest.mark.parametrize("value", ["~nobody-of-this-name/home", '"a\x00b"'])
def test_a_path_that_cannot_be_one_is_named_with_its_variable(value: str, tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text(f"TUNEMELD_HOME={value}\n", "utf-8")
    with pytest.raises(SettingsError, match="TUNEMELD_HOME"):
        load_settings(file, environment="development")


@pytest.fixture
def saved(store: Store, tmp_path: Path) -> Path:
    """A backup of three playlists."""
    for service in keys():
        store.playlists.put_raw_playlist(raw_playlist(service))
    back_up(store, tmp_path / "saved", **HERE)
    return tmp_path / "saved"


def packed(folder: Path, lines: bytes, count: int) -> None:
    """Puts these lines into a backup's playlists, and the right sums into its manifest."""
    path = folder / "raw_playlists.json.gz"
    path.write_bytes(gzip.compress(lines, 1))
    manifest = json.loads((folder / MANIFEST).read_text("utf-8"))
    sums = {"documents": count, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    manifest["collections"]["raw_playlists"] = sums
    (folder / MANIFEST).write_text(json.dumps(manifest), "utf-8")


def test_a_backup_of_any_bytes_is_verified_or_refused(saved: Path) -> None:
    manifest, file = (saved / MANIFEST).read_bytes(), saved / "raw_playlists.json.gz"
    compressed = file.read_bytes()

    @fuzzed()
    @given(either_of([manifest]), bytes_of([compressed]))
    def every(listed: bytes, content: bytes) -> None:
        TRIED["backup manifest and file"] += 1
        for first, second in ((listed, compressed), (manifest, content)):
            (saved / MANIFEST).write_bytes(first)
            file.write_bytes(second)
            try:
                verified(saved, None)
            except BackupError as error:
                assert str(saved) in str(error)

    every()


def test_documents_of_any_shape_are_refused_before_anything_is_written(saved: Path, store: Store) -> None:
    lines = gzip.decompress((saved / "raw_playlists.json.gz").read_bytes()).splitlines()
    crafted = [*lines, json_util.dumps({"_id": 1, "at": to_bson(raw_playlist()), "n": bson.Int64(7)}).encode()]
    before = list(store.transfer.documents("raw_playlists"))

    @fuzzed()
    @given(either_of(crafted))
    def every(line: bytes) -> None:
        TRIED["backup document"] += 1
        packed(saved, lines[0] + b"\n" + line.replace(b"\n", b" ") + b"\n", 2)
        try:
            verified(saved, None)
        except BackupError:
            with pytest.raises(BackupError):
                restore(store, saved, **HERE | {"key": None})
            return
        for document in _documents(saved, "raw_playlists"):
            assert bson.decode(bson.encode(document))
            hash(document["_id"])

    every()
    assert list(store.transfer.documents("raw_playlists")) == before


@pytest.mark.parametrize(
    "line", [b'{"_id":[1]}', b'{"_id":{"a":1}}', b'{"_id":1,"$a":1}', b'{"_id":1,"a\\u0000":1}', b'{"_id":"\\ud83d"}',
             b'{"_id":1,"a":' + b"[" * 20_000 + b"]" * 20_000 + b"}", b'{"_id":1,"a":99999999999999999999}',
             b'{"_id":1,"a":{"$numberDecimal":"x"}}', b'{"_id":1,"a":{"$regularExpression":{"pattern":"(","options":"i"}}}'],
)  # fmt: skip
def test_a_document_that_mongodb_would_refuse_changes_nothing(line: bytes, saved: Path, store: Store) -> None:
    packed(saved, line + b"\n", 1)
    before = list(store.transfer.documents("raw_playlists"))
    if b"$regularExpression" in line:  # MongoDB keeps an expression that no Python reads
        verified(saved, None)
        return
    with pytest.raises(BackupError, match="missing or damaged"):
        restore(store, saved, **HERE | {"key": None})
    assert list(store.transfer.documents("raw_playlists")) == before


def test_a_backup_that_unpacks_to_a_line_without_end_is_refused(saved: Path) -> None:
    packed(saved, b'{"_id":1,"a":"' + b"a" * 60_000_000 + b'"}\n', 1)
    with pytest.raises(BackupError, match="missing or damaged"):
        verified(saved, None)


def test_a_backup_with_a_pipe_in_it_is_refused_at_once(saved: Path, tmp_path: Path) -> None:
    for name in (MANIFEST, "raw_playlists.json.gz"):
        folder = Path(shutil.copytree(saved, tmp_path / name))
        (folder / name).unlink()
        os.mkfifo(folder / name)
        with pytest.raises(BackupError):
            verified(folder, None)
