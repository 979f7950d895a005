"""The dialogs that are seldom opened, each loaded when it is: together they cost a part of the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.screen import Screen

from wbtui.domain.errors import WbtuiError
from wbtui.domain.sanitize import safe
from wbtui.tui.actions import Action
from wbtui.tui.tabs.base import Tab
from wbtui.tui.toolkit.lines import wrap
from wbtui.tui.toolkit.prompt import LONGEST_PATH

if TYPE_CHECKING:
    from wbtui.domain.credentials import Account
    from wbtui.domain.setup_ports import ProfileLine
    from wbtui.tui.dialogs.login import LogIn


@dataclass(frozen=True, slots=True)
class Question:
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


def ask(question: Question, *, ascii_only: bool) -> Screen[str | None]:
    """Return the dialog that asks for one line of text."""
    from wbtui.tui.dialogs.ask import AskScreen

    return AskScreen(question, ascii_only=ascii_only)


def ask_whether(
    title: str, sentences: Sequence[str], yes: str, *, enter: bool = False, ascii_only: bool
) -> Screen[bool]:
    """Return the dialog that asks yes or no; `enter` is what the enter key means."""
    from wbtui.tui.dialogs.yes_no import YesNoScreen

    return YesNoScreen(title, sentences, yes, enter=enter, ascii_only=ascii_only)


def help_of(tab: Tab, actions: Sequence[Action], *, ascii_only: bool) -> Screen[None]:
    """Return the help."""
    from wbtui.tui.dialogs.help import HelpScreen

    return HelpScreen(tab, actions, ascii_only=ascii_only)


def text_of(title: str, text: str, *, ascii_only: bool) -> Screen[None]:
    """Return a text shown plainly."""
    from wbtui.tui.dialogs.text import TextScreen

    return TextScreen(title, text, ascii_only=ascii_only)


def fault_of(title: str, error: WbtuiError, width: int, *, ascii_only: bool) -> Screen[None]:
    """Return the whole of an error: the message line has no room for the path of a file."""
    pieces = wrap(safe(f"{error.message} {error.advice}".strip()), max(20, width - 2))
    return text_of(title, "\n".join(pieces), ascii_only=ascii_only)


def login_form(
    account: Account, profile: str, sentences: tuple[str, ...], log_in: LogIn, *, ascii_only: bool
) -> Screen[str | None]:
    """Return the log-in form."""
    from wbtui.tui.dialogs.login import LoginScreen

    return LoginScreen(account, profile, sentences, log_in, ascii_only=ascii_only)


def profiles(lines: Sequence[ProfileLine], present: str, *, ascii_only: bool) -> Screen[str | None]:
    """Return the list of profiles."""
    from wbtui.tui.dialogs.profiles import ProfilesScreen

    return ProfilesScreen(lines, present, ascii_only=ascii_only)
