"""The parser of the command line: all commands, their options, and the options that several share."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from enum import Enum
from functools import partial
from typing import Any, Final, NoReturn, TypeAlias

from wbtui import __version__
from wbtui.domain.credentials import Account
from wbtui.domain.errors import SettingsError
from wbtui.domain.lazy_dataclass import dataclass


class UsageFault(SettingsError):
    """The command line cannot be understood; `usage` shows how it is written."""

    def __init__(self, message: str, usage: str) -> None:
        super().__init__(message, advice=usage)


class Parser(argparse.ArgumentParser):
    """A parser that raises `UsageFault` instead of ending the process, so that `--json` can be kept to.

    It knows what it takes, for `completion.py`: argparse has no public way to ask it.
    """

    def __init__(self, **options: Any) -> None:
        self.arguments: list[argparse.Action] = []
        """Options, and what stands without one."""
        self.commands: dict[str, tuple[str, Parser]] = {}
        """The summary and the parser of each command below this one."""
        super().__init__(**options)

    def add_argument(self, *names: str, **options: Any) -> argparse.Action:
        """Add an argument, and remember it."""
        added = super().add_argument(*names, **options)
        self.arguments.append(added)
        return added

    def begin_commands(self, **options: Any) -> Commands:
        """Return what adds commands below this one."""
        return Commands(self, self.add_subparsers(**options).add_parser)

    def error(self, message: str) -> NoReturn:
        """Raise what argparse found wrong."""
        raise UsageFault(message, " ".join(self.format_usage().split()))


@dataclass(frozen=True, slots=True)
class Commands:
    """Adds commands to a parser."""

    parser: Parser
    add_parser: Callable[..., Parser]


Adder: TypeAlias = Callable[[Commands], None]
"""Adds one command."""


class OptionScope(Enum):
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
    scope: OptionScope
    meaning: str
    metavar: str = ""
    """What stands for its value in the help; empty for a switch."""

    def add_to(self, added: argparse.ArgumentParser, *, shown: bool) -> None:
        """Add it without a default: one that a command set would undo what stood before the command."""
        kind: dict[str, Any] = {"metavar": self.metavar} if self.metavar else {"action": "store_true"}
        words = self.meaning if shown else argparse.SUPPRESS
        added.add_argument(*self.names, dest=self.dest, default=argparse.SUPPRESS, help=words, **kind)


GLOBAL_OPTIONS: Final = (
    GlobalOption(("--profile", "-p"), "profile", OptionScope.CONFIGURATION, "profile to use", "NAME"),
    GlobalOption(("--config",), "config", OptionScope.CONFIGURATION, "configuration file to use", "FILE"),
    GlobalOption(("--read-only",), "read_only", OptionScope.SERVER, "change nothing on a server"),
    GlobalOption(("--ascii",), "ascii", OptionScope.SCREEN, "lines and bars in ASCII"),
    GlobalOption(("--no-mouse",), "no_mouse", OptionScope.SCREEN, "leave the mouse to the terminal"),
)
"""All of them: no command adds or reads one that does not stand here."""
OF_A_PROFILE: Final = frozenset({OptionScope.SERVER, OptionScope.CONFIGURATION})
"""What holds for a command that works on a profile."""
OF_THE_SCREEN: Final = frozenset(OptionScope)
OF_THE_DEMO: Final = frozenset({OptionScope.SERVER, OptionScope.SCREEN})
OF_NO_PROFILE: Final = frozenset({OptionScope.SERVER})


def add_global_options(added: argparse.ArgumentParser, takes: Collection[OptionScope]) -> None:
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


def _why_not(scope: OptionScope, name: str) -> str:
    if scope is OptionScope.SCREEN:
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
    takes: Collection[OptionScope] = OF_A_PROFILE,
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
    commands.parser.commands[name] = (summary, added)
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


def _add_download(commands: Commands) -> None:
    added = command(
        commands,
        "download",
        summary="fetch what is ready",
        description="Fetches files into the profile's download folder. What cannot be fetched is named "
        "with its reason. Where the server has a newer version than the file that lies there, on_newer of "
        "the profile says what happens: keep both, or replace; --overwrite goes before it. What may be a "
        "page in the place of the file is stored as NAME~doubtful, until --accept gives it its name.",
        examples="  wbtui download op:5001 'bb:fr:batch-7\\intro.docx'\n"
        "  wbtui download --ready --service beebox\n"
        "  wbtui download --new --dry-run\n",
        prints_json="one JSON document with a result for each item",
    )
    added.add_argument("keys", nargs="*", metavar="KEY", help="items, as status names them")
    added.add_argument(
        "--service",
        action="append",
        choices=("operations", "beebox", "instant", "flex"),
        help="only of this service; may be given several times",
    )
    which = added.add_mutually_exclusive_group()
    for name, meaning in (
        ("--ready", "everything that is ready"),
        ("--new", "everything made since the last time"),
        ("--accept", "give the doubtful files of these keys their names"),
    ):
        added.arguments.append(which.add_argument(name, action="store_true", help=meaning))
    added.add_argument("--other", action="store_true", help="the preliminary file, or the post-edit")
    added.add_argument("--to", metavar="FOLDER", default=None, help="another folder than the profile's")
    added.add_argument("--dry-run", action="store_true", help="say what would be fetched, and fetch nothing")
    added.add_argument(
        "--overwrite",
        choices=("never", "older", "always"),
        default=None,
        help="what happens to files that lie there already (default: on_newer of the profile)",
    )


def _add_change(commands: Commands, name: str, what: str, examples: str) -> None:
    added = command(
        commands,
        name,
        summary=what,
        description=f"{what.capitalize()}, as far as Wordbee has a call for it; the others are named with "
        "the reason. A Beebox file stands for ALL its languages.",
        examples=examples,
        prints_json="one JSON document with a result for each item",
    )
    added.add_argument("keys", nargs="+", metavar="KEY", help="items, as status names them")
    added.add_argument("--yes", action="store_true", help="do not ask")
    added.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
    if name == "retry":
        added.add_argument(
            "--again",
            action="store_true",
            help="send once more what was sent again already, and is unfinished or went well",
        )
        added.add_argument(
            "--source", metavar="FILE", default=None, help="the file to send, or the folder that holds it"
        )


def _add_send(commands: Commands) -> None:
    added = command(
        commands,
        "send",
        summary="send files into a project",
        description="Uploads files and adds them to a project. The operation is watched from then on.",
        examples="  wbtui send --project 165 --src en --trgs fr,de manual.docx\n"
        "  wbtui send --project 165 --src en --trgs fr --yes --wait 600 --json *.docx\n",
        prints_json="one JSON document with the operation and its files",
    )
    added.add_argument("files", nargs="+", metavar="FILE", help="local files")
    added.add_argument("--project", type=int, required=True, metavar="ID", help="id of the project")
    added.add_argument("--src", required=True, metavar="LOCALE", help="source language")
    added.add_argument("--trgs", required=True, metavar="LOCALES", help="target languages, with commas")
    added.add_argument("--deadline", type=_moment, default=None, metavar="DATE", help="ISO 8601, with a zone")
    added.add_argument("--workflow", choices=("Default", "None"), default="", help="jobs, or none")
    added.add_argument("--no-updates", action="store_true", help="a file that exists is an error")
    added.add_argument(
        "--jobs-cf", action="append", default=[], metavar="NAME=VALUE", help="custom field of all jobs"
    )
    added.add_argument(
        "--folder", default="", metavar="PATH", help="folder in the project, before that of a relative path"
    )
    added.add_argument("--label", default="", metavar="TEXT", help="what it is about")
    added.add_argument(
        "--wait", type=seconds, default=0.0, metavar="S", help="wait so long for its end (default 0)"
    )
    added.add_argument("--dry-run", action="store_true", help="say what would be sent, and send nothing")
    added.add_argument("--yes", action="store_true", help="do not ask")


def _moment(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    if found.tzinfo is None:
        raise argparse.ArgumentTypeError("needs a zone, such as Z or +02:00")
    return found.astimezone(UTC)


_ACTING: Final[Mapping[str, Adder]] = {
    "download": _add_download,
    "send": _add_send,
    "retry": partial(
        _add_change,
        name="retry",
        what="sends items again",
        examples="  wbtui retry op:5001\n"
        "  wbtui retry 'bb:fr:batch-7\\intro.docx' --source ./sources\n"
        "  wbtui retry --dry-run op:5001 it:39\n"
        "  wbtui retry op:5001 --yes --again       although it was sent again already\n",
    ),
    "cancel": partial(
        _add_change,
        name="cancel",
        what="cancels items",
        examples="  wbtui cancel 'bb:fr:batch-7\\intro.docx'\n"
        "  wbtui cancel --dry-run --json 'bb:fr:batch-7\\intro.docx'\n",
    ),
}


SERVICES: Final = (*(account.value for account in Account), "operations", "flex")
"""What may be named where a log-in is meant: Operations and Flex share the translator's."""


