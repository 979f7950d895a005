"""The typed values that a configuration file becomes; none of them is or holds a secret."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

from wbtui.domain.credentials import Account
from wbtui.domain.model import FlexQuestion, Metric, ReadOnly, Service


class ConfirmQuit(StrEnum):
    """When `q` asks before it quits."""

    ALWAYS = "always"
    DOWNLOADS = "downloads"
    """Only while downloads run."""
    NEVER = "never"


class OnNewer(StrEnum):
    """What happens to a file that was fetched, once the server has a newer one."""

    KEEP_BOTH = "keep both"
    """The newer one takes the name; the old one gets its date into its own."""
    REPLACE = "replace"


class ComponentMode(StrEnum):
    """How Flex compares a component's name with `component.value` (api/translator-api2.md, 6.6)."""

    PLAIN = "Plain"
    PREFIX = "Prefix"
    SUFFIX = "Suffix"
    INFIX = "Infix"
    WILDCARDS = "Wildcards"
    REGEX = "Regex"
    EMPTY = "Empty"


@dataclass(frozen=True, slots=True)
class UiSettings:
    """The `[ui]` table: looks and habits of the screen."""

    theme: str = "auto"
    """`auto`, `ansi`, `none`, or the name of a Textual theme; the screen knows which there are."""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Action id to keys separated by commas; the screen knows which actions there are."""
    remember_view: bool = True
    """Whether filter, order and cursor outlive the program."""
    details_lines: int = 2
    """Lines below the table for the item under the cursor; 0 switches them off."""
    confirm_quit: ConfirmQuit = ConfirmQuit.DOWNLOADS
    bell: bool = True
    """Whether the terminal rings and notifies when something is done that the user waits for (`b`)."""
    on_done: str = ""
    """A command line that is run then, without a shell; or empty."""


@dataclass(frozen=True, slots=True)
class FlexSettings:
    """The `[profiles.NAME.translator.flex]` table: what is asked of Flex at the start."""

    documents: tuple[str, ...] = ()
    """Document ids such as `1000` and job ids such as `c300`; empty: those that the server lists."""
    metric: Metric = Metric.NO_ERRORS
    changed_seconds: int = 24 * 3600
    locales: tuple[str, ...] = ()
    components: tuple[str, ...] = ()
    component_value: str = ""
    component_mode: ComponentMode = ComponentMode.PREFIX

    def question(self) -> FlexQuestion:
        """Return the question that the monitor starts with."""
        return FlexQuestion(
            metric=self.metric,
            changed_seconds=self.changed_seconds,
            locales=self.locales,
            components=self.components,
            component_value=self.component_value,
            component_mode=self.component_mode.value,
        )


@dataclass(frozen=True, slots=True)
class TranslatorSettings:
    """The `[profiles.NAME.translator]` table: Translator API 2, for Operations and Flex."""

    url: str
    """Ends in `/api` and not in a slash, however it was written."""
    account: str
    calls_per_hour: int = 500
    poll_seconds: int = 5
    allow_http: bool = False
    secret_command: str = ""
    ca_file: str = ""
    """A file of certificates to trust besides the system's, or empty."""
    flex: FlexSettings = field(default_factory=FlexSettings)


@dataclass(frozen=True, slots=True)
class BeeboxSettings:
    """The `[profiles.NAME.beebox]` table: one project of a Beebox."""

    url: str
    """Without a slash at the end."""
    project: str
    """The project's key, not its name."""
    login: str
    poll_seconds: int = 60
    locales: tuple[str, ...] = ()
    pattern: str = ""
    paths: tuple[str, ...] = ()
    source_dir: Path | None = None
    allow_http: bool = False
    secret_command: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class InstantSettings:
    """The `[profiles.NAME.instant]` table: Instant Translation through the User API."""

    url: str
    """Without a slash at the end."""
    account: str
    login: str
    poll_seconds: int = 15
    list_minutes: int = 60
    """Between two readings of the full list; 0 for only at the start and on demand."""
    purge_days: int = 30
    """After how many days the platform deletes requests."""
    allow_http: bool = False
    secret_command: str = ""
    ca_file: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """The `[profiles.NAME]` table: one set of services that are watched together."""

    name: str
    """Letters, digits, dot, hyphen and underscore only: it names the state file and the keyring entries."""
    read_only: ReadOnly
    danger: bool
    downloads: Path
    translator: TranslatorSettings | None = None
    beebox: BeeboxSettings | None = None
    instant: InstantSettings | None = None
    on_newer: OnNewer = OnNewer.KEEP_BOTH
    file_seconds: int = 120
    """How long a server may take to the first byte of a file, which it may have to make first."""
    color: str = ""
    """One of the terminal's eight colour names, for the badge, or empty."""
    short_names: bool = False
    """Whether variables without a profile's name, such as WBTUI_BEEBOX_PASSWORD, hold its secrets.

    `as_started` decides: one variable must not serve two customers.
    """

    def services(self) -> frozenset[Service]:
        """Return the services that this profile can reach; Flex comes with the translator."""
        found: set[Service] = set()
        if self.translator:
            found |= {Service.OPERATIONS, Service.FLEX}
        if self.beebox:
            found.add(Service.BEEBOX)
        if self.instant:
            found.add(Service.INSTANT)
        return frozenset(found)

    def section(self, account: Account) -> TranslatorSettings | BeeboxSettings | InstantSettings | None:
        """Return the table of a log-in, or None if the profile has none."""
        sections: dict[Account, TranslatorSettings | BeeboxSettings | InstantSettings | None] = {
            Account.TRANSLATOR: self.translator,
            Account.BEEBOX: self.beebox,
            Account.INSTANT: self.instant,
        }
        return sections[account]

    def accounts(self) -> tuple[Account, ...]:
        """Return the log-ins that this profile needs a secret for."""
        return tuple(account for account in Account if self.section(account))

    def secret_command(self, account: Account) -> str:
        """Return the command that prints the secret of a log-in, or an empty text."""
        section = self.section(account)
        return section.secret_command if section else ""


@dataclass(frozen=True, slots=True)
class Settings:
    """A whole configuration file."""

    path: Path
    default_profile: str
    """Empty if the file names none."""
    ui: UiSettings
    profiles: Mapping[str, Profile]
