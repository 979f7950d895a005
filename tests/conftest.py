"""Says aloud when the tests against a real keyring did not run: a quiet skip would pass for a test."""

from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each reason for which a test against a real keyring was skipped."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "realkeyring" in r.keywords]
    for reason in sorted({report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}):
        terminalreporter.write_line(f"NOT TESTED: {reason.removeprefix('Skipped: ')}", red=True, bold=True)
