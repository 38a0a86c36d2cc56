"""The tree of commands as it is read and shown: global options before or after a command, help that fits where it is printed.

This module adds what holds for all commands to the tree that typer builds of them. `main.py` lists the commands, and their docstrings are
their help.
"""

import inspect
import os
import re
import sys
from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any

import typer
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption
from typer.main import get_command

from tunemeld_pipeline.cli import exits
from tunemeld_pipeline.cli.context import options_of
from tunemeld_pipeline.cli.failures import forget_output
from tunemeld_pipeline.suggestions import did_you_mean

GLOBAL_PANEL = "Global options"
OTHER_PANEL = "Commands"
SEE_ALSO = "See also:"
"""Begins the paragraph of a docstring that names other commands; without one, a command's neighbours are named."""
AFTER_COMMANDS = ("--env", "--env-file", "--log-level", "--verbose", "--quiet", "--no-color")
"""The global options that may also come after a command; `--json` may where the command's output is data."""

METAVARS = {
    "genre": "GENRE",
    "environment": "NAME",
    "log_level": "LEVEL",
    "run_id": "RUN",
    "as_of": "DAY",
    "to": "DAY",
    "date": "DAY",
    "host": "HOST",
    "ui_host": "HOST",
    "url": "URL",
    "endpoint": "NAME",
    "seconds": "SECONDS",
    "only": "NAME",
}
"""What the help shows for an option's value, by the option's name; other options show the kind of value."""

NONE_OF = re.compile(r"(?:Value error, )?(?P<given>'.*'|\".*\") is not one of (?P<known>'.*)\.")
"""How typer refuses a value that is no choice."""

Node = TyperCommand | TyperGroup


class Root(TyperGroup):
    """`tunemeld` itself: its plain help shows the commands in panels, as its coloured help does."""

    def make_context(self, *arguments: Any, **more: Any) -> Any:
        """Reads the command line, which may already print: help, or the version."""
        with _reader_may_go(), _refused_in_words():
            return super().make_context(*arguments, **more)

    def invoke(self, ctx: Any) -> Any:
        """Runs the command that the caller named."""
        with _reader_may_go(), _refused_in_words():
            return super().invoke(ctx)

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        """Writes the commands, one section a panel."""
        del ctx  # the signature is typer's own
        panels: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for name, command in self.commands.items():
            if isinstance(command, Node) and not command.hidden:
                panels[command.rich_help_panel or OTHER_PANEL].append(
                    (name, command.get_short_help_str(formatter.width))
                )
        for panel, rows in panels.items():
            with formatter.section(panel):
                formatter.write_dl(rows)


@contextmanager
def _reader_may_go() -> Generator[None]:
    """typer would take it for a failure that nobody reads on, such as `head`."""
    try:
        yield
    except BrokenPipeError:
        forget_output()
        raise typer.Exit(exits.READER_GONE) from None


@contextmanager
def _refused_in_words() -> Generator[None]:
    """A value that is no choice is refused with the choices, and the one that was perhaps meant."""
    try:
        yield
    except typer.BadParameter as error:
        if match := NONE_OF.fullmatch(error.message):
            given, known = match["given"][1:-1], re.findall(r"'([^']*)'", match["known"])
            error.message = f"{given!r} is none of {', '.join(known)}{did_you_mean(given, known)}"
        raise


