"""The tests of the domain run in a time zone that is not UTC, which no day or week may depend on."""

import os
import time
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="package")
def far_from_utc() -> Iterator[None]:
    """Sets the process's zone to Kiribati's, fourteen hours ahead, and back."""
    zone = os.environ.get("TZ")
    os.environ["TZ"] = "Pacific/Kiritimati"
    time.tzset()
    yield
    if zone is None:
        del os.environ["TZ"]
    else:
        os.environ["TZ"] = zone
    time.tzset()
