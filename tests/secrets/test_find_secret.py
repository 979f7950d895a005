"""A secret comes from the environment, else a command, else the vault."""

from __future__ import annotations

import os
import re
import shlex
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.slowness import patience
from wbtui.domain.credentials import Account, Secret, variable_of, without_secrets
from wbtui.domain.errors import NoSecret, SecretError
from wbtui.secrets.vault import find_secret


class StoredVault:
    """A vault with one secret in it, to see whether it was asked."""

    async def get(self, profile: str, account: Account) -> Secret:
        return Secret(f"{profile}/{account}")

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        raise NotImplementedError

    async def delete(self, profile: str, account: Account) -> bool:
        raise NotImplementedError


async def found_by(
    account: Account,
    env: Mapping[str, str],
    *,
    command: str = "",
    short_names: bool = True,
    profile: str = "acme",
) -> tuple[Secret, str, list[str]]:
    """Return the secret of an account, where it came from, and what was said of it."""
    said: list[str] = []
    secret, place = await find_secret(
        profile,
        account,
        env=env,
        vault=StoredVault(),
        secret_command=command,
        short_names=short_names,
        tell=said.append,
    )
    return secret, place, said


def command(code: str) -> str:
    """Return a command line that runs Python code."""
    return shlex.join([sys.executable, "-c", code])


@pytest.mark.parametrize("account", Account)
async def test_the_environment_goes_first(account: Account) -> None:
    variable = account.short_variable
    found = await found_by(account, {variable: "hunter2"}, command="exit 1")
    assert found == (Secret("hunter2"), f"environment variable {variable}", [])


async def test_each_account_has_its_own_variable() -> None:
    env = {"WBTUI_BEEBOX_PASSWORD": "b", "WBTUI_TRANSLATOR_KEY": " \n"}
    found = await found_by(Account.TRANSLATOR, env)
    assert found == (Secret("acme/translator"), "keyring", [])


@pytest.mark.parametrize("account", Account)
async def test_a_variable_serves_the_profile_that_it_names_and_no_other(account: Account) -> None:
    env = {variable_of("acme-1", account): "own", account.short_variable: "short"}
    secret, place, _ = await found_by(account, env, profile="acme-1")
    assert (secret, place) == (Secret("own"), f"environment variable {variable_of('acme-1', account)}")
    assert variable_of("acme-1", account) == account.short_variable.replace("WBTUI_", "WBTUI_ACME_1_")
    secret, _, _ = await found_by(account, env)
    assert secret == Secret("short")
    secret, place, _ = await found_by(account, env, profile="other", short_names=False)
    assert (secret, place) == (Secret(f"other/{account}"), "keyring")


async def test_a_short_name_that_does_not_serve_is_told_where_nothing_else_does() -> None:
    class EmptyVault(StoredVault):
        async def get(self, profile: str, account: Account) -> Secret:
            raise NoSecret("nothing is stored")

    with pytest.raises(SecretError) as caught:
        await find_secret(
            "other",
            Account.BEEBOX,
            env={"WBTUI_BEEBOX_PASSWORD": "hunter2"},
            vault=EmptyVault(),
            short_names=False,
            tell=print,
        )
    assert caught.value.advice == (
        "WBTUI_BEEBOX_PASSWORD is set, but serves only the file's default profile, and none that is named; "
        "for this one set WBTUI_OTHER_BEEBOX_PASSWORD."
    )


