"""`wbtui login`: keys and passwords into the system keyring, tried before and never shown."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping
from typing import Any, Final

from wbtui.app.accounts import try_login
from wbtui.app.services import Environment
from wbtui.cli.chosen import profile_for
from wbtui.cli.exit_codes import exit_for, exit_of
from wbtui.cli.output import complain, document, error_to_json, say
from wbtui.cli.prompts import can_ask, prompt, read_line
from wbtui.config import Profile
from wbtui.domain.clock import SystemClock
from wbtui.domain.credentials import Account, Secret, set_variable
from wbtui.domain.errors import (
    KeyringSilent,
    LoginRefused,
    NotAllowed,
    SecretError,
    SettingsError,
    WbtuiError,
)
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Service
from wbtui.secrets.vault import KeyringVault, Vault

DESKTOP_SECONDS: Final = 60.0
"""How long a keyring may take to store, where a desktop can ask its user to unlock it."""


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Ask for, try and store the secret of each service; return the exit code."""
    _, profile = profile_for(arguments, env)
    accounts = accounts_for(arguments.services, profile)
    vault = storing_vault(env)
    flow = LoginFlow(profile, env, vault, check=not arguments.no_check)
    ends = {account: flow.log_in(account) for account in accounts}
    if arguments.json:
        document({"profile": profile.name, "accounts": {a.value: e.to_json() for a, e in ends.items()}})
    return exit_of(exit_for(end.error) for end in ends.values())


def accounts_for(services: list[str], profile: Profile) -> tuple[Account, ...]:
    """Return the log-ins that are meant, all of the profile if none is named; raises `SettingsError`."""
    named = tuple(dict.fromkeys(map(_account, services)))
    for account in named:
        if account not in profile.accounts():
            raise SettingsError(
                f"profile {profile.name} has no {account}",
                advice=f"Add [profiles.{profile.name}.{account}] to the configuration.",
            )
    return named or profile.accounts()


def _account(word: str) -> Account:
    """Return the log-in that a word names, by itself or by one of its services."""
    return Account(word) if word in set(Account) else Service(word).account


def storing_vault(env: Mapping[str, str]) -> KeyringVault:
    """Return a vault that waits longer for storing where a desktop can ask its user to unlock."""
    desktop = bool(env.get("DISPLAY") or env.get("WAYLAND_DISPLAY")) and not env.get("SSH_CONNECTION")
    return KeyringVault(env, storing_seconds=DESKTOP_SECONDS if desktop else None)


@dataclass(frozen=True, slots=True)
class End:
    """How the log-in of one account ended."""

    stored: bool = False
    checked: bool = False
    message: str = ""
    error: WbtuiError | None = None

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        error = error_to_json(self.error, exit_for(self.error)) if self.error else None
        return {"stored": self.stored, "checked": self.checked, "message": self.message, "error": error}


class LoginFlow:
    """Logs in to one account after the other."""

    def __init__(self, profile: Profile, env: Mapping[str, str], vault: KeyringVault, *, check: bool) -> None:
        self._profile: Final = profile
        self._env: Final = env
        self._vault: Final = vault
        self._check: Final = check
        self._asks: Final = can_ask(env)
        self._silent: KeyringSilent | None = None
        """A keyring that does not answer is waited for once, unless there is a user who can mend it."""

    def log_in(self, account: Account) -> End:
        """Ask for the secret of an account, try it, store it, and tell how that went."""
        try:
            secret = self._ask(account)
            checked, words = self._tried(account, secret) if self._check else (False, "")
            if self._silent is not None and not self._asks:
                raise KeyringSilent(self._silent.message, advice=self._silent.advice)
            keep_or_tell(self._vault, self._profile.name, account, secret, asks=self._asks)
        except WbtuiError as error:
            self._silent = error if isinstance(error, KeyringSilent) else self._silent
            complain(type(error)(f"{account}: {error.message}", advice=error.advice))
            return End(error=error)
        say(f"{account}: stored in the system keyring{f' ({words})' if words else ''}")
        self._warn(account)
        return End(True, checked, words)

    def _ask(self, account: Account) -> Secret:
        if not self._asks:
            return read_line(account)
        secret = prompt(account)
        if not secret:
            raise SettingsError(f"no {account.secret_words} was given, so nothing was stored")
        return secret

    def _tried(self, account: Account, secret: Secret) -> tuple[bool, str]:
        """Return whether the service could be asked, and what it says; raises its refusal."""
        section = self._profile.section(account)
        assert section is not None
        environment = Environment(SystemClock(), self._env, self._vault)
        tried = asyncio.run(try_login(section, secret, environment))
        if isinstance(tried.error, LoginRefused):
            raise type(tried.error)(
                tried.error.message,
                advice="Nothing was stored. To store it all the same: --no-check.",
            )
        if isinstance(tried.error, NotAllowed):
            return True, f"logged in, but: {tried.error.message}"
        return (False, f"not checked: {tried.error.message}") if tried.error else (True, tried.words)

    def _warn(self, account: Account) -> None:
        """Say so if another source, which goes first, makes what was stored useless."""
        name, short = self._profile.name, self._profile.short_names
        if variable := set_variable(self._env, name, account, short_names=short):
            say(f"       {variable} is set and goes first.")
        elif self._profile.secret_command(account):
            say("       secret_command is set in the configuration and goes first.")


def keep_or_tell(vault: Vault, profile: str, account: Account, secret: Secret, *, asks: bool) -> None:
    """Store a secret; on a terminal what was typed is kept until it is stored or the user gives up.

    Raises the `SecretError` of the last try.
    """
    while True:
        try:
            asyncio.run(vault.store(profile, account, secret))
        except SecretError as error:
            if not asks or not _again(account, error):
                raise
        else:
            return


def _again(account: Account, error: SecretError) -> bool:
    """Tell what went wrong, and ask whether to try again with what was typed."""
    complain(error)
    say(f"       What you typed is not lost: once that is mended, Enter stores it ({account}).")
    say("Try again? [Y/n]")
    try:
        return input().strip().lower() not in {"n", "no", "q"}
    except EOFError:
        return False