def _add_login(commands: Commands) -> None:
    login = command(
        commands,
        "login",
        summary="store keys and passwords in the system keyring",
        description="Asks for the key or password of each service, tries it, and stores it in the system "
        "keyring. Without a terminal reads them from stdin, one a line. What is typed is never shown, and "
        "never taken from the command line; blanks around it are left out. A variable such as "
        "WBTUI_ACME_BEEBOX_PASSWORD goes before the keyring.",
        examples="  wbtui login                     all services of the profile\n"
        "  wbtui login translator --profile acme\n"
        "  pass show wordbee | wbtui login translator",
        prints_json="one JSON document that says what was done",
    )
    login.add_argument("services", nargs="*", type=OneOf(*SERVICES), metavar="SERVICE", help=_services())
    login.add_argument("--no-check", action="store_true", help="store it without trying it")


def _add_logout(commands: Commands) -> None:
    logout = command(
        commands,
        "logout",
        summary="remove keys and passwords from the system keyring",
        description="Removes the key or password of each service from the system keyring.",
        examples="  wbtui logout\n  wbtui logout beebox --profile acme",
        prints_json="one JSON document that says what was done",
    )
    logout.add_argument("services", nargs="*", type=OneOf(*SERVICES), metavar="SERVICE", help=_services())


