"""A search for the secrets' bytes wherever they must not be: a crash, other processes, the state, the words.

What breaks is broken on purpose, by a `sitecustomize` that the program loads when it starts, in a place
where the secret is a local variable.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo

BROKEN = """\
from {module} import {owner} as broken

{way}def crash(*arguments, **named):
    plain = [one.reveal() for one in find(arguments, named) if hasattr(one, "reveal")]
    raise ZeroDivisionError("boom")

def find(arguments, named):
    for one in [*arguments, *named.values()]:
        yield from one.values() if isinstance(one, dict) else [one]

broken.{name} = crash
"""


def break_it(user: User, owner: str, name: str, way: str = "") -> None:
    """Let the programs of this user fail where this function of a module or class would have been called."""
    module, _, owner = owner.rpartition(".")
    folder = user.home / "broken"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(BROKEN.format(module=module, owner=owner, name=name, way=way))
    user.env["PYTHONPATH"] = str(folder)


def search(secrets: Iterable[str], *places: str | bytes | Path) -> None:
    """Fail if a secret stands in one of these texts, or in any file below one of these folders."""
    for place in places:
        texts = [place] if not isinstance(place, Path) else [p for p in place.rglob("*") if p.is_file()]
        for text in texts:
            content = text.encode() if isinstance(text, str) else text
            content = content.read_bytes() if isinstance(content, Path) else content
            for secret in secrets:
                assert secret.encode() not in content, text if isinstance(text, Path) else "in what was said"


@pytest.mark.terminal
def test_a_crash_of_the_monitor_shows_where_and_no_secret(user: User) -> None:
    secrets = list(user.secrets.values())
    break_it(user, "wbtui.wordbee.http", "_query")
    with pseudo([], user.environment(), loaded=False) as program:
        assert program.ended(20) == 1
        search(secrets, program.written, user.home)
        assert b"boom" in program.written


@pytest.mark.terminal
def test_a_crash_of_the_screen_shows_where_and_no_secret(user: User) -> None:
    password = user.secrets["WBTUI_INSTANT_PASSWORD"]
    secrets = list(user.secrets.values())
    user.env["WBTUI_INSTANT_PASSWORD"] = "not-this-one"
    break_it(user, "wbtui.app.accounts", "try_login", "async ")
    with pseudo([], user.environment(), loaded=False) as program:
        program.until("LOGIN")
        program.press("L")
        program.until("enter tries")
        seen = program.written
        program.press(f"{password}\r")
        assert program.ended(20) == 1
        search([*secrets, "not-this-one"], seen, program.written, user.home)
        assert b"boom" in program.written
        assert b"ZeroDivisionError" in program.written


@pytest.mark.terminal
def test_a_crash_of_the_first_form_shows_where_and_no_secret(user: User) -> None:
    user.without_secrets()
    user.config.unlink()
    break_it(user, "wbtui.app.accounts", "try_login", "async ")
    with pseudo([], user.environment(), loaded=False) as program:
        program.until("Welcome to wbtui")
        program.press(f"{user.running.urls['translator']}\racme\rhunter2-and-more\r")
        assert program.ended(20) == 1
        search(["hunter2-and-more"], program.written, user.home)
        assert b"boom" in program.written


@pytest.mark.parametrize("words", ["status --json", "status --watch", "wait 5001", "doctor"])
def test_a_crash_of_a_command_shows_where_and_no_secret(user: User, words: str) -> None:
    break_it(user, "wbtui.wordbee.http", "_query")
    ended = user.run(*words.split())
    assert ended.returncode == 1
    assert "ZeroDivisionError: boom" in ended.stderr
    search(user.secrets.values(), ended.stdout, ended.stderr, user.home)


def test_a_crash_while_secrets_are_stored_shows_where_and_no_secret(user: User) -> None:
    secrets = user.without_secrets()
    break_it(user, "wbtui.secrets.vault.KeyringVault", "store", "async ")
    stdin = "".join(f"{secret}\n" for secret in secrets.values())
    ended = user.run("login", stdin=stdin)
    assert ended.returncode == 1
    assert "ZeroDivisionError: boom" in ended.stderr
    search(secrets.values(), ended.stdout, ended.stderr, user.home)


WITNESS = """\
import os
seen = b""
for pid in filter(str.isdigit, os.listdir("/proc")):
    try:
        with open("/proc/" + pid + "/cmdline", "rb") as file:
            seen += file.read() + b"\\n"
    except OSError:
        pass
