"""The user's own command: its input, its environment, and that it never blocks."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.fakes import FakeClock
from wbtui.desktop.on_done import MOST_WAITING, Announcer
from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Alert

HOSTILE = "$(touch pwned); `touch pwned` \"'& | > pwned\n\x1b]0;x\x07"
RINGS = [
    Alert(1, ItemKey("bb:fr:$(touch pwned)"), "ready", HOSTILE),
    Alert(2, ItemKey("op:5001"), "failed", "Export 5001 failed"),
]
SECRETS = {
    "WBTUI_TRANSLATOR_KEY": "k-secret",
    "WBTUI_BEEBOX_PASSWORD": "b-secret",
    "WBTUI_INSTANT_PASSWORD": "i-secret",
}
WRITE = "import json,os,sys; json.dump([sys.argv, dict(os.environ), sys.stdin.read()], open(sys.argv[1],'w'))"


def python(code: str, *words: str) -> str:
    return shlex.join([sys.executable, "-c", code, *words])


async def told(command: str, env: dict[str, str], *, seconds: float = 20, times: int = 1) -> list[str]:
    troubles: list[str] = []
    announcer = Announcer(env, troubles.append, seconds=seconds)
    for _ in range(times):
        announcer.announce(command, "acme", RINGS)
    task = announcer._task
    assert task is not None
    await task
    return troubles


async def test_a_command_gets_the_items_as_data_and_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    report = tmp_path / "report.json"
    troubles = await told(python(WRITE, str(report), "$HOME"), {"HOME": "/home/ann", **SECRETS})
    assert troubles == []
    words, env, read = json.loads(report.read_text())
    assert words == ["-c", str(report), "$HOME"]
    assert not set(SECRETS) & set(env)
    assert not any(secret in report.read_text() for secret in SECRETS.values())
    assert (env["WBTUI_PROFILE"], env["WBTUI_COUNT"], env["WBTUI_STATE"]) == ("acme", "2", "ready")
    assert env["WBTUI_KEY"] == "bb:fr:$(touch pwned)"
    assert "\n" not in env["WBTUI_TEXT"]
    assert "\x1b" not in env["WBTUI_TEXT"]
    lines = [json.loads(line) for line in read.splitlines()]
    assert [line["key"] for line in lines] == [ring.key for ring in RINGS]
    assert lines[0]["text"] == HOSTILE
    assert os.listdir(tmp_path) == ["report.json"]


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("/no/such/program", "cannot be started: No such file or directory"),
        ("echo 'x", "cannot be started: No closing quotation"),
        (python("raise SystemExit(3)"), "ended with status 3"),
        (python("import os; os.close(0)"), ""),
    ],
)
async def test_a_failure_is_said_and_goes_no_further(command: str, words: str) -> None:
    assert await told(command, {}) == ([f"on_done: {words}"] if words else [])


async def test_a_command_that_hangs_is_stopped_with_all_that_it_started(tmp_path: Path) -> None:
    held = tmp_path / "held"
    os.mkfifo(held)
    reader = os.open(held, os.O_RDONLY | os.O_NONBLOCK)
    command = shlex.join(["sh", "-c", 'exec 3> "$0"; sleep 60 & echo started >&3; sleep 60', str(held)])
    troubles = await told(command, {"PATH": os.defpath}, seconds=1)
    assert troubles == ["on_done: did not end within 1 s, and was stopped"]
    os.set_blocking(reader, True)
    with os.fdopen(reader, "rb") as end:  # it comes once none of them holds the other end any more
        assert await asyncio.wait_for(asyncio.to_thread(end.read), 20) == b"started\n"


async def test_runs_follow_each_other_and_a_flood_is_cut(tmp_path: Path) -> None:
    count = tmp_path / "count"
    code = "import sys; open(sys.argv[1],'a').write('x')"
    troubles = await told(python(code, str(count)), {}, times=MOST_WAITING + 3)
    assert 1 <= len(troubles) <= 3
    assert all("wait already" in each for each in troubles)
    assert len(count.read_text()) == MOST_WAITING + 3 - len(troubles)


async def test_at_the_end_nothing_is_left_running() -> None:
    announcer = Announcer({}, lambda _words: None)
    announcer.announce(python("import time; time.sleep(60)"), "acme", RINGS)
    await FakeClock().settle()
    await announcer.close()
    assert announcer._task is not None
    assert announcer._task.done()
