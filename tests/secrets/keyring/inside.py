"""Runs inside tests/with-secret-service.sh, started by test_real_keyring.py: a real Secret Service answers.

WBTUI_SECRET_SERVICE says whether it is unlocked or locked; each test is for one of the two.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.cli.test_first_start import type_the_form
from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import KeyringLocked, KeyringSilent, NoSecret
from wbtui.secrets.vault import KeyringVault, find_secret

STATE = os.environ["WBTUI_SECRET_SERVICE"]
unlocked = pytest.mark.skipif(STATE != "unlocked", reason="for an unlocked keyring")
locked = pytest.mark.skipif(STATE != "locked", reason="for a locked keyring")


def _contents(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in folder.rglob("*") if file.is_file()]


@contextmanager
def keyring_stopped() -> Iterator[None]:
    """Stop whoever serves secrets while the block lasts, so that it answers nothing."""
    asked = subprocess.run(
        [
            *("dbus-send", "--session", "--print-reply", "--dest=org.freedesktop.DBus"),
            *("/org/freedesktop/DBus", "org.freedesktop.DBus.GetConnectionUnixProcessID"),
            "string:org.freedesktop.secrets",
        ],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"uint32 (\d+)", asked.stdout)
    assert found
    os.kill(int(found[1]), signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(int(found[1]), signal.SIGCONT)


@pytest.fixture
def at_home(user: User) -> User:
    """Return a user whose programs see the real keyring."""
    user.unset = {"PYTHON_KEYRING_BACKEND"}
    for name in ("DBUS_SESSION_BUS_ADDRESS", "XDG_RUNTIME_DIR"):
        if name in os.environ:
            user.env[name] = os.environ[name]
    return user


@unlocked
async def test_a_real_keyring_keeps_the_secret_and_not_in_clear() -> None:
    vault = KeyringVault(os.environ)
    secret = Secret("hünter2 \u202e end")
    with pytest.raises(NoSecret):
        await vault.get("acme", Account.TRANSLATOR)
    await vault.store("acme", Account.TRANSLATOR, secret)
    assert await find_secret(
        "acme", Account.TRANSLATOR, env={}, vault=vault, short_names=True, tell=print
    ) == (secret, "keyring")
    written = _contents(Path(os.environ["XDG_DATA_HOME"]))
    assert written
    assert not any("hünter2".encode() in content for content in written)
    assert await vault.delete("acme", Account.TRANSLATOR) is True
    assert await vault.delete("acme", Account.TRANSLATOR) is False


@unlocked
def test_login_status_doctor_and_logout_go_through_it(at_home: User) -> None:
    secrets = at_home.without_secrets()
    before, _ = at_home.status("--wait", "0")
    stored = at_home.run("login", stdin="".join(f"{secret}\n" for secret in secrets.values()))
    after, document = at_home.status("--wait", "0")
    doctor = at_home.run("doctor")
    gone = at_home.run("logout")
    at_last, _ = at_home.status("--wait", "0")
    assert (before, stored.returncode, gone.returncode, at_last) == (5, 0, 0, 5)
    assert after in {0, 7}
    assert {s["state"] for s in document["services"].values()} <= {"ok", "connecting"}
    assert "keyring.backends.SecretService.Keyring, unlocked" in doctor.stdout
    assert doctor.stdout.count("secret from keyring") == 3
    assert gone.stderr.count("removed from the system keyring") == 3
    said = stored.stdout + stored.stderr + doctor.stdout + doctor.stderr
    for secret in secrets.values():
        assert secret not in said
        assert not any(secret.encode() in content for content in _contents(at_home.home / "state"))


@unlocked
async def test_a_real_keyring_that_hangs_is_given_up() -> None:
    with keyring_stopped(), pytest.raises(KeyringSilent, match="did not answer within 1 s"):
        await KeyringVault(os.environ, seconds=1).get("acme", Account.TRANSLATOR)


@locked
async def test_a_real_keyring_that_is_locked_says_so() -> None:
    vault = KeyringVault(os.environ, seconds=20)
    with pytest.raises(KeyringLocked):
        await vault.get("acme", Account.TRANSLATOR)
    with pytest.raises(KeyringLocked):
        await vault.store("acme", Account.TRANSLATOR, Secret("hunter2"))


@locked
def test_each_command_says_that_it_is_locked_and_goes_on_by_another_door(at_home: User) -> None:
    secrets = at_home.without_secrets()
    status, document = at_home.status("--wait", "0")
    stored = at_home.run("login", "translator", stdin=f"{secrets['translator']}\n")
    at_home.env["WBTUI_TRANSLATOR_KEY"] = secrets["translator"]
    by_environment, _ = at_home.status("--wait", "0")
    assert status == 5
    assert {s["message"] for s in document["services"].values()} == {"the system keyring is locked"}
    assert stored.returncode == 5
    assert "translator: the system keyring is locked" in stored.stderr
    assert "or set WBTUI_ACME_TRANSLATOR_KEY" in stored.stderr
    assert by_environment == 7


@pytest.mark.terminal
@unlocked
def test_the_first_form_stores_into_it_and_the_monitor_reads_it_back(at_home: User) -> None:
    secrets = at_home.without_secrets()
    at_home.config.unlink()
    with pseudo([], at_home.environment()) as program:
        program.until("Welcome to wbtui")
        seen = type_the_form(program, at_home, secrets)
        program.press("\r")
        program.until("wbtui main", "Beebox 240", "Instant 30")
        seen += program.written
        program.press("q")
        assert program.ended(5) == 0
        seen += program.written
    with pseudo([], at_home.environment()) as program:  # nothing but the keyring has the secrets now
        program.until("wbtui main", "operations ok", "beebox ok", "instant ok")
        program.press("q")
        assert program.ended(5) == 0
        seen += program.written
    gone = at_home.run("logout")
    assert gone.stderr.count("removed from the system keyring") == 3
    for secret in secrets.values():
        assert secret.encode() not in seen
        assert not any(secret.encode() in content for content in _contents(at_home.home))


@pytest.mark.terminal
@unlocked
def test_the_log_in_form_stores_into_it_and_the_monitor_reads_it_back(at_home: User) -> None:
    secrets = at_home.without_secrets()
    two = f"{secrets['translator']}\n{secrets['beebox']}\n"
    stored = at_home.run("login", "translator", "beebox", stdin=two)
    assert stored.returncode == 0
    with pseudo([], at_home.environment()) as program:
        program.until("Beebox 240", "instant LOGIN")
        program.press("3L")
        program.until("Instant Translation, profile acme", "no secret is stored", "enter tries")
        program.press(f"{secrets['instant']}\r")
        program.until("Stored in the system keyring", "ENTER")
        program.press("\r")
        program.until("instant ok", "30")
        program.press("q")
        assert program.ended(5) == 0
    code, document = at_home.status("--wait", "0")
    gone = at_home.run("logout")
    assert code in {0, 7}
    assert document["services"]["instant"]["state"] == "ok"
    assert gone.stderr.count("removed from the system keyring") == 3
