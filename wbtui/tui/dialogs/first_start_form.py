"""What the form of the first start holds and what its tests found, without any widget."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from typing import Final

from wbtui.domain.credentials import LEFT_OUT, Account, Secret, variable_of
from wbtui.domain.errors import Busy, LoginRefused, SecretError, SettingsError, WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import Draft, Setup
from wbtui.tui.toolkit.lines import Role, Span

WELCOME: Final = (
    "Fill in the services you have and leave the others empty. Of the Translator the address of any of its "
    "web pages will do as the URL. Keys and passwords are not shown and never written into the file."
)


@dataclass(frozen=True, slots=True)
class FirstStartResult:
    """What came of the first start."""

    profile: str = ""
    """The one that was written; empty if the demo is wanted instead."""
    typed: Mapping[Account, Secret] = field(default_factory=dict)
    """What to log in with in this run."""
    words: str = ""
    """For the message line of the monitor."""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class SectionInput:
    """What stands in the fields of one service."""

    answers: Mapping[str, str]
    """By the key of the question."""
    secret: Secret
    trimmed: bool = False
    """Whether blanks around the secret were left out."""

    @property
    def filled(self) -> bool:
        """Return whether the service is wanted."""
        return any(text.strip() for text in self.answers.values())


@dataclass(frozen=True, slots=True)
class FormInput:
    """What stands in all fields."""

    profile: str
    sections: Mapping[Account, SectionInput]

    def of(self, account: Account) -> tuple[object, ...]:
        """Return all that the test of a service depends on."""
        section = self.sections[account]
        return (self.profile, *section.answers.values(), section.secret)

    @property
    def filled(self) -> list[Account]:
        """Return the services that are filled in."""
        return [account for account in Account if self.sections[account].filled]


@dataclass(frozen=True, slots=True)
class SectionTest:
    """A service's part of the form as it was tested, and how that ended; no words: it is being tested."""

    draft: Draft
    secret: Secret
    typed: tuple[object, ...]
    """What stood in the fields then; see `FormInput.of`."""
    words: str = ""
    error: WbtuiError | None = None
    given: bool = False
    """Whether the environment holds the secret, so that it is not stored."""
    left_out: str = ""
    """What is to be said of blanks around the secret, or nothing."""

    def told(self, words: str) -> str:
        """Return what the service said, and what was done to the secret."""
        return f"{words}; {self.left_out}" if words and self.left_out else words

    @property
    def fault(self) -> str:
        """Return in words what is wrong with it."""
        error = self.error
        return f"{self.draft.account.label}: {error.message} {error.advice}".strip() if error else ""

    @property
    def unusable(self) -> bool:
        """Return whether it cannot even be written."""
        return isinstance(self.error, SettingsError)

    @property
    def storable(self) -> bool:
        """Return whether there is a secret that the service did not refuse."""
        return bool(self.secret) and not isinstance(self.error, LoginRefused)

    @property
    def shown(self) -> Span:
        """Return what stands behind the name of the service."""
        if self.error is None:
            return Span(sanitize(self.words or "testing"), Role.GOOD if self.words else Role.LIVE)
        role = Role.WARN if isinstance(self.error, Busy) else Role.BAD
        return Span(sanitize(self.words or self.error.message), role)


@dataclass(frozen=True, slots=True)
class Message:
    """What the foot of the form says."""

    text: str
    role: Role
    long: bool = False
    """Whether it needs more lines than others."""