seen += b"".join(name.encode() + b"=" + value.encode() for name, value in os.environ.items())
with open({place!r}, "wb") as file:
    file.write(seen)
print({secret!r}.swapcase())
"""


def test_a_secret_command_sees_no_other_secret_and_its_own_is_kept_nowhere(user: User) -> None:
    secrets = user.secrets
    password = secrets.pop("WBTUI_INSTANT_PASSWORD")
    witness, seen = user.home / "witness.py", user.home / "seen"
    witness.write_text(WITNESS.format(place=str(seen), secret=password.swapcase()))
    line = shlex.join([sys.executable, str(witness)])
    text = user.config.read_text()
    head = "[profiles.acme.instant]\n"
    user.write_config(text.replace(head, f"{head}secret_command = {line!r}\n"))
    status = [sys.executable, "-m", "wbtui", "status", "--json", "--wait", "0"]
    # a program of its own, since a fork keeps the words of the one that was loaded
    ended = subprocess.run(status, env=user.environment(), capture_output=True, text=True)
    document = json.loads(ended.stdout)
    assert ended.returncode in {0, 7}
    assert document["services"]["instant"]["state"] == "ok"
    assert b"wbtui\0status\0--json" in seen.read_bytes()
    shown = user.run("config", "show")
    assert str(witness) not in shown.stdout
    search([password, *secrets.values()], seen.read_bytes(), shown.stdout, str(document), user.home)


@pytest.mark.terminal
def test_a_program_that_takes_a_copy_inherits_no_secret(user: User, tmp_path: Path) -> None:
    tools = tmp_path / "tools"
    tools.mkdir()
    seen = tmp_path / "seen"
    tool = tools / "xclip"
    tool.write_text(f'#!/bin/sh\nenv >"{seen}.new"\ncat >/dev/null\nmv "{seen}.new" "{seen}"\n')
    tool.chmod(0o755)
    user.env |= {"DISPLAY": ":99", "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"}
    with pseudo([], user.environment(), loaded=False) as program:
        program.until("Beebox 240")
        program.press("2y")
        program.until("given to xclip")
        program.press("q")
        assert program.ended(5) == 0
        assert "DISPLAY=:99" in seen.read_text()
        search(user.secrets.values(), seen.read_bytes(), program.written)


@pytest.mark.terminal
def test_what_is_exported_and_logged_holds_no_secret(user: User) -> None:
    secrets = [*user.secrets.values(), "wr0ng-but-still-secret"]
    user.env["WBTUI_INSTANT_PASSWORD"] = "wr0ng-but-still-secret"
    files = [user.home / name for name in ("beebox.json", "activity.json", "activity.csv")]
    with pseudo([], user.environment(), loaded=False) as program:
        program.until("Beebox 240", "LOGIN")
        for tab, file in zip("255", files, strict=True):
            program.press(tab)
            program.until("Beebox 240" if tab == "5" else "BEEBOX")
            program.press("E")
            program.until("Writes the")
            program.press(f"\x15{file}\r")
            program.until("written to")
        program.press("q")
        assert program.ended(5) == 0
    assert "not correct" in files[2].read_text()
    search(secrets, user.home)


def test_no_key_is_in_the_file_that_is_checked(user: User) -> None:
    more = '[profiles.other.beebox]\npassword = "hunter2-and-more"'
    user.write_config(f"{user.config.read_text()}\n{more}")
    for words in (("status", "--json"), ("config", "check", "--json"), ("config", "show"), ("doctor",)):
        ended = user.run(*words)
        assert ended.returncode == 2
        assert "wbtui login beebox" in ended.stdout + ended.stderr
        search(["hunter2-and-more"], ended.stdout, ended.stderr)
