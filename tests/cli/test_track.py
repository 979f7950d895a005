"""`wbtui track`: ids and envelopes come in, garbage costs a line and loses nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import User
from wbtui.cli.track import gather, read_request, relative
from wbtui.domain.errors import SettingsError
from wbtui.domain.records import Tracked

WAITING = '{"trm":{"requestid":8123,"isbatch":false,"status":"Waiting","statusText":"Waiting..."}}'


class Pipe:
    def __init__(self, raw: bytes) -> None:
        self.raw = raw

    def read(self, size: int) -> bytes:
        return self.raw[:size]


@pytest.mark.parametrize(
    "word", ["abc", "-5", "0", "1.5", "٣", "99999999999999999999", "9" * 5000, "op:", "", "5001x"]
)
def test_words_that_are_no_ids(word: str) -> None:
    found, faults = gather([word], Pipe(b""))
    assert found == []
    assert len(faults) == 1


@pytest.mark.parametrize("word", ["5001", "op:5001"])
def test_words_that_are_ids(word: str) -> None:
    assert gather([word], Pipe(b""))[0] == [Tracked(5001)]


def test_far_too_much_input_is_refused() -> None:
    found, faults = gather(["-"], Pipe(b"1 " * (33 * 1024 * 1024)))
    assert found == []
    assert "64 MiB" in faults[0]


@pytest.mark.parametrize(
    ("path", "fine"),
    [
        ("/orders/7/files/all/zip", True),
        ("/resources/segments/view/export?x=1", True),
        ("orders", False),
        ("//evil.example/api", False),
        ("https://evil.example/", False),
        ("/../admin", False),
        ("/a\\b", False),
        ("/a\nb", False),
    ],
)
def test_a_recorded_request_stays_on_the_accounts_own_api(path: str, fine: bool) -> None:
    assert relative(path) is fine


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "is not JSON"),
        ("[]", "expected an object"),
        ('{"method": "BREW", "path": "/x"}', "method must be"),
        ('{"method": 3, "path": "/x"}', "method must be"),
        ('{"method": "POST"}', "path must be relative"),
        ('{"path": "https://evil.example/"}', "path must be relative"),
    ],
)
def test_a_request_file_that_will_not_do(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "request.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=words):
        read_request(path)


def test_a_request_file_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="there is no such file"):
        read_request(tmp_path / "none.json")


def test_a_request_file_with_an_object_or_a_text_as_body(tmp_path: Path) -> None:
    path = tmp_path / "request.json"
    path.write_text('{"path": "/x", "body": {"a": "ü"}}')
    assert read_request(path).body == '{"a": "ü"}'
    path.write_text('{"method": "put", "path": "/x", "body": "raw"}')
    assert (read_request(path).method, read_request(path).body) == ("PUT", "raw")
    path.write_text('{"path": "/x"}')
    assert read_request(path).body == ""


def test_what_is_tracked_shows_in_the_next_status(user: User) -> None:
    request = user.home / "request.json"
    request.write_text('{"method": "POST", "path": "/orders/7/files/all/zip"}')
    ended = user.run("track", "5001", "op:5002", "--label", "my [red]run", "--request", str(request))
    assert ended.returncode == 0
    assert ended.stdout.split("\n")[0].startswith("op:5001\t")
    _, document = user.status("--wait", "0")
    shown = {item["key"]: item for item in document["operations"]}
    assert shown["op:5001"]["label"] == "my [red]run"
    assert shown["op:5002"]["request_known"] is True


def test_an_id_that_the_server_does_not_know_is_said_to_be_unknown(user: User) -> None:
    user.run("track", "777")
    code, document = user.status("--wait", "5")
    [item] = [item for item in document["operations"] if item["key"] == "op:777"]
    assert (item["state"], item["status"]) == ("unknown", "not known yet")
    assert "? not known yet  op:777" in user.run("status", "--wait", "0").stdout
    assert code in {0, 7}


def test_garbage_on_stdin_is_exit_7_if_something_was_tracked_and_2_if_not(user: User) -> None:
    partly = user.run("track", "-", stdin=f"{WAITING}\nrubbish\n")
    assert (partly.returncode, partly.stdout) == (7, "op:8123\twaiting\n")
    assert "line 2" in partly.stderr
    nothing = user.run("track", "-", stdin="rubbish")
    assert nothing.returncode == 2
    assert user.run("track", "abc").returncode == 2


@pytest.mark.parametrize(
    ("sent", "code", "shown"),
    [
        ("0\n5001\n", 0, ["op:local-1\tdone", "op:5001\twaiting"]),
        (WAITING.encode("utf-16"), 0, ["op:8123\twaiting"]),
        ('{"requestid": 7, "status": "Waiting"}', 0, ["op:7\twaiting"]),
    ],
)
def test_every_shape_that_the_reader_takes_is_tracked_by_the_command(
    user: User, sent: str | bytes, code: int, shown: list[str]
) -> None:
    ended = user.run("track", "-", stdin=sent)
    assert (ended.returncode, ended.stdout.splitlines()) == (code, shown)


def test_a_refusal_of_the_server_is_told_in_its_own_words(user: User) -> None:
    refusal = '{"error": {"title": "Invalid source locale"}, "reason": "Invalid source locale"}'
    ended = user.run("track", "-", stdin=f"{refusal}\n{WAITING}")
    assert (ended.returncode, ended.stdout) == (7, "op:8123\twaiting\n")
    assert "stdin line 1: the server refused the request: Invalid source locale" in ended.stderr


def test_a_profile_without_a_translator_has_nothing_to_track_with(user: User) -> None:
    text = user.config.read_text()
    user.write_config('default_profile = "acme"\n' + text[text.index("[profiles.acme.instant]") :])
    ended = user.run("track", "5001")
    assert ended.returncode == 2
    assert "no translator" in ended.stderr
