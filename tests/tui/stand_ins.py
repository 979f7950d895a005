"""Those whom the dialogs about accounts ask, where only the looks of the dialogs matter."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wbtui.domain.credentials import Account, Secret
from wbtui.domain.errors import LoginRefused, SettingsError
from wbtui.domain.setup import Draft, LoggedIn, LoginTrial, ProfileLine


class KnownAccounts:
    """Three profiles, and no secret that is taken."""

    def profiles(self) -> Sequence[ProfileLine]:
        return (
            ProfileLine("acme-prod", ("operations", "beebox", "instant", "flex"), "red", danger=True),
            ProfileLine("acme-test", ("operations", "flex"), "green"),
            ProfileLine("customer-with-a-long-name", ("beebox",), read_only=True),
        )

    def turn_to(self, name: str) -> None:
        raise SettingsError(f"{name} is for pictures only")

    def renew(self) -> bool:
        return False

    async def log_in(self, account: Account, secret: Secret) -> LoggedIn:
        return LoggedIn(LoginRefused("Wrong password."))


class NoSetup:
    """Nothing can be tried or written."""

    def checked(self, profile: str, draft: Draft) -> Draft:
        return draft

    def variable(self, profile: str, account: Account) -> str:
        return ""

    async def taken(self, profile: str, account: Account) -> tuple[Secret, bool]:
        raise NotImplementedError

    async def test(self, profile: str, draft: Draft, secret: Secret) -> LoginTrial:
        return LoginTrial(LoginRefused("Wrong password."))

    async def keep(self, profile: str, account: Account, secret: Secret) -> None:
        raise SettingsError("there is no keyring")

    def write(self, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
        raise SettingsError("nothing can be written")
