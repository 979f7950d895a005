"""Shows the table of policies after the tests that compute it."""

from __future__ import annotations

import pytest

from tests.scheduling.table import headings

ROW = "scheduling row"
"""The property in which a test reports its line: a number, a tab, the line."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    rows = {str(text) for report in reports for name, text in report.user_properties if name == ROW}
    if rows:
        terminalreporter.section("scheduling: mean delay in seconds / calls, paired seeds")
        for text in [*headings(), *sorted(rows)]:
            terminalreporter.write_line(text.split("\t")[-1])
