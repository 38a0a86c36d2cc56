"""Runs the tests of some services with pytest, in this process, and keeps what became of each."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunemeld_pipeline.errors import PluginError

if TYPE_CHECKING:
    import pytest

TESTS = Path(__file__).with_name("named_services.py")
PLUGIN = "tunemeld_pipeline.service_kit.pytest_plugin"


@dataclass
class Results:
    """What became of each test."""

    tests: list[dict[str, Any]] = field(default_factory=list)
    status: int = 0

    @property
    def good(self) -> bool:
        """Whether there were tests, and all of them hold."""
        return self.status == 0

    def as_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {"passed": self.good, "tests": self.tests}

    def pytest_runtest_logreport(self, report: "pytest.TestReport") -> None:
        """Called by pytest after each part of each test."""
        if report.when != "call" and report.passed:
            return
        test, _, subject = report.nodeid.rpartition("::")[2].rstrip("]").partition("[")
        why = "" if report.passed else str(getattr(report.longrepr, "reprcrash", report.longrepr))
        self.tests.append({"test": test, "of": subject, "passed": report.passed, "why": why})


def passes(services: Sequence[str], *, quiet: bool = False) -> Results:
    """What became of the tests of these services, by their keys.

    Raises:
        PluginError: pytest is not installed.
    """
    try:
        import pytest
    except ImportError as error:
        raise PluginError("pytest is not installed, which runs the tests; pip install 'tunemeld[kit]'") from error
    results = Results()
    # Neither the settings of a project that happens to be around nor other plug-ins have a say in what holds.
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    chosen = [f"--tunemeld-service={key}" for key in services]
    shown = ["-p", "no:terminal"] if quiet else ["-q", "--no-header", "--tb=short"]
    words = ["-c", os.devnull, "--rootdir", str(TESTS.parent), "-p", "no:cacheprovider", "-p", PLUGIN]
    results.status = int(pytest.main([*words, *shown, *chosen, str(TESTS)], plugins=[results]))
    return results
