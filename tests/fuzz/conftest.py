"""How many inputs were tried, reported at the end of a long run."""

import pytest

from tests.fuzz.mutations import ASKED, TRIED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """One line a parser, where FUZZ_EXAMPLES is set for a long run."""
    if ASKED:
        terminalreporter.section("inputs tried")
        for name, count in sorted(TRIED.items()):
            terminalreporter.write_line(f"{count:>10,}  {name}")
        terminalreporter.write_line(f"{sum(TRIED.values()):>10,}  in total")
