"""The helper's own functions, in this process."""

from __future__ import annotations

import io
import json

import keyring.backends.fail
import keyring.backends.null
import pytest
from keyring import errors
from keyring.backend import KeyringBackend
from keyring.backends.chainer import ChainerBackend

from wbtui.secrets import keyring_helper


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
