"""Killed in the middle of a download: no final name, and trying again ends with the right bytes."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import User
from tests.faults.kinds import SESSIONS, Fault, Kind
from tests.faults.proxy import proxied

DRIP = Fault(Kind.DRIP, seconds=0.5, spared=SESSIONS)


def files(folder: Path) -> dict[str, str]:
    found = [path for path in folder.rglob("*") if path.is_file()]
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_kill_9_in_the_middle_of_a_download_leaves_a_part_and_the_next_one_is_whole(
    user_for: Callable[..., User],
) -> None:
    user = user_for(speed=50.0, autorun_seconds=1e6, failed_share=0.0)
    with proxied(user.running.urls["translator"]) as proxy:
        user.write_config(user.config.read_text().replace(user.running.urls["translator"], proxy.url))
        user.run("track", *map(str, user.running.look(lambda world: world.operation_ids())[:4]))
        _, document = user.status()
        key = next(item["key"] for item in document["operations"] if item["state"] == "ready")
        good, killed = user.home / "good", user.home / "killed"
        assert user.run("download", key, "--to", str(good)).returncode == 0
        proxy.suffer(DRIP)
        words = [sys.executable, "-m", "wbtui", "download", key, "--to", str(killed)]
        program = subprocess.Popen(words, env=user.environment(), stderr=subprocess.DEVNULL)
        until(lambda: any(killed.rglob("*.part")))
        os.kill(program.pid, signal.SIGKILL)
        assert program.wait() == -signal.SIGKILL
        assert [name.endswith(".part") for name in files(killed)] == [True]
        proxy.suffer(None)
        ended = user.run("download", key, "--to", str(killed), "--json")
    assert ended.returncode == 0, ended.stderr
    assert [result["done"] for result in json.loads(ended.stdout)["results"]] == [True]
    assert files(killed) == files(good)
