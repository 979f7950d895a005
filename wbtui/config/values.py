"""The settings that a configuration file may hold, each declared once; none of them is or holds a secret.

The type of a field with its limits, its default and the words below it are all there is to declare:
`config/decode.py` reads and shows the tables by them. So annotations are values here, and not put off.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Final, Literal

from msgspec import Meta

from wbtui.config.forms import (
    ADDRESS,
    API_ADDRESS,
    COMMAND,
    DOWNLOADS,
    FILE,
    PATH,
    PATTERN,
    READ_ONLY,
    SECRET_COMMAND,
    WINDOW,
)
from wbtui.domain.credentials import Account
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FlexQuestion, Metric, Service
from wbtui.domain.snapshot import ReadOnly


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


DAY: Final = 86_400
Locale = Annotated[str, Meta(examples=['"fr"'])]
ComponentId = Annotated[str, Meta(examples=['"app.login"'])]
FilePath = Annotated[str, Meta(examples=[r"'batch-7\intro.docx'"])]
DocumentId = Annotated[str, Meta(pattern=r"^[cC]?[0-9]{1,18}\Z", title="id", examples=['"1000"', '"c300"'])]
Color = Literal["", "black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"]
"""Of the eight that a terminal names; or none."""
NOT_IN_FILE: Final = "not in the file"
"""Marks what the program adds to what a table of the file says."""


@dataclass(frozen=True, slots=True)
class UiSettings:
    """The `[ui]` table: what the screen looks like and does."""

    theme: str = "auto"
    """`auto`, `dark`, `light`, `ansi`, `none`, or the name of a Textual theme."""
    remember_view: bool = True
    """Whether filter, order and cursor outlive the program."""
    details_lines: Annotated[int, Meta(ge=0, le=20)] = 2
    """Lines below the table for the item under the cursor; 0 switches them off."""
    confirm_quit: ConfirmQuit = ConfirmQuit.DOWNLOADS
    """When `q` asks before it quits; `downloads`: only while some run."""
    bell: bool = True
    """Whether the terminal rings and notifies when something is done that the user waits for (`b`)."""
    on_done: Annotated[str, COMMAND] = ""
    """A command line that is run then, without a shell; or empty."""
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """A table: action id to keys separated by commas."""


@dataclass(frozen=True, slots=True)
class ComponentSettings:
    """Which components Flex is asked for, by their names."""

    value: str = ""
    """What the name of a component is compared with; or empty."""
    mode: ComponentMode = ComponentMode.PREFIX
    """How it is compared."""


@dataclass(frozen=True, slots=True)
class FlexSettings:
    """The `[profiles.NAME.translator.flex]` table: what is asked of Flex at the start."""

    documents: Annotated[tuple[DocumentId, ...], Meta(max_length=500)] = ()
    """Document ids such as `1000` and job ids such as `c300`; empty: those that the server lists."""
    metric: Metric = Metric.NO_ERRORS
    """What counts as complete."""
    locales: Annotated[tuple[Locale, ...], Meta(max_length=500)] = ()
    """The languages to look at; empty: all."""
    components: Annotated[tuple[ComponentId, ...], Meta(max_length=500)] = ()
    """The components to look at; empty: all."""
    changed: Annotated[timedelta, WINDOW] = timedelta(hours=24)
    """How far back to look for changes: `1h` to `7d`."""
    component: ComponentSettings = field(default_factory=ComponentSettings)
    """`value` and `mode`: the names of the components to look at."""

    def question(self) -> FlexQuestion:
        """Return the question that the monitor starts with."""
        return FlexQuestion(
            metric=self.metric,
            changed_seconds=int(self.changed.total_seconds()),
            locales=self.locales,
            components=self.components,
            component_value=self.component.value,
            component_mode=self.component.mode.value,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """What each table of a service may hold besides its own keys."""

    allow_http: bool = False
    """Whether the address may begin with `http://`, which sends log-ins in clear."""
    secret_command: Annotated[str, SECRET_COMMAND] = ""
    """A command line that prints the secret; or empty."""
    ca_file: Annotated[str, FILE] = ""
    """A file of certificates to trust besides the system's; or empty."""


