"""Reads secrets from the environment, a command or the system keyring, and stores them in the keyring.

The keyring is used in a helper process with a time limit, because a call can block for ever (a locked keyring
whose prompt is on an invisible display), and the program could not even end.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shlex
import signal
import stat
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Protocol, TypeAlias

from wbtui.domain.credentials import (
    FROM_FILE,
    LEFT_OUT,
    Account,
    Secret,
    set_variable,
    variable_of,
    without_secrets,
)
from wbtui.domain.errors import (
    KeyringLocked,
    KeyringRefused,
    KeyringSilent,
    NoKeyring,
    NoSecret,
    SecretError,
    SourceError,
)
from wbtui.files.user_files import typed_path

Request: TypeAlias = dict[str, str]
Answer: TypeAlias = Mapping[str, str]
"""A line to or from the helper, as described in keyring_helper.py."""

SERVICE: Final = "wbtui"
"""The keyring service under which all secrets are kept; the user is `{profile}/{account}`."""

_HELPER: Final = Path(__file__).with_name("keyring_helper.py")
SECONDS: Final = 2.5
"""Seconds that the keyring may take: with the start of the program, one that does not answer costs three."""
STARTING: Final = 5.0
"""Seconds that the helper may take to start, which on a busy machine is not the keyring's fault."""
REST: Final = 0.2
"""Seconds for reading the rest of a program's output after it has ended."""
_LONGEST: Final = 65_536
"""The most bytes of a secret. A program that prints more is stopped."""


