"""Trying a log-in, and setting up a profile: the services' classes put together for one short talk.

A test of the Beebox opens a session for as long as one question takes, since an open session stops its work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

from wbtui.app.services import Environment
from wbtui.app.sharing import ProfileWatcher
from wbtui.config import (
    BeeboxSettings,
    InstantSettings,
    Profile,
    Settings,
    TranslatorSettings,
    faults_of,
    loads,
)
from wbtui.config.table import dotted
from wbtui.config.write import full_url, text_of, write_profile
from wbtui.domain.credentials import (
    Account,
    BeeboxLogin,
    InstantLogin,
    Secret,
    TranslatorLogin,
    set_variable,
    variable_of,
)
from wbtui.domain.errors import LoginRefused, NotAllowed, SecretError, SettingsError, WbtuiError
from wbtui.domain.model import Service
from wbtui.domain.setup import Draft, LoggedIn, LoginTrial, ProfileLine
from wbtui.secrets.vault import from_environment

if TYPE_CHECKING:
    from typing import Any

    from wbtui.wordbee.http import Client


Section: TypeAlias = TranslatorSettings | BeeboxSettings | InstantSettings


async def try_login(section: Section, secret: Secret, environment: Environment) -> LoginTrial:
    """Log in to one service and out again, and tell how it went; never raises a `WbtuiError`."""
    from wbtui.wordbee.http import open_client

    try:
        client = open_client(transport=environment.transport, ca_file=section.ca_file or None)
    except WbtuiError as error:
        return LoginTrial(error)
    trial = LoginProbe(client, environment)
    try:
        words = await trial.log_in(section, secret)
    except WbtuiError as error:
        return replace(trial.result, error=error)
    finally:
        await client.close()
    return replace(trial.result, words=words)


class LoginProbe:
    """One talk with one service; `result` has what its first answer showed."""

    def __init__(self, client: Client, environment: Environment) -> None:
        self.result = LoginTrial(None)
        self._client: Final = client
        self._clock: Final = environment.clock
        self._began: Final = environment.clock.monotonic()
        client.library.event_hooks = {"response": [self._answered]}

    async def _answered(self, response: Any) -> None:
        if not self.result.seconds:
            now = self._clock.now()
            took = self._clock.monotonic() - self._began
            self.result = LoginTrial(None, "", max(took, 1e-6), _ahead(response.headers.get("date"), now))

    async def log_in(self, section: Section, secret: Secret) -> str:
        """Log in and out, and return what the service said of itself."""
        if isinstance(section, TranslatorSettings):
            return await self._translator(section, secret)
        if isinstance(section, BeeboxSettings):
            return await self._beebox(section, secret)
        return await self._instant(section, secret)

    async def _translator(self, section: TranslatorSettings, secret: Secret) -> str:
        from wbtui.wordbee.http import Http
        from wbtui.wordbee.translator import TranslatorGateway

        http = Http(self._client, section.url)
        gateway = TranslatorGateway(http, TranslatorLogin(section.account, secret), self._clock)
        try:
            await gateway.connect()
        finally:
            await gateway.close()
        return f"logged in to account {section.account}"

    async def _beebox(self, section: BeeboxSettings, secret: Secret) -> str:
        from wbtui.wordbee.beebox import BeeboxGateway
        from wbtui.wordbee.http import Http

        http = Http(self._client, section.url)
        login = BeeboxLogin(section.project, section.login, secret)
        async with BeeboxGateway(http, login, self._clock).session() as session:
            details = await session.details()
        locales = len(details.locales)
        return f"logged in; the project goes from {details.source_locale} to {locales} locales"

    async def _instant(self, section: InstantSettings, secret: Secret) -> str:
        from wbtui.wordbee.http import Http
        from wbtui.wordbee.instant import InstantGateway

        http = Http(self._client, section.url)
        login = InstantLogin(section.account, section.login, secret)
        async with InstantGateway(http, login, self._clock).session():
            return f"logged in as {section.login}"


def _ahead(date: str | None, now: datetime) -> timedelta | None:
    """Return how far the clock of a Date header is ahead; None for no header or one that says nothing."""
    try:
        told = parsedate_to_datetime(date or "")
    except ValueError:
        return None
    return (told if told.tzinfo else told.replace(tzinfo=UTC)) - now


class ProfileSetup:
    """What a first start needs (`ports.Setup`); `path` is the configuration file."""

    def __init__(self, path: Path, environment: Environment, *, short_names: bool) -> None:
        self.path: Final = path
        self._environment: Final = environment
        self._short_names: Final = short_names
        """Whether variables without a profile's name serve the profile that is set up."""

    def variable(self, profile: str, account: Account) -> str:
        """Return the environment variable that a secret is taken from, or nothing if none is set."""
        return set_variable(self._environment.env, profile, account, short_names=self._short_names)

    async def taken(self, profile: str, account: Account) -> tuple[Secret, bool]:
        """Return what `variable` holds, and whether blanks around it were left out; raises `SecretError`."""
        secret, _ = await from_environment(self.variable(profile, account), self._environment.env)
        return secret.trimmed()

    def checked(self, profile: str, draft: Draft) -> Draft:
        """Return the draft with its URL in full; raises `SettingsError` for what cannot be used."""
        self._section(profile, draft)
        url = full_url(draft.answers.get("url", ""), draft.account)
        return replace(draft, answers={**draft.answers, "url": url})

    async def test(self, profile: str, draft: Draft, secret: Secret) -> LoginTrial:
        """Log in and out again; never raises a `WbtuiError`."""
        try:
            section = self._section(profile, draft)
        except WbtuiError as error:
            return LoginTrial(error)
        return await try_login(section, secret, self._environment)

    async def keep(self, profile: str, account: Account, secret: Secret) -> None:
        """Store a secret in the keyring; raises `SecretError`, and then the caller still has it."""
        await self._environment.vault.store(profile, account, secret)

    def write(self, profile: str, drafts: Sequence[Draft], *, add: bool) -> Path:
        """Write the profile into the configuration and return the file's path; raises `SettingsError`."""
        return write_profile(self.path, profile, drafts, add=add)

    def _section(self, profile: str, draft: Draft) -> Section:
        text = text_of(profile, [draft], default=True)
        if faults := faults_of(self.path, text):
            # not of a file: nothing has been written yet
            table = f"[{dotted('profiles', profile, draft.account)}] "
            messages = (fault.message.removeprefix(f"{self.path}: ").removeprefix(table) for fault in faults)
            raise SettingsError("; ".join(messages), advice=faults[0].advice)
        section = loads(text, self.path).profiles[profile].section(draft.account)
        assert section is not None
        return section


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