@dataclass(frozen=True, slots=True)
class TranslatorSettings(ServiceSettings):
    """The `[profiles.NAME.translator]` table: Translator API 2, for Operations and Flex."""

    url: Annotated[str, API_ADDRESS]
    """With or without `/api` at the end, which is added."""
    account: str
    """The account's id."""
    calls_per_hour: Annotated[int, Meta(ge=60, le=1_000_000)] = 500
    """The most calls of an hour; 50 of them are kept for what the user does himself."""
    poll_seconds: Annotated[int, Meta(ge=2, le=DAY)] = 5
    """The least seconds between two looks at the same operation."""
    flex: FlexSettings = field(default_factory=FlexSettings)


@dataclass(frozen=True, slots=True)
class BeeboxSettings(ServiceSettings):
    """The `[profiles.NAME.beebox]` table: one project of a Beebox."""

    url: Annotated[str, ADDRESS]
    """Without `/api` at the end."""
    project: str
    """The project's key, not its name."""
    login: str
    """The name that the password belongs to."""
    poll_seconds: Annotated[int, Meta(ge=5, le=DAY)] = 60
    """The seconds between two readings of the list."""
    locales: Annotated[tuple[Locale, ...], Meta(max_length=500)] = ()
    """The target languages to look at; empty: all."""
    pattern: Annotated[str, PATTERN] = ""
    """A regular expression that the paths of the files match; or empty."""
    paths: Annotated[tuple[FilePath, ...], Meta(max_length=100_000)] = ()
    """The files to look at; empty: all."""
    source_dir: Annotated[Path | None, PATH] = None
    """The folder where the sources lie, for try again; or empty."""


@dataclass(frozen=True, slots=True)
class InstantSettings(ServiceSettings):
    """The `[profiles.NAME.instant]` table: Instant Translation through the User API."""

    url: Annotated[str, ADDRESS]
    """Without `/api` at the end."""
    account: str
    """The account's id."""
    login: str
    """The name that the password belongs to."""
    poll_seconds: Annotated[int, Meta(ge=5, le=DAY)] = 15
    """The seconds between two looks at what is new."""
    list_minutes: Annotated[int, Meta(ge=0, le=10_080)] = 60
    """The minutes between two readings of the full list; 0 for only at the start and on demand."""
    purge_days: Annotated[int, Meta(ge=1, le=3650)] = 30
    """After how many days the platform deletes requests: the column "Purged"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """The `[profiles.NAME]` table: one set of services that are watched together."""

    name: Annotated[str, NOT_IN_FILE]
    """Letters, digits, dot, hyphen and underscore only: it names the state file and the keyring entries."""
    read_only: Annotated[ReadOnly, READ_ONLY] = ReadOnly.NO
    """Whether nothing can be changed on a server; a profile named `prod` is unless this says `false`."""
    danger: bool = False
    """Whether changes on a server ask for the profile's name."""
    downloads: Annotated[Path, DOWNLOADS]
    """The folder that files are fetched into."""
    on_newer: OnNewer = OnNewer.KEEP_BOTH
    """What a newer file does to the old one, which gets its date into its name, or goes."""
    file_seconds: Annotated[int, Meta(ge=5, le=3600)] = 120
    """The seconds a server may take to the first byte of a file, which it may have to make first."""
    color: Color = ""
    """The colour of the profile's name; or empty."""
    translator: TranslatorSettings | None = None
    beebox: BeeboxSettings | None = None
    instant: InstantSettings | None = None
    short_names: Annotated[bool, NOT_IN_FILE] = False
    """Whether variables without a profile's name, such as WBTUI_BEEBOX_PASSWORD, hold its secrets.

    `as_started` decides: one variable must not serve two customers.
    """

    def services(self) -> frozenset[Service]:
        """Return the services that this profile can reach; Flex comes with the translator."""
        return frozenset(service for service in Service if self.section(service.account))

    def section(self, account: Account) -> TranslatorSettings | BeeboxSettings | InstantSettings | None:
        """Return the table of a log-in, or None if the profile has none."""
        found: TranslatorSettings | BeeboxSettings | InstantSettings | None = getattr(self, account.value)
        return found

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

    path: Annotated[Path, NOT_IN_FILE]
    default_profile: str = ""
    """The profile that is opened without `--profile`; or empty."""
    ui: UiSettings = field(default_factory=UiSettings)
    profiles: Mapping[str, Profile] = field(default_factory=lambda: MappingProxyType({}))