def _add_config(commands: Commands) -> None:
    config = command(
        commands,
        "config",
        summary="where the configuration lies, what it says, and a new one",
        description="Works on the configuration file. It never holds a secret.",
        examples="  wbtui config init               asks for what is needed, tests it, writes the file\n"
        "  wbtui config check\n"
        '  $EDITOR "$(wbtui config path)"',
    )
    actions = config.begin_commands(title="actions", metavar="ACTION", required=True)
    added = {
        "path": _add_path(actions),
        "show": _add_show(actions),
        "check": _add_check(actions),
        "init": _add_init(actions),
    }
    for name, action in added.items():
        action.set_defaults(command="config", action=name)


def _add_path(actions: Commands) -> Parser:
    return command(
        actions,
        "path",
        summary="print where the file lies",
        description="Prints the path of the configuration file, whether it exists or not.",
        examples="  wbtui config path",
        prints_json="one JSON document, with the paths of state and lock as well",
    )


def _add_show(actions: Commands) -> Parser:
    return command(
        actions,
        "show",
        summary="print the settings in force",
        description="Prints all settings with their defaults filled in, as TOML. Of a secret_command only "
        "the program's name is shown.",
        examples="  wbtui config show\n  wbtui config show --profile acme --json",
        prints_json="one JSON document instead of TOML",
    )


