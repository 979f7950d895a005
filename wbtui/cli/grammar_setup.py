"""The words of the commands that set up and look after: login, logout, config, doctor, completion."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from wbtui.cli.grammar_parts import OF_NO_PROFILE, OneOf, command
from wbtui.domain.credentials import Account

if TYPE_CHECKING:
    from wbtui.cli.grammar_parts import Adder, Commands, Parser

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
    actions = config.add_subparsers(title="actions", metavar="ACTION", required=True)
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
