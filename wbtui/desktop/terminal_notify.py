"""Notifications through the terminal: the bell, and escape sequences for desktop notifications. Pure.

Every terminal has the bell. OSC 9 (iTerm2, WezTerm, kitty, Ghostty) or OSC 777 (foot, urxvt, VTE) shows a
notification; tmux passes either on only in its own envelope and with `allow-passthrough`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from wbtui.desktop.clipboard import wrapped
from wbtui.domain.sanitize import sanitize
from wbtui.domain.snapshot import Alert

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
    """Return the sequences for the terminal. A Linux console gets the bell alone: it prints the others."""
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
