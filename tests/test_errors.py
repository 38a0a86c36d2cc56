"""Every error says what to do: in its message, and in docs/troubleshooting.md."""

import ast
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sources import nodes
from tunemeld_pipeline import errors

PROJECT = Path(__file__).parents[1]
TROUBLESHOOTING = PROJECT / "docs" / "troubleshooting.md"
TREE = {
    name: kind for name, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, errors.TuneMeldError)
}
REMEDY = re.compile(
    r"\b(use|set|check|choose|name|write|run|get|start|call|free|raise|restor\w+|save|remove|end|wait\w*|try|copy|look|fix|say"
    r"|declare|rename"
    r"|leave|make|work|list|add|see|stop|install|create|lower|drop|stays?|keep|again|says why|rest waits|mend|upgrade|reads|as it was)\b",
    re.IGNORECASE,
)
"""What a remedy is made of: something to do, or that nothing has to be done."""


ADVICE = re.compile(r"[;,.:?] *(and )?(check|wait|take|raise|subscribe|enable|copy|get|set|run|the rest|it resets)\b")
"""What a sentence has that goes on to say what to do."""


def texts(node: ast.expr) -> str:
    """The literal parts of a message."""
    return " ".join(
        str(one.value) if isinstance(one, ast.Constant) else one.id.replace("_", " ")
        for one in ast.walk(node)
        if isinstance(one, ast.Constant) or (isinstance(one, ast.Name) and one.id.isupper())
    )


def raised() -> Iterator[tuple[str, str]]:
    """Where an error of the tree is made with a message of its own, and that message's literal parts."""
    for path in sorted((PROJECT / "tunemeld_pipeline").rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in TREE and node.args:
                message = texts(node.args[-1])
                if issubclass(TREE[node.func.id], errors.UpstreamError):
                    message = TREE[node.func.id].remedy
                if any(keyword.arg == "next_command" for keyword in node.keywords):
                    message += "; run what is named beside it"
                if (
                    len(re.findall(r"\w+", message)) > 1
                ):  # a message made of others, or named once for several places, says it there
                    yield f"{path.relative_to(PROJECT)}:{node.lineno} {node.func.id}", message


def test_every_message_says_what_to_do() -> None:
    found = dict(raised())
    assert len(found) > 50
    assert {place: message for place, message in found.items() if not REMEDY.search(message)} == {}


def test_no_message_repeats_what_to_run_next() -> None:
    """The command is the error's `next_command`, which is printed beside it; a second one in the message would be another advice."""
    assert {place: message for place, message in raised() if re.search(r"\btunemeld [a-z]", message)} == {}


def test_an_upstreams_message_leaves_the_remedy_to_its_owner() -> None:
    found = {}
    for path in sorted((PROJECT / "tunemeld_pipeline").rglob("*.py")):
        for node in nodes(path):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) > 1:
                kind = TREE.get(node.func.id)
                if kind and issubclass(kind, errors.UpstreamError) and ADVICE.search(message := texts(node.args[1])):
                    found[f"{path.relative_to(PROJECT)}:{node.lineno}"] = message
    assert found == {}


@pytest.mark.parametrize("name", TREE)
def test_every_error_has_an_entry_in_the_troubleshooting(name: str) -> None:
    entries = [line for line in TROUBLESHOOTING.read_text().splitlines() if line.startswith("#")]
    assert [line for line in entries if f"`{name}`" in line]


def test_the_troubleshooting_begins_with_the_command_that_is_not_found() -> None:
    first = next(line for line in TROUBLESHOOTING.read_text().splitlines() if line.startswith("## "))
    assert "command not found" in first


def test_no_entry_is_about_an_error_that_is_gone() -> None:
    named = re.findall(r"^#.*?`([A-Z]\w+)`", TROUBLESHOOTING.read_text(), flags=re.MULTILINE)
    assert set(named) <= set(TREE)
