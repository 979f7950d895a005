"""The composition root: settings and secrets become gateways, pollers and a monitor.

Only this file and `accounts.py` put the gateways' classes together. They are imported when services are
connected, so that a command which needs no network does not pay for them.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import field
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from wbtui.config import BeeboxSettings, InstantSettings, Profile, TranslatorSettings
from wbtui.domain.clock import Clock
from wbtui.domain.credentials import Account, BeeboxLogin, InstantLogin, Secret, TranslatorLogin
from wbtui.domain.errors import WbtuiError
from wbtui.domain.item_keys import id_part, request_id, service_of
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, Service
from wbtui.domain.ports import Gateways, Store
from wbtui.domain.snapshot import Level, ReadOnly
from wbtui.files.audit_log import ActionLog
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.beebox import BeeboxPoller, BeeboxScope
from wbtui.monitor.pollers.flex import FlexPoller
from wbtui.monitor.pollers.instant import InstantPoller
from wbtui.monitor.pollers.operations import OperationsPoller
from wbtui.monitor.pollers.poller import Poller
from wbtui.monitor.service_health import ServiceHealth
from wbtui.monitor.single_pass import SinglePass
from wbtui.scheduling.backoff import Backoff
from wbtui.scheduling.intervals import FLEX_LEAST
from wbtui.secrets.vault import Vault, find_secret
from wbtui.store import SqliteStore

if TYPE_CHECKING:
    import httpx

    from wbtui.domain.versions import Overwrite
    from wbtui.monitor.actions.executor import Executor, Hooks
    from wbtui.monitor.loop import Monitor
    from wbtui.wordbee.http import Client


def instant_ids(named: Collection[ItemKey]) -> frozenset[int]:
    """Return the ids of the Instant requests that are named."""
    found = (request_id(id_part(key)) for key in named if service_of(key) is Service.INSTANT)
    return frozenset(number for number in found if number is not None)


def beebox_scope(settings: BeeboxSettings, named: Collection[ItemKey], state: MonitorState) -> BeeboxScope:
    """Return the part of the project that is asked for: the files that are named, in all languages.

    Return the scope of the profile where none is named, or one that is not known: reading the others shows
    whether it is there under another name.
    """
    whole = BeeboxScope(settings.locales, settings.pattern, settings.paths)
    keys = [key for key in named if service_of(key) is Service.BEEBOX]
    files = [state.beebox[key] for key in keys if key in state.beebox]
    paths = {file.wire_path or file.path for file in files}
    if not keys or len(files) < len(keys) or (whole.paths and not paths <= set(whole.paths)):
        return whole
    return BeeboxScope(whole.locales, whole.pattern, tuple(sorted(paths)), part=True)


@dataclass(frozen=True, slots=True)
class Environment:
    """What a profile gets from outside: time, environment, secrets, and, for tests, the wire."""

    clock: Clock
    env: Mapping[str, str]
    vault: Vault
    transport: httpx.AsyncBaseTransport | None = None
    chance: random.Random = field(default_factory=random.Random)
    tell: Callable[[str], None] = lambda _words: None
    """Gets in words what a user who sees no Activity is to know."""
    typed: dict[tuple[str, Account], Secret] = field(default_factory=dict)
    """What was typed in this run, by profile and log-in: it goes before every other source."""


def allowance_account(settings: TranslatorSettings) -> str:
    """Return the name under which the calls of an account are counted, whatever the profile is called."""
    return f"{settings.account}@{urlsplit(settings.url).netloc}"


class ProfileServices:
    """The services of one profile, connected: ready to be polled, or to be read once."""

    def __init__(
        self,
        state: MonitorState,
        store: Store,
        environment: Environment,
        profile: Profile,
        named: Collection[ItemKey] = (),
    ) -> None:
        """Connect the services; where items are `named`, Beebox and Instant are asked for these alone."""
        self.state = state
        self.named = frozenset(named)
        self.profile = profile
        self.pollers: dict[Service, Poller] = {}
        self.health: dict[Service, ServiceHealth] = {}
        self.unavailable: dict[Service, WbtuiError] = {}
        self.allowance: AccountRateLimit | None = None
        self.gateways = Gateways()
        self._store = store
        self._environment = environment
        self._clients: dict[str, asyncio.Task[Client]] = {}

    def monitor(self) -> Monitor:
        """Return the loop over all services that could be connected."""
        from wbtui.monitor.loop import Monitor
        from wbtui.wordbee.envelopes import read_operations

        return Monitor(
            self.state,
            self.pollers.values(),
            self.health,
            self._store,
            self._environment.clock,
            allowance=self.allowance,
            executor=self.executor if isinstance(self._store, SqliteStore) else None,
            read_operations=read_operations,
        )

    def executor(
        self, hooks: Hooks, *, to: Path | None = None, overwrite: Overwrite | None = None
    ) -> Executor:
        """Return what runs downloads and changes; files go into `to`, else into the profile's folder.

        Without `overwrite` the profile's `on_newer` says what happens to a file that lies there.
        """
        from wbtui.domain.versions import Overwrite
        from wbtui.files.saving import Folder
        from wbtui.monitor.actions.download_job import Target
        from wbtui.monitor.actions.executor import ActionDeps, Executor

        assert isinstance(self._store, SqliteStore), "only a store on disk remembers actions"
        beebox = self.profile.beebox
        deps = ActionDeps(
            store=self._store,
            records=self._store.records,
            log=ActionLog(self._store.path.with_name(f"{self.profile.name}.actions.jsonl")),
            target=Target(
                Folder(to or self.profile.downloads), overwrite or Overwrite(self.profile.on_newer.value)
            ),
            source_dir=beebox.source_dir if beebox else None,
            read_only=self.read_only,
        )
        return Executor(
            state=self.state,
            gateways=self.gateways,
            clock=self._environment.clock,
            deps=deps,
            hooks=hooks,
            allowance=self.allowance,
        )

    def once(self) -> SinglePass:
        """Return a single reading of all services that could be connected."""
        return SinglePass(self.state, self.pollers, self._environment.clock, self.allowance, named=self.named)

    @property
    def read_only(self) -> ReadOnly:
        """Return whether this run must not change anything on a server."""
        return self.state.read_only

    async def close(self) -> None:
        """Close the connections; sessions have been closed by the monitor."""
        for opening in self._clients.values():
            await (await opening).close()

    # -- connecting -------------------------------------------------------------------------------------

    def count_calls(self) -> None:
        """Take up the count of the calls that every wbtui has made with this account."""
        if (translator := self.profile.translator) is not None:
            account = allowance_account(translator)
            clock = self._environment.clock
            self.allowance = AccountRateLimit(account, translator.calls_per_hour, self._store, clock)

    async def connect_services(
        self, fresh_seconds: float, services: Collection[Service] | None = None
    ) -> None:
        """Ask for the secrets side by side, and set up each service that has one, or only `services`.

        Those that share a log-in are set up together. A service without a secret is
        suspended with its reason; the others go on.
        """
        wanted = self.profile.services() if services is None else services
        for service in self.profile.services():
            self.health[service] = self._new_health(service)
        self.count_calls()
        needed = {service.account for service in wanted}
        accounts = [account for account in self.profile.accounts() if account in needed]
        # begun before the secrets are there: a keyring takes as long to ask as this to load
        opening = asyncio.gather(*map(self._client, self._ca_files(accounts)), return_exceptions=True)
        await asyncio.gather(opening, *(self._connect(account, fresh_seconds) for account in accounts))

    async def replace_credentials(self, account: Account, secret: Secret) -> list[Poller]:
        """Set up the services of a log-in again with this secret; return their pollers, for the monitor."""
        await self._set_up(account, secret, FLEX_LEAST)
        services = [service for service in Service if service.account is account]
        for service in services:
            self.unavailable.pop(service, None)
        return [self.pollers[service] for service in services if service in self.pollers]

    def _new_health(self, service: Service) -> ServiceHealth:
        return ServiceHealth(service, self.state, self._environment.clock, Backoff(self._environment.chance))

    async def _connect(self, account: Account, fresh_seconds: float) -> None:
        try:
            await self._set_up(account, await self._secret(account), fresh_seconds)
        except WbtuiError as error:
            for service in Service:
                if service.account is account:
                    self.unavailable[service] = error
                    self.health[service].suspend(error)

    async def _secret(self, account: Account) -> Secret:
        environment, name = self._environment, self.profile.name
        if (typed := environment.typed.get((name, account))) is not None:
            return typed
        command = self.profile.secret_command(account)
        secret, _ = await find_secret(
            name,
            account,
            env=environment.env,
            vault=environment.vault,
            short_names=self.profile.short_names,
            tell=self._tell,
            secret_command=command,
        )
        return secret

    def _tell(self, words: str) -> None:
        """Log a remark on a secret, and tell who sees no Activity."""
        self.state.events.add(Level.WARNING, "wbtui", words)
        self._environment.tell(words)

    async def _set_up(self, account: Account, secret: Secret, fresh_seconds: float) -> None:
        profile = self.profile
        if account is Account.TRANSLATOR and profile.translator is not None:
            client = await self._client(profile.translator.ca_file)
            self._translator(profile.translator, client, secret, fresh_seconds)
        elif account is Account.BEEBOX and profile.beebox is not None:
            self._beebox(profile.beebox, await self._client(profile.beebox.ca_file), secret)
        elif account is Account.INSTANT and profile.instant is not None:
            self._instant(profile.instant, await self._client(profile.instant.ca_file), secret)

    def _ca_files(self, accounts: Iterable[Account]) -> set[str]:
        sections = (self.profile.section(account) for account in accounts)
        return {section.ca_file for section in sections if section is not None}

    async def _client(self, ca_file: str) -> Client:
        """Return the client that trusts these certificates, shared by all; raises `SettingsError`."""
        if ca_file not in self._clients:
            self._clients[ca_file] = asyncio.create_task(self._open_client(ca_file))
        try:
            return await asyncio.shield(self._clients[ca_file])
        except WbtuiError:
            self._clients.pop(ca_file, None)
            raise

    async def _open_client(self, ca_file: str) -> Client:
        """Load the HTTP library and the certificates side by side, and neither in the way of the loop."""
        from wbtui.wordbee.http import trusted_certificates

        certificates, _ = await asyncio.gather(
            asyncio.to_thread(trusted_certificates, ca_file or None),
            asyncio.to_thread(import_module, "wbtui.wordbee.http"),
        )
        from wbtui.wordbee.http import open_client

        return open_client(transport=self._environment.transport, certificates=certificates)

    def _translator(
        self, settings: TranslatorSettings, client: Client, secret: Secret, fresh_seconds: float
    ) -> None:
        from wbtui.wordbee.flex import FlexGateway, FlexPull
        from wbtui.wordbee.http import Http
        from wbtui.wordbee.translator import TranslatorGateway

        clock = self._environment.clock
        account, allowance = allowance_account(settings), self.allowance
        assert allowance is not None, "made before the secret is asked for"
        http = Http(client, settings.url, counter=allowance.spend, file_seconds=self.profile.file_seconds)
        gateway = TranslatorGateway(http, TranslatorLogin(settings.account, secret), clock)
        self.gateways.media = gateway
        self.gateways.pull = FlexPull(gateway.session)
        if not self.read_only:
            from wbtui.wordbee.translator import TranslatorWriter

            self.gateways.translator_writer = TranslatorWriter(gateway.session)
        operations = self.pollers[Service.OPERATIONS] = OperationsPoller(
            gateway,
            self.state,
            allowance,
            self._store,
            clock,
            floor=float(settings.poll_seconds),
            account=account,
        )
        self.pollers[Service.FLEX] = FlexPoller(
            FlexGateway(gateway.session),
            self.state,
            allowance,
            self._store,
            clock,
            operations=operations,
            documents=settings.flex.documents,
            fresh_seconds=fresh_seconds,
        )

    def _beebox(self, settings: BeeboxSettings, client: Client, secret: Secret) -> None:
        from wbtui.wordbee.beebox import BeeboxGateway
        from wbtui.wordbee.http import Http

        clock = self._environment.clock
        http = Http(client, settings.url, file_seconds=self.profile.file_seconds)
        login = BeeboxLogin(settings.project, settings.login, secret)
        gateway = BeeboxGateway(http, login, clock)
        self.gateways.beebox = gateway
        if not self.read_only:
            from wbtui.wordbee.beebox import BeeboxWriter

            self.gateways.beebox_writer = BeeboxWriter(http, gateway.connector, clock)
        self.pollers[Service.BEEBOX] = BeeboxPoller(
            gateway,
            self.state,
            clock,
            scope=beebox_scope(settings, self.named, self.state),
            poll_seconds=float(settings.poll_seconds),
        )

    def _instant(self, settings: InstantSettings, client: Client, secret: Secret) -> None:
        from wbtui.wordbee.http import Http
        from wbtui.wordbee.instant import InstantGateway

        clock = self._environment.clock
        http = Http(client, settings.url, file_seconds=self.profile.file_seconds)
        login = InstantLogin(settings.account, settings.login, secret)
        gateway = InstantGateway(http, login, clock)
        self.gateways.instant = gateway
        if not self.read_only:
            from wbtui.wordbee.instant import InstantWriter

            self.gateways.instant_writer = InstantWriter(http, gateway.connector, clock)
        self.pollers[Service.INSTANT] = InstantPoller(
            gateway,
            self.state,
            clock,
            poll_seconds=float(settings.poll_seconds),
            list_seconds=settings.list_minutes * 60.0,
            only=instant_ids(self.named),
        )


async def connected(
    state: MonitorState,
    store: Store,
    environment: Environment,
    profile: Profile,
    *,
    fresh_seconds: float = FLEX_LEAST,
    named: Collection[ItemKey] = (),
) -> ProfileServices:
    """Return the services of a profile, each connected that has its secret."""
    profile_services = ProfileServices(state, store, environment, profile, named)
    await profile_services.connect_services(fresh_seconds)
    return profile_services
