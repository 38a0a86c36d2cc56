"""The project's Python files as syntax trees, each parsed once for all tests that search them."""

import ast
from functools import cache
from pathlib import Path


@cache
def nodes(path: Path) -> list[ast.AST]:
    """The file's syntax tree, its module first."""
    return list(ast.walk(ast.parse(path.read_text("utf-8"))))


@cache
def docstring(path: Path) -> str | None:
    """What the module says of itself."""
    (module,) = (node for node in nodes(path)[:1] if isinstance(node, ast.Module))
    return ast.get_docstring(module)
