"""The page of the wire formats is what the lists say."""

from collections import Counter

from tests.wire_formats.good_answers import LISTS, SINGLE
from tunemeld_pipeline.services.reference import FORMATS, PAGE, as_markdown


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text("utf-8") == as_markdown(), "python -m tunemeld_pipeline.services.reference"


def test_every_format_is_on_the_page_and_has_a_good_answer() -> None:
    tried = [form.name for listed in LISTS.values() for form in (listed.page, listed.item)]
    assert set(tried) | {form.name for form, _ in SINGLE.values()} == {form.name for form in FORMATS}
    assert max(Counter(form.name for form in FORMATS).values()) == 1
