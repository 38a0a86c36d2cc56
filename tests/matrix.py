"""Cases of one promise, of which `make test` tries a sample and `make check`, or a target of its own, all."""

from collections.abc import Iterable
from typing import Any

import pytest


def sample(cases: Iterable[Any], *, fast: int = 1, mark: pytest.MarkDecorator = pytest.mark.slow) -> list[Any]:
    """All cases, those after the first `fast` with a mark.

    Args:
        cases: what `pytest.mark.parametrize` takes: a value, or a tuple of values for several names.
    """
    return [
        case if number < fast else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=mark)
        for number, case in enumerate(cases)
    ]
