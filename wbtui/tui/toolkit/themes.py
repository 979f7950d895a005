"""Themes: which one is meant, wbtui's own three, and a filter that removes every colour code."""

from __future__ import annotations

from collections.abc import Mapping

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter
from textual.theme import Theme

from wbtui.domain.lazy_dataclass import dataclass

DARK, LIGHT, ANSI = "wbtui-dark", "wbtui-light", "wbtui-ansi"

_OWN_NAMES = {"dark": DARK, "light": LIGHT, "ansi": ANSI, "none": ANSI}


@dataclass(frozen=True, slots=True)
class ThemeChoice:
    """The theme to use, and whether it has the terminal's own colours or none at all."""

    theme: str
    ansi: bool = False
    colourless: bool = False


def looks(wanted: str, environ: Mapping[str, str]) -> ThemeChoice:
    """Return what a theme's name means here.

    `auto` takes the terminal's own colours over SSH, else light or dark as COLORFGBG says (dark if it
    does not). A NO_COLOR that is not empty overrides any theme.
    """
    if wanted == "none" or environ.get("NO_COLOR"):
        return ThemeChoice(ANSI, ansi=True, colourless=True)
    if wanted == "auto":
        wanted = _automatic(environ)
    name = _OWN_NAMES.get(wanted, wanted)
    return ThemeChoice(name, ansi=name == ANSI)


def _automatic(environ: Mapping[str, str]) -> str:
    if environ.get("SSH_CONNECTION") or environ.get("SSH_TTY"):
        return "ansi"
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    return "light" if background in {"7", "15"} else "dark"


def ascii_only(environ: Mapping[str, str]) -> bool:
    """Return whether the locale names another character set than UTF-8, or none: lines are ASCII then.

    Without any locale in the environment, as in most containers, the terminal is taken to know UTF-8.
    """
    named = next((environ[name] for name in ("LC_ALL", "LC_CTYPE", "LANG") if environ.get(name)), "")
    return bool(named) and not named.casefold().replace("-", "").endswith(("utf8", "utf8@euro"))


def own_themes() -> tuple[Theme, ...]:
    """Return wbtui's themes: dark, light, and one in the terminal's 16 colours."""
    return (_dark(), _light(), _ansi())


def _dark() -> Theme:
    return Theme(
        name=DARK,
        primary="#7aa7e6",
        secondary="#8fa3bf",
        success="#86c48f",
        warning="#e3b767",
        error="#ee7f7f",
        accent="#b49be0",
        foreground="#d3d9e3",
        background="#12161d",
        surface="#12161d",
        panel="#1b212b",
        dark=True,
        variables={
            "wb-quiet": "#8390a4",
            "wb-rule": "#303947",
            "wb-rest": "#333d4c",
            "wb-band": "#1b212b",
            "wb-field": "#252e3c",
            "wb-cursor": "#2b4a73",
            "wb-on-cursor": "#ffffff",
            "wb-cursor-style": "none",
            "wb-active": "#7aa7e6",
            "wb-on-active": "#0e1218",
            "wb-paused": "#e3b767",
            "wb-on-paused": "#14181f",
            "wb-band-style": "bold",
        },
    )


def _light() -> Theme:
    return Theme(
        name=LIGHT,
        primary="#1f5fae",
        secondary="#4d6480",
        success="#1c7a36",
        warning="#8f5d00",
        error="#bb2a2a",
        accent="#6a3fb0",
        foreground="#232a33",
        background="#fcfcfa",
        surface="#fcfcfa",
        panel="#edf0f4",
        dark=False,
        variables={
            "wb-quiet": "#5d6876",
            "wb-rule": "#cbd2db",
            "wb-rest": "#d3d9e1",
            "wb-band": "#edf0f4",
            "wb-field": "#e3e9f1",
            "wb-cursor": "#c9def7",
            "wb-on-cursor": "#0b1a2b",
            "wb-cursor-style": "none",
            "wb-active": "#1f5fae",
            "wb-on-active": "#ffffff",
            "wb-paused": "#8f5d00",
            "wb-on-paused": "#ffffff",
            "wb-band-style": "bold",
        },
    )


def _ansi() -> Theme:
    return Theme(
        name=ANSI,
        ansi=True,
        primary="ansi_blue",
        secondary="ansi_cyan",
        success="ansi_green",
        warning="ansi_yellow",
        error="ansi_red",
        accent="ansi_magenta",
        foreground="ansi_default",
        background="ansi_default",
        surface="ansi_default",
        panel="ansi_default",
        variables={
            "ansi-background": "ansi_default",
            "ansi-foreground": "ansi_default",
            "wb-quiet": "ansi_default",
            "wb-rule": "ansi_blue",
            "wb-rest": "ansi_blue",
            "wb-band": "ansi_default",
            "wb-field": "ansi_default",
            "wb-cursor": "ansi_default",
            "wb-on-cursor": "ansi_default",
            "wb-cursor-style": "reverse",
            "wb-active": "ansi_default",
            "wb-on-active": "ansi_default",
            "wb-paused": "ansi_default",
            "wb-on-paused": "ansi_default",
            "wb-band-style": "bold reverse",
        },
    )


def defaults(theme: Theme) -> dict[str, str]:
    """Return the values of wbtui's own variables in a theme that does not define them."""
    return {
        "wb-quiet": theme.secondary or theme.primary,
        "wb-rule": theme.secondary or theme.primary,
        "wb-rest": theme.secondary or theme.primary,
        "wb-band": theme.panel or theme.surface or theme.background or "ansi_default",
        "wb-field": theme.panel or theme.surface or theme.background or "ansi_default",
        "wb-cursor": theme.primary,
        "wb-on-cursor": "auto",
        "wb-cursor-style": "bold",
        "wb-active": theme.primary,
        "wb-on-active": "auto",
        "wb-paused": theme.warning or theme.primary,
        "wb-on-paused": "auto",
        "wb-band-style": "bold",
    }


class Colourless(LineFilter):
    """Removes every colour; bold and reverse stay. Textual's own filter sends the codes 39 and 49."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - the base class names it
        """Return the segments without colours."""
        return [
            Segment(text, None if style is None else style.without_color, control)
            for text, style, control in segments
        ]
