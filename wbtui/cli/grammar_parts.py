"""What the commands' words are made of: the parser, its options that several commands take, and its types."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, NoReturn, TypeAlias

from wbtui.domain.errors import SettingsError

if TYPE_CHECKING:
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
    Adder: TypeAlias = Callable[[Commands], None]
    """Adds one command."""


class UsageFault(SettingsError):
    """The command line cannot be understood; `usage` shows how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message, advice=usage)


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageFault` instead of ending the process, so that `--json` can be kept to."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageFault(message, " ".join(self.format_usage().split()))


class Scope(Enum):
    """What a global option is about, and so which commands it can hold for."""

    SERVER = "server"
    """What the run may do to a server: holds for every command."""
    CONFIGURATION = "configuration"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class GlobalOption:
    """One option that may stand before and behind every command; it holds there, or is refused."""

    names: tuple[str, ...]
    dest: str
    scope: Scope
    meaning: str
    metavar: str = ""
    """What stands for its value in the help; empty for a switch."""

    def add_to(self, added: argparse.ArgumentParser, *, shown: bool) -> None:
        """Add it without a default: one that a command set would undo what stood before the command."""
        kind: dict[str, Any] = {"metavar": self.metavar} if self.metavar else {"action": "store_true"}
        words = self.meaning if shown else argparse.SUPPRESS
        added.add_argument(*self.names, dest=self.dest, default=argparse.SUPPRESS, help=words, **kind)


GLOBAL_OPTIONS: Final = (
    GlobalOption(("--profile", "-p"), "profile", Scope.CONFIGURATION, "profile to use", "NAME"),
    GlobalOption(("--config",), "config", Scope.CONFIGURATION, "configuration file to use", "FILE"),
    GlobalOption(("--read-only",), "read_only", Scope.SERVER, "change nothing on a server"),
    GlobalOption(("--ascii",), "ascii", Scope.SCREEN, "lines and bars in ASCII"),
    GlobalOption(("--no-mouse",), "no_mouse", Scope.SCREEN, "leave the mouse to the terminal"),
)
"""All of them: no command adds or reads one that does not stand here."""
OF_A_PROFILE: Final = frozenset({Scope.SERVER, Scope.CONFIGURATION})
"""What holds for a command that works on a profile."""
OF_THE_SCREEN: Final = frozenset(Scope)
OF_THE_DEMO: Final = frozenset({Scope.SERVER, Scope.SCREEN})
OF_NO_PROFILE: Final = frozenset({Scope.SERVER})


def add_global_options(added: argparse.ArgumentParser, takes: Collection[Scope]) -> None:
    """Add all global options; those that cannot hold here are parsed, not shown, and refused by `settle`."""
    for option in GLOBAL_OPTIONS:
        option.add_to(added, shown=option.scope in takes)
    added.set_defaults(takes=takes)


def settle(arguments: argparse.Namespace) -> argparse.Namespace:
    """Refuse the global options that cannot hold for the command, and fill in those that were not given.

    Raises `UsageFault`.
    """
    name = arguments.command
    for option in GLOBAL_OPTIONS:
        if not hasattr(arguments, option.dest):
            setattr(arguments, option.dest, None if option.metavar else False)
        elif option.scope not in arguments.takes:
            raise UsageFault(f"{option.names[0]}: {_why_not(option.scope, name)}", f"wbtui {name} --help")
    return arguments


def _why_not(scope: Scope, name: str) -> str:
    if scope is Scope.SCREEN:
        return f"wbtui {name} opens no screen, so this cannot hold"
    return f"wbtui {name} uses no profile and no configuration of yours, so this cannot hold"


def command(
    commands: Commands,
    name: str,
    *,
    summary: str,
    description: str,
    examples: str,
    prints_json: str = "",
    takes: Collection[Scope] = OF_A_PROFILE,
) -> Parser:
    """Add a command with its examples, and all global options; `takes` says which of them can hold for it.

    `prints_json` says what `--json` prints, if it has that option.
    """
    added: Parser = commands.add_parser(
        name,
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_global_options(added, takes)
    if prints_json:
        added.add_argument("--json", action="store_true", help=prints_json)
    added.set_defaults(command=name)
    return added


class OneOf:
    """Takes one of some words; unlike `choices` of argparse also where there may be no word at all."""

    def __init__(self, *words: str) -> None:
        self.words: Final = words

    def __call__(self, text: str) -> str:
        """Return the word, as argparse asks for it."""
        if text not in self.words:
            raise argparse.ArgumentTypeError(f"{text!r} is not one of {', '.join(self.words)}")
        return text


def between(number: int, least: int, most: int) -> int:
    """Return the number if it lies between the bounds, both included."""
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"must be {least} to {most}")
    return number


def seconds(text: str) -> float:
    """Return a time in seconds, at most a day."""
    return _seconds(text, 86_400)


def long_seconds(text: str) -> float:
    """Return a time in seconds, at most thirty days."""
    return _seconds(text, 30 * 86_400)


def _seconds(text: str, most: int) -> float:
    found = float(text)
    if not 0 <= found <= most:
        raise argparse.ArgumentTypeError(f"must be 0 to {most} seconds")
    return found