@pytest.fixture
def odd_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work in a folder with files that can be no secret."""
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("long").write_bytes(b"hunter2" * 10_000)
    Path("latin").write_bytes(b"hunter2\xff")
    Path("empty").write_bytes(b" \n")


@pytest.mark.parametrize("name", ["WBTUI_BEEBOX_PASSWORD_FILE", "WBTUI_ACME_BEEBOX_PASSWORD_FILE"])
async def test_a_file_that_a_variable_names_holds_the_secret(tmp_path: Path, name: str) -> None:
    file = tmp_path / "secret"
    file.write_text("hunter2\r\nsecond line\n")
    found = await found_by(Account.BEEBOX, {name: f"{file}\n"}, command="exit 1")
    assert found == (Secret("hunter2"), f"the file that {name} names", [])


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("missing", "cannot be read: No such file or directory"),
        ("~nobody-of-this-name/x", "cannot be read: no such path"),
        ("x" * 300, "cannot be read: File name too long"),
        ("pipe", "is no regular file"),
        ("/dev/zero", "is no regular file"),
        ("/dev/tty", "cannot be read|is no regular file"),
        (".", "is no regular file|cannot be read: Is a directory"),
        ("long", "is longer than 65536 bytes"),
        ("latin", "is not UTF-8"),
        ("empty", "holds nothing but blanks"),
    ],
)
@pytest.mark.usefixtures("odd_files")
async def test_a_file_that_cannot_be_the_secret_is_an_error_in_words(name: str, message: str) -> None:
    with pytest.raises(NoSecret) as caught:
        await found_by(Account.INSTANT, {"WBTUI_INSTANT_PASSWORD_FILE": name})
    assert re.search(message, caught.value.message)
    assert "WBTUI_INSTANT_PASSWORD_FILE" in caught.value.message
    assert "hunter2" not in caught.value.message + caught.value.advice


@pytest.mark.parametrize(
    "text", [" hunter2", "hunter2\n", "\ufeffhunter2", "hunter2\u200b", "\r\n\thunter2 \xa0"]
)
async def test_blanks_around_a_secret_are_left_out_and_that_is_said(text: str) -> None:
    found = await found_by(Account.BEEBOX, {"WBTUI_ACME_BEEBOX_PASSWORD": text})
    place = "environment variable WBTUI_ACME_BEEBOX_PASSWORD"
    said = f"beebox: the secret from {place} is used, but blanks or line ends around it were left out"
    assert found == (Secret("hunter2"), place, [said])
    assert (await found_by(Account.BEEBOX, {"WBTUI_BEEBOX_PASSWORD": "a b"}))[0] == Secret("a b")


def test_no_program_that_is_called_inherits_a_secret() -> None:
    env = {
        f"{name}{end}": "x"
        for account in Account
        for name in (account.short_variable, variable_of("a.b-C", account), variable_of("gone", account))
        for end in ("", "_FILE")
    }
    assert len(env) == 18
    assert without_secrets({**env, "WBTUI_PROFILE": "acme", "PATH": "/bin"}) == {
        "WBTUI_PROFILE": "acme",
        "PATH": "/bin",
    }


@pytest.mark.parametrize(
    ("code", "secret"),
    [
        ("print('hunter2'); print('second line')", "hunter2"),
        ("import sys; sys.stdout.write('hunter2')", "hunter2"),
        ("print('  with spaces, ü \\r')", "with spaces, ü"),
        ("import sys; print(len(sys.stdin.read()))", "0"),
        ("import sys; print('noise', file=sys.stderr); print('hunter2')", "hunter2"),
        ("import os; print(os.environ.get('WBTUI_BEEBOX_PASSWORD'), os.environ['OTHER'])", "None kept"),
        ("print(len('$HOME;`x`'))", "9"),
    ],
)
async def test_the_first_line_of_the_command_is_the_secret(
    capfd: pytest.CaptureFixture[str], code: str, secret: str
) -> None:
    env = {"WBTUI_BEEBOX_PASSWORD": "other", "OTHER": "kept", "PYTHONUTF8": "1"}
    *found, said = await found_by(Account.TRANSLATOR, env, command=command(code))
    assert found == [Secret(secret), "secret_command"]
    assert bool(said) is ("  with spaces" in code)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("/no/such/program --x", "secret_command cannot be started: No such file or directory"),
        ("pass 'x", "secret_command cannot be started: No closing quotation"),
        (command("print('hunter2'); raise SystemExit(3)"), "secret_command ended with status 3"),
        (command("pass"), "secret_command printed nothing in its first line"),
        (command("print(); print('hunter2')"), "secret_command printed nothing in its first line"),
        (
            command(r"import os; os.write(1, b'hunter2\xff\n')"),
            "secret_command printed something that is not UTF-8",
        ),
        (command("while True: print('hunter2' * 1000)"), "secret_command prints without end"),
        (
            command("import signal; print('hunter2', flush=True); signal.pause()"),
            "secret_command did not end within 1 s",
        ),
    ],
    ids=lambda value: value[-45:],
)
async def test_a_command_that_fails_is_an_error_and_not_passed_over(line: str, message: str) -> None:
    with pytest.raises(NoSecret) as caught:
        await find_secret(
            "acme",
            Account.TRANSLATOR,
            env={"PATH": os.environ["PATH"]},
            vault=StoredVault(),
            short_names=True,
            tell=print,
            secret_command=line,
            command_seconds=1 if "pause" in line else 30,
        )
    assert str(caught.value) == message
    assert "hunter2" not in caught.value.advice
    assert caught.value.__context__ is None or caught.value.__suppress_context__


async def test_the_vault_is_asked_last() -> None:
    assert await found_by(Account.BEEBOX, {}, command=" ") == (Secret("acme/beebox"), "keyring", [])


async def test_a_command_that_leaves_an_agent_running_has_answered_when_it_ends(tmp_path: Path) -> None:
    """As `pass` does, which starts gpg-agent; the agent holds the pipe open, and goes on running."""
    agent = tmp_path / "agent"
    line = f"/bin/sh -c 'sleep 60 & echo $! >{agent}; echo hunter2'"
    began = time.monotonic()
    found = await found_by(Account.BEEBOX, {}, command=line)
    assert found[:2] == (Secret("hunter2"), "secret_command")
    assert time.monotonic() - began < patience(5.0)
    number = int(agent.read_text(encoding="ascii"))
    os.kill(number, 0)
    os.kill(number, signal.SIGKILL)


async def test_all_that_a_command_has_printed_counts_also_what_it_printed_last() -> None:
    line = command("import sys; sys.stdout.write('x' * 50_000); sys.stdout.flush()")
    found = await found_by(Account.BEEBOX, {}, command=line)
    assert found[0] == Secret("x" * 50_000)