class Vault(Protocol):
    """A store of secrets. Raises members of `domain.errors.SecretError`."""

    async def get(self, profile: str, account: Account) -> Secret:
        """Return the stored secret; raises `NoSecret` if there is none."""

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret and verify it."""

    async def delete(self, profile: str, account: Account) -> bool:
        """Delete a secret; return whether there was one."""


async def find_secret(
    profile: str,
    account: Account,
    *,
    env: Mapping[str, str],
    vault: Vault,
    short_names: bool,
    tell: Callable[[str], None],
    secret_command: str = "",
    command_seconds: float = 10.0,
) -> tuple[Secret, str]:
    """Return the secret of an account and a description of its source.

    The first of environment, command and vault that is set up is used. If it fails, that is an error, and the
    next is not tried: an outdated secret in the keyring might lock the account. `short_names` says whether
    variables without the profile's name apply; `tell` is called with a message if the secret had blanks
    around it. Raises a member of `SecretError` with its own advice.
    """
    found, place = await _found(
        profile, account, env, vault, short_names, secret_command=secret_command, seconds=command_seconds
    )
    secret, trimmed = found.trimmed()
    if not secret:
        raise NoSecret(f"{place} holds nothing but blanks")
    if trimmed:
        tell(f"{account}: the secret from {place} is used, but {LEFT_OUT}")
    return secret, place


async def _found(
    profile: str,
    account: Account,
    env: Mapping[str, str],
    vault: Vault,
    short_names: bool,
    *,
    secret_command: str,
    seconds: float,
) -> tuple[Secret, str]:
    variable = set_variable(env, profile, account, short_names=short_names)
    if variable:
        return await from_environment(variable, env)
    if secret_command.strip():
        return await _from_command(secret_command, env, seconds), "secret_command"
    try:
        return await vault.get(profile, account), "keyring"
    except SecretError as error:
        short = account.short_variable
        if short_names or not set_variable(env, profile, account, short_names=True):
            raise
        words = (
            f"{short} is set, but serves only the file's default profile, and none that is named; "
            f"for this one set {variable_of(profile, account)}."
        )
        failure = type(error)(error.message, advice=words)
    raise failure


async def from_environment(variable: str, env: Mapping[str, str]) -> tuple[Secret, str]:
    """Return the value of a variable, or of the file that it names, and a description of the source.

    Raises `NoSecret` for a file that cannot be used.
    """
    if not variable.endswith(FROM_FILE):
        return Secret(env[variable]), f"environment variable {variable}"
    text = await asyncio.to_thread(_from_file, variable, env[variable].strip())
    return Secret(text), f"the file that {variable} names"


def _from_file(variable: str, name: str) -> str:
    """Return the first line of a regular file; anything else could block the start.

    Raises `NoSecret` with the variable's name, never with the content.
    """
    try:
        opened = os.open(typed_path(name), os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(opened, "rb") as file:
            if not stat.S_ISREG(os.fstat(opened).st_mode):
                raise _unusable(variable, "is no regular file")
            data = file.read(_LONGEST + 1)
    except (OSError, SourceError) as error:
        why = error.strerror if isinstance(error, OSError) else "no such path"
        raise _unusable(variable, f"cannot be read: {why}") from None
    if len(data) > _LONGEST:
        raise _unusable(variable, f"is longer than {_LONGEST} bytes")
    try:
        return first_line(data)
    except UnicodeDecodeError:
        raise _unusable(variable, "is not UTF-8") from None


def first_line(data: bytes) -> str:
    """Return the first line without its line end; raises `UnicodeDecodeError`."""
    return data.partition(b"\n")[0].removesuffix(b"\r").decode()


def _unusable(variable: str, what: str) -> NoSecret:
    return NoSecret(
        f"the file that {variable} names {what}",
        advice="Its first line is to hold the key or password alone.",
    )


async def _from_command(line: str, env: Mapping[str, str], seconds: float) -> Secret:
    try:
        argv = shlex.split(line)
        status, output = await _run(argv, without_secrets(env), b"", seconds)
    except TimeoutError:
        raise _command_failed(f"did not end within {seconds:g} s") from None
    except (OSError, ValueError) as error:
        # ValueError: an unclosed quote; its message does not repeat the line
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise _command_failed(f"cannot be started: {reason}") from None
    if len(output) > _LONGEST:
        raise _command_failed("prints without end")
    if status:
        raise _command_failed(f"ended with status {status}")
    try:
        first = first_line(output)
    except UnicodeDecodeError:
        raise _command_failed("printed something that is not UTF-8") from None
    if not first:
        raise _command_failed("printed nothing in its first line")
    return Secret(first)


def _command_failed(what: str) -> NoSecret:
    return NoSecret(
        f"secret_command {what}",
        advice="Run it by hand to see why; it has no terminal here, and its output is not shown.",
    )


class KeyringVault:
    """The system keyring, used in a helper process that is killed after `seconds`.

    `env` is the environment of the helper: session bus, home, PYTHON_KEYRING_BACKEND. A plain-text backend is
    refused unless that variable names it. Storing may ask the user to unlock the keyring, so it has
    `storing_seconds`. `python` is an interpreter that has keyring installed.
    """

    def __init__(
        self,
        env: Mapping[str, str],
        seconds: float = SECONDS,
        *,
        storing_seconds: float | None = None,
        python: str = sys.executable,
    ) -> None:
        self._env: Final = {**without_secrets(env)}
        # gpg, used by some backends, would prompt on the terminal that this variable names
        self._env.pop("GPG_TTY", None)
        self._seconds: Final = seconds
        self._storing: Final = seconds if storing_seconds is None else storing_seconds
        self._python: Final = python
        self._round: _Round | None = None

    async def get(self, profile: str, account: Account) -> Secret:
        """Return the stored secret; raises `NoSecret` if there is none, or the error of `_refusal`."""
        answer = await self._together("get", profile, account)
        if answer["outcome"] == "absent":
            raise NoSecret(
                f"no secret is stored for {account} of profile {profile}",
                advice=f"Store it with: wbtui login {account} --profile {profile}; "
                f"{_set_variable(profile, account)}",
            )
        return Secret(answer["secret"])

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret and read it back; raises `KeyringRefused` if it was not kept."""
        answer = await self._ask("set", profile, account, secret)
        if answer["outcome"] == "lost":
            raise KeyringRefused("the keyring did not keep the secret", advice=_instead(profile, account))

    async def delete(self, profile: str, account: Account) -> bool:
        """Delete a secret; return whether there was one."""
        answer = await self._together("delete", profile, account)
        return answer["outcome"] == "ok"

    async def backend(self, profile: str) -> str:
        """Return the name of the keyring's backend once it has answered; raises `SecretError`.

        The advice names `profile`.
        """
        answer = await self._ask("look", profile, Account.TRANSLATOR)
        return answer.get("detail", "")

    async def _together(self, op: str, profile: str, account: Account) -> Answer:
        """Use one helper for all concurrent requests: starting it takes most of the time."""
        if self._round is None or self._round.begun:
            self._round = _Round(self._answers)
        return await self._round.ask(self._request(op, profile, account), profile, account)

    async def _ask(self, op: str, profile: str, account: Account, secret: Secret | None = None) -> Answer:
        [answer] = await self._answers([self._request(op, profile, account, secret)])
        return _heeded(answer, profile, account)

    def _request(self, op: str, profile: str, account: Account, secret: Secret | None = None) -> Request:
        return {
            "op": op,
            "service": SERVICE,
            "user": f"{profile}/{account}",
            "secret": secret.reveal() if secret else "",
            "named": self._env.get("PYTHON_KEYRING_BACKEND", ""),
            "bus": self._env.get("DBUS_SESSION_BUS_ADDRESS", ""),
        }

    async def _answers(self, requests: Sequence[Request]) -> list[Answer]:
        """Return an answer for each request; those that the helper did not reach have the last one's."""
        argv = (self._python, "-P", str(_HELPER))
        seconds = self._storing if requests[0]["op"] == "set" else self._seconds
        feed = b"".join(json.dumps(request).encode() + b"\n" for request in requests)
        try:
            status, output = await _run(argv, self._env, feed, seconds, starting=STARTING)
        except TimeoutError:
            return [{"outcome": "silent", "detail": f"{seconds:g}"}] * len(requests)
        except OSError as error:
            return [{"outcome": "unasked", "detail": error.strerror or ""}] * len(requests)
        answers = [_decode(line, status) for line in output.splitlines()] or [_decode(b"", status)]
        return answers + [answers[-1]] * (len(requests) - len(answers))


