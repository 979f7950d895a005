"""The command line: one file per command; this one calls the command that the words ask for.

Textual is imported by the commands that open the screen only, httpx by those that call a service.
"""

from __future__ import annotations

import errno
import gc
import io
import os
import resource
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Final

from wbtui.cli.exit_codes import Exit, exit_for
from wbtui.cli.output import Unwritable, complain, complain_in_json, say
from wbtui.cli.parser import UsageFault, parse
from wbtui.domain.credentials import is_secret_variable
from wbtui.domain.errors import SettingsError, WbtuiError

FILES: Final = 24
"""Open files that a command needs: sessions, the state file, the keyring's helper, downloads."""
FILES_OF_SCREEN: Final = 64

_SPENT: Final = frozenset(
    (
        errno.EMFILE,
        errno.ENFILE,
        errno.ENOMEM,
        errno.EAGAIN,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EFBIG,
        errno.EROFS,
    )
)


def ensure_files(needed: int) -> None:
    """Have the system allow so many open files; raises `SettingsError` where it allows fewer."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard == resource.RLIM_INFINITY or hard >= needed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))
        return
    raise SettingsError(
        f"the system allows {hard} open files, and wbtui needs {needed}", advice="Raise it: ulimit -n 1024"
    )


def spent(error: OSError) -> WbtuiError | None:
    """Return in words what the system has no more of, or None for an error of another kind."""
    if error.errno not in _SPENT:
        return None
    return WbtuiError(f"the system refuses more: {os.strerror(error.errno).lower()}", advice="See ulimit -a.")


WITH_SCREEN: Final = frozenset({"screen", "demo"})
"""The commands that switch the search for garbage on themselves, after their first frame."""
GARBAGE: Final = 50_000
"""How many new objects the other commands let come together before each search: loading makes no garbage."""


def run(argv: Sequence[str]) -> int:
    """Run one command and return its exit code; with `--json` an error is one JSON document as well."""
    _open_streams()
    as_json = "--json" in argv
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a locale without some letter costs that letter
    try:
        return _run(argv, _environment())
    except Unwritable as error:
        _drop_stdout()
        complain(error)
        return Exit.ERROR
    except WbtuiError as error:
        complain(error, usage=isinstance(error, UsageFault))
        if as_json:
            try:
                complain_in_json(error, exit_for(error))
            except (Unwritable, BrokenPipeError):  # the message above has said it
                _drop_stdout()
        return exit_for(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _drop_stdout()
        say("wbtui: nobody reads the output any more")
        return Exit.ERROR
    except OSError as error:
        if (words := spent(error)) is None:
            raise
        complain(words)
        return Exit.ERROR


def _environment() -> Mapping[str, str]:
    """Return the environment, and take the secrets out of what programs that are called would inherit."""
    env = dict(os.environ)
    for name in filter(is_secret_variable, env):
        os.environ.pop(name, None)
    return env


def _run(argv: Sequence[str], env: Mapping[str, str]) -> int:
    arguments = parse(argv)
    ensure_files(FILES_OF_SCREEN if arguments.command in WITH_SCREEN else FILES)
    command = import_module(f"wbtui.cli.{arguments.command}")
    if arguments.command not in WITH_SCREEN:
        gc.set_threshold(GARBAGE)
        gc.enable()
    return int(command.run(arguments, env))


def _open_streams() -> None:
    """Put nothing in the place of streams that were closed: files of ours must not get their numbers."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            opened = os.open(os.devnull, os.O_RDWR)  # the lowest number that is free
            stream = os.fdopen(opened, "r" if number == 0 else "w", encoding="utf-8")
            setattr(sys, name, stream)
            setattr(sys, f"__{name}__", stream)


def _drop_stdout() -> None:
    """Point stdout at nothing, so that the interpreter does not complain once more when it flushes."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