def _add_check(actions: Commands) -> Parser:
    return command(
        actions,
        "check",
        summary="check the file",
        description="Reads the file and says whether it is usable; ends with 2 if it is not.",
        examples="  wbtui config check --config ./new.toml",
        prints_json="one JSON document",
    )


def _add_init(actions: Commands) -> Parser:
    init = command(
        actions,
        "init",
        summary="set up a profile",
        description="Asks for what each service needs, tries the connection, shows the server's words, "
        "stores the secrets in the system keyring and writes the configuration file, readable for you "
        "alone. An existing file is only ever added to, and only if you say so. Without a terminal the "
        "answers are read from stdin, one a line.",
        examples="  wbtui config init\n  wbtui config init --profile acme-test --add",
        prints_json="one JSON document that says what was written and how the tests ended",
    )
    init.add_argument("--add", action="store_true", help="add the profile to a file that exists")
    init.add_argument("--no-check", action="store_true", help="do not try the connections")
    return init


def _add_doctor(commands: Commands) -> None:
    doctor = command(
        commands,
        "doctor",
        summary="what works here and what does not",
        description="Looks at the terminal, its colours and clipboard, the locale, the keyring, the clock, "
        "the configuration, the state file, and each service. Shows nothing secret, so the output can "
        "be sent to whoever helps. Ends with 0 if all is well, else as status does. "
        "With clip it copies a word as the monitor does, and asks you to paste it: no program can know "
        "whether a terminal has put it into the clipboard.",
        examples="  wbtui doctor\n  wbtui doctor --json > report.json\n  wbtui doctor clip",
        prints_json="one JSON document",
    )
    doctor.add_argument("what", nargs="?", type=OneOf("clip"), metavar="clip", help="test copying instead")
    doctor.add_argument("--offline", action="store_true", help="ask no service")


def _add_completion(commands: Commands) -> None:
    completion = command(
        commands,
        "completion",
        summary="print a completion script for your shell",
        description="Prints a script that completes the words of wbtui. For zsh the folder must stand in "
        "fpath before compinit runs.",
        examples="  source <(wbtui completion bash)         in this shell only; zsh as well\n"
        "  wbtui completion fish | source\n"
        "  wbtui completion bash > ~/.local/share/bash-completion/completions/wbtui\n"
        "  wbtui completion zsh  > ~/.zfunc/_wbtui\n"
        "  wbtui completion fish > ~/.config/fish/completions/wbtui.fish",
        takes=OF_NO_PROFILE,
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="the shell it is for")


def _services() -> str:
    return "translator (Operations and Flex), beebox, instant; without any, all of the profile"


_SETUP: Final[Mapping[str, Adder]] = {
    "login": _add_login,
    "logout": _add_logout,
    "config": _add_config,
    "doctor": _add_doctor,
    "completion": _add_completion,
}


_WORLD: Final = (
    ("files", 40, "Beebox source files"),
    ("locales", 6, "target locales"),
    ("operations", 24, "operations in the queue at the start"),
    ("requests", 30, "Instant Translation requests"),
    ("components", 60, "Flex components"),
    ("slots", 4, "operations that execute at once"),
    ("seed", 1, "another number gives another world"),
)