class ScreenAccounts:
    """The accounts of the profile that is shown (`ports.Accounts`)."""

    def __init__(
        self,
        profile: Profile,
        environment: Environment,
        watcher: ProfileWatcher,
        *,
        settings: Callable[[], Settings],
        turn: Callable[[Profile], None],
    ) -> None:
        self._profile: Final = profile
        self._environment: Final = environment
        self._watcher: Final = watcher
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
        """Watch the profile again if the configuration has changed it; raises `SettingsError`."""
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
        tried = await try_login(section, secret, self._environment)
        if isinstance(tried.error, LoginRefused):
            return LoggedIn(tried.error)
        kept = await self._kept(account, secret)
        if not await self._watcher.replace_pollers(account, secret):
            kept += " Another wbtui polls this profile: log in there as well, or start it again."
        return LoggedIn(None, f"{_words(tried)}. {kept}")

    async def _kept(self, account: Account, secret: Secret) -> str:
        try:
            await self._environment.vault.store(self._profile.name, account, secret)
        except SecretError as error:
            how = instead(self._profile.name, account)
            return f"Not stored: {error.message}. It is kept in memory for this run. {how}"
        name, short = self._profile.name, self._profile.short_names
        if variable := set_variable(self._environment.env, name, account, short_names=short):
            return f"Stored in the system keyring, but {variable} is set and goes first at the next start."
        if self._profile.secret_command(account):
            return "Stored in the system keyring, but secret_command goes first at the next start."
        return "Stored in the system keyring."


def _words(tried: LoginTrial) -> str:
    if isinstance(tried.error, NotAllowed):
        return f"Logged in, but: {tried.error.message}"
    if tried.error is not None:
        return f"Not tried: {tried.error.message}"
    return tried.words[:1].upper() + tried.words[1:]
