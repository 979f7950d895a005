"""What the terminal is told beside the cells: the title of its window, and items that are done."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from wbtui.desktop.clipboard import wrapped
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Alert
from wbtui.tui.tabs.row import Count

BEL: Final = "\x07"
LONGEST: Final = 200
"""Characters of a notification."""

_NINE: Final = frozenset({"iTerm.app", "WezTerm", "ghostty"})
_SEVENS: Final = ("foot", "rxvt")


def words(alerts: Sequence[Alert]) -> str:
    """Return the sentence on what is done."""
    if len(alerts) == 1:
        return alerts[0].words
    return f"{len(alerts)} done: {alerts[0].words}, and {len(alerts) - 1} more"


def codes(profile: str, sentence: str, environ: Mapping[str, str]) -> str:
    """Return the sequences for the terminal. A Linux console gets the bell alone: it prints the others.

    Every terminal has the bell. OSC 9 (iTerm2, WezTerm, kitty, Ghostty) or OSC 777 (foot, urxvt, VTE) shows a
    notification; tmux passes either on only in its own envelope and with `allow-passthrough`.
    """
    if environ.get("TERM", "") in {"linux", "dumb", ""}:
        return BEL
    extra = "".join(_notifications(sanitize(profile, 60), sanitize(sentence, LONGEST), environ))
    return BEL + (wrapped(extra) if environ.get("TMUX") else extra)


def _notifications(profile: str, sentence: str, environ: Mapping[str, str]) -> list[str]:
    nine = f"\x1b]9;wbtui {profile}: {sentence}{BEL}"
    sevens = f"\x1b]777;notify;wbtui {profile.replace(';', ',')};{sentence}{BEL}"
    if environ.get("TERM_PROGRAM") in _NINE or environ.get("TERM", "").startswith("xterm-kitty"):
        return [nine]
    if environ.get("VTE_VERSION") or environ.get("TERM", "").startswith(_SEVENS):
        return [sevens]
    return [nine, sevens]


KEEP: Final = "\x1b[22;2t"
"""Has the terminal store its present title."""
RESTORE: Final = "\x1b[23;2t"


def title(profile: str, counts: Iterable[Count]) -> str:
    """Return `wbtui acme 2! 3+`: failed and ready items; a figure that is 0 is left out."""
    held = list(counts)
    problems, ready = sum(count.problems for count in held), sum(count.ready for count in held)
    words = ["wbtui", sanitize(profile, 60), f"{problems}!" if problems else "", f"{ready}+" if ready else ""]
    return " ".join(word for word in words if word)


def code(text: str) -> str:
    """Return the escape sequence that sets the title."""
    return f"\x1b]2;{text}\x07"


def understood(environ: Mapping[str, str]) -> bool:
    """Return whether the terminal has a title; the consoles of Linux would print the code."""
    return environ.get("TERM", "") not in {"linux", "dumb", ""}


class TerminalWindow:
    """Sends escape sequences that are not part of a frame, through `send`."""

    def __init__(self, send: Callable[[str], None], environ: Mapping[str, str]) -> None:
        self.send = send
        self._environ = environ
        self._title = ""

    def set_title(self, text: str) -> None:
        """Set the title; one that is set already is not sent again."""
        if text == self._title or not understood(self._environ):
            return
        self.send(code(text) if self._title else KEEP + code(text))
        self._title = text

    def restore_title(self) -> None:
        """Give back the title that the window had before."""
        if self._title:
            self.send(RESTORE)
            self._title = ""

    def notify(self, profile: str, alerts: Sequence[Alert]) -> None:
        """Ring the bell and send a notification about items that are done."""
        self.send(codes(profile, words(alerts), self._environ))
