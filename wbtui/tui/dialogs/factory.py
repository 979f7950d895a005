"""The dialogs that are seldom opened, each loaded when it is: together they cost a part of the start."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen

from wbtui.domain.errors import WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.tui.actions import KeyAction
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.dialogs.field import FieldDialog, completed
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Role, Span, line, wrap
from wbtui.tui.toolkit.prompt import LONGEST_PATH, Prompt
from wbtui.tui.toolkit.screens import LEAVING, Dialog

if TYPE_CHECKING:
    from wbtui.domain.credentials import Account
    from wbtui.domain.setup import ProfileLine
    from wbtui.tui.dialogs.login_dialog import LogIn


@dataclass(frozen=True, slots=True)
class FieldQuestion:
    """What is asked: a title, sentences below it, what stands in the field at first, and what is wrong."""

    title: str
    sentences: Sequence[str] = ()
    text: str = ""
    fault: Callable[[str], str] = lambda text: "" if text.strip() else "nothing was typed"
    """(text) -> why it cannot be taken, or nothing; called beside the loop, since it may look at files."""
    most: int = LONGEST_PATH
    """Characters that the answer may have."""
    path: bool = False
    """Whether it is a path, which Tab completes."""


def ask(screen: Controller, question: FieldQuestion, then: Callable[[str], None]) -> None:
    """Ask for a line of text, and do something with it unless the dialog is left."""

    def answered(text: str | None) -> None:
        if text is not None:
            then(text)

    screen.app.push_screen(AskScreen(question, ascii_only=screen.model.ascii_only), answered)


def ask_whether(
    title: str, sentences: Sequence[str], yes: str, *, enter: bool = False, ascii_only: bool
) -> Screen[bool]:
    """Return the dialog that asks yes or no; `enter` is what the enter key means."""
    return YesNoScreen(title, sentences, yes, enter=enter, ascii_only=ascii_only)


def help_of(tab: TabSpec, actions: Sequence[KeyAction], *, ascii_only: bool) -> Screen[None]:
    """Return the help."""
    from wbtui.tui.dialogs.help import HelpScreen

    return HelpScreen(tab, actions, ascii_only=ascii_only)


def text_of(title: str, text: str, *, ascii_only: bool) -> Screen[None]:
    """Return a text shown plainly."""
    from wbtui.tui.dialogs.text import TextScreen

    return TextScreen(title, text, ascii_only=ascii_only)


def show_fault(screen: Controller, title: str, error: WbtuiError) -> None:
    """Show the whole of an error: the message line has no room for the path of a file."""
    pieces = wrap(sanitize(f"{error.message} {error.advice}".strip()), max(20, screen.app.size.width - 2))
    screen.app.push_screen(text_of(title, "\n".join(pieces), ascii_only=screen.model.ascii_only))


def login_form(
    account: Account, profile: str, sentences: tuple[str, ...], log_in: LogIn, *, ascii_only: bool
) -> Screen[str | None]:
    """Return the log-in form."""
    from wbtui.tui.dialogs.login_dialog import LoginScreen

    return LoginScreen(account, profile, sentences, log_in, ascii_only=ascii_only)


def profiles(lines: Sequence[ProfileLine], present: str, *, ascii_only: bool) -> Screen[str | None]:
    """Return the list of profiles."""
    from wbtui.tui.dialogs.profiles import ProfilesScreen

    return ProfilesScreen(lines, present, ascii_only=ascii_only)


class AskScreen(FieldDialog, inherit_bindings=False):
    """Returns the text that was typed, or None; data go on behind it."""

    def __init__(self, question: FieldQuestion, *, ascii_only: bool) -> None:
        tab = "Tab completes it, " if question.path else ""
        self._hint = f"enter takes it, {tab}esc leaves"
        field = Prompt("ask-field", "> ", most=question.most)
        super().__init__("ask", field, question.title, question.sentences, self._hint, ascii_only=ascii_only)
        self._question = question
        self._checking = False

    def on_mount(self) -> None:
        """Begin with what stands in the field at first."""
        self.field.open(self._question.text)

    def on_prompt_completing(self, typed: Prompt.Completing) -> None:
        """Complete a path; the folder may be slow, so it is read beside the loop."""
        if self._question.path:
            self.run_worker(self._complete(typed.text), group="path", exclusive=True)

    async def _complete(self, text: str) -> None:
        found = await asyncio.to_thread(completed, text)
        if self.field.text != text:  # something else has been typed meanwhile
            return
        self.field.open(found.text)
        self._say(found.words or self._hint, Role.QUIET)

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Take the text if nothing is wrong with it."""
        if not self._checking:
            self._checking = True
            self.run_worker(self._check(finished.text))

    async def _check(self, text: str) -> None:
        fault = await asyncio.to_thread(self._question.fault, text)
        self._checking = False
        if fault:
            self._say(fault, Role.BAD)
        else:
            self.dismiss(text)


class YesNoScreen(Dialog[bool], inherit_bindings=False):
    """Returns whether yes was said; `enter` is what the enter key means. Data go on behind it."""

    UNSEEN: ClassVar[frozenset[str]] = LEAVING | {"n", "q"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", show=False),
        Binding("n,escape,ctrl+c,q", "answer(False)", show=False),
        Binding("enter", "enter", show=False),
    ]

    def __init__(
        self, title: str, sentences: Sequence[str], yes: str, *, enter: bool, ascii_only: bool
    ) -> None:
        super().__init__(ascii_only=ascii_only)
        self._enter = enter
        self._wording = (title, sentences, yes)
        self._words = LineView("yes-no-words", can_focus=True)

    def compose(self) -> ComposeResult:
        """Yield the words."""
        with Container(id="yes-no-box"):
            yield self._words

    def draw(self) -> None:
        """Wrap the words to the width."""
        title, sentences, yes = self._wording
        width = max(1, self._words.size.width)
        pieces = [line(piece) for sentence in sentences for piece in wrap(sentence, width)]
        choices = line(*self._choice("n", "No", False), Span("   "), *self._choice("y", yes, True))
        lines = [line(Span(title, Role.TITLE)), (), *pieces, (), choices]
        self._words.styles.height = len(lines)
        self._words.put(lines)

    def _choice(self, key: str, words: str, answer: bool) -> tuple[Span, ...]:
        chosen = answer is self._enter
        return (Span(f"{'>' if chosen else ' '} [ {key}  {words} ]", Role.KEY if chosen else Role.QUIET),)

    def action_enter(self) -> None:
        """Close with what enter means."""
        self.dismiss(self._enter)

    def action_answer(self, answer: bool) -> None:
        """Close with the answer."""
        self.dismiss(answer)
