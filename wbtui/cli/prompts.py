"""Secrets for a command: asked for before it starts, and on a terminal prompted for as the last resort."""

from __future__ import annotations

import asyncio
import getpass
import os
import sys
from collections.abc import Mapping
from typing import Final

from wbtui.cli.output import complain, say
from wbtui.config import Profile
from wbtui.domain.credentials import LEFT_OUT, Account, Secret, entered
from wbtui.domain.errors import SecretError, SettingsError
from wbtui.domain.sanitize import sanitize
from wbtui.domain.signals import leaving_in_order
from wbtui.secrets.vault import KeyringVault, Vault, find_secret, first_line

LONGEST_LINE: Final = 65_536
"""Bytes of an answer on stdin: those that a secret may have."""


class RememberingVault:
    """A vault that keeps secrets in memory for this run, in front of another one.

    What the other one refused is remembered as well, so that it is asked once.
    """

    def __init__(self, behind: Vault, found: Mapping[Account, Secret | SecretError]) -> None:
        self._behind: Final = behind
        self._found: Final = dict(found)

    async def get(self, profile: str, account: Account) -> Secret:
        """Return what is remembered, else what the vault behind has; raises `SecretError`."""
        found = self._found.get(account)
        if isinstance(found, Secret):
            return found
        if found is not None:
            raise type(found)(found.message, advice=found.advice)
        return await self._behind.get(profile, account)

    async def store(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret in the vault behind."""
        await self._behind.store(profile, account, secret)

    async def delete(self, profile: str, account: Account) -> bool:
        """Forget a secret in the vault behind."""
        return await self._behind.delete(profile, account)


def can_ask(env: Mapping[str, str]) -> bool:
    """Return whether there is a user to ask: a terminal for the question and for the answer."""
    return os.isatty(0) and os.isatty(2) and env.get("TERM", "") != ""


def vault_for(profile: Profile, env: Mapping[str, str]) -> Vault:
    """Return the vault of a command; on a terminal it asks first for what is found nowhere else."""
    vault = KeyringVault(env)
    if not can_ask(env):
        return vault
    found = asyncio.run(_all(profile, env, vault))
    for account, error in found.items():
        if isinstance(error, SecretError) and not profile.secret_command(account):
            complain(error)
            typed = prompt(account)
            if typed:
                say("       It is kept in memory for this run.")
                found[account] = typed
    return RememberingVault(vault, found)


async def _all(profile: Profile, env: Mapping[str, str], vault: Vault) -> dict[Account, Secret | SecretError]:
    accounts = profile.accounts()
    found = await asyncio.gather(*(_one(profile, account, env, vault) for account in accounts))
    return {a: f for a, f in zip(accounts, found, strict=True) if f is not None}


async def _one(
    profile: Profile, account: Account, env: Mapping[str, str], vault: Vault
) -> Secret | SecretError | None:
    """Ask the vault unless an earlier source is set up, which is then asked in its turn."""
    if profile.secret_command(account):
        return None
    try:
        secret, _ = await find_secret(
            profile.name,
            account,
            env=env,
            vault=vault,
            short_names=profile.short_names,
            tell=lambda _words: None,  # whoever uses it tells
        )
    except SecretError as error:
        return error
    return secret


def prompt(account: Account) -> Secret:
    """Ask on the terminal, without echo; nothing typed is an empty secret, and so is the end of input."""
    try:
        with leaving_in_order():  # the terminal shows nothing that is typed meanwhile
            typed = getpass.getpass(f"{account.secret_words}: ", stream=sys.stderr)
        return _told(account, typed)
    except EOFError:
        say("")
        return Secret("")


def line_of_stdin() -> bytes:
    """Return the next line of stdin; raises `SettingsError` for one without an end, as of a device."""
    # the bytes: answers and secrets are read from the same stream, and nothing may be buffered in between
    line = sys.stdin.buffer.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise SettingsError(f"a line of stdin has more than {LONGEST_LINE} bytes: that is no answer")
    return line


def read_line(account: Account) -> Secret:
    """Read a secret from stdin, one a line; raises `SettingsError` where there is none."""
    line = line_of_stdin()
    try:
        secret = _told(account, first_line(line))
    except UnicodeDecodeError:
        secret = Secret("")
    if not secret:
        raise SettingsError(
            f"stdin has no line with the {account.secret_words}",
            advice="Give one line for each service, in order.",
        )
    return secret


def _told(account: Account, text: str) -> Secret:
    """Return what was entered without the blanks around it, and say that there were some."""
    secret, trimmed = entered(text)
    if secret and trimmed:
        say(f"       {account.secret_words}: {LEFT_OUT}.")
    return secret


class Asker:
    """Asks on stderr, since stdout is for data, and reads answers from stdin."""

    def __init__(self, *, terminal: bool) -> None:
        self.terminal: Final = terminal

    def ask(self, question: str, default: str = "") -> str:
        """Return the answer, or the default for an empty one; raises `SettingsError` at the end of stdin."""
        shown = f"{question} [{default}]: " if default else f"{question}: "
        if self.terminal:
            sys.stderr.write(sanitize(shown, 300))
            sys.stderr.flush()
        line = line_of_stdin().decode("utf-8", "replace")
        if not line:
            raise SettingsError(f"the input ended before this was answered: {question}")
        return line.strip() or default

    def agrees(self, question: str, *, default: bool) -> bool:
        """Return whether the answer is yes."""
        answer = self.ask(f"{question} ({'Y/n' if default else 'y/N'})")
        return answer.lower() in {"y", "yes"} if answer else default

    def secret(self, account: Account) -> Secret:
        """Return a secret, not echoed on a terminal; it may be empty there."""
        return prompt(account) if self.terminal else read_line(account)

    def tell(self, text: str) -> None:
        """Say something between two questions."""
        say(text)
