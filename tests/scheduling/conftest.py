"""Shows the table of policies at the end of the tests that made it."""

from __future__ import annotations

import pytest

from tests.scheduling.table import headings

ROW = "pacing row"
"""The property under which a test hands over its line, behind its number and a tab."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    rows = {str(text) for report in reports for name, text in report.user_properties if name == ROW}
    if rows:
        terminalreporter.section("pacing: mean delay in seconds / calls, 20 paired seeds")
        for text in [*headings(), *sorted(rows)]:
            terminalreporter.write_line(text.split("\t")[-1])
