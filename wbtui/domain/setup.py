"""What a first start, and the screen's dialogs about accounts, ask of whoever knows profiles and secrets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import field
from datetime import timedelta
from pathlib import Path
from typing import Protocol

from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import WbtuiError
from wbtui.domain.lazy_dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What a user typed for one service; holds no secret."""

    account: Account
    answers: Mapping[str, str] = field(default_factory=dict)
    """By the keys of the account's questions; a URL as it was typed."""


@dataclass(frozen=True, slots=True)
class LoginTrial:
    """How the test of one service ended."""

    error: WbtuiError | None
    """None if the log-in worked; the message is the server's own words where it had some."""
    words: str = ""
    """What the service said of itself."""
    seconds: float = 0.0
    """How long the first answer took."""
    ahead: timedelta | None = None
    """How far the server's clock is ahead of ours; None if it gave no date."""


class Setup(Protocol):
    """What a first start needs: testing an account, keeping its secret, writing the configuration."""

    def checked(self, profile: str, draft: Draft) -> Draft:
        """Return the draft with its URL in full; raises `SettingsError` for what cannot be used."""

    def variable(self, profile: str, account: Account) -> str:
        """Return the environment variable that a secret is taken from, or nothing if none is set."""

    async def taken(self, profile: str, account: Account) -> tuple[Secret, bool]:
        """Return what `variable` holds, and whether blanks around it were left out; raises `SecretError`."""

    async def test(self, profile: str, draft: Draft, secret: Secret) -> LoginTrial:
        """Log in and out again; never raises a `WbtuiError`."""

    async def keep(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret in the keyring; raises `SecretError`, and then the caller still has it."""

    def write(self, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
        """Write the profile into the configuration and return the file's path.

        A file that exists is added to if `add` allows it. Raises `SettingsError`.
        """


@dataclass(frozen=True, slots=True)
class ProfileLine:
    """What the list of profiles shows of one; read from the configuration alone."""

    name: str
    services: tuple[str, ...] = ()
    color: str = ""
    """One of the terminal's eight colour names, or empty."""
    read_only: bool = False
    danger: bool = False


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """How a log-in from the screen ended."""

    error: WbtuiError | None
    """Why the service refuses the secret, which is then kept nowhere; None if it is used from now on."""
    words: str = ""
    """What the service said, or why it could not be asked; and where the secret is kept."""


class Accounts(Protocol):
    """What the running screen asks of whoever knows profiles and secrets."""

    def profiles(self) -> Sequence[ProfileLine]:
        """Return the profiles of the configuration, without any call; raises `SettingsError`."""

    def turn_to(self, name: str) -> None:
        """Show another profile; the present one is given up at once. Raises `SettingsError`."""

    def renew(self) -> bool:
        """Take over what the configuration says of the present profile now, and return whether it is new.

        Raises `SettingsError`, and then nothing has changed.
        """

    async def log_in(self, account: Account, secret: Secret) -> LoggedIn:
        """Try a secret, store it, and have the services of that log-in asked with it; never raises."""
