"""The first start, without a configuration: one form for all services, tried before it is written."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from itertools import chain
from typing import ClassVar, Final, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container

from wbtui.domain.credentials import Account
from wbtui.domain.errors import SettingsError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import Setup
from wbtui.tui.dialogs.first_start_form import (
    FirstStartResult,
    FormInput,
    Message,
    SectionInput,
    SectionTest,
    SetupForm,
    not_stored,
    stored,
    tested,
)
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import Masked, Prompt
from wbtui.tui.toolkit.screens import OwnScreen

KEYS: Final = "enter, Tab next   ctrl+t test   ctrl+g write   ctrl+d demo   ctrl+c quit"
GO: Final = "[ Test it all, write it down, and go on ]"
MESSAGE_LINES: Final = 4
LEAST_FIELD, LARGEST_FIELD = 24, 48
"""Cells of an empty field."""
HINT: Final = 2 + max(len(q.example) for account in Account for q in account.questions) + len("such as ")
"""Cells of the longest example, and of the gap before it."""


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

    @property
    def widgets(self) -> tuple[Prompt, ...]:
        """Return the fields from top to bottom."""
        return (*self.fields.values(), self.secret)

    def show_url(self, test: SectionTest) -> None:
        """Put the URL into its field as it was tested."""
        field, url = self.fields["url"], test.draft.answers["url"]
        if not test.unusable and field.text != url:
            field.open(url)

    @property
    def input(self) -> SectionInput:
        """Return what stands in the fields."""
        answers = {key: field.text for key, field in self.fields.items()}
        return SectionInput(answers, self.secret.secret, self.secret.trimmed)


class FirstStartScreen(OwnScreen[FirstStartResult | None], inherit_bindings=False):
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
        self._form = SetupForm(self._input)
        self._leaving = False
        self._saving = False
        """Whether all is being tested to be written then: the key that asked for it may come again."""
        self._writing = False
        self._said: Message | None = None
        """What the foot says until something else is typed."""
        self._result: FirstStartResult | None = None
        self._title = LineView("first-title")
        self._profile_field = Prompt("first-profile", _lead("Profile"))
        self._sections = {account: FormSection.made(account) for account in Account}
        self._go = LineView("first-go", can_focus=True)
        self._message = LineView("first-message")
        self._keys = LineView("first-keys")

    def compose(self) -> ComposeResult:
        """Yield the fields, service by service."""
        with Container(id="first-box"):
            yield self._title
            yield self._profile_field
            for section in self._sections.values():
                yield section.head
                yield from section.widgets
            yield self._go
        yield self._message
        yield self._keys

    def on_mount(self) -> None:
        """Begin with the first URL; the profile has a name already."""
        self._profile_field.open(self._profile)
        for account, section in self._sections.items():
            for question in account.questions:
                example = question.example
                bare = example.removeprefix("https://")
                section.fields[question.key].example(f"such as {example}", f"such as {bare}", bare)
            if self._setup.variable(self._profile, account):
                examples = "taken from the environment if left empty", "empty: from the environment"
                section.secret.example(*examples)
        self.set_focus(self._sections[Account.TRANSLATOR].fields["url"])

    def draw(self) -> None:
        """Draw the words in the width."""
        title = line(Span("Welcome to wbtui: there is no configuration yet", Role.TITLE))
        self._title.put([title])
        self._keys.put([line(Span(KEYS, Role.KEY))])
        room = self._title.size.width - len(_lead("")) - HINT
        for each in self._fields():
            each.ground(max(LEAST_FIELD, min(LARGEST_FIELD, room)), self._blank)
        self.on_descendant_focus()
        self._draw_message()
        for account in Account:
            self._draw_head(account)

    def on_descendant_focus(self) -> None:
        """Show whether enter goes on."""
        self._go.put([line(Span("  "), Span(GO, Role.CURSOR if self._go.has_focus else Role.KEY))])

    def on_descendant_blur(self) -> None:
        """Show whether enter goes on."""
        self.on_descendant_focus()

    def _draw_head(self, account: Account) -> None:
        test = self._form.tests.get(account)
        shown = Span("") if test is None else test.shown
        self._sections[account].head.put([line(Span(f"{account.label}  ", Role.HEAD), shown)])

    def notice(self, words: str) -> None:
        """Say it in the foot."""
        if not self._writing:
            self._say(Message(words, Role.WARN))

    def _say(self, message: Message) -> None:
        self._said = message
        self._draw_message()

    def _draw_message(self) -> None:
        """Draw what was said last, else what is to be said of what stands in the form now."""
        message = self._said or self._form.foot
        lines = MESSAGE_LINES + (2 if message.long else 0)
        pieces = wrap(sanitize(message.text), max(1, self._message.size.width))
        self._message.styles.height = lines
        self._message.put([line(Span(piece, message.role)) for piece in pieces[:lines]])

    # The fields

    def _fields(self) -> Sequence[Prompt]:
        sections = (section.widgets for section in self._sections.values())
        return [self._profile_field, *chain.from_iterable(sections)]

    def _input(self) -> FormInput:
        sections = {account: section.input for account, section in self._sections.items()}
        return FormInput(self._profile_field.text, sections)

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
        for account in self._form.drop_outdated():
            self._draw_head(account)
        self._draw_message()

    def action_enter(self) -> None:
        """Go on; behind a secret the service is tested, too, and behind the last one all is written."""
        if self._result is not None:
            self.action_go_on()
            return
        if self.focused is self._go:
            self._begin_saving(offered=())
            return
        for account, section in self._sections.items():
            if self.focused is section.secret:
                self._work(self._test(account), group=account)
        self.action_step(1)

    # Testing and writing

    def _work(self, work: Coroutine[None, None, object], *, group: str = "") -> None:
        """Test in place of the same test that is under way; what is being written is not to be cut short.

        `group` is the service that is tested; without one all are, in place of every test.
        """
        if self._saving or self._result is not None:
            work.close()
            return
        for each in () if group else Account:
            self.workers.cancel_group(self, each)
        self.run_worker(work, group=group or "all", exclusive=True)

    async def _test(self, account: Account) -> None:
        """Log in and out again, and show what the service says, unless something else is typed meanwhile."""
        await self._typed()
        begun = self._form.begin(account)
        if begun is not None:
            self._draw_head(account)
            ended = await tested(self._setup, self._profile_field.text.strip(), begun)
            self._form.tests.pop(account, None)
            if self._form.is_current(begun):
                self._sections[account].show_url(ended)
                self._form.end(ended)
        self._draw_head(account)
        self._draw_message()

    def action_test(self) -> None:
        """Test every service that is filled in."""
        self._work(self._test_and_tell())

    async def _test_and_tell(self) -> None:
        await self._test_all()
        if self._form.complete and self._form.tests and not any(t.error for t in self._form.tests.values()):
            words = "All that is filled in works. ctrl+g writes it down and goes on."
            self._say(Message(words, Role.GOOD))

    async def _test_all(self) -> None:
        self._said = None
        await asyncio.gather(*map(self._test, Account))

    async def _typed(self) -> None:
        """Wait until every key that was pressed before has reached its field."""
        for each in self._fields():
            reached = asyncio.Event()
            each.call_later(reached.set)
            await reached.wait()

    def action_save(self) -> None:
        """Test, write the file, store the secrets and go on; what was told to be wrong is written now."""
        self._begin_saving(offered=self._form.offered)

    def _begin_saving(self, *, offered: tuple[object, ...]) -> None:
        self._work(self._save(offered))
        self._saving = True

    async def _save(self, offered: tuple[object, ...]) -> None:
        try:
            await self._typed()
            if not offered or offered != self._form.contents:
                offered = ()
                await self._test_to_write()
            if offered or self._form.works:
                await self._write(self._form.written)
        finally:
            self._saving = False

    async def _test_to_write(self) -> None:
        """Test all, and say what speaks against writing it."""
        self._form.offered = ()
        await self._test_all()
        objection = self._form.objection()
        if objection is not None:
            self._say(objection)

    async def _write(self, sections: Sequence[SectionTest]) -> None:
        name = self._profile_field.text.strip()
        try:
            path = self._setup.write(name, [each.draft for each in sections], add=False)
        except SettingsError as error:
            self._say(Message(f"{error.message} {error.advice}", Role.BAD))
            return
        usable = [each for each in sections if each.storable]
        self._writing = True
        self._say(Message("Storing the secrets in the system keyring.", Role.LIVE))
        # side by side: a keyring that hangs costs its time once
        ended = await asyncio.gather(*(stored(self._setup, name, each) for each in usable))
        typed = {each.draft.account: each.secret for each in usable}
        self._result = FirstStartResult(name, typed, f"Written: {path}")
        failures = [each for each in ended if each is not None]
        if failures:
            self._say(not_stored(failures))
        else:
            self.action_go_on()

    def action_go_on(self) -> None:
        """Leave the form for the monitor, once all is written."""
        if self._result is not None:
            self._close(self._result)

    # Other ways out

    def action_demo(self) -> None:
        """Open the demo instead; nothing is written."""
        if self._result is None and not self._writing:
            self._close(FirstStartResult(demo=True))

    def action_leave(self) -> None:
        """Quit; what was typed is lost only at the second time."""
        if self._result is not None:
            self._close(self._result)
        elif self._writing:
            self._say(Message("The secrets are being stored: a moment.", Role.WARN))
        elif not self._form.empty and not self._leaving:
            self._leaving = True
            words = "Nothing has been written. The same key once more quits all the same."
            self._say(Message(words, Role.WARN))
        else:
            self._close(None)

    def _close(self, result: FirstStartResult | None) -> None:
        for each in self._sections.values():
            each.secret.clear()
        self._form.tests.clear()
        self.dismiss(result)


def _lead(text: str) -> str:
    return f"  {text:<12}"
