"""What the commands' words are made of: the parser, its options that several commands take, and its types."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from wbtui.errors import SettingsError

if TYPE_CHECKING:
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"
    Adder: TypeAlias = Callable[[Commands, "Parser"], None]
    """Adds one command, with the options that all of them take."""


class UsageFault(SettingsError):
    """The command line cannot be understood; `usage` shows how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message, advice=usage)


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageFault` instead of ending the process, so that `--json` can be kept to."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageFault(message, " ".join(self.format_usage().split()))


def common_options() -> Parser:
    """Return the options that every command takes."""
    common = Parser(add_help=False)
    common.add_argument("--profile", "-p", metavar="NAME", default=argparse.SUPPRESS, help="profile to use")
    common.add_argument(
        "--config", metavar="FILE", default=argparse.SUPPRESS, help="configuration file to use"
    )
    return common


def command(
    commands: Commands,
    common: Parser,
    name: str,
    *,
    summary: str,
    description: str,
    examples: str,
    prints_json: str = "",
) -> Parser:
    """Add a command with its examples; `prints_json` says what `--json` prints, if it has that option."""
    added: Parser = commands.add_parser(
        name,
        parents=[common],
        help=summary,
        description=description,
        epilog=f"examples:\n{examples}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if prints_json:
        added.add_argument("--json", action="store_true", help=prints_json)
    added.set_defaults(command=name)
    return added


def screen_options(added: argparse.ArgumentParser) -> None:
    """Add what concerns the screen."""
    added.add_argument("--read-only", action="store_true", help="hide all that changes something on a server")
    added.add_argument("--ascii", action="store_true", help="lines and bars in ASCII")
    added.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


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
