"""For all tests: what is compiled once is kept, and what was not tested is said.

A quiet skip would pass for a test: so each reason for which a real keyring was not tested is named.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent

# Without them each worker would compile 340 modules of tests in each run: ten seconds of a processor.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_configure(config: pytest.Config) -> None:
    """Let each worker compile another part of the tests first, and find the rest done by the others."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    count = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    if worker and [str(path) for path in config.args] == config.getini("testpaths"):
        modules = sorted(TESTS.rglob("test_*.py"))
        first = len(modules) * int(worker.removeprefix("gw")) // count
        for path in modules[first:] + modules[:first]:
            with contextlib.suppress(Exception):  # what is wrong with it is told when it is collected
                importlib.import_module(".".join(path.relative_to(TESTS.parent).with_suffix("").parts))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name each reason for which a test against a real keyring was skipped."""
    skipped = [r for r in terminalreporter.stats.get("skipped", []) if "realkeyring" in r.keywords]
    for reason in sorted({report.longrepr[2] for report in skipped if isinstance(report.longrepr, tuple)}):
        terminalreporter.write_line(f"NOT TESTED: {reason.removeprefix('Skipped: ')}", red=True, bold=True)
