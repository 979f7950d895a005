"""Environment, then the command, then the vault."""

from __future__ import annotations

import os
import shlex
import sys

import pytest

from wbtui.credentials import SECRET_VARIABLES, Account, Secret
from wbtui.errors import NoSecret
from wbtui.vault import find_secret


class StoredVault:
    """A vault with one secret in it, to see whether it was asked."""

    async def get(self, profile: str, account: Account) -> Secret:
        return Secret(f"{profile}/{account}")

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        raise NotImplementedError

    async def delete(self, profile: str, account: Account) -> bool:
        raise NotImplementedError


def command(code: str) -> str:
    """Return a command line that runs Python code."""
    return shlex.join([sys.executable, "-c", code])


@pytest.mark.parametrize("account", Account)
async def test_the_environment_goes_first(account: Account) -> None:
    env = {SECRET_VARIABLES[account]: "hunter2\n"}
    found = await find_secret("acme", account, env=env, vault=StoredVault(), secret_command="exit 1")
    assert found == (Secret("hunter2"), f"environment variable {SECRET_VARIABLES[account]}")


async def test_each_account_has_its_own_variable() -> None:
    env = {"WBTUI_BEEBOX_PASSWORD": "b", "WBTUI_TRANSLATOR_KEY": ""}
    found = await find_secret("acme", Account.TRANSLATOR, env=env, vault=StoredVault())
    assert found == (Secret("acme/translator"), "keyring")


@pytest.mark.parametrize(
    ("code", "secret"),
    [
        ("print('hunter2'); print('second line')", "hunter2"),
        ("import sys; sys.stdout.write('hunter2')", "hunter2"),
        ("print('  with spaces, ü \\r')", "  with spaces, ü "),
        ("import sys; print(len(sys.stdin.read()))", "0"),
        ("import sys; print('noise', file=sys.stderr); print('hunter2')", "hunter2"),
        ("import os; print(os.environ.get('WBTUI_BEEBOX_PASSWORD'), os.environ['OTHER'])", "None kept"),
        ("print(len('$HOME;`x`'))", "9"),
    ],
)
async def test_the_first_line_of_the_command_is_the_secret(
    capfd: pytest.CaptureFixture[str], code: str, secret: str
) -> None:
    found = await find_secret(
        "acme",
        Account.TRANSLATOR,
        env={"WBTUI_BEEBOX_PASSWORD": "other", "OTHER": "kept", "PYTHONUTF8": "1"},
        vault=StoredVault(),
        secret_command=command(code),
    )
    assert found == (Secret(secret), "secret_command")
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
            secret_command=line,
            command_seconds=1 if "pause" in line else 30,
        )
    assert str(caught.value) == message
    assert "hunter2" not in caught.value.advice
    assert caught.value.__context__ is None or caught.value.__suppress_context__


async def test_the_vault_is_asked_last() -> None:
    found = await find_secret("acme", Account.BEEBOX, env={}, vault=StoredVault(), secret_command=" ")
    assert found == (Secret("acme/beebox"), "keyring")