def command_tree(
    app: typer.Typer, panels: Mapping[str, Sequence[str]], within: Mapping[str, Sequence[str]], *, plain: bool
) -> Root:
    """The commands of `app` with what all of them share.

    Args:
        panels: heading → the names below it, in the order in which the help shows them; others come last.
        within: group → its commands, in the order in which the help shows them.
        plain: help and refusals of the command line as plain text, without frames and colour.
    """
    root = get_command(app)
    assert isinstance(root, Root)  # noqa: S101 - what main.py makes
    for panel, names in panels.items():
        for command in filter(None, (root.commands.get(name) for name in names)):
            if isinstance(command, Node):
                command.rich_help_panel = panel
    places = [name for names in panels.values() for name in names]
    root.commands = dict(sorted(root.commands.items(), key=lambda one: (*places, one[0]).index(one[0])))
    found = dict(nodes(root))
    for group, ordered in within.items():
        node = found.get(tuple(group.split()))
        if isinstance(node, TyperGroup):
            node.commands = {name: node.commands[name] for name in (*ordered, *(node.commands.keys() - {*ordered}))}
    shared = [one for one in root.params if isinstance(one, TyperOption) and set(one.opts) & set(AFTER_COMMANDS)]
    as_json = next(one for one in root.params if "--json" in one.opts)
    found = dict(nodes(root))
    for path, neighbours in _neighbours(root, panels).items():
        node = found[path]
        if SEE_ALSO not in (node.help or "") and neighbours:
            node.help = f"{inspect.cleandoc(node.help or '')}\n\n{SEE_ALSO} {', '.join(neighbours)}"
    for path, node in nodes(root):
        node.rich_markup_mode = None if plain else "rich"
        if path and isinstance(node, TyperCommand):
            _share(node, shared, as_json)
        node.help = _reflowed(node.help, plain=plain)
        if plain and node.help:
            node.short_help = node.help.partition("\n\n")[0]  # what is derived from the help is cut to a line
        for param in node.params:
            if isinstance(param, TyperArgument | TyperOption):
                param.help = _reflowed(param.help, plain=plain)
                _show_kind(param)
    return root


def nodes(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every group and command with its path, such as ("etl", "run"), the root with ()."""
    yield path, node
    if isinstance(node, TyperGroup):
        for name, below in node.commands.items():
            if isinstance(below, Node):
                yield from nodes(below, (*path, name))


def _neighbours(root: Root, panels: Mapping[str, Sequence[str]]) -> dict[tuple[str, ...], list[str]]:
    """For each command the others of its group, as they are called; where it is alone, and for the groups, those of its panel."""
    below: dict[object, list[tuple[str, ...]]] = defaultdict(list)
    panel_of = {name: panel for panel, names in panels.items() for name in names}
    paths = [path for path, _ in nodes(root) if path]
    for path in paths:
        below[path[:-1] or panel_of.get(path[0])].append(path)
    found = {}
    for path in paths:
        together = below[path[:-1] or panel_of.get(path[0])]
        if len(together) == 1:
            together = below[panel_of.get(path[0])]
        found[path] = [" ".join((root.name or "", *one)) for one in together if one not in (path, path[:1])]
    return found


def _share(command: TyperCommand, shared: list[TyperOption], as_json: Any) -> None:
    own = {name: param for param in command.params for name in param.opts}
    if "--json" in own:
        own["--json"].callback = _json_anywhere
    else:
        refused = copy(as_json)
        refused.hidden, refused.expose_value, refused.callback = True, False, _refuse_json
        command.params.append(refused)
    for option in shared:
        if own.keys().isdisjoint(option.opts):
            late = copy(option)
            late.expose_value, late.callback, late.rich_help_panel = False, _remember, GLOBAL_PANEL
            command.params.append(late)


def _show_kind(param: TyperArgument | TyperOption) -> None:
    """The help shows what kind of value it takes in words, and not as a type of Python."""
    kind = param.type_descriptor
    choices = "|".join(str(getattr(one, "value", one)) for one in kind.choices or ())
    if isinstance(param, TyperArgument):
        param.display_type = lambda ctx: choices  # type: ignore[method-assign]  # noqa: ARG005 - the signature is typer's own
    elif param.metavar is None and not param.is_flag:
        described = str(kind.annotation)
        by_kind = (
            "PATH" if "path" in described.lower() else "N" if "int" in described or "float" in described else "TEXT"
        )
        param.metavar = choices or METAVARS.get(param.name or "", by_kind)


def _remember(context: Any, option: Any, value: Any) -> Any:
    if value and option.name:
        setattr(options_of(context), option.name, value)
    return value


def _json_anywhere(context: Any, _option: Any, value: Any) -> Any:
    return value or options_of(context).json


def _refuse_json(context: Any, _option: Any, value: Any) -> Any:
    if value or options_of(context).json:
        raise typer.BadParameter("what this command prints is for people; leave --json out")
    if options_of(context).quiet:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123 - for the rest of this process
    return value


def _reflowed(text: str | None, *, plain: bool) -> str | None:
    """Paragraphs without the line breaks of the source, so that they fit any width; square brackets stay what they are."""
    if not text:
        return text
    paragraphs = "\n\n".join(" ".join(one.split()) for one in inspect.cleandoc(text).split("\n\n"))
    return paragraphs if plain else paragraphs.replace("[", "\\[")