class _Round:
    """Requests made in the same iteration of the event loop, with the helper that answers them."""

    def __init__(self, answers: Callable[[Sequence[Request]], Awaitable[list[Answer]]]) -> None:
        self._answers: Final = answers
        self._requests: Final[list[Request]] = []
        self._asking: asyncio.Task[list[Answer]] | None = None
        self._listening = 0
        self.begun = False

    async def ask(self, request: Request, profile: str, account: Account) -> Answer:
        """Return the answer. When the last waiting caller is cancelled, the helper is stopped."""
        place = len(self._requests)
        self._requests.append(request)
        if self._asking is None:
            self._asking = asyncio.create_task(self._run())
        self._listening += 1
        try:
            answers = await asyncio.shield(self._asking)
        finally:
            self._listening -= 1
            if not self._listening and not self._asking.done():
                self._asking.cancel()
                await asyncio.wait({self._asking})
        return _heeded(answers[place], profile, account)

    async def _run(self) -> list[Answer]:
        self.begun = True
        return await self._answers(self._requests)


def _decode(output: bytes, status: int) -> Answer:
    try:
        answer = json.loads(output)
    except ValueError:
        return {"outcome": "failed", "detail": f"status {status}"}
    assert isinstance(answer, dict)
    return answer


def _heeded(answer: Answer, profile: str, account: Account) -> Answer:
    """Return the answer; raises its `SecretError` if it is one."""
    refusal = _refusal(answer, profile, account)
    if refusal:
        raise refusal
    return answer


def _refusal(answer: Answer, profile: str, account: Account) -> SecretError | None:
    """Return the error of an answer, or None if the keyring did as requested."""
    detail = answer.get("detail", "")
    match answer["outcome"]:
        case "none":
            return NoKeyring(f"no system keyring: {detail}", advice=_instead(profile, account))
        case "locked":
            return KeyringLocked(
                "the system keyring is locked",
                advice="Unlock it, by logging in on its desktop for instance; "
                f"{_set_variable(profile, account)}",
            )
        case "refused":
            return KeyringRefused(
                f"the only keyring here is {detail}, which does not protect secrets",
                advice=f"To use it, set PYTHON_KEYRING_BACKEND={detail}; {_set_variable(profile, account)}",
            )
        case "silent":
            return _silent(profile, account, detail)
        case "unasked":
            return NoKeyring(f"the keyring cannot be asked: {detail}", advice=_instead(profile, account))
        case "failed":
            return NoKeyring(f"the system keyring does not work ({detail})", advice=_broken(profile, account))
    return None