def _add_demo(commands: Commands) -> None:
    demo = command(
        commands,
        "demo",
        summary="a simulated Wordbee, and the monitor on it",
        description="Opens the monitor on a simulated Wordbee. Uses temporary folders, and never your "
        "keyring, configuration or state.",
        examples="  wbtui demo\n"
        "  wbtui demo --files 1000 --locales 20\n"
        "  wbtui demo --serve              only the services, to try scripts on",
        takes=OF_THE_DEMO,
    )
    for name, default, meaning in _WORLD:
        demo.add_argument(
            f"--{name}", type=_count, default=default, metavar="N", help=f"{meaning} (default {default})"
        )
    demo.add_argument(
        "--speed",
        type=_speed,
        default=None,
        metavar="X",
        help="how much faster the simulated work goes (default 20; 1 is the pace of a real customer); "
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


def _add_status(commands: Commands) -> None:
    status = command(
        commands,
        "status",
        summary="one reading of every service",
        description="Reads every service once and prints what it says. Where another wbtui watches the "
        "profile, or the last answer is young enough, it prints that and asks nothing; each service says how "
        "old its answer is. With --watch goes on, and appends a line for each thing that changes, until it "
        "is interrupted.",
        examples="  wbtui status\n"
        "  wbtui status --json | jq -r '.operations[] | select(.state == \"failed\") | .key'\n"
        "  wbtui status --watch --plain >> wordbee.log\n"
        "  wbtui status --watch --json | while read -r line; do ...; done",
        prints_json="one JSON document instead of a table; with --watch one JSON object a line",
    )
    status.add_argument("--plain", action="store_true", help="sentences, no columns and no colour")
    status.add_argument("--watch", action="store_true", help="go on, and append what changes")
    status.add_argument(
        "--wait",
        type=seconds,
        default=20.0,
        metavar="S",
        help="seconds to wait for Flex at most (default 20)",
    )
    status.add_argument(
        "--max-age",
        type=long_seconds,
        default=None,
        metavar="S",
        help="do not ask a service whose answer is not older than S seconds (default: 300 for Flex, whose "
        "questions take slots of your queue, 0 for the others)",
    )


def _add_track(commands: Commands) -> None:
    track = command(
        commands,
        "track",
        summary="watch operations by their request ids",
        description="Adds operations to those that are watched; an open monitor picks them up. "
        "With - reads Wordbee's JSON envelopes, or bare numbers, from stdin.",
        examples="  wbtui track 5001 5002 --label 'nightly upload'\n"
        "  curl -s ... | wbtui track -\n"
        "  wbtui track 5001 --request request.json",
        prints_json="one JSON document instead of lines",
    )
    track.add_argument("ids", nargs="+", metavar="ID", help="request ids, or - for stdin")
    track.add_argument("--label", default="", metavar="TEXT", help="what they are about")
    track.add_argument(
        "--request",
        default=None,
        metavar="FILE",
        help="the request they came from, as JSON with method, path and body, so that it can be tried again",
    )


def _add_wait(commands: Commands) -> None:
    wait = command(
        commands,
        "wait",
        summary="wait until items are finished",
        description="Waits until every named item is finished, and prints a line for each when it is. "
        "Operations that were not watched yet are tracked. Ends with 0 if all went well, with 8 if one "
        "failed, was cancelled or is not known to the server, and with 4 if the time was over first.",
        examples="  wbtui wait op:5001 op:5002 --timeout 600\n"
        "  wbtui wait 'bb:fr:batch-7\\intro.docx' --appear\n"
        "  wbtui track - < answer.json | cut -f1 | xargs wbtui wait --fail-fast",
        prints_json="one JSON document when the waiting is over",
    )
    wait.add_argument(
        "keys",
        nargs="+",
        metavar="KEY",
        help="op:5001 (or 5001), bb:fr:path, it:39, fx:1000:fr:component, as status --json prints them",
    )
    wait.add_argument(
        "--timeout", type=long_seconds, default=None, metavar="S", help="give up after S seconds"
    )
    wait.add_argument("--fail-fast", action="store_true", help="end as soon as one has failed")
    wait.add_argument(
        "--appear", action="store_true", help="wait for items, too, that no service knows of yet"
    )


def _count(text: str) -> int:
    return between(int(text), 0, 1_000_000)


def _port(text: str) -> int:
    return between(int(text), 1, 65_533)


def _speed(text: str) -> float:
    speed = float(text)
    if not 0.01 <= speed <= 1000:
        raise argparse.ArgumentTypeError("must be 0.01 to 1000")
    return speed


_WATCHING: Final[Mapping[str, Adder]] = {
    "demo": _add_demo,
    "status": _add_status,
    "track": _add_track,
    "wait": _add_wait,
}


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
    commands = whole.begin_commands(title="commands", metavar="COMMAND")
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
