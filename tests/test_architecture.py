"""The drawing of the imports: what it shows of this project, and that it finds what it looks for."""

from pathlib import Path

from scripts.architecture import ROOT, circles, drawing, floors

LAYERS = """
[[tool.importlinter.contracts]]
type = "layers"
layers = ["tunemeld_pipeline.cli : django_backend", "tunemeld_pipeline.storage | tunemeld_pipeline.logs", "tunemeld_pipeline.charts"]
"""


def checkout(root: Path, **modules: str) -> Path:
    """A checkout with these modules, `__` between a package and its module."""
    for name, code in modules.items():
        path = (root / "tunemeld_pipeline" / name.replace("__", "/")).with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
        (path.parent / "__init__.py").touch()
    (root / "pyproject.toml").write_text(LAYERS)
    return root


def test_no_import_of_ours_runs_uphill_or_in_a_circle() -> None:
    found = drawing(ROOT)
    assert found.uphill == []
    assert circles(found.rooms) == []
    assert {"cli", "charts", "django_backend", "errors"} <= found.rooms.keys()


def test_a_room_stands_above_all_that_it_imports(tmp_path: Path) -> None:
    root = checkout(
        tmp_path,
        cli__main="from tunemeld_pipeline.storage import store\nfrom tunemeld_pipeline.errors import Missing",
        storage__store="import tunemeld_pipeline.charts.rows",
        charts__rows="import json",
        errors="",
    )
    found = drawing(root)
    assert (found.modules, found.loose) == (8, 1)
    assert floors(found.rooms) == {"charts": 1, "errors": 1, "storage": 2, "cli": 3}
    assert found.rooms["cli"] == {"storage", "errors"}


def test_what_runs_uphill_and_in_a_circle_is_found(tmp_path: Path) -> None:
    root = checkout(
        tmp_path,
        charts__rows="def late():\n    from tunemeld_pipeline.logs.lines import write",
        logs__lines="from tunemeld_pipeline.charts.rows import late",
        storage__store="from tunemeld_pipeline.logs.lines import write",
    )
    found = drawing(root)
    assert found.uphill == [("tunemeld_pipeline.charts.rows", "tunemeld_pipeline.logs.lines")]
    assert circles(found.rooms) == [["charts", "logs"]]
    assert floors(found.rooms) == {"charts": 1, "logs": 1, "storage": 2}


def test_what_only_a_type_checker_imports_is_no_arrow(tmp_path: Path) -> None:
    named = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from tunemeld_pipeline.logs import lines\n"
    root = checkout(tmp_path, charts__rows=named, logs__lines="")
    assert drawing(root).rooms == {"charts": set(), "logs": set()}
