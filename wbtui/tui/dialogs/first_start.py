"""The first start, without a configuration: one form for all services, tried before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import ClassVar, Final, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.credentials import LEFT_OUT, Account, Secret, variable_of
from wbtui.domain.errors import Busy, LoginRefused, SecretError, SettingsError, WbtuiError
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import Draft, Setup
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Masked, Prompt
from wbtui.tui.toolkit.screens import OwnScreen

KEYS: Final = "enter, Tab next   ctrl+t test   ctrl+g write   ctrl+d demo   ctrl+c quit"
GO: Final = "[ Test it all, write it down, and go on ]"
WELCOME: Final = (
    "Fill in the services you have and leave the others empty. Of the Translator the address of any of its "
    "web pages will do as the URL. Keys and passwords are not shown and never written into the file."
)
MESSAGE_LINES: Final = 4
LEAST_FIELD, LARGEST_FIELD = 24, 48
"""Cells of an empty field."""
HINT: Final = 2 + max(len(q.example) for account in Account for q in account.questions) + len("such as ")
"""Cells of the longest example, and of the gap before it."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What came of the first start."""

    profile: str = ""
    """The one that was written; empty if the demo is wanted instead."""
    typed: Mapping[Account, Secret] = field(default_factory=dict)
    """What to log in with in this run."""
    words: str = ""
    """For the message line of the monitor."""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What one service's part of the form holds, and how its test ended."""

    draft: Draft
    secret: Secret
    words: str = ""
    error: WbtuiError | None = None
    given: bool = False
    """Whether the environment holds the secret, so that it is not stored."""
    left_out: str = ""
    """What is to be said of blanks around the secret, or nothing."""
    typed: tuple[object, ...] = ()
    """What stood in the fields when this was found."""

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


@dataclass(frozen=True, slots=True)
class FormSection:
    """What the form shows of one service."""

    head: LineView
    fields: Mapping[str, Prompt]
    """By the key of its question."""
    secret: Masked

    @classmethod
    def made(cls, account: Account) -> Self:
        """Return the widgets of a service, not yet on the screen."""
        asked = account.questions
        return cls(
            LineView(f"{account}-head"),
            {each.key: Prompt(f"{account}-{each.key}", _lead(each.text)) for each in asked},
            Masked(f"{account}-secret", _lead(account.secret_label)),
        )


