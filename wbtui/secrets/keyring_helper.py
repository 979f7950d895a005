"""Uses the system keyring for `vault.py`, in a process of its own that can be killed.

A keyring call may block for ever, print on the screen, ask for a passphrase on the terminal, or raise any
exception. This process has no terminal and no stderr; an unexpected exception ends it, and the name of its
class is the last line of output.

Requests are JSON objects on stdin, one per line: `op` (get, set, delete, look), `service`, `user`, `secret`
(set only), `named` (the backend in PYTHON_KEYRING_BACKEND), `bus` (the address of the D-Bus, if there should
be one). Each is answered by an object on stdout: `outcome` and, depending on it, `secret` or `detail`. An
empty line comes first: it ends the start-up, so that time limits can exclude it. The file is run by its path
and imports nothing of wbtui.
"""

from __future__ import annotations

import json
import os
import sys
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

Answer = dict[str, str]
_WEAK = ("keyrings.alt.", "keyrings.cryptfile.")


def class_names(ring: KeyringBackend) -> tuple[str, ...]:
    """Return the full class names of the backends that are used; for a chain, those of its members."""
    from keyring.backends.chainer import ChainerBackend  # noqa: PLC0415 - keyring is slow to import

    rings = ring.backends if isinstance(ring, ChainerBackend) else [ring]
    return tuple(f"{type(one).__module__}.{type(one).__qualname__}" for one in rings)


def objection(names: tuple[str, ...], named: str, bus: str = "") -> Answer | None:
    """Return why these backends are refused, or None. An insecure one must be `named` explicitly.

    `bus` is set if there should be a D-Bus: keyring skips one that does not answer.
    """
    for name in names:
        if name.startswith("keyring.backends.fail."):
            silent = "none answers on the D-Bus of this session"
            return {"outcome": "none", "detail": silent if bus and name != named else "this system has none"}
        if name.startswith("keyring.backends.null."):
            return {"outcome": "none", "detail": "it is switched off"}
        weak = "plaintext" in name.lower() or name.startswith(_WEAK)
        if weak and name != named:
            return {"outcome": "refused", "detail": name}
    return None


def answer(request: Answer, ring: KeyringBackend) -> Answer:
    """Execute a request on the keyring and return the outcome; raises what the backend raises."""
    from keyring import errors  # noqa: PLC0415 - keyring is slow to import

    refused = objection(class_names(ring), request["named"], request.get("bus", ""))
    if refused:
        return refused
    try:
        return _act(request, ring)
    except errors.NoKeyringError:
        return {"outcome": "none", "detail": "this system has none"}
    except (errors.KeyringLocked, errors.InitError):
        return {"outcome": "locked"}
    except errors.PasswordDeleteError:
        return {"outcome": "absent"}


def _act(request: Answer, ring: KeyringBackend) -> Answer:
    place = (request["service"], request["user"])
    if request["op"] == "set":
        ring.set_password(*place, request["secret"])
        kept = ring.get_password(*place) == request["secret"]
        return {"outcome": "ok" if kept else "lost"}
    if request["op"] == "delete":
        ring.delete_password(*place)
        return {"outcome": "ok"}
    found = ring.get_password(*place)
    if request["op"] == "look":
        return {"outcome": "ok", "detail": ", ".join(class_names(ring))}
    return {"outcome": "absent"} if found is None else {"outcome": "ok", "secret": found}


def run(requests: TextIO, answers: TextIO) -> None:
    """Read requests, execute them on the system keyring, and write an answer for each."""
    import keyring  # noqa: PLC0415 - slow, and its failures are to be reported like those of a backend

    answers.write("\n")
    answers.flush()
    ring = keyring.get_keyring()
    for line in requests:
        answers.write(json.dumps(answer(json.loads(line), ring)) + "\n")
        answers.flush()


def _last_word(kind: type[BaseException], _error: BaseException, _trace: TracebackType | None) -> None:
    # The message of a backend's exception may hold the secret; the name of its class cannot.
    os.write(_ANSWERS, json.dumps({"outcome": "failed", "detail": kind.__name__}).encode())


if __name__ == "__main__":
    _ANSWERS = os.dup(1)
    os.dup2(2, 1)  # output of backends goes to stderr, not into the answers
    sys.excepthook = _last_word
    with open(_ANSWERS, "w", encoding="ascii", closefd=False) as channel:
        run(sys.stdin, channel)