def _set_variable(profile: str, account: Account) -> str:
    return f"or set {variable_of(profile, account)}."


def _instead(profile: str, account: Account) -> str:
    return f"Set {variable_of(profile, account)}, or secret_command in the configuration."


def _broken(profile: str, account: Account) -> str:
    return f"Look at PYTHON_KEYRING_BACKEND and keyringrc.cfg; {_set_variable(profile, account)}"


def _silent(profile: str, account: Account, seconds: str) -> KeyringSilent:
    return KeyringSilent(
        f"the system keyring did not answer within {seconds} s",
        advice="It may be asking to be unlocked on another display; answer there, "
        f"{_set_variable(profile, account)}",
    )


async def _run(
    argv: Sequence[str], env: Mapping[str, str], feed: bytes, seconds: float, *, starting: float = 0.0
) -> tuple[int, bytes]:
    """Run a program without terminal and stderr; return its exit status and output.

    With `starting`, the time counts from its first line, which is removed if it is empty. Raises
    `TimeoutError` when the time is over, and `OSError` if it cannot be started. In every case, also when
    cancelled, the program has ended and left no zombie.
    """
    async with _pipe() as (printed, end):
        try:
            process = await asyncio.create_subprocess_exec(
                *argv, stdin=PIPE, stdout=end, stderr=DEVNULL, env=env, start_new_session=True
            )
        finally:
            os.close(end)
        try:
            return await _answer(process, printed, feed, seconds, starting)
        finally:
            await _end(process)


async def _answer(
    process: Process, printed: asyncio.StreamReader, feed: bytes, seconds: float, starting: float
) -> tuple[int, bytes]:
    async with asyncio.timeout(starting + seconds) as limit:
        first = await _first_line(printed) if starting else b""
        limit.reschedule(asyncio.get_running_loop().time() + seconds)
        output = first + await _talk(process, printed, feed)
        return (0 if len(output) > _LONGEST else await process.wait()), output


@asynccontextmanager
async def _pipe() -> AsyncIterator[tuple[asyncio.StreamReader, int]]:
    """Yield both ends of a pipe; the caller closes the second.

    With asyncio's own pipe, a program counts as ended only when all its child processes have ended.
    """
    reading, writing = os.pipe()
    printed = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(printed), os.fdopen(reading, "rb", buffering=0)
    )
    try:
        yield printed, writing
    finally:
        transport.close()


async def _first_line(printed: asyncio.StreamReader) -> bytes:
    line = await printed.readline()
    return b"" if line == b"\n" else line


async def _talk(process: Process, printed: asyncio.StreamReader, feed: bytes) -> bytes:
    assert process.stdin is not None
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # it may end without reading its input
        process.stdin.write(feed)
        await process.stdin.drain()
    process.stdin.close()
    output = bytearray()
    listening = asyncio.create_task(_listen(printed, output))
    ended = asyncio.create_task(process.wait())
    try:
        await asyncio.wait({listening, ended}, return_when=asyncio.FIRST_COMPLETED)
        # a child process, such as an agent, may keep the pipe open as long as it runs
        await asyncio.wait({listening}, timeout=REST)
    finally:
        listening.cancel()
        ended.cancel()
        await asyncio.wait({listening, ended})
    return bytes(output)


async def _listen(printed: asyncio.StreamReader, output: bytearray) -> None:
    """Read the output to its end, or until it is longer than a secret may be."""
    while len(output) <= _LONGEST and (piece := await printed.read(_LONGEST)):
        output += piece


async def _end(process: Process) -> None:
    if process.returncode is None:
        # its whole session: a backend may have started child processes
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    await asyncio.shield(process.wait())
