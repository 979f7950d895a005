"""`wbtui wait`: until all is finished, with an exit code for each way in which that can end."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import User
from tests.cli.test_watch import watching
from wbtui.cli.keys import read_keys
from wbtui.domain.clock import SystemClock
from wbtui.domain.errors import SettingsError
from wbtui.domain.model import Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Health, HealthWord
from wbtui.monitor.stored_health import HEALTHS, leave_readings
from wbtui.store import open_store
from wbtui.store.lock import PollerLock

MakeUser = Callable[..., User]


def operation(user: User, *, failed: bool) -> int:
    """Return an operation that ends well, or does not."""
    truth = user.running.look(lambda world: world.truth(world.now))
    return next(
        int(key.removeprefix("op:"))
        for key, told in truth.items()
        if key.startswith("op:") and (told["status"] == "Failed") is failed and not told["partial"]
    )


def beebox_key(user: User, *states: str) -> str:
    _, document = user.status("--wait", "0")
    return next(str(item["key"]) for item in document["beebox"] if item["state"] in states)


def test_operations_are_tracked_and_waited_for(user: User) -> None:
    first, second = user.world.operation_ids()[:2]
    ended = user.run("wait", str(first), f"op:{second}", "--timeout", "60")
    assert ended.returncode in {0, 8}
    assert {line.split("\t")[0] for line in ended.stdout.splitlines()} == {f"op:{first}", f"op:{second}"}
    assert ended.stderr == f"wbtui: not watched until now, tracked: op:{first}, op:{second}\n"
    assert not user.run("wait", str(first), "--timeout", "60").stderr


def test_what_failed_on_the_server_is_exit_8(user_for: MakeUser) -> None:
    user = user_for(finished_share=1.0, failed_share=0.5, operation_seconds=1e7)
    failed, fine = operation(user, failed=True), operation(user, failed=False)
    ended = user.run("wait", str(failed), str(fine), "--timeout", "60", "--json")
    document = json.loads(ended.stdout)
    assert ended.returncode == 8
    assert document["finished"] is True
    assert {item["key"]: item["state"] for item in document["items"]}[f"op:{failed}"] == "failed"
    assert user.run("wait", str(fine), "--timeout", "60").returncode == 0


def test_fail_fast_does_not_wait_for_the_others(user_for: MakeUser) -> None:
    user = user_for(finished_share=0.5, failed_share=0.9, operation_seconds=1e7)
    failed = operation(user, failed=True)
    truth = user.running.look(lambda world: world.truth(world.now))
    waiting = next(key for key, told in truth.items() if told.get("status") == "Waiting")
    ended = user.run("wait", str(failed), waiting, "--fail-fast", "--timeout", "60", "--json")
    assert ended.returncode == 8
    assert json.loads(ended.stdout)["finished"] is False


def test_an_id_that_the_server_does_not_know_is_not_known_yet(user: User) -> None:
    ended = user.run("wait", "99999999", "--timeout", "3")
    tracked, asked, over = ended.stderr.splitlines()
    assert ended.returncode == 4
    assert tracked == "wbtui: not watched until now, tracked: op:99999999"
    assert asked.startswith("wbtui: op:99999999: not known yet; next look ")
    assert over == "wbtui: not finished in time: op:99999999 (not known yet)"


def test_an_id_that_the_server_has_not_known_for_long_is_exit_8(user: User) -> None:
    with closing(open_store(user.home / "state" / "wbtui" / "acme.sqlite3")) as store:
        store.track([Tracked(99999999)], user.world.now - timedelta(minutes=11))
    ended = user.run("wait", "99999999", "--timeout", "60")
    assert ended.returncode == 8
    assert ended.stdout == "op:99999999\tremoved\n"


def test_an_operation_without_an_id_that_nobody_knows_is_exit_2(user: User) -> None:
    ended = user.run("wait", "op:local-7", "--timeout", "60")
    assert ended.returncode == 2
    assert "no operation op:local-7 is known here" in ended.stderr


def test_a_request_is_asked_for_by_its_id_alone(user: User) -> None:
    _, document = user.status("--wait", "0")
    key = next(str(item["key"]) for item in document["instant"] if item["state"] == "ready")
    user.running.api.log.clear()
    assert user.run("wait", key, "--timeout", "60").returncode == 0
    asked = [entry for entry in user.running.api.log if entry.path.endswith("it/requests")]
    assert [entry.query["ids"] for entry in asked] == [key.removeprefix("it:")]


def test_time_that_is_over_is_exit_4_and_names_what_is_not_finished(user_for: MakeUser) -> None:
    user = user_for(operation_seconds=1e7, finished_share=0.0)
    ended = user.run("wait", str(user.world.operation_ids()[-1]), "--timeout", "3", "--json")
    assert ended.returncode == 4
    assert f"op:{user.world.operation_ids()[-1]}" in ended.stderr
    assert json.loads(ended.stdout)["finished"] is False


def test_a_key_that_nothing_has_is_exit_2_unless_it_may_appear(user: User) -> None:
    never = user.run("wait", "it:999999", "--timeout", "30")
    appearing = user.run("wait", "it:999999", "--timeout", "2", "--appear", "--json")
    assert never.returncode == 2
    assert "no service knows of it:999999" in never.stderr
    assert appearing.returncode == 4
    assert json.loads(appearing.stdout)["missing"] == ["it:999999"]


def test_a_beebox_file_is_waited_for_with_the_beebox_alone(user_for: MakeUser) -> None:
    user = user_for(autorun_seconds=1e6)
    key = beebox_key(user, "ready")
    user.running.api.log.clear()
    ended = user.run("wait", key, "--timeout", "60")
    assert ended.returncode == 0
    assert ended.stdout.startswith(f"{key}\tready")
    assert {entry.service for entry in user.running.api.log} == {"beebox"}
    [asked] = [entry for entry in user.running.api.log if entry.path.endswith("translatedfiles")]
    [path] = asked.body["filter"]["filePaths"]
    assert "\\".join(filter(None, path.values())) == key.split(":", 2)[2]


def test_refused_credentials_end_the_waiting_with_exit_5(user: User) -> None:
    user.env["WBTUI_TRANSLATOR_KEY"] = "wrong"
    ended = user.run("wait", "5001", "--timeout", "60", "--json")
    assert ended.returncode == 5
    assert json.loads(ended.stdout)["error"]["exit"] == 5
    assert "wrong" not in ended.stdout + ended.stderr


def test_a_service_that_the_profile_has_not_is_exit_2(user: User) -> None:
    text = user.config.read_text()
    user.write_config(text[: text.index("[profiles.acme.beebox]")])
    ended = user.run("wait", "bb:fr:a.docx")
    assert ended.returncode == 2
    assert "has no beebox" in ended.stderr


def test_while_another_polls_it_reads_what_that_one_writes(user: User) -> None:
    number = user.world.operation_ids()[0]
    with watching(user, "--plain") as poller:
        poller.until(lambda: b"Beebox: ok" in poller.out)
        blind = User(user.home, user.running, {})
        ended = blind.run("wait", str(number), "--timeout", "45")
    assert ended.returncode in {0, 8}
    assert f"polled by pid {poller.process.pid}" in ended.stderr


def test_a_memory_of_what_the_poller_has_not_read_yet_ends_no_waiting(user: User) -> None:
    key = beebox_key(user, "ready")
    (path,) = (user.home / "state").rglob("acme.sqlite3")
    store = open_store(path)
    store.remember(HEALTHS, "")
    with PollerLock(path) as lock:
        assert lock.acquire()  # one that has just begun, and has not read anything
        assert user.run("wait", key, "--timeout", "1").returncode == 4
        read = Health(HealthWord.OK, read_at=SystemClock().now() + timedelta(seconds=60))
        leave_readings(store, {Service.BEEBOX: read})
        store.close()
        assert user.run("wait", key, "--timeout", "20").returncode == 0


@pytest.mark.parametrize(
    ("words", "keys"),
    [
        (["5001", "op:5001", "op:local-1"], ("op:5001", "op:local-1")),
        (["bb:fr:a\\b.docx", "fx:1000:fr:x:y"], ("bb:fr:a\\b.docx", "fx:1000:fr:x:y")),
    ],
)
def test_keys_are_taken_as_they_are_printed(words: list[str], keys: tuple[Any, ...]) -> None:
    assert read_keys(words) == keys


@pytest.mark.parametrize("word", ["", "op:", "xx:1", "0", "٣", "-", "99999999999999999999", "9" * 5000])
def test_what_is_no_key_is_refused(word: str) -> None:
    with pytest.raises(SettingsError, match="not a key"):
        read_keys([word])
