"""docs/cli.md lists every command as it is, and docs/json/ has the shape of what each prints with `--json`."""

from tunemeld_pipeline.cli.main import PANELS, WITHIN, application
from tunemeld_pipeline.cli.reference import BEGIN, PAGE, SCHEMAS, page_with_reference, reference, schemas
from tunemeld_pipeline.cli.shapes.printed import PRINTED
from tunemeld_pipeline.cli.tree import command_tree, nodes

WRITE = "python -m tunemeld_pipeline.cli.reference --write"


def test_the_page_lists_the_commands_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert BEGIN in page
    assert page == page_with_reference(page), WRITE


def test_the_schemas_are_those_of_the_code() -> None:
    assert {path.name: path.read_text("utf-8") for path in SCHEMAS.iterdir()} == schemas(), WRITE


def test_every_command_that_prints_json_has_a_schema() -> None:
    prints = {
        " ".join(path)
        for path, node in nodes(command_tree(application(), PANELS, WITHIN, plain=True))
        for param in node.params
        if path and "--json" in param.opts and not param.hidden
    }
    assert prints == set(PRINTED)


def test_no_type_of_python_is_shown() -> None:
    assert not [word for word in ("list[", "<str>", "<int>", "<path>") if word in reference()]
