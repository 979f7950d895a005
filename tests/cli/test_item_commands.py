"""The commands that act, as processes against the simulated services."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import User


def results(user: User, *words: str) -> tuple[int, dict[str, Any]]:
    ended = user.run(*words, "--json")
    assert ended.stdout, ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return ended.returncode, found


def test_what_is_new_is_counted_fetched_and_then_not_new_any_more(user_for: Callable[..., User]) -> None:
    user = user_for(speed=0.01)
    first = user.run("download", "--new", "--dry-run", "--service", "beebox")
    assert first.returncode == 0, first.stderr
    count = int(first.stdout.splitlines()[-1].removesuffix(" files"))
    assert count > 10
    to = user.home / "files"
    ended = user.run("download", "--new", "--service", "beebox", "--to", str(to), "--json")
    found = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert f"wbtui: {count} files made since the last time" in ended.stderr
    assert len([p for p in to.rglob("*") if p.is_file()]) == count == len(found["results"])
    again = user.run("download", "--new", "--dry-run", "--service", "beebox")
    assert again.stdout == "0 files\n"


def test_flex_components_are_pulled_followed_and_stored(user: User) -> None:
    _, document = user.status()
    keys = [cell["key"] for cell in document["flex"][:3]]
    code, found = results(user, "download", *keys, "--to", str(user.home / "files"))
    assert (code, [r["done"] for r in found["results"]]) == (0, [True] * len(keys))
    for transfer in found["downloads"]:
        assert json.loads((user.home / "files" / transfer["path"]).read_bytes())["segments"]


def test_sending_files_ends_with_the_operation(user: User) -> None:
    source = user.home / "manual.docx"
    source.write_bytes(b"hello" * 100)
    code, found = results(
        user, "send", "--project", "165", "--src", "en", "--trgs", "fr,de", "--wait", "30", str(source)
    )
    assert code == 0, found
    assert [f["success"] for f in found["operation"]["files"]] == [True]


def test_a_refused_request_is_told_apart_from_a_failed_operation(user: User) -> None:
    source = user.home / "manual.docx"
    source.write_bytes(b"hello")
    code, found = results(user, "send", "--project", "165", "--src", "xx", "--trgs", "yy", str(source))
    assert (code, found["level"]) == (1, "refused")
    assert "operation" not in found


def sent(user: User, *names: str) -> subprocess.CompletedProcess[str]:
    """Send files of these names, and wait for the operation."""
    for name in names:
        (user.home / name).write_bytes(b"hello" * 100)
    words = ("send", "--project", "165", "--src", "en", "--trgs", "fr,de", "--wait", "30")
    return user.run(*words, *(str(user.home / name) for name in names))


QUICK = {"speed": 50.0, "autorun_seconds": 1e6, "operations": 0}


def test_an_operation_that_failed_ends_with_8_and_its_reason(user_for: Callable[..., User]) -> None:
    ended = sent(user_for(**QUICK, failed_share=1.0), "a.docx")
    assert ended.returncode == 8
    assert [line.split("\t")[1] for line in ended.stdout.splitlines()] == ["failed"]
    assert "wbtui: the operation failed: " in ended.stderr
    assert "not accepted" not in ended.stderr


@pytest.mark.parametrize(("count", "code"), [(3, 7), (1, 8)])
def test_single_files_that_failed_are_named_and_end_with_7_or_8_if_none_is_in(
    user_for: Callable[..., User], count: int, code: int
) -> None:
    names = [f"manual-{number}.docx" for number in range(count)]
    ended = sent(user_for(**QUICK, failed_share=0.0, partial_share=1.0), *names)
    operation, *files = [line.split("\t") for line in ended.stdout.splitlines()]
    assert ended.returncode == code, ended.stderr
    assert operation[1] == "partial"
    assert sorted(file[0] for file in files) == names
    (failed,) = [file for file in files if file[1] == "failed"]
    assert failed[2]
    assert [file[1] for file in files].count("done") == count - 1
    assert "the operation failed" not in ended.stderr
    assert "not accepted" not in ended.stderr


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("download",), 2),
        (("download", "nonsense"), 2),
        (("download", "op:1", "--new"), 2),
        (("download", "op:999999"), 1),
        (("cancel", "it:999999", "--yes"), 1),
        (("send", "--project", "1", "--src", "en", "--trgs", ",", "x"), 2),
        (("send", "--project", "1", "--src", "en", "--trgs", "fr", "/no/such/file"), 2),
        (
            (
                "send",
                "--project",
                "1",
                "--src",
                "en",
                "--trgs",
                "fr",
                "--jobs-cf",
                "9" * 5000 + "=x",
                __file__,
            ),
            2,
        ),
    ],
)
def test_exit_codes_of_what_cannot_be_done(user: User, words: tuple[str, ...], code: int) -> None:
    assert user.run(*words).returncode == code


@pytest.mark.parametrize("how", [("--ready",), ("--new",), ("--ready", "--dry-run"), ("bb:fr:a.docx",)])
def test_a_download_where_nothing_can_be_read_ends_as_status_does(user: User, how: tuple[str, ...]) -> None:
    user.env["WBTUI_BEEBOX_PASSWORD"] = "wrong"
    ended = user.run("download", *how, *(() if "bb" in how[0] else ("--service", "beebox")))
    assert ended.returncode == 5
    assert "not in the list" not in ended.stdout + ended.stderr
    assert "wrong" not in ended.stdout + ended.stderr


def test_one_service_that_cannot_be_read_makes_it_partly_done(user: User) -> None:
    user.env["WBTUI_BEEBOX_PASSWORD"] = "wrong"
    services = ("--service", "beebox", "--service", "instant")
    assert user.run("download", "--new", "--dry-run", *services).returncode == 7


def test_a_key_in_another_spelling_is_suggested(user_for: Callable[..., User]) -> None:
    user = user_for(speed=0.01)
    _, document = user.status("--wait", "0")
    key = next(each["key"] for each in document["beebox"] if each["key"].startswith("bb:"))
    kind, locale, path = key.split(":", 2)
    for words in (("download",), ("retry", "--yes"), ("cancel", "--yes")):
        ended = user.run(words[0], f"{kind}:{locale.upper()}:{path}", *words[1:])
        assert ended.returncode == 2
        assert f"did you mean {key}?" in ended.stdout


def test_cancel_asks_first_and_needs_a_yes(user: User) -> None:
    _, document = user.status("--wait", "0")
    key = document["beebox"][0]["key"]
    refused = user.run("cancel", key)
    assert refused.returncode == 2
    assert "ALL languages" in refused.stderr
    dry = user.run("cancel", key, "--dry-run")
    assert (dry.returncode, "ALL languages" in dry.stdout) == (0, True)
    code, found = results(user, "cancel", key, "--yes")
    assert (code, found["results"][0]["done"]) == (0, True)
    marked = [
        f["asked"]
        for f in json.loads(user.run("status", "--json", "--wait", "0").stdout)["beebox"]
        if f["key"] == key
    ]
    assert marked in (["cancel"], [None])


def test_a_read_only_profile_refuses_and_the_secrets_stay_out_of_the_log(user: User) -> None:
    _, document = user.status("--wait", "0")
    text = user.config.read_text().replace(
        "[profiles.acme.translator]\n", "[profiles.acme]\nread_only = true\n[profiles.acme.translator]\n"
    )
    user.write_config(text)
    code, found = results(user, "cancel", document["beebox"][0]["key"], "--yes")
    assert code == 1
    assert "read-only" in found["results"][0]["message"]
    log = next(Path(user.home).rglob("*.actions.jsonl")).read_text()
    assert not any(secret in log for secret in user.secrets.values())


@pytest.mark.slow
def test_a_script_that_tries_again_and_again_sends_once_without_again(user: User) -> None:
    _, document = user.status("--wait", "0")
    key = document["beebox"][0]["key"]
    (user.home / "sources").mkdir()
    name = key.split(":", 2)[2].replace("\\", "/").rsplit("/", 1)[-1]
    source = user.home / "sources" / name
    source.write_bytes(b"source")
    line = ("retry", key, "--source", str(source.parent))
    dry = user.run(*line, "--dry-run")
    assert f"    sends {source}" in dry.stdout
    assert "already" not in dry.stdout
    codes = [user.run(*line, "--yes", *again).returncode for again in ((), (), (), ("--again",))]
    assert codes == [0, 1, 1, 0]
    code, found = results(user, *line, "--yes")
    assert code == 1
    assert "its source was put again" in found["results"][0]["message"]
    assert "retry --again" in found["results"][0]["message"]
    code, told = results(user, *line, "--dry-run")
    assert (code, told["would"][0]["files"]) == (0, [str(source)])
    assert told["would"][0]["tried"].startswith("its source was put again")
    puts = [e for e in user.running.api.log if e.method == "PUT" and "file" in e.path]
    assert len(puts) == 4  # instructions and source, twice
