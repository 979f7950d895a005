"""Keyring backends for programs under test: each fails, or works, in its own way."""

from __future__ import annotations

import os
from pathlib import Path

BACKENDS = r"""
import json, os, signal, sys
from pathlib import Path
from keyring import errors
from keyring.backend import KeyringBackend

FILE = Path(os.environ["BACKEND_FILE"])

class Filed(KeyringBackend):
    priority = 1
    def _read(self):
        return json.loads(FILE.read_text()) if FILE.exists() else {}
    def get_password(self, service, user):
        print("noise on stdout")
        os.write(1, b"noise below stdout")
        print("noise on stderr", file=sys.stderr)
        return self._read().get(service + " " + user)
    def set_password(self, service, user, password):
        FILE.write_text(json.dumps(self._read() | {service + " " + user: password}))
    def delete_password(self, service, user):
        kept = self._read()
        if service + " " + user not in kept:
            raise errors.PasswordDeleteError("no such password")
        del kept[service + " " + user]
        FILE.write_text(json.dumps(kept))

class Forgetful(Filed):
    def set_password(self, service, user, password):
        pass

class Locked(Filed):
    def get_password(self, service, user):
        raise errors.KeyringLocked("Failed to unlock the collection!")

class Silent(Filed):
    def get_password(self, service, user):
        while True:
            signal.pause()
    def set_password(self, service, user, password):
        self.get_password(service, user)

class Counting(Silent):
    def get_password(self, service, user):
        with FILE.open("a") as file:
            file.write("asked\n")
        super().get_password(service, user)
    def delete_password(self, service, user):
        self.get_password(service, user)

class Unlocking(Filed):
    # locked at the first try to store, as if its user unlocked it then
    def set_password(self, service, user, password):
        if not FILE.exists():
            FILE.write_text("{}")
            raise errors.KeyringLocked("Failed to unlock the collection!")
        super().set_password(service, user, password)

class PlaintextKeyring(Filed):
    priority = 0.5

class Broken(Filed):
    def get_password(self, service, user):
        raise RuntimeError("hunter2 could not be decrypted")

class Crashing(Filed):
    def get_password(self, service, user):
        os._exit(7)

class Hanging(Filed):
    def get_password(self, service, user):
        FILE.write_text(str(os.getpid()))
        while True:
            signal.pause()
"""


def environment(folder: Path, backend: str) -> dict[str, str]:
    """Make a folder of backends, and the environment that chooses one of them."""
    (folder / "backends.py").write_text(BACKENDS)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONPATH": str(folder),
        "BACKEND_FILE": str(folder / "file"),
        "PYTHON_KEYRING_BACKEND": backend,
    }
