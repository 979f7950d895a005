"""`wbtui status` against the simulated services, by its output and its exit code."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from tests.cli.conftest import User
from wbtui.simulator.api import Service
from wbtui.simulator.http_messages import Reply

MakeUser = Callable[..., User]
OPERATION = {"Waiting": {"waiting"}, "Executing": {"running"}, "Failed": {"failed"}}
OPERATION["Finished"] = {"ready", "done", "partial"}
BEEBOX = {1: "ready", 4: "waiting", 5: "waiting", 6: "running", 7: "done", 8: "failed", 10: "cancelled"}


def track_all(user: User) -> None:
    ended = user.run("track", *(str(number) for number in user.world.operation_ids()))
    assert ended.returncode == 0, ended.stderr


def test_every_simulated_item_of_all_four_kinds_is_printed_with_the_right_state(user_for: MakeUser) -> None:
    user = user_for(speed=50.0, edit_seconds=0.0, autorun_seconds=1e6)
    track_all(user)
    code, document = user.status()
    truth = user.running.look(lambda world: world.truth(world.now))
    items = {
        item["key"]: item for kind in ("operations", "beebox", "instant", "flex") for item in document[kind]
    }
    assert code == 0
    for key, told in truth.items():
        match key.partition(":")[0]:
            case "op":
                assert items[key]["state"] in {s for words in OPERATION.values() for s in words}
            case "bb":
                assert items[key]["state"] == BEEBOX[told["status"]], key
            case "it":
                assert items[key]["name"] == told["fname"]
            case _ if told["changed"] > user.world.now - timedelta(days=6.9):
                complete = told["StatusNoneOk"]
                assert items[key]["state"] == ("ready" if complete else "running"), key
    counts = {kind: sum(key.startswith(kind) for key in truth) for kind in ("op:", "bb:", "it:", "fx:")}
    assert min(counts.values()) > 20


def test_operations_at_rest_have_exactly_the_true_states(user_for: MakeUser) -> None:
    user = user_for(operation_seconds=1e7, operations=20, slots=3, finished_share=0.5, failed_share=0.3)
    track_all(user)
    code, document = user.status("--wait", "0")
    truth = user.running.look(lambda world: world.truth(world.now))
    shown = {item["key"]: item for item in document["operations"]}
    assert code == 7
    for key, told in truth.items():
        if key.startswith("op:"):
            expected = {"partial"} if told["partial"] else OPERATION[told["status"]] - {"partial"}
            assert shown[key]["state"] in expected, key
    assert document["services"]["flex"]["state"] == "connecting"
    assert "not answered yet" in document["services"]["flex"]["message"]


def test_the_document_has_the_fixed_shape(user: User) -> None:
    _, document = user.status()
    assert set(document) == {"profile", "at", "services", "operations", "beebox", "instant", "flex"}
    assert document["profile"] == "acme"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", document["at"])
    assert set(document["services"]) == {"operations", "beebox", "instant", "flex"}
    for name, service in document["services"].items():
        assert service["state"] == "ok"
        assert ("calls_left" in service) == (name in {"operations", "flex"})
    for kind in ("beebox", "instant", "flex", "operations"):
        assert document[kind]
        assert all({"key", "state", "label", "seen_at"} <= set(item) for item in document[kind])


def test_no_session_is_left_open(user: User) -> None:
    user.status("--wait", "1")
    opened = user.running.look(lambda world: world.open_sessions(world.now))
    assert opened == {"translator": 0, "beebox": 0, "instant": 0}


def test_a_young_flex_answer_is_used_again(user: User) -> None:
    user.status()
    asked = [e for e in user.running.api.log if e.path.endswith("/components/status")]
    code, document = user.status()
    again = [e for e in user.running.api.log if e.path.endswith("/components/status")]
    assert code == 0
    assert document["flex"]
    assert len(again) == len(asked) > 0


def test_a_reading_spends_at_most_a_tenth_of_the_allowance(user_for: MakeUser) -> None:
    user = user_for(operations=300, operation_seconds=1e7)
    track_all(user)
    code, document = user.status("--wait", "0")
    looks = [e for e in user.running.api.log if e.path.endswith("trm/status")]
    assert len(looks) <= 100
    assert code == 7
    assert "not asked" in document["services"]["operations"]["message"]


def test_the_table_names_every_service_and_item(user: User) -> None:
    track_all(user)
    ended = user.run("status")
    assert ended.returncode == 0
    for word in ("Operations", "Beebox", "Instant", "Flex", "op:5001", "+ Complete"):
        assert word in ended.stdout
    assert "\x1b" not in ended.stdout


@pytest.mark.parametrize(
    ("broken", "code"),
    [
        ({"WBTUI_INSTANT_PASSWORD": "wrong"}, 7),
        (
            {
                "WBTUI_INSTANT_PASSWORD": "wrong",
                "WBTUI_BEEBOX_PASSWORD": "wrong",
                "WBTUI_TRANSLATOR_KEY": "wrong",
            },
            5,
        ),
        (
            {"WBTUI_INSTANT_PASSWORD": "", "WBTUI_BEEBOX_PASSWORD": "", "WBTUI_TRANSLATOR_KEY": ""},
            5,
        ),
    ],
)
def test_refused_or_missing_credentials(user: User, broken: dict[str, str], code: int) -> None:
    user.env = broken
    found, document = user.status("--wait", "0")
    assert found == code
    assert document["services"]["instant"]["state"] == "LOGIN"
    assert document["services"]["instant"]["message"]


def test_what_can_be_done_about_a_service_is_said_beside_the_data(user: User) -> None:
    user.env = {"WBTUI_TRANSLATOR_KEY": "wrong", "WBTUI_BEEBOX_PASSWORD": ""}
    ended = user.run("status", "--json", "--wait", "0")
    first, second = ended.stderr.splitlines()
    assert first.startswith("wbtui: operations, flex: Check the credentials")
    assert second.startswith("wbtui: beebox: ")
    assert "WBTUI_ACME_BEEBOX_PASSWORD" in second


def test_nobody_listening_is_exit_3(user: User) -> None:
    user.running.stop()
    code, document = user.status("--wait", "0")
    assert code == 3
    assert {s["state"] for s in document["services"].values()} == {"DOWN"}
    assert "127.0.0.1" in document["services"]["beebox"]["message"]


@pytest.mark.parametrize(
    "body", [b"<html><h1>Proxy says no</h1></html>", b'{"requests": [{"id": 3', b"", b"\xff\xfe\x00"]
)
@pytest.mark.parametrize("status", [200, 502])
def test_html_or_cut_off_answers_are_exit_3_and_words(user: User, body: bytes, status: int) -> None:
    services: tuple[Service, ...] = ("translator", "beebox", "instant")
    for service in services:
        user.running.api.broken[service] = Reply(status, (("Content-Type", "text/html"),), body)
    code, document = user.status("--wait", "0")
    assert code in {3, 5}
    assert all(s["message"] for s in document["services"].values())
    assert all(s["state"] in {"DOWN", "LOGIN"} for s in document["services"].values())


def test_an_allowance_that_is_used_up_is_exit_6_where_nothing_else_is_configured(user_for: MakeUser) -> None:
    user = user_for(calls_per_hour=5, other_calls_per_hour=5)
    text = user.config.read_text()
    user.write_config(text[: text.index("[profiles.acme.beebox]")])
    track_all(user)
    code, document = user.status("--wait", "0")
    assert code == 6
    assert document["services"]["operations"]["state"] == "LIMIT"
    assert document["services"]["beebox"]["state"] == "off"


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (None, "there is no such file"),
        ("default_profile = ", "is not valid TOML"),
        ("[profiles.acme]\n", "has no service"),
        ('[profiles.acme.translater]\nurl = "x"\n', "translator"),
        ('[profiles.acme.translator]\nurl = "nonsense"\naccount = "a"\n', "url"),
        ('[profiles.acme.translator]\nurl = "https://a.example"\naccount = "a"\nkey = "k"\n', "wbtui login"),
        ('[profiles.acme.translator]\nurl = "http://a.example"\naccount = "a"\n', "allow_http"),
    ],
)
def test_configuration_faults_are_exit_2_and_one_clear_line(
    user: User, config: str | None, words: str
) -> None:
    if config is None:
        user.config.unlink()
    else:
        user.write_config(config)
    ended = user.run("status", "--json")
    assert ended.returncode == 2
    assert words in ended.stderr
    told = json.loads(ended.stdout)["error"]
    assert told["exit"] == 2
    assert words in told["message"] + told["advice"]
    assert "Traceback" not in ended.stderr


def test_an_unknown_profile_names_the_known_ones(user: User) -> None:
    ended = user.run("status", "--profile", "other")
    assert ended.returncode == 2
    assert "acme" in ended.stderr


def test_a_store_of_a_newer_version_is_set_aside_and_said_so(user: User) -> None:
    user.status("--wait", "0")
    [path] = (user.home / "state").rglob("*.sqlite3")
    with sqlite3.connect(path) as connection:
        connection.execute("PRAGMA user_version = 9999")
    connection.close()
    before = path.read_bytes()
    ended = user.run("status", "--json", "--wait", "0")
    assert ended.returncode in {0, 7}
    assert f"of a newer wbtui; it was set aside as {path.name}.newer-1" in ended.stderr
    assert path.with_name(f"{path.name}.newer-1").read_bytes() == before


def test_a_damaged_store_is_set_aside_and_said_so(user: User) -> None:
    user.status("--wait", "0")
    [path] = (user.home / "state").rglob("*.sqlite3")
    path.write_bytes(b"this is no database" * 100)
    ended = user.run("status", "--json", "--wait", "0")
    assert ended.returncode in {0, 7}
    assert "damaged" in ended.stderr


def test_no_secret_or_token_is_said_anywhere(user: User) -> None:
    user.env = {"WBTUI_INSTANT_PASSWORD": "wr0ng-but-still-secret"}
    ended = user.run("status", "--wait", "1")
    stored = b"".join(p.read_bytes() for p in user.home.rglob("*") if p.is_file() and p != user.config)
    for secret in [*user.secrets.values(), "wr0ng-but-still-secret"]:
        assert secret not in ended.stdout + ended.stderr
        assert secret.encode() not in stored


@pytest.mark.parametrize(
    "words", [("--nonsense",), ("unknown-command",), ("status", "--wait", "-1"), ("track",)]
)
def test_wrong_usage_is_exit_2(user: User, words: tuple[str, ...]) -> None:
    assert user.run(*words).returncode == 2


def test_without_a_terminal_the_plain_status_is_shown(user: User) -> None:
    ended = user.run()
    assert ended.returncode == 0
    assert "Beebox" in ended.stdout
    assert "no terminal" in ended.stderr


def test_items_of_a_profile_with_one_service(user: User) -> None:
    text = user.config.read_text()
    user.write_config('default_profile = "acme"\n' + text[text.index("[profiles.acme.instant]") :])
    code, document = user.status()
    assert code == 0
    assert document["instant"]
    states: dict[str, Any] = {name: s["state"] for name, s in document["services"].items()}
    assert states == {"operations": "off", "beebox": "off", "instant": "ok", "flex": "off"}
