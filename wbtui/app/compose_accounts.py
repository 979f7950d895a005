"""What the running screen can do about accounts: try a secret and take it into use, and list the profiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from wbtui.app.accounts import try_login
from wbtui.app.services import Surroundings
from wbtui.app.sharing import Shared
from wbtui.config import Profile, Settings
from wbtui.domain.credentials import Account, Secret, set_variable, variable_of
from wbtui.domain.errors import LoginRefused, NotAllowed, SecretError
from wbtui.domain.model import Service
from wbtui.domain.setup_ports import LoggedIn, ProfileLine, Tried


def profile_lines(settings: Settings) -> tuple[ProfileLine, ...]:
    """Return what the list of profiles shows."""
    return tuple(
        ProfileLine(
            each.name,
            tuple(service.value for service in Service if service in each.services()),
            each.color,
            bool(each.read_only),
            each.danger,
        )
        for each in settings.profiles.values()
    )


def instead(profile: str, account: Account) -> str:
    """Return where a secret can come from at the next start, when the keyring does not keep it."""
    return (
        f"For the next start set {variable_of(profile, account)}, "
        f"or secret_command in [profiles.{profile}.{account}]."
    )


class Ledger:
    """The accounts of the profile that is shown (`ports_setup.Accounts`)."""

    def __init__(
        self,
        profile: Profile,
        around: Surroundings,
        shared: Shared,
        *,
        settings: Callable[[], Settings],
        turn: Callable[[Profile], None],
    ) -> None:
        self._profile: Final = profile
        self._around: Final = around
        self._shared: Final = shared
        self._settings: Final = settings
        self._turn: Final = turn

    def profiles(self) -> Sequence[ProfileLine]:
        """Return the profiles of the configuration, read again; raises `SettingsError`."""
        return profile_lines(self._settings())

    def turn_to(self, name: str) -> None:
        """Show another profile; raises `SettingsError`."""
        from wbtui.config import choose_profile

        self._turn(choose_profile(self._settings(), name))

    def renew(self) -> bool:
        """Watch the profile anew if the configuration has changed it; raises `SettingsError`."""
        from wbtui.config import choose_profile

        present = choose_profile(self._settings(), self._profile.name)
        if present == self._profile:
            return False
        self._turn(present)
        return True

    async def log_in(self, account: Account, secret: Secret) -> LoggedIn:
        """Try a secret, store it, and have its services asked with it; one that is refused is kept nowhere.

        A service that cannot be asked now is no obstacle: its own next look will tell.
        """
        section = self._profile.section(account)
        assert section is not None, "only the log-ins of this profile are offered"
        tried = await try_login(section, secret, self._around)
        if isinstance(tried.error, LoginRefused):
            return LoggedIn(tried.error)
        kept = await self._kept(account, secret)
        if not await self._shared.admit(account, secret):
            kept += " Another wbtui polls this profile: log in there as well, or start it again."
        return LoggedIn(None, f"{_words(tried)}. {kept}")

    async def _kept(self, account: Account, secret: Secret) -> str:
        try:
            await self._around.vault.store(self._profile.name, account, secret)
        except SecretError as error:
            how = instead(self._profile.name, account)
            return f"Not stored: {error.message}. It is kept in memory for this run. {how}"
        name, short = self._profile.name, self._profile.short_names
        if variable := set_variable(self._around.env, name, account, short_names=short):
            return f"Stored in the system keyring, but {variable} is set and goes first at the next start."
        if self._profile.secret_command(account):
            return "Stored in the system keyring, but secret_command goes first at the next start."
        return "Stored in the system keyring."


def _words(tried: Tried) -> str:
    if isinstance(tried.error, NotAllowed):
        return f"Logged in, but: {tried.error.message}"
    if tried.error is not None:
        return f"Not tried: {tried.error.message}"
    return tried.words[:1].upper() + tried.words[1:]
