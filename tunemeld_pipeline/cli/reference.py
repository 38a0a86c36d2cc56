"""`python -m tunemeld_pipeline.cli.reference`: the part of docs/cli.md that lists every command, and docs/json/, the shapes of `--json`.

Both are made from the commands themselves. A test compares them; `--write` brings them up to date.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from tunemeld_pipeline.cli.main import PANELS, WITHIN, application
from tunemeld_pipeline.cli.shapes.printed import PRINTED, schema_of
from tunemeld_pipeline.cli.tree import AFTER_COMMANDS, Node, command_tree, nodes

PAGE = Path(__file__).parents[2] / "docs" / "cli.md"
SCHEMAS = PAGE.with_name("json")
BEGIN = "<!-- from here on: python -m tunemeld_pipeline.cli.reference --write -->\n"


def reference() -> str:
    """Every command with its purpose, arguments and options, in the order of the help."""
    tree = command_tree(application(), PANELS, WITHIN, plain=True)
    return "\n".join(line for path, node in nodes(tree) if path for line in _section(path, node))


def page_with_reference(page: str) -> str:
    """The page with what is written by hand, and the commands of today below it."""
    return page.partition(BEGIN)[0] + BEGIN + "\n" + reference()


def schemas() -> dict[str, str]:
    """Each file of docs/json/ with its content."""
    return {
        _schema_name(command): json.dumps(schema_of(command), indent=2, ensure_ascii=False) + "\n"
        for command in PRINTED
    }


def _schema_name(command: str) -> str:
    return f"{command.replace(' ', '-')}.json"


def _section(path: tuple[str, ...], node: Node) -> Iterator[str]:
    words = " ".join(("tunemeld", *path))
    yield f"{'##' if len(path) == 1 else '###'} `{words}`\n"
    for paragraph in (node.help or "").split("\n\n"):
        if paragraph.startswith("Example: "):
            yield f"```sh\n{paragraph.removeprefix('Example: ')}\n```\n"
        elif not paragraph.startswith("See also: "):
            yield f"{paragraph}\n"
    if isinstance(node, TyperCommand) or (isinstance(node, TyperGroup) and node.invoke_without_command):
        rows = [row for param in node.params if isinstance(param, TyperArgument | TyperOption) for row in _row(param)]
        if rows:
            yield "| argument or option | meaning |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    command = " ".join(path)
    if command in PRINTED:
        yield f"Its JSON: [schema](json/{_schema_name(command)}).\n"


def _row(param: TyperArgument | TyperOption) -> Iterator[str]:
    if param.hidden or set(param.opts) & {*AFTER_COMMANDS, "--help"}:
        return
    if isinstance(param, TyperArgument):
        names = f"`{param.metavar or (param.name or '').upper()}`" + ("" if param.required else " (optional)")
    else:
        value = "" if param.is_flag else f" {param.metavar}"
        names = ", ".join(f"`{name}{value}`" for name in (*param.opts, *param.secondary_opts))
    meaning = " ".join((param.help or "").split()).replace("|", "\\|")
    yield f"| {names.replace('|', chr(92) + '|')} | {meaning} |"


def main() -> None:
    """Prints the list, or writes it into the page, and the schemas beside it."""
    if "--write" in sys.argv[1:]:
        PAGE.write_text(page_with_reference(PAGE.read_text("utf-8")), "utf-8")
        SCHEMAS.mkdir(exist_ok=True)
        for old in SCHEMAS.glob("*.json"):
            old.unlink()
        for name, schema in schemas().items():
            (SCHEMAS / name).write_text(schema, "utf-8")
    else:
        typer.echo(reference())


if __name__ == "__main__":
    main()
