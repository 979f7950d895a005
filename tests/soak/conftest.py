"""Shows what the soaks did, with their seeds, at the end of the tests."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]
    lines = {str(text) for report in reports for name, text in report.user_properties if name == "soak"}
    if lines:
        terminalreporter.section("soak: simulated hours of faults in every service")
        for text in sorted(lines, key=lambda line: int(line.split()[1].rstrip(":"))):
            terminalreporter.write_line(text)
