"""What the rooms of the screen ask of the whole application, and the settings it takes while it runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from wbtui.domain.deeds import Ring
from wbtui.domain.setup_ports import Accounts


@dataclass(frozen=True, slots=True)
class Preferences:
    """The part of the configuration that the screen keeps to; `:reload` reads it again."""

    theme: str = "auto"
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Action id to keys, as in `[ui.keys]`."""
    details_lines: int = 2
    """Lines of details below the table; 0: none."""
    confirm_quit: str = "downloads"
    """When `q` asks: always, never, or only while downloads run."""
    bell: bool = True
    """Whether the terminal rings when something is done that the user waits for."""
    on_done: str = ""
    """A command line that is run then, or empty."""


class Program(Protocol):
    """The application, as far as a room of the screen is concerned."""

    @property
    def accounts(self) -> Accounts | None:
        """Return who knows profiles and secrets; None until the services are open, and in the demo."""
        ...

    def take_theme(self, name: str) -> str:
        """Take a theme; return nothing, or the names of those that there are."""
        ...

    def take_mouse(self, on: bool) -> bool:
        """Take the mouse, or leave it to the terminal; return False if the program runs without it."""
        ...

    def reload(self) -> str:
        """Read the configuration again and return what was done; raises `WbtuiError`."""
        ...

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line of the screen that is shown; see `Stage.say`."""
        ...

    def set_title(self, text: str) -> None:
        """Give the terminal's window a title; one that it has already is not sent again."""
        ...

    def idle_seconds(self) -> float:
        """Return the seconds since the last key."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never run backwards."""
        ...

    def ring(self, rings: Sequence[Ring]) -> None:
        """Tell the user by bell, notification and command that these items are done."""
        ...

    def take_bell(self, on: bool) -> None:
        """Let the terminal ring from now on, or not; the command is run all the same."""
        ...

    def to_shell(self) -> None:
        """Close all sessions and stop the process, until the shell lets it go on."""
        ...

    def quit(self) -> None:
        """Quit, or ask first where that is wished for."""
        ...
