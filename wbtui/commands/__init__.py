"""The command line: one file per command; this one parses the arguments and calls it.

Textual is imported by the commands that open the screen only, httpx by those that talk to a service.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Final, TypeAlias

from wbtui import __version__
from wbtui.commands.exits import Exit, exit_for
from wbtui.commands.talk import complain, say
from wbtui.errors import WbtuiError

if TYPE_CHECKING:
    _Commands: TypeAlias = argparse._SubParsersAction[argparse.ArgumentParser]

_EPILOG: Final = """\
examples:
  wbtui                         open the monitor
  wbtui demo                    open it on a simulated Wordbee; nothing of yours is touched
  wbtui status --json           one reading of every service, for scripts
  wbtui track 5001 5002         watch two operations, also in a monitor that is open already
  curl … | wbtui track -        watch what Wordbee has just answered

exit codes: 0 ok, 1 error, 2 usage or configuration, 3 no connection, 5 log-in or rights,
            6 allowance used up, 7 partly done, 130 interrupted
"""


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code."""
    arguments = _parser().parse_args(argv)
    command = import_module(f"wbtui.commands.{arguments.command}")
    try:
        return int(command.run(arguments, os.environ))
    except WbtuiError as error:
        complain(error)
        return exit_for(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        say("wbtui: nobody reads the output any more")
        return Exit.ERROR


def _drop_stdout() -> None:
    """Point stdout at nothing, lest the interpreter complains once more when it flushes at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


def _parser() -> argparse.ArgumentParser:
    common = _common()
    parser = argparse.ArgumentParser(
        prog="wbtui",
        description="A live terminal monitor for Wordbee translation pipelines.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"wbtui {__version__}")
    _screen_options(parser)
    parser.set_defaults(command="screen")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _add_demo(commands, common)
    _add_status(commands, common)
    _add_track(commands, common)
    return parser


def _common() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--profile", "-p", metavar="NAME", default=argparse.SUPPRESS, help="profile to use")
    common.add_argument(
        "--config", metavar="FILE", default=argparse.SUPPRESS, help="configuration file to use"
    )
    return common


def _screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--read-only", action="store_true", help="hide all that changes something on a server"
    )
    parser.add_argument("--ascii", action="store_true", help="lines and bars in ASCII")
    parser.add_argument("--no-mouse", action="store_true", help="leave the mouse to the terminal")


def _add_demo(commands: _Commands, common: argparse.ArgumentParser) -> None:
    demo = commands.add_parser(
        "demo",
        parents=[common],
        help="a simulated Wordbee, and the monitor on it",
        description="Opens the monitor on a simulated Wordbee. Uses temporary folders, and never your "
        "keyring, configuration or state.",
    )
    for name, default, meaning in (
        ("files", 40, "Beebox source files"),
        ("locales", 6, "target locales"),
        ("operations", 24, "operations in the queue at the start"),
        ("requests", 30, "Instant Translation requests"),
        ("components", 60, "Flex components"),
        ("slots", 4, "operations that execute at once"),
        ("seed", 1, "another number gives another world"),
    ):
        demo.add_argument(
            f"--{name}", type=_count, default=default, metavar="N", help=f"{meaning} (default {default})"
        )
    demo.add_argument(
        "--speed",
        type=_speed,
        default=None,
        metavar="X",
        help="how much faster the simulated work goes (default 20; 1 with --serve); "
        "sessions, floors and the allowance keep their time",
    )
    demo.add_argument(
        "--serve",
        action="store_true",
        help="run only the services, and print one JSON line with their URLs and credentials",
    )
    demo.add_argument(
        "--port", type=_port, default=0, metavar="N", help="first of three ports (default: any)"
    )
    _screen_options(demo)
    demo.set_defaults(command="demo")


def _add_status(commands: _Commands, common: argparse.ArgumentParser) -> None:
    status = commands.add_parser("status", parents=[common], help="one reading of every service")
    status.add_argument("--json", action="store_true", help="one JSON document instead of a table")
    status.add_argument(
        "--wait",
        type=_seconds,
        default=20.0,
        metavar="S",
        help="seconds to wait for Flex at most (default 20)",
    )
    status.set_defaults(command="status")


def _add_track(commands: _Commands, common: argparse.ArgumentParser) -> None:
    track = commands.add_parser(
        "track",
        parents=[common],
        help="watch operations by their request ids",
        description="Adds operations to those that are watched; an open monitor picks them up. "
        "With - reads Wordbee's JSON envelopes, or bare numbers, from stdin.",
    )
    track.add_argument("ids", nargs="+", metavar="ID", help="request ids, or - for stdin")
    track.add_argument("--label", default="", metavar="TEXT", help="what they are about")
    track.add_argument(
        "--request",
        default=None,
        metavar="FILE",
        help="the request they came from, as JSON with method, path and body, so that it can be tried again",
    )
    track.set_defaults(command="track")


def _count(text: str) -> int:
    return _between(int(text), 0, 1_000_000)


def _port(text: str) -> int:
    return _between(int(text), 1, 65_533)


def _between(number: int, least: int, most: int) -> int:
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(f"must be {least} to {most}")
    return number


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.01 <= speed <= 1000:
        raise argparse.ArgumentTypeError("must be 0.01 to 1000")
    return speed


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 <= seconds <= 86_400:
        raise argparse.ArgumentTypeError("must be 0 to 86400 seconds")
    return seconds
