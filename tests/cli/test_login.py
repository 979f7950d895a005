"""`wbtui login` and `logout`, and the sources of secrets."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.conftest import User
from tests.cli.pseudo import pseudo
from tests.slowness import patience
from wbtui.simulator.http_messages import Reply

NAMES = {"translator": "TRANSLATOR_KEY", "beebox": "BEEBOX_PASSWORD", "instant": "INSTANT_PASSWORD"}


def stored(kept: Path) -> dict[str, str]:
    """Return the secrets in a keyring of tests/backends.py, by service."""
    found: dict[str, str] = json.loads(kept.read_text()) if kept.exists() else {}
    return {name.removeprefix("wbtui acme/"): secret for name, secret in found.items()}


def test_what_is_stored_is_found_and_what_is_removed_is_not(user: User) -> None:
    secrets = user.without_secrets()
    kept = user.use_backend("Filed")
    login = user.run("login", stdin="".join(f"{secret}\n" for secret in secrets.values()))
    code, _ = user.status("--wait", "0")
    assert login.returncode == 0, login.stderr
    assert not login.stdout
    assert stored(kept) == secrets
    assert code in {0, 7}
    one = user.run("logout", "beebox")
    assert "beebox: removed from the system keyring" in one.stderr
    again = user.run("logout")
    assert (one.returncode, again.returncode) == (0, 0)
    assert "beebox: nothing was stored" in again.stderr
    assert stored(kept) == {}


def test_services_may_be_named_also_as_they_are_shown(user: User) -> None:
    key = user.without_secrets()["translator"]
    kept = user.use_backend("Filed")
    ended = user.run("login", "flex", "operations", "--json", stdin=f"{key}\r\n")
    assert ended.returncode == 0
    assert stored(kept) == {"translator": key}
    account = json.loads(ended.stdout)["accounts"]["translator"]
    assert (account["stored"], account["checked"]) == (True, True)
    assert "logged in to account acme" in account["message"]


def test_a_refused_secret_is_not_stored_unless_nobody_asks_the_service(user: User) -> None:
    user.without_secrets()
    kept = user.use_backend("Filed")
    refused = user.run("login", "beebox", stdin="wr0ng-password\n")
    assert refused.returncode == 5
    assert "beebox: Unknown project, login or password." in refused.stderr
    assert stored(kept) == {}
    unchecked = user.run("login", "beebox", "--no-check", stdin="wr0ng-password\n")
    assert unchecked.returncode == 0
    assert stored(kept) == {"beebox": "wr0ng-password"}
    assert "wr0ng" not in refused.stderr + unchecked.stderr


def test_some_refused_is_partly_done(user: User) -> None:
    secrets = user.without_secrets()
    kept = user.use_backend("Filed")
    ended = user.run("login", "beebox", "instant", stdin=f"wrong\n{secrets['instant']}\n")
    assert ended.returncode == 7
    assert stored(kept) == {"instant": secrets["instant"]}


def test_a_service_that_cannot_be_asked_is_no_obstacle_and_said_so(user: User) -> None:
    secrets = user.without_secrets()
    kept = user.use_backend("Filed")
    user.running.api.broken["instant"] = Reply(502, (("Content-Type", "text/html"),), b"<h1>no</h1>")
    ended = user.run("login", "instant", stdin=f"{secrets['instant']}\n")
    assert ended.returncode == 0
    assert "not checked" in ended.stderr
    assert stored(kept) == {"instant": secrets["instant"]}


@pytest.mark.parametrize(
    ("words", "stdin", "code", "said"),
    [
        (("login", "translator"), "", 2, "stdin has no line with the key of the Translator API"),
        (("login", "translator"), "\n", 2, "stdin has no line"),
        (("login", "nonsense"), "", 2, "'nonsense' is not one of translator, beebox, instant"),
        (("login", "--profile", "other"), "", 2, "no profile 'other'"),
        (("login", "hunter2", "translator"), "", 2, "is not one of"),
    ],
)
def test_wrong_use_is_exit_2(user: User, words: tuple[str, ...], stdin: str, code: int, said: str) -> None:
    user.without_secrets()
    user.use_backend("Filed")
    ended = user.run(*words, stdin=stdin)
    assert ended.returncode == code
    assert said in ended.stderr


def test_a_door_that_goes_first_is_named(user: User) -> None:
    secrets = dict(user.secrets)
    user.use_backend("Filed")
    ended = user.run("login", "translator", stdin=secrets["WBTUI_TRANSLATOR_KEY"] + "\n")
    assert "WBTUI_TRANSLATOR_KEY is set and goes first" in ended.stderr


@pytest.mark.terminal
def test_on_a_terminal_nothing_typed_is_shown_and_a_failed_write_does_not_lose_it(user: User) -> None:
    key = user.without_secrets()["translator"]
    kept = user.use_backend("Unlocking")
    with pseudo(["login", "translator"], user.environment()) as run:
        run.until("key of the Translator API: ")
        run.press(f"{key}\n")
        run.until("the system keyring is locked", "What you typed is not lost", "Try again?")
        shown = run.written
        run.press("\n")
        run.until("stored in the system keyring")
        shown += run.written
        assert run.ended(10) == 0
    assert stored(kept) == {"translator": key}
    assert key.encode() not in shown + run.written


@pytest.mark.terminal
def test_giving_up_ends_with_the_other_doors(user: User) -> None:
    key = user.without_secrets()["translator"]
    with pseudo(["login", "translator"], user.environment()) as run:
        run.until("key of the Translator API: ")
        run.press(f"{key}\n")
        run.until("Try again?")
        run.press("n\n")
        run.until("Set WBTUI_ACME_TRANSLATOR_KEY, or secret_command")
        assert run.ended(10) == 5


@pytest.mark.terminal
def test_the_prompt_is_the_last_door_and_only_for_a_terminal(user: User) -> None:
    secrets = user.without_secrets()
    text = user.config.read_text()
    user.write_config('default_profile = "acme"\n' + text[text.index("[profiles.acme.instant]") :])
    with pseudo(["status", "--json"], user.environment()) as run:
        run.until("no system keyring: this system has none", "password for Instant Translation: ")
        run.press(f"{secrets['instant']}\n")
        run.until("kept in memory for this run", '"instant": {"state": "ok"')
        assert run.ended(10) == 0
        assert secrets["instant"].encode() not in run.written
    code, _ = user.status()
    assert code == 5


def test_the_command_of_the_configuration_goes_before_the_keyring(user: User) -> None:
    secrets = user.without_secrets()
    user.use_backend("Silent")
    (user.home / "key").write_text(secrets["instant"] + "\n")
    text = user.config.read_text()
    part = text[text.index("[profiles.acme.instant]") :]
    user.write_config(
        f'default_profile = "acme"\n{part}secret_command = "cat {user.home / "key"}"\n',
    )
    code, document = user.status()
    assert code == 0
    assert document["services"]["instant"]["state"] == "ok"


@contextmanager
def silent_bus(folder: Path) -> Iterator[str]:
    """Listen as a D-Bus that takes connections and never says a word; return its address."""
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(folder / "bus"))
        listener.listen()
        accepted: list[socket.socket] = []
        stop = threading.Event()

        def accept() -> None:
            listener.settimeout(0.1)
            while not stop.is_set():
                try:
                    accepted.append(listener.accept()[0])
                except TimeoutError:
                    continue

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"unix:path={folder / 'bus'}"
        finally:
            stop.set()
            thread.join()
            for one in accepted:
                one.close()


def instant_only(user: User) -> str:
    """Leave one service in the configuration; return its secret, which nothing knows any more."""
    secret = user.without_secrets()["instant"]
    text = user.config.read_text()
    user.write_config('default_profile = "acme"\n' + text[text.index("[profiles.acme.instant]") :])
    return secret


def ends_in_time_with(user: User, secret: str, message: str) -> None:
    """Check message and time of each command, and that the environment is another source."""
    for words, stdin in ((("status", "--json"), ""), (("login", "--no-check"), f"{secret}\n")):
        began = time.monotonic()
        ended = user.run(*words, stdin=stdin)
        took = time.monotonic() - began
        assert ended.returncode == 5
        assert message in ended.stdout + ended.stderr
        assert "WBTUI_ACME_INSTANT_PASSWORD" in ended.stdout + ended.stderr or words[0] == "status"
        # 3 s on a quiet machine; tests share theirs, and without a limit it would not end at all
        assert took < patience(12)
    user.env["WBTUI_INSTANT_PASSWORD"] = secret
    assert user.status()[0] == 0


def test_a_bus_that_hangs_ends_in_time_with_its_message(user: User, tmp_path: Path) -> None:
    secret = instant_only(user)
    user.unset = {"PYTHON_KEYRING_BACKEND"}
    with silent_bus(tmp_path) as address:
        user.env["DBUS_SESSION_BUS_ADDRESS"] = address
        ends_in_time_with(user, secret, "no system keyring: none answers on the D-Bus of this session")


def test_a_missing_bus_ends_in_time_with_its_message(user: User, tmp_path: Path) -> None:
    secret = instant_only(user)
    user.unset = {"PYTHON_KEYRING_BACKEND"}
    user.env["DBUS_SESSION_BUS_ADDRESS"] = f"unix:path={tmp_path / 'nothing'}"
    ends_in_time_with(user, secret, "no system keyring: none answers on the D-Bus of this session")
    user.env.pop("WBTUI_INSTANT_PASSWORD")
    user.env.pop("DBUS_SESSION_BUS_ADDRESS")
    ends_in_time_with(user, secret, "no system keyring: this system has none")


@pytest.mark.parametrize(
    ("backend", "message"),
    [("Locked", "the system keyring is locked"), ("Silent", "did not answer within 2.5 s")],
)
def test_a_keyring_that_does_not_answer_ends_in_time_with_its_message(
    user: User, backend: str, message: str
) -> None:
    secret = instant_only(user)
    user.use_backend(backend)
    ends_in_time_with(user, secret, message)


@pytest.mark.parametrize("command", ["login", "logout"])
def test_a_keyring_that_hangs_is_waited_for_once_and_not_for_each_service(user: User, command: str) -> None:
    secrets = user.without_secrets()
    asked = user.use_backend("Counting")
    ended = user.run(command, stdin="".join(f"{secret}\n" for secret in secrets.values()))
    assert ended.returncode == 5
    assert ended.stderr.count("did not answer within 2.5 s") == 3
    assert asked.read_text() == "asked\n"


def test_a_plain_text_keyring_is_named_and_used_only_by_name(user: User) -> None:
    secret = instant_only(user)
    kept = user.use_backend("PlaintextKeyring")
    named = user.env.pop("PYTHON_KEYRING_BACKEND")
    user.unset = {"PYTHON_KEYRING_BACKEND"}
    (user.home / "config" / "python_keyring").mkdir(parents=True)
    (user.home / "config" / "python_keyring" / "keyringrc.cfg").write_text(
        f"[backend]\ndefault-keyring={named}\nkeyring-path={user.home}\n"
    )
    ended = user.run("login", "--no-check", stdin=f"{secret}\n")
    assert ended.returncode == 5
    assert f"the only keyring here is {named}, which does not protect secrets" in ended.stderr
    assert f"PYTHON_KEYRING_BACKEND={named}" in ended.stderr
    assert not kept.exists()
    user.unset = set()
    user.env["PYTHON_KEYRING_BACKEND"] = named
    assert user.run("login", stdin=f"{secret}\n").returncode == 0
    assert stored(kept) == {"instant": secret}


def test_no_secret_is_written_or_said_by_any_command(user: User) -> None:
    secrets = user.without_secrets()
    kept = user.use_backend("Filed")
    said = user.run("login", stdin="".join(f"{secret}\n" for secret in secrets.values())).stderr
    for words in (
        ("status", "--json"),
        ("doctor", "--json"),
        ("config", "show"),
        ("wait", "5001", "--timeout", "20"),
        ("track", "5002", "--json"),
        ("logout",),
    ):
        ended = user.run(*words)
        said += ended.stdout + ended.stderr
    files = b"".join(p.read_bytes() for p in user.home.rglob("*") if p.is_file() and p != kept)
    for secret in secrets.values():
        assert secret not in said
        assert secret.encode() not in files
