"""The simulated Wordbee as a process of its own, by any plan: `python -m tests.benchmarks.services JSON`."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from wbtui.domain.clock import SystemClock
from wbtui.simulator.plan import Plan
from wbtui.simulator.process import serve_until_interrupted

STILL: Final[dict[str, Any]] = {
    "edit_seconds": 0.0,
    "removal_share": 0.0,
    "operation_seconds": 1e7,
    "finished_share": 0.0,
    "autorun_seconds": 1e6,
    "speed": 0.001,
}
"""A plan's fields with which nothing happens by itself."""


@contextmanager
def services(**plan: Any) -> Iterator[dict[str, Any]]:
    """Run the services for as long as the block lasts; gives what `simulator.process.welcome` tells."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.services", json.dumps(plan)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        start_new_session=True,
    )
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(10)
        process.stdout.close()


if __name__ == "__main__":
    serve_until_interrupted(Plan(**json.loads(sys.argv[1])), SystemClock().now, sys.stdout, time.sleep)
