from __future__ import annotations

import asyncio
import io
import json
import os
import shlex
import sys
from pathlib import Path

import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring import errors
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from tests.backends import environment
from wbtui import keyring_helper
from wbtui.credentials import SECRET_VARIABLES, Account, Secret
from wbtui.errors import KeyringLocked, KeyringRefused, KeyringSilent, NoKeyring, NoSecret, SecretError
from wbtui.vault import KeyringVault, find_secret


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
        f"or set {SECRET_VARIABLES[account]}." for account in Account
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
        await find_secret("acme", Account.INSTANT, env={}, vault=vault)
    assert str(caught.value) == "no secret is stored for instant of profile acme"
    assert caught.value.advice == (
        "Store it with: wbtui login instant --profile acme; or set WBTUI_INSTANT_PASSWORD."
    )


@pytest.mark.parametrize(
    ("backend", "kind", "message", "advice"),
    [
        (
            "keyring.backends.fail.Keyring",
            NoKeyring,
            "no system keyring: this system has none",
            "Set WBTUI_TRANSLATOR_KEY, or secret_command in the configuration.",
        ),
        (
            "keyring.backends.null.Keyring",
            NoKeyring,
            "no system keyring: it is switched off",
            "Set WBTUI_TRANSLATOR_KEY, or secret_command in the configuration.",
        ),
        (
            "no.such.Backend",
            NoKeyring,
            "the system keyring does not work (ModuleNotFoundError)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_TRANSLATOR_KEY.",
        ),
        (
            "backends.Broken",
            NoKeyring,
            "the system keyring does not work (RuntimeError)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_TRANSLATOR_KEY.",
        ),
        (
            "backends.Crashing",
            NoKeyring,
            "the system keyring does not work (status 7)",
            "Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; or set WBTUI_TRANSLATOR_KEY.",
        ),
        (
            "backends.Locked",
            KeyringLocked,
            "the system keyring is locked",
            "Unlock it, by logging in on its desktop for instance; or set WBTUI_TRANSLATOR_KEY.",
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
        "It may be asking to be unlocked on another display; answer there, or set WBTUI_TRANSLATOR_KEY."
    )
    with pytest.raises(ProcessLookupError):
        os.kill(int((tmp_path / "file").read_text()), 0)


async def test_no_secret_stands_in_the_helpers_arguments_or_environment(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "file")
    env = environment(tmp_path, "backends.Hanging")
    env |= {"WBTUI_BEEBOX_PASSWORD": "hunter2", "GPG_TTY": "/dev/tty"}
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


class Ring(KeyringBackend):
    """A backend in memory, for the helper's own functions."""

    priority = 1.0

    def __init__(self, failure: Exception | None = None) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.kept: dict[tuple[str, str], str] = {}
        self.failure = failure

    def get_password(self, service: str, username: str) -> str | None:
        if self.failure:
            raise self.failure
        return self.kept.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.kept[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if not self.kept.pop((service, username), None):
            raise errors.PasswordDeleteError("no such password")


class Chain(ChainerBackend):
    """A chain of given backends."""

    backends = (Ring(), keyring.backends.null.Keyring())  # type: ignore[no-untyped-call]


def request(op: str, named: str = "") -> dict[str, str]:
    return {"op": op, "service": "wbtui", "user": "acme/beebox", "secret": "hunter2", "named": named}


def test_the_helper_gets_sets_and_deletes() -> None:
    ring = Ring()
    outcomes = [keyring_helper.answer(request(op), ring) for op in ("get", "set", "get", "delete", "delete")]
    assert outcomes == [
        {"outcome": "absent"},
        {"outcome": "ok"},
        {"outcome": "ok", "secret": "hunter2"},
        {"outcome": "ok"},
        {"outcome": "absent"},
    ]


@pytest.mark.parametrize(
    ("ring", "outcome"),
    [
        (keyring.backends.fail.Keyring(), {"outcome": "none", "detail": "this system has none"}),  # type: ignore[no-untyped-call]
        (keyring.backends.null.Keyring(), {"outcome": "none", "detail": "it is switched off"}),  # type: ignore[no-untyped-call]
        (Chain(), {"outcome": "none", "detail": "it is switched off"}),  # type: ignore[no-untyped-call]
        (Ring(errors.NoKeyringError()), {"outcome": "none", "detail": "this system has none"}),
        (Ring(errors.KeyringLocked()), {"outcome": "locked"}),
        (Ring(errors.InitError()), {"outcome": "locked"}),
    ],
)
def test_the_helper_tells_failures_apart(ring: KeyringBackend, outcome: dict[str, str]) -> None:
    assert keyring_helper.answer(request("get"), ring) == outcome


def test_the_helper_lets_the_unexpected_end_it() -> None:
    with pytest.raises(RuntimeError):
        keyring_helper.answer(request("get"), Ring(RuntimeError("hunter2")))


@pytest.mark.parametrize(
    ("names", "named", "outcome"),
    [
        (("keyring.backends.SecretService.Keyring",), "", None),
        (
            ("a.B", "keyrings.alt.file.PlaintextKeyring"),
            "",
            {"outcome": "refused", "detail": "keyrings.alt.file.PlaintextKeyring"},
        ),
        (("keyrings.alt.file.PlaintextKeyring",), "keyrings.alt.file.PlaintextKeyring", None),
        (
            ("keyrings.alt.file.PlaintextKeyring",),
            "keyrings.alt.file.EncryptedKeyring",
            {"outcome": "refused", "detail": "keyrings.alt.file.PlaintextKeyring"},
        ),
        (
            ("keyrings.cryptfile.cryptfile.CryptFileKeyring",),
            "",
            {"outcome": "refused", "detail": "keyrings.cryptfile.cryptfile.CryptFileKeyring"},
        ),
        (("my.PlainTextRing",), "", {"outcome": "refused", "detail": "my.PlainTextRing"}),
    ],
)
def test_weak_backends_are_known_by_name(
    names: tuple[str, ...], named: str, outcome: dict[str, str] | None
) -> None:
    assert keyring_helper.objection(names, named) == outcome


def test_the_helper_talks_json_lines() -> None:
    previous = keyring.get_keyring()
    keyring.set_keyring(Ring())
    answers = io.StringIO()
    try:
        keyring_helper.run(io.StringIO(json.dumps(request("set")) + "\n"), answers)
    finally:
        keyring.set_keyring(previous)
    assert json.loads(answers.getvalue()) == {"outcome": "ok"}
