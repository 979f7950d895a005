"""The vault over its helper process, with keyrings that work, fail and hang."""

from __future__ import annotations

import asyncio
import json
import os
import shlex
import sys
from pathlib import Path

import pytest

from tests.backends import environment
from wbtui.domain.credentials import Account, Secret, variable_of
from wbtui.domain.errors import KeyringLocked, KeyringRefused, KeyringSilent, NoKeyring, NoSecret, SecretError
from wbtui.secrets.vault import KeyringVault, find_secret


async def test_a_secret_is_stored_found_and_deleted(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    vault = KeyringVault(environment(tmp_path, "backends.Filed"))
    secret = Secret("hünter\u202e2 \n\ud800")
    await vault.store("acme", Account.TRANSLATOR, secret)
    assert await vault.get("acme", Account.TRANSLATOR) == secret
    assert json.loads((tmp_path / "file").read_text()) == {"wbtui acme/translator": secret.reveal()}
    with pytest.raises(NoSecret):
        await vault.get("acme", Account.BEEBOX)
    assert await vault.delete("acme", Account.TRANSLATOR) is True
    assert await vault.delete("acme", Account.TRANSLATOR) is False
    assert capfd.readouterr() == ("", "")


async def counted(folder: Path, backend: str) -> tuple[list[Secret | BaseException], int]:
    """Ask for all three secrets side by side; return the answers, and how many helpers were started."""
    python = folder / "python"
    python.write_text(f'#!/bin/sh\necho >>"{folder}/starts"\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    await KeyringVault(environment(folder, "backends.Filed")).store("acme", Account.BEEBOX, Secret("hunter2"))
    vault = KeyringVault(environment(folder, f"backends.{backend}"), python=str(python))
    answers = await asyncio.gather(*(vault.get("acme", one) for one in Account), return_exceptions=True)
    return answers, len((folder / "starts").read_text())


async def test_secrets_asked_for_side_by_side_share_one_helper(tmp_path: Path) -> None:
    [translator, beebox, instant], starts = await counted(tmp_path, "Filed")
    assert (str(translator), beebox, str(instant)) == (
        "no secret is stored for translator of profile acme",
        Secret("hunter2"),
        "no secret is stored for instant of profile acme",
    )
    assert starts == 1


async def test_a_machine_that_starts_slowly_is_no_silent_keyring(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nsleep 1.2\nexec {shlex.quote(sys.executable)} "$@"\n')
    python.chmod(0o755)
    vault = KeyringVault(environment(tmp_path, "backends.Filed"), seconds=1, python=str(python))
    with pytest.raises(NoSecret):
        await vault.get("acme", Account.BEEBOX)


async def test_what_ends_a_shared_helper_is_told_to_all_that_asked(tmp_path: Path) -> None:
    answers, starts = await counted(tmp_path, "Broken")
    assert {str(answer) for answer in answers} == {"the system keyring does not work (RuntimeError)"}
    assert [answer.advice.partition("; ")[2] for answer in answers if isinstance(answer, NoKeyring)] == [
        f"or set {variable_of('acme', account)}." for account in Account
    ]
    assert starts == 1


async def test_a_shared_helper_lives_as_long_as_one_that_asked_waits(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    vault = KeyringVault(environment(tmp_path, "backends.Hanging"), seconds=60)
    first, last = (asyncio.create_task(vault.get("acme", account)) for account in list(Account)[:2])
    helper = int(await asyncio.to_thread((tmp_path / "file").read_text))
    for task in (first, last):
        os.kill(helper, 0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)


async def test_what_is_not_stored_comes_with_the_command_that_stores_it(tmp_path: Path) -> None:
    vault = KeyringVault(environment(tmp_path, "backends.Filed"))
    with pytest.raises(NoSecret) as caught:
        await find_secret("acme", Account.INSTANT, env={}, vault=vault, short_names=True, tell=print)
    assert str(caught.value) == "no secret is stored for instant of profile acme"
    assert caught.value.advice == (
        "Store it with: wbtui login instant --profile acme; or set WBTUI_ACME_INSTANT_PASSWORD."
    )


@pytest.mark.parametrize(
    ("backend", "kind", "message", "advice"),
    [
        (
            "keyring.backends.fail.Keyring",
            NoKeyring,
            "no system keyring: this system has none",
            "Set WBTUI_ACME_TRANSLATOR_KEY, or secret_command in the configuration.",
        ),
        (
            "keyring.backends.null.Keyring",
            NoKeyring,
            "no system keyring: it is switched off",
            "Set WBTUI_ACME_TRANSLATOR_KEY, or secret_command in the configuration.",
        ),
        (
            "no.such.Backend",
            NoKeyring,
            "the system keyring does not work (ModuleNotFoundError)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_ACME_TRANSLATOR_KEY.",
        ),
        (
            "backends.Broken",
            NoKeyring,
            "the system keyring does not work (RuntimeError)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_ACME_TRANSLATOR_KEY.",
        ),
        (
            "backends.Crashing",
            NoKeyring,
            "the system keyring does not work (status 7)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_ACME_TRANSLATOR_KEY.",
        ),
        (
            "backends.Locked",
            KeyringLocked,
            "the system keyring is locked",
            "Unlock it, by logging in on its desktop for instance; or set WBTUI_ACME_TRANSLATOR_KEY.",
        ),
    ],
)
async def test_each_way_to_fail_has_its_own_error_and_advice(
    tmp_path: Path, backend: str, kind: type[SecretError], message: str, advice: str
) -> None:
    vault = KeyringVault(environment(tmp_path, backend), seconds=30)
    with pytest.raises(kind) as caught:
        await vault.get("acme", Account.TRANSLATOR)
    assert (str(caught.value), caught.value.advice) == (message, advice)


async def test_a_keyring_that_forgets_is_found_out(tmp_path: Path) -> None:
    vault = KeyringVault(environment(tmp_path, "backends.Forgetful"))
    with pytest.raises(KeyringRefused, match="did not keep the secret"):
        await vault.store("acme", Account.TRANSLATOR, Secret("hunter2"))


async def test_a_python_that_cannot_be_started_is_no_keyring(tmp_path: Path) -> None:
    vault = KeyringVault({}, python=str(tmp_path / "python"))
    with pytest.raises(NoKeyring, match="the keyring cannot be asked: No such file or directory"):
        await vault.get("acme", Account.TRANSLATOR)


async def test_a_plain_text_keyring_is_used_only_if_the_variable_names_it(tmp_path: Path) -> None:
    plain = "keyrings.alt.file.PlaintextKeyring"
    env = environment(tmp_path, plain)
    (tmp_path / "keyrings" / "alt").mkdir(parents=True)
    (tmp_path / "keyrings" / "alt" / "file.py").write_text(
        "from backends import Filed\nclass PlaintextKeyring(Filed):\n    priority = 0.5\n"
    )
    (tmp_path / "python_keyring").mkdir()
    (tmp_path / "python_keyring" / "keyringrc.cfg").write_text(f"[backend]\ndefault-keyring={plain}\n")
    chosen = {**env, "XDG_CONFIG_HOME": str(tmp_path)}
    del chosen["PYTHON_KEYRING_BACKEND"]
    with pytest.raises(KeyringRefused) as caught:
        await KeyringVault(chosen).store("acme", Account.TRANSLATOR, Secret("hunter2"))
    assert str(caught.value) == f"the only keyring here is {plain}, which does not protect secrets"
    assert not (tmp_path / "file").exists()
    named = KeyringVault(env)
    await named.store("acme", Account.TRANSLATOR, Secret("hunter2"))
    assert await named.get("acme", Account.TRANSLATOR) == Secret("hunter2")


async def hanging_process(folder: Path) -> tuple[asyncio.Task[Secret], int]:
    """Ask a keyring that hangs; return the task that waits for it and the helper's process id."""
    os.mkfifo(folder / "file")
    vault = KeyringVault(environment(folder, "backends.Hanging"), seconds=60)
    task = asyncio.create_task(vault.get("acme", Account.TRANSLATOR))
    return task, int(await asyncio.to_thread((folder / "file").read_text))


async def test_the_helper_is_killed_and_reaped_when_its_caller_is_cancelled(tmp_path: Path) -> None:
    task, helper = await hanging_process(tmp_path)
    os.kill(helper, 0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    with pytest.raises(ProcessLookupError):
        os.kill(helper, 0)


async def test_the_helper_is_killed_and_reaped_when_its_time_is_over(tmp_path: Path) -> None:
    vault = KeyringVault(environment(tmp_path, "backends.Hanging"), seconds=2.5)
    with pytest.raises(KeyringSilent) as caught:
        await vault.get("acme", Account.TRANSLATOR)
    assert str(caught.value) == "the system keyring did not answer within 2.5 s"
    assert caught.value.advice == (
        "It may be asking to be unlocked on another display; answer there, or set WBTUI_ACME_TRANSLATOR_KEY."
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "file").read_text()), 0)


async def test_no_secret_stands_in_the_helpers_arguments_or_environment(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    env = environment(tmp_path, "backends.Hanging")
    env |= {"WBTUI_ACME_BEEBOX_PASSWORD": "hunter2", "GPG_TTY": "/dev/tty"}
    vault = KeyringVault(env, seconds=60)
    task = asyncio.create_task(vault.store("acme", Account.BEEBOX, Secret("hunter2")))
    # Filed.set_password reads the file first, and so waits for this writer
    helper = await asyncio.to_thread(_told_by_fifo, tmp_path / "file")
    seen = b"".join((Path("/proc") / helper / name).read_bytes() for name in ("cmdline", "environ"))
    assert b"keyring_helper.py" in seen
    assert b"hunter2" not in seen
    assert b"GPG_TTY" not in seen
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def _told_by_fifo(fifo: Path) -> str:
    """Find the one process of ours that runs the helper, while it waits for the FIFO."""
    with fifo.open("w"):
        children = Path("/proc/self/task").glob("*/children")
        found = [child for tasks in children for child in tasks.read_text().split()]
        return next(
            child for child in found if b"keyring_helper" in (Path("/proc") / child / "cmdline").read_bytes()
        )