class FirstStartScreen(OwnScreen[Ended | None], inherit_bindings=False):
    """Returns what was set up, or None if the user wants to quit; secrets live in its fields alone.

    Nothing need be typed for a secret that the environment holds already, and that one is not stored.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab,down", "step(1)", show=False, priority=True),
        Binding("shift+tab,up", "step(-1)", show=False, priority=True),
        Binding("enter", "enter", show=False, priority=True),
        Binding("ctrl+t", "test", show=False, priority=True),
        Binding("ctrl+g", "save", show=False, priority=True),
        Binding("ctrl+d", "demo", show=False, priority=True),
        Binding("ctrl+c,escape", "leave", show=False, priority=True),
    ]
    """All with priority: a key that leaves a field must have done so before the next one is looked at, or a
    secret that is pasted, or typed fast, would land in a field that shows it."""

    def __init__(self, setup: Setup, *, profile: str, ascii_only: bool = False) -> None:
        super().__init__()
        self._setup = setup
        self._profile = profile
        self._blank = "_" if ascii_only else " "
        self._found: dict[Account, Found] = {}
        self._tested = Account.TRANSLATOR
        """The service whose test ended last."""
        self._offered: tuple[object, ...] = ()
        """What stands in the form, once the user has been told what is wrong with it and may be written."""
        self._leaving = False
        self._saving = False
        """Whether all is being tested to be written then: the key that asked for it may come again."""
        self._writing = False
        self._said: tuple[str, Role, int] | None = None
        """What the foot says until something else is typed."""
        self._ended: Ended | None = None
        self._title = LineView("first-title")
        self._profile_field = Prompt("first-profile", _lead("Profile"))
        self._parts = {account: FormSection.made(account) for account in Account}
        self._go = LineView("first-go", can_focus=True)
        self._message = LineView("first-message")
        self._keys = LineView("first-keys")

    def compose(self) -> ComposeResult:
        """Yield the fields, service by service."""
        with Container(id="first-box"):
            yield self._title
            yield self._profile_field
            for part in self._parts.values():
                yield part.head
                yield from part.fields.values()
                yield part.secret
            yield self._go
        yield self._message
        yield self._keys

    def on_mount(self) -> None:
        """Begin with the first URL; the profile has a name already."""
        self._profile_field.open(self._profile)
        for account, part in self._parts.items():
            for question in account.questions:
                example = question.example
                bare = example.removeprefix("https://")
                part.fields[question.key].example(f"such as {example}", f"such as {bare}", bare)
            if self._setup.variable(self._profile, account):
                part.secret.example("taken from the environment if left empty", "empty: from the environment")
        self.set_focus(self._parts[Account.TRANSLATOR].fields["url"])

    def draw(self) -> None:
        """Draw the words in the width."""
        title = line(Span("Welcome to wbtui: there is no configuration yet", Role.TITLE))
        self._title.put([title])
        self._keys.put([line(Span(KEYS, Role.KEY))])
        room = self._title.size.width - len(_lead("")) - HINT
        for each in self._fields():
            each.ground(max(LEAST_FIELD, min(LARGEST_FIELD, room)), self._blank)
        self._draw_go()
        self._draw_message()
        for account in Account:
            self._draw_head(account)

    def _draw_go(self) -> None:
        self._go.put([line(Span("  "), Span(GO, Role.CURSOR if self._go.has_focus else Role.KEY))])

    def on_descendant_focus(self) -> None:
        """Show whether enter goes on."""
        self._draw_go()

    def on_descendant_blur(self) -> None:
        """Show whether enter goes on."""
        self._draw_go()

    def _draw_head(self, account: Account) -> None:
        found = self._found.get(account)
        words = "" if found is None else found.words or (found.error.message if found.error else "testing")
        role = Role.LIVE if found is None or not (found.error or found.words) else Role.GOOD
        if found is not None and found.error is not None:
            role = Role.WARN if isinstance(found.error, Busy) else Role.BAD
        shown = Span(sanitize(words), role)
        self._parts[account].head.put([line(Span(f"{account.label}  ", Role.HEAD), shown)])

    def notice(self, words: str) -> None:
        """Say it in the foot."""
        if not self._writing:
            self._say(words, Role.WARN)

    def _say(self, text: str, role: Role, *, lines: int = MESSAGE_LINES) -> None:
        self._said = (text, role, lines)
        self._draw_message()

    def _foot(self) -> tuple[str, Role, int]:
        """Return what the foot says: of what stands in the form now, and of nothing else."""
        if self._said is not None:
            return self._said
        wrong = [each for each in self._found.values() if each.error is not None]
        if not wrong:
            return (WELCOME, Role.QUIET, MESSAGE_LINES)
        first = min(wrong, key=lambda each: (not each.unusable, each.draft.account is not self._tested))
        return (first.fault, Role.BAD, MESSAGE_LINES)

    def _draw_message(self) -> None:
        text, role, lines = self._foot()
        pieces = wrap(sanitize(text), max(1, self._message.size.width))
        self._message.styles.height = lines
        self._message.put([line(Span(piece, role)) for piece in pieces[:lines]])

    # The fields

    def _fields(self) -> Sequence[Prompt]:
        parts = ((*part.fields.values(), part.secret) for part in self._parts.values())
        return [self._profile_field, *chain.from_iterable(parts)]

    def action_step(self, distance: int) -> None:
        """Go to another field, or to the line behind the last one."""
        stops = [*self._fields(), self._go]
        at = next((number for number, each in enumerate(stops) if each is self.focused), 0)
        self.set_focus(stops[(at + distance) % len(stops)])

    def on_prompt_changed(self) -> None:
        """Take back what was said of something else than what stands there now."""
        if self._writing:
            return
        self._leaving = False
        self._said = None
        for account, found in list(self._found.items()):
            if found.typed != self._content_of(account):
                del self._found[account]
                self._draw_head(account)
        self._draw_message()

    def _content_of(self, account: Account) -> tuple[object, ...]:
        """Return all that the test of a service depends on."""
        part = self._parts[account]
        return (self._profile_field.text, *(each.text for each in part.fields.values()), part.secret.secret)

    def _contents(self) -> tuple[object, ...]:
        return tuple(map(self._content_of, Account))

    def action_enter(self) -> None:
        """Go on; behind a secret the service is tested, too, and behind the last one all is written."""
        if self._ended is not None:
            self.action_go_on()
            return
        if self.focused is self._go:
            self._begin_saving(offered=())
            return
        for account, part in self._parts.items():
            if self.focused is part.secret:
                self._work(self._test(account), group=account)
        self.action_step(1)

    # Testing and writing

    def _work(self, work: Coroutine[None, None, object], *, group: str = "") -> None:
        """Test in place of the same test that is under way; what is being written is not to be cut short.

        `group` is the service that is tested; without one all are, in place of every test.
        """
        if self._saving or self._ended is not None:
            work.close()
            return
        for each in () if group else Account:
            self.workers.cancel_group(self, each)
        self.run_worker(work, group=group or "all", exclusive=True)

    def _part(self, account: Account) -> Found | None:
        """Return what stands in a service's fields; None if it is left out."""
        part = self._parts[account]
        answers = {key: field.text for key, field in part.fields.items()}
        if not any(text.strip() for text in answers.values()):
            return None
        words = LEFT_OUT if part.secret.trimmed else ""
        typed = self._content_of(account)
        return Found(Draft(account, answers), part.secret.secret, left_out=words, typed=typed)

    async def _test(self, account: Account) -> None:
        """Log in and out again, and show what the service says, unless something else is typed meanwhile."""
        await self._typed()
        part = self._part(account)
        self._found.pop(account, None)
        if part is not None:
            self._found[account] = part
            self._draw_head(account)
            tried = await self._tried(part)
            self._found.pop(account, None)
            if part.typed == self._content_of(account):
                self._tested = account
                self._found[account] = self._in_full(tried)
        self._draw_head(account)
        self._draw_message()

    def _in_full(self, tried: Found) -> Found:
        """Put the URL as it was tested into its field, for everybody to see."""
        account, url = tried.draft.account, tried.draft.answers["url"]
        field = self._parts[account].fields["url"]
        if not tried.unusable and field.text != url:
            field.open(url)
        return replace(tried, typed=self._content_of(account))

    async def _tried(self, part: Found) -> Found:
        name = self._profile_field.text.strip()
        try:
            draft = self._setup.checked(name, part.draft)
        except SettingsError as error:
            return replace(part, error=error)
        part = replace(part, draft=draft)
        if not part.secret:
            part = await self._from_environment(name, part)
        if part.error is not None:
            return part
        tried = await self._setup.test(name, draft, part.secret)
        if isinstance(tried.error, Busy):
            words = part.told(f"not tested: {tried.error.message}")
            return replace(part, words=words, error=tried.error)
        return replace(part, words=part.told(tried.words), error=tried.error)

    async def _from_environment(self, name: str, part: Found) -> Found:
        """Return a part of the form with the secret that the environment holds for it."""
        account = part.draft.account
        if not self._setup.variable(name, account):
            return replace(part, error=SecretError(f"{account.secret_label} is missing"))
        try:
            secret, trimmed = await self._setup.taken(name, account)
        except SecretError as error:
            return replace(part, error=error)
        return replace(part, secret=secret, given=True, left_out=LEFT_OUT if trimmed else "")

    def action_test(self) -> None:
        """Test every service that is filled in."""
        self._work(self._test_and_tell())

    async def _test_and_tell(self) -> None:
        if await self._test_all() and self._found and not any(each.error for each in self._found.values()):
            self._say("All that is filled in works. ctrl+g writes it down and goes on.", Role.GOOD)

    async def _test_all(self) -> bool:
        """Test all, and return whether what was tested is what stands in the form still."""
        self._said = None
        await asyncio.gather(*map(self._test, Account))
        return set(self._found) == set(self._filled())

    async def _typed(self) -> None:
        """Wait until every key that was pressed before has reached its field."""
        for each in self._fields():
            reached = asyncio.Event()
            each.call_later(reached.set)
            await reached.wait()

    def action_save(self) -> None:
        """Test, write the file, store the secrets and go on; what was told to be wrong is written now."""
        self._begin_saving(offered=self._offered)

    def _begin_saving(self, *, offered: tuple[object, ...]) -> None:
        self._work(self._save(offered))
        self._saving = True

    async def _save(self, offered: tuple[object, ...]) -> None:
        try:
            await self._typed()
            if not offered or offered != self._contents():
                offered = ()
                await self._test_to_write()
            if offered or self._can_be_written():
                await self._write([self._found[account] for account in Account if account in self._found])
        finally:
            self._saving = False

    async def _test_to_write(self) -> None:
        """Test all, and say what speaks against writing it."""
        self._offered = ()
        same = await self._test_all()
        wrong = [each for each in self._found.values() if each.error is not None]
        if not same:
            self._say("Something else was typed meanwhile: enter tests it as it stands now.", Role.WARN)
        elif not self._found:
            self._say("Fill in one service at least; or look around first: ctrl+d opens the demo.", Role.WARN)
        elif wrong and not any(each.unusable for each in wrong):
            self._offered = self._contents()
            self._say(f"{self._foot()[0]} Mend it; or ctrl+g writes it all the same.", Role.BAD)

    def _can_be_written(self) -> bool:
        """Return whether all that stands in the form was tested, and works."""
        tested = self._found.items()
        works = all(
            each.error is None and each.typed == self._content_of(account) for account, each in tested
        )
        return bool(tested) and works and set(self._found) == set(self._filled())

    async def _write(self, found: Sequence[Found]) -> None:
        name = self._profile_field.text.strip()
        try:
            path = self._setup.write(name, [each.draft for each in found], add=False)
        except SettingsError as error:
            self._say(f"{error.message} {error.advice}", Role.BAD)
            return
        usable = [each for each in found if each.secret and not isinstance(each.error, LoginRefused)]
        self._writing = True
        self._say("Storing the secrets in the system keyring.", Role.LIVE)
        # side by side: a keyring that hangs costs its time once
        ends = await asyncio.gather(*(self._keep(name, each) for each in usable))
        troubles = {e.draft.account: end for e, end in zip(usable, ends, strict=True) if end is not None}
        typed = {each.draft.account: each.secret for each in usable}
        self._ended = Ended(name, typed, f"Written: {path}")
        if troubles:
            self._tell_troubles(name, troubles)
        else:
            self.action_go_on()

    async def _keep(self, name: str, found: Found) -> SecretError | None:
        """Store a secret, and return what hinders that."""
        if not found.given:
            try:
                await self._setup.keep(name, found.draft.account, found.secret)
            except SecretError as error:
                return error
        return None

    def _tell_troubles(self, name: str, troubles: Mapping[Account, SecretError]) -> None:
        reasons = dict.fromkeys(error.message for error in troubles.values())
        variables = [variable_of(name, account) for account in troubles]
        said = f"Written, but not stored: {'; '.join(reasons)}. Secrets are kept in memory for this run."
        later = f"For the next start set {', '.join(variables)}, or secret_command in the file."
        self._say(f"ENTER goes on. {said} {later}", Role.WARN, lines=MESSAGE_LINES + 2)

    def action_go_on(self) -> None:
        """Leave the form for the monitor, once all is written."""
        if self._ended is not None:
            self._close(self._ended)

    # Other ways out

    def action_demo(self) -> None:
        """Open the demo instead; nothing is written."""
        if self._ended is None and not self._writing:
            self._close(Ended(demo=True))

    def action_leave(self) -> None:
        """Quit; what was typed is lost only at the second time."""
        typed = any(True for _ in self._filled())
        if self._ended is not None:
            self._close(self._ended)
        elif self._writing:
            self._say("The secrets are being stored: a moment.", Role.WARN)
        elif typed and not self._leaving:
            self._leaving = True
            self._say("Nothing has been written. The same key once more quits all the same.", Role.WARN)
        else:
            self._close(None)

    def _filled(self) -> Iterator[Account]:
        return (account for account in Account if self._part(account) is not None)

    def _close(self, ended: Ended | None) -> None:
        for each in self._parts.values():
            each.secret.clear()
        self._found.clear()
        self.dismiss(ended)


def _lead(text: str) -> str:
    return f"  {text:<12}"
