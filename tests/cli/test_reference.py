"""docs/cli.md lists every command as it is."""

from tunemeld_pipeline.cli.reference import BEGIN, PAGE, page_with_reference, reference


def test_the_page_lists_the_commands_as_they_are() -> None:
    page = PAGE.read_text("utf-8")
    assert BEGIN in page
    assert page == page_with_reference(page), "python -m tunemeld_pipeline.cli.reference --write"


def test_no_type_of_python_is_shown() -> None:
    assert not [word for word in ("list[", "<str>", "<int>", "<path>") if word in reference()]
