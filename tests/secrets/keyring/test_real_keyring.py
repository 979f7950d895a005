"""Starts a real Secret Service, and in it the tests of inside.py: unlocked, and locked.

Where it is not installed this is skipped, and said so in the summary; with WBTUI_CI=1 it fails instead.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "tests" / "with-secret-service.sh"
NEEDED = ("dbus-run-session", "dbus-send", "gnome-keyring-daemon")
REASON = "no real keyring was tested: install {} (Debian: dbus, gnome-keyring)"


def need_a_secret_service() -> None:
    missing = [program for program in NEEDED if shutil.which(program) is None]
    if not missing:
        return
    reason = REASON.format(", ".join(missing))
    if os.environ.get("WBTUI_CI") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.mark.realkeyring
@pytest.mark.parametrize(("state", "least"), [("unlocked", 5), ("locked", 2)])
def test_the_program_works_with_a_real_secret_service(tmp_path: Path, state: str, least: int) -> None:
    need_a_secret_service()
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "COV"))}
    ended = subprocess.run(
        [
            *(str(SCRIPT), sys.executable, "-m", "pytest", "tests/secrets/keyring/inside.py"),
            *("-p", "no:cacheprovider", "-p", "no:xdist", f"--basetemp={tmp_path / 'inside'}"),
        ],
        cwd=ROOT,
        env=env | {"LOCKED": "1" if state == "locked" else ""},
        capture_output=True,
        text=True,
        timeout=180,
    )
    passed = re.search(r"(\d+) passed", ended.stdout)
    assert ended.returncode == 0, ended.stdout[-6000:] + ended.stderr[-2000:]
    assert passed
    assert int(passed[1]) == least
