"""Where the built page is found: in the folder of the settings, in a checkout, or in the installed package."""

import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from django_backend.page_files import PACKAGED, PageFiles, page_folder
from tests.django_backend.built import SCRIPT, build_page
from tunemeld_pipeline.settings.settings import Settings

PROJECT = Path(__file__).parents[2]
SETTINGS = Settings(environment="testing")


def test_it_works(tmp_path: Path) -> None:
    folder = build_page(tmp_path / "page")
    assert page_folder(SETTINGS.model_copy(update={"page_folder": folder})) == folder
    built = PageFiles(lambda: folder).built()
    assert built is not None
    assert "tunemeld:head" in built.template
    assert set(built.files) == {SCRIPT, "/icon.svg"}
    assert built.api == ""


def test_a_checkout_has_it_where_vite_puts_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django_backend.page_files.project_root", lambda: tmp_path)
    nowhere = page_folder(SETTINGS)
    build_page(tmp_path / "frontend" / "dist")
    assert page_folder(SETTINGS) == tmp_path / "frontend" / "dist" != nowhere
    assert page_folder(SETTINGS.model_copy(update={"page_folder": tmp_path / "elsewhere"})) is None


def test_while_the_page_is_built_anew_the_one_before_stays(tmp_path: Path) -> None:
    folder = build_page(tmp_path / "page")
    files = PageFiles(lambda: folder)
    before = files.built()
    shutil.rmtree(folder)
    assert files.built() is before is not None
    build_page(folder, script="/assets/new-12345678.js")
    assert files.file("/assets/new-12345678.js")
    assert files.file(SCRIPT) is None


@pytest.mark.parametrize("is_built", [True, False])
def test_a_wheel_carries_the_page_where_it_was_built(tmp_path: Path, is_built: bool) -> None:
    for name in ("pyproject.toml", "README.md", "LICENSE", ".gitignore", "django_backend/__init__.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    if is_built:
        build_page(tmp_path / "frontend" / "dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "wheels")]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    (wheel,) = (tmp_path / "wheels").glob("*.whl")
    with ZipFile(wheel) as carried:
        names = set(carried.namelist())
    assert (f"django_backend/{PACKAGED}/index.html" in names) is is_built
    assert (f"django_backend/{PACKAGED}{SCRIPT}.br" in names) is is_built
    assert "django_backend/__init__.py" in names
