"""The words of the command line: which commands there are, and what is true of all of them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from wbtui import __version__
from wbtui.cli.grammar_acting import _ACTING
from wbtui.cli.grammar_parts import (
    GLOBAL_OPTIONS,
    OF_THE_SCREEN,
    Parser,
    add_global_options,
    settle,
)
from wbtui.cli.grammar_setup import _SETUP
from wbtui.cli.grammar_watch import _WATCHING

if TYPE_CHECKING:
    from wbtui.cli.grammar_parts import Adder

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

environment: WBTUI_PROFILE the profile, WBTUI_CONFIG the configuration file; the secrets of profile acme are
            WBTUI_ACME_TRANSLATOR_KEY, WBTUI_ACME_BEEBOX_PASSWORD, WBTUI_ACME_INSTANT_PASSWORD, or with
            _FILE at the end a file that holds one; without ACME they serve the default profile alone,
            and none that is named
{EXIT_CODES}"""
_COMMANDS: Final[Mapping[str, Adder]] = {**_WATCHING, **_ACTING, **_SETUP}
"""What adds each command, in the order of the help."""


def parser(argv: Sequence[str] | None = None) -> Parser:
    """Return the parser of the whole command line; `command` names the module that runs it.

    With `argv` only what these words need is made, if that is plain to see: all commands take 20 ms.
    """
    whole = Parser(
        prog="wbtui",
        description="A live terminal monitor for Wordbee translation pipelines.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    whole.add_argument("--version", action="version", version=f"wbtui {__version__}")
    add_global_options(whole, OF_THE_SCREEN)
    whole.set_defaults(command="screen")
    commands = whole.add_subparsers(title="commands", metavar="COMMAND")
    for name in _COMMANDS if argv is None else _needed(argv):
        _COMMANDS[name](commands)
    return whole


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """Return what a command line asks for; raises `UsageFault`."""
    return settle(parser(argv).parse_args(argv))


def instead(arguments: argparse.Namespace, command: str) -> argparse.Namespace:
    """Return the arguments of another command, with the global options of this one that it takes."""
    other = parse([command])
    for option in GLOBAL_OPTIONS:
        if option.scope in other.takes:
            setattr(other, option.dest, getattr(arguments, option.dest))
    return other


def _needed(argv: Sequence[str]) -> Iterable[str]:
    if not argv:
        return ()
    return (argv[0],) if argv[0] in _COMMANDS else _COMMANDS

