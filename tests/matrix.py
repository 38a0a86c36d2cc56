"""Cases of one promise, of which `make test` tries a sample and `make check` all."""

from collections.abc import Iterable
from typing import Any

import pytest


def sample(cases: Iterable[Any], *, fast: int = 1) -> list[Any]:
    """All cases, those after the first `fast` marked slow.

    Args:
        cases: what `pytest.mark.parametrize` takes: a value, or a tuple of values for several names.
    """
    return [
        case if number < fast else pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.slow)
        for number, case in enumerate(cases)
    ]
