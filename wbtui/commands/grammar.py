"""The words of the command line: which commands there are, and what each of them takes.

`grammar_watch`, `grammar_setup` hold the single commands; this file what they share, and the whole.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Final, NoReturn, TypeAlias

from wbtui import __version__
from wbtui.errors import SettingsError

if TYPE_CHECKING:
    Commands: TypeAlias = "argparse._SubParsersAction[Parser]"

EXIT_CODES: Final = """\
exit codes: 0 ok, 1 error, 2 usage or configuration, 3 no connection, 4 not finished in time,
            5 log-in or rights, 6 allowance used up, 7 partly done, 8 failed on the server,
            130 interrupted
"""
_EPILOG: Final = f"""\
examples:
  wbtui                         open the monitor
  wbtui demo                    open it on a simulated Wordbee; nothing of yours is touched
  wbtui config init             set up an account, and test it
  wbtui status --json           one reading of every service, for scripts
  wbtui status --watch          what changes, line by line
  wbtui track 5001 5002         watch two operations, also in a monitor that is open already
  curl ... | wbtui track -        watch what Wordbee has just answered
  wbtui wait op:5001            until it is finished
  wbtui doctor                  what works here and what does not

{EXIT_CODES}"""


class UsageFault(SettingsError):
    """The command line cannot be understood; `usage` shows how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message, advice=usage)


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageFault` instead of ending the process, so that `--json` can be kept to."""

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageFault(message, " ".join(self.format_usage().split()))


def parser() -> Parser:
    """Return the parser of the whole command line; `command` names the module that runs it."""
    from wbtui.commands import acting_arguments, grammar_setup, grammar_watch

    common = common_options()
    whole = Parser(
        prog="wbtui",
        description="A live terminal monitor for Wordbee translation pipelines.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    whole.add_argument("--version", action="version", version=f"wbtui {__version__}")
    screen_options(whole)
    whole.set_defaults(command="screen")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")
    grammar_watch.add(commands, common)
    acting_arguments.add_acting(commands, common)
    grammar_setup.add(commands, common)
    return whole


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