class SetupForm:
    """The tests of the form's services; `read` returns what stands in the fields now."""

    def __init__(self, read: Callable[[], FormInput]) -> None:
        self._read = read
        self.tests: dict[Account, SectionTest] = {}
        self.last_tested = Account.TRANSLATOR
        """The service whose test ended last."""
        self.offered: tuple[object, ...] = ()
        """What stood in the form when the user was told what is wrong with it and may be written."""

    @property
    def contents(self) -> tuple[object, ...]:
        """Return all that stands in the form."""
        return tuple(map(self._read().of, Account))

    @property
    def empty(self) -> bool:
        """Return whether no service is filled in."""
        return not self._read().filled

    def begin(self, account: Account) -> SectionTest | None:
        """Note that a service is being tested as it stands in the fields; None if it is left out."""
        present = self._read()
        section = present.sections[account]
        self.tests.pop(account, None)
        if not section.filled:
            return None
        left_out = LEFT_OUT if section.trimmed else ""
        draft = Draft(account, section.answers)
        self.tests[account] = SectionTest(draft, section.secret, present.of(account), left_out=left_out)
        return self.tests[account]

    def is_current(self, test: SectionTest) -> bool:
        """Return whether a test is of what stands in the fields now."""
        return test.typed == self._read().of(test.draft.account)

    def end(self, test: SectionTest) -> None:
        """Take how the test of what stands in the fields ended."""
        account = test.draft.account
        self.last_tested = account
        self.tests[account] = replace(test, typed=self._read().of(account))

    def drop_outdated(self) -> list[Account]:
        """Forget the tests of what does not stand in the fields any more; return their services."""
        found = [account for account, test in self.tests.items() if not self.is_current(test)]
        for account in found:
            del self.tests[account]
        return found

    @property
    def complete(self) -> bool:
        """Return whether exactly what is filled in was tested."""
        return set(self.tests) == set(self._read().filled)

    @property
    def works(self) -> bool:
        """Return whether all that stands in the form was tested, and works."""
        tests = self.tests.values()
        return bool(tests) and self.complete and all(t.error is None and self.is_current(t) for t in tests)

    @property
    def written(self) -> list[SectionTest]:
        """Return what is to be written, in the order of the services."""
        return [self.tests[account] for account in Account if account in self.tests]

    @property
    def foot(self) -> Message:
        """Return what the foot says where nothing else is to be said: of what stands in the form now."""
        wrong = [each for each in self.tests.values() if each.error is not None]
        if not wrong:
            return Message(WELCOME, Role.QUIET)
        first = min(wrong, key=lambda each: (not each.unusable, each.draft.account is not self.last_tested))
        return Message(first.fault, Role.BAD)

    def objection(self) -> Message | None:
        """Return what speaks against writing the tested form; note it as offered if it may be."""
        wrong = [each for each in self.tests.values() if each.error is not None]
        if not self.complete:
            words = "Something else was typed meanwhile: enter tests it as it stands now."
            return Message(words, Role.WARN)
        if not self.tests:
            words = "Fill in one service at least; or look around first: ctrl+d opens the demo."
            return Message(words, Role.WARN)
        if not wrong or any(each.unusable for each in wrong):
            return None
        self.offered = self.contents
        return Message(f"{self.foot.text} Mend it; or ctrl+g writes it all the same.", Role.BAD)


async def tested(setup: Setup, profile: str, section: SectionTest) -> SectionTest:
    """Log in and out again, with the secret of the environment where none was typed."""
    try:
        section = replace(section, draft=setup.checked(profile, section.draft))
        if not section.secret:
            section = await _with_environment(setup, profile, section)
    except (SettingsError, SecretError) as error:
        return replace(section, error=error)
    tried = await setup.test(profile, section.draft, section.secret)
    words = f"not tested: {tried.error.message}" if isinstance(tried.error, Busy) else tried.words
    return replace(section, words=section.told(words), error=tried.error)


async def _with_environment(setup: Setup, profile: str, section: SectionTest) -> SectionTest:
    """Return the section with the secret that the environment holds for it; raises `SecretError`."""
    account = section.draft.account
    if not setup.variable(profile, account):
        raise SecretError(f"{account.secret_label} is missing")
    secret, trimmed = await setup.taken(profile, account)
    return replace(section, secret=secret, given=True, left_out=LEFT_OUT if trimmed else "")


@dataclass(frozen=True, slots=True)
class StoreFailure:
    """A secret that could not be stored."""

    reason: str
    variable: str
    """The environment variable that can hold it instead."""


async def stored(setup: Setup, profile: str, section: SectionTest) -> StoreFailure | None:
    """Store the secret of a service, unless the environment holds it; return why that failed."""
    account = section.draft.account
    if section.given:
        return None
    try:
        await setup.keep(profile, account, section.secret)
    except SecretError as error:
        return StoreFailure(error.message, variable_of(profile, account))
    return None


def not_stored(failures: Sequence[StoreFailure]) -> Message:
    """Return what the user has to know of secrets that could not be stored."""
    reasons = dict.fromkeys(each.reason for each in failures)
    variables = ", ".join(each.variable for each in failures)
    said = f"Written, but not stored: {'; '.join(reasons)}. Secrets are kept in memory for this run."
    later = f"For the next start set {variables}, or secret_command in the file."
    return Message(f"ENTER goes on. {said} {later}", Role.WARN, long=True)
