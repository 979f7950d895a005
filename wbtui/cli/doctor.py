"""`wbtui doctor`: what works here and what does not, with nothing secret in it."""

from __future__ import annotations

import argparse
import asyncio
import locale
import os
import platform
import secrets
import sys
import textwrap
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from importlib.metadata import version
from typing import Any, Final

from wbtui import __version__
from wbtui.app.accounts import try_login
from wbtui.app.services import Environment
from wbtui.cli.chosen import choice_for, settings_for
from wbtui.cli.exit_codes import Exit, exit_for, exit_of
from wbtui.cli.output import data, document
from wbtui.cli.paths import path_for
from wbtui.cli.prompts import Asker, can_ask
from wbtui.config import Profile, Settings, faults_of, others_who_may_write
from wbtui.desktop.clipboard import Clipboard, CopyPlace, place_of
from wbtui.desktop.colours import few_colours
from wbtui.domain.clock import SystemClock
from wbtui.domain.credentials import LEFT_OUT, Account
from wbtui.domain.errors import Busy, SecretError, SettingsError, StoreError, WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.sanitize import sanitize
from wbtui.domain.setup import LoginTrial
from wbtui.domain.tasks import all_ended
from wbtui.files.places import store_path
from wbtui.secrets.vault import KeyringVault, find_secret
from wbtui.store import fault_of
from wbtui.store.lock import PollerLock

LEAST: Final = 20
"""Columns that a column of words must have to be one."""


class CheckLevel(StrEnum):
    """How well something is."""

    OK = "ok"
    WARN = "note"
    """Worth knowing, and no obstacle."""
    BAD = "FAULT"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; `code` is the exit code that a fault leads to."""

    name: str
    level: CheckLevel
    text: str
    advice: str = ""
    code: Exit = Exit.ERROR


def lines(findings: Sequence[Check], columns: int = 0) -> str:
    """Return a line for each finding, and one for its advice, if it has any.

    With `columns` no line is longer, as long as there is room for words at all.
    """
    width = max(len(finding.name) for finding in findings)
    context = columns - width - 9
    found: list[str] = []
    for one in findings:
        head = f"{one.level.value:5}  {one.name:{width}}  "
        for text in filter(None, (sanitize(one.text), sanitize(one.advice))):
            for piece in textwrap.wrap(text, context) if context >= LEAST else [text]:
                found.append(f"{head}{piece}")
                head = " " * len(head)
    return "\n".join(found)


def doctor_to_json(findings: Sequence[Check]) -> dict[str, Any]:
    """Return the JSON document `{"ok","findings":[{"name","level","text","advice"}]}`."""
    return {
        "ok": all(one.level is not CheckLevel.BAD for one in findings),
        "findings": [
            {
                "name": one.name,
                "level": one.level.value,
                "text": sanitize(one.text),
                "advice": sanitize(one.advice),
            }
            for one in findings
        ],
    }


SMALLEST: Final = (60, 15)
"""Columns and lines below which the screen has no room for its table."""
_STREAMS: Final = ((0, "stdin"), (1, "stdout"), (2, "stderr"))


def terminal_findings(env: Mapping[str, str]) -> Iterator[Check]:
    """Yield what concerns the system, the terminal, its colours, the locale and the clipboard."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("textual", "httpx", "keyring"))
    yield Check("system", CheckLevel.OK, f"Python {platform.python_version()}, {sys.platform}; {versions}")
    yield _terminal(env)
    yield from _size()
    yield Check("colours", CheckLevel.OK, colours(env))
    yield _locale()
    yield Check("clipboard", CheckLevel.OK, clipboard(place_of(env)))


def _terminal(env: Mapping[str, str]) -> Check:
    term = env.get("TERM", "")
    missing = [name for number, name in _STREAMS if not os.isatty(number)]
    inside = [name for name, variable in (("tmux", "TMUX"), ("screen", "STY")) if env.get(variable)]
    over = ["over SSH"] if env.get("SSH_CONNECTION") or env.get("SSH_TTY") else []
    words = ", ".join([f"TERM={term or '(not set)'}", *inside, *over])
    if missing:
        note = f"{words}; no terminal: {', '.join(missing)}"
        return Check("terminal", CheckLevel.WARN, note, "Without one wbtui prints the plain status.")
    if term in {"", "dumb"}:
        return Check(
            "terminal", CheckLevel.WARN, words, "Set TERM, such as xterm-256color, to see the screen."
        )
    return Check("terminal", CheckLevel.OK, words)


def _size() -> Iterator[Check]:
    for number, _ in _STREAMS:
        if not os.isatty(number):
            continue
        size = os.get_terminal_size(number)
        small = size.columns < SMALLEST[0] or size.lines < SMALLEST[1]
        advice = f"Below {SMALLEST[0]} x {SMALLEST[1]} only a part is shown." if small else ""
        level = CheckLevel.WARN if small else CheckLevel.OK
        yield Check("size", level, f"{size.columns} columns x {size.lines} lines", advice)
        return


def width() -> int:
    """Return how many columns there are for what a command prints; 0 where it is no terminal."""
    return os.get_terminal_size(1).columns if os.isatty(1) else 0


def colours(env: Mapping[str, str]) -> str:
    """Return in words how many colours the environment promises."""
    if env.get("NO_COLOR"):
        return "none (NO_COLOR is set)"
    if few := few_colours(env):
        return f"{'256' if few == '256' else '16'} (GNU screen)"
    if env.get("COLORTERM", "").lower() in {"truecolor", "24bit"}:
        return "16 million (COLORTERM)"
    return "256" if "256color" in env.get("TERM", "") else "16"


def _locale() -> Check:
    encoding = locale.getpreferredencoding(do_setlocale=False)
    if encoding.lower().replace("-", "") == "utf8":
        return Check("locale", CheckLevel.OK, f"{encoding}: lines and bars in Unicode")
    advice = "Set LANG, such as C.UTF-8, or use --ascii."
    return Check("locale", CheckLevel.WARN, f"{encoding}: lines and bars in ASCII", advice)


def clipboard(place: CopyPlace) -> str:
    """Return in words how a copied text would travel."""
    ways = [" ".join(tool) for tool in place.tools]
    if place.tmux:
        ways.append("tmux load-buffer -w")
    where = " (the clipboard of your side of SSH)" if place.ssh else ""
    return ", then ".join([*ways, f"OSC 52 to the terminal{where}"])


SKEW: Final = timedelta(seconds=30)
"""A clock that is off by more makes ages and times of day misleading."""


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Look at everything, print what was found, and return the exit code; or look at the clipboard alone."""
    if arguments.what:
        return clip(arguments, env)
    findings = [Check("version", CheckLevel.OK, f"wbtui {__version__}"), *terminal_findings(env)]
    profile, found = _configuration(arguments, env)
    keyring, services = asyncio.run(_ask(profile, env, offline=arguments.offline))
    findings += [*keyring, *found, *(_state(profile) if profile else ())]
    if arguments.json:
        document(doctor_to_json([*findings, *services]))
    else:
        data(lines([*findings, *services], width()))
    return exit_code(findings, services)


def exit_code(findings: list[Check], services: list[Check]) -> Exit:
    """Return what is worst of the findings; of the services 7 if some of them answer."""
    errors = [finding.code for finding in findings if finding.level is CheckLevel.BAD]
    broken = [finding.code for finding in services if finding.level is CheckLevel.BAD]
    answering = [f for f in services if f.level is not CheckLevel.BAD and f.name.startswith("service")]
    if not errors and broken and answering:
        return Exit.PARTLY
    return exit_of([*errors, *broken])


async def _ask(
    profile: Profile | None, env: Mapping[str, str], *, offline: bool
) -> tuple[list[Check], list[Check]]:
    """Ask keyring and services side by side: a keyring that hangs costs its time once."""
    keyring = _keyring(env, profile.name if profile else "PROFILE")
    if profile is None or offline:
        return await keyring, []
    return await asyncio.gather(keyring, _services(profile, env))


async def _keyring(env: Mapping[str, str], profile: str) -> list[Check]:
    """Say which keyring there is; without one there are other sources, so that this is no fault."""
    try:
        backend = await KeyringVault(env).backend(profile)
    except SecretError as error:
        return [Check("keyring", CheckLevel.WARN, error.message, error.advice)]
    return [Check("keyring", CheckLevel.OK, f"{backend}, unlocked")]


def _configuration(
    arguments: argparse.Namespace, env: Mapping[str, str]
) -> tuple[Profile | None, list[Check]]:
    try:
        path = path_for(arguments, env)
        if faults := faults_of(path):
            return None, [_fault(each) for each in faults]
        settings = settings_for(arguments, env)
        profile = choice_for(settings, arguments, env)
    except WbtuiError as error:
        return None, [_fault(error)]
    found = [Check("configuration", CheckLevel.OK, f"{settings.path}, {_profiles(settings, profile)}")]
    others = others_who_may_write(path)
    return profile, [
        *found,
        *(Check("configuration", CheckLevel.WARN, each.message, each.advice) for each in others),
    ]


def _fault(error: WbtuiError) -> Check:
    return Check("configuration", CheckLevel.BAD, error.message, error.advice, exit_for(error))


def _profiles(settings: Settings, chosen: Profile) -> str:
    others = len(settings.profiles) - 1
    return f"profile {chosen.name}" + (f" of {others + 1}" if others else "")


def _state(profile: Profile) -> Iterator[Check]:
    path = store_path(profile.name)
    try:
        holder = PollerLock(path).holder()
        if (fault := fault_of(path)) is not None:
            raise fault
    except StoreError as error:
        yield Check("state", CheckLevel.BAD, error.message, error.advice, Exit.ERROR)
        return
    what = "exists" if path.exists() else "is made at the first start"
    yield Check("state", CheckLevel.OK, f"{path} {what}" + (f", {holder.words()}" if holder else ""))


async def _services(profile: Profile, env: Mapping[str, str]) -> list[Check]:
    """Log in to each service, side by side; a Beebox is held up only as long as one question takes."""
    environment = Environment(SystemClock(), env, KeyringVault(env))
    tries = [_one(profile, account, environment) for account in profile.accounts()]
    found = [finding for findings in await all_ended(*tries) for finding in findings]
    if not found:
        return [Check("services", CheckLevel.WARN, "the profile has none", "Add one: wbtui config init")]
    return found


async def _one(profile: Profile, account: Account, environment: Environment) -> list[Check]:
    name = f"service {account}"
    section = profile.section(account)
    assert section is not None
    said: list[str] = []
    try:
        secret, place = await find_secret(
            profile.name,
            account,
            env=environment.env,
            vault=environment.vault,
            short_names=profile.short_names,
            tell=lambda _words: said.append(f", but {LEFT_OUT}"),
            secret_command=section.secret_command,
        )
    except SecretError as error:
        return [Check(name, CheckLevel.BAD, error.message, error.advice, exit_for(error))]
    tried = await try_login(section, secret, environment)
    return [_answer(name, account, tried, "".join([place, *said])), *_clock(f"clock {account}", tried)]


def _answer(name: str, account: Account, tried: LoginTrial, place: str) -> Check:
    took = f" in {tried.seconds * 1000:.0f} ms" if tried.seconds else ""
    if isinstance(tried.error, Busy):
        return Check(name, CheckLevel.WARN, f"answers{took}: {tried.error.message}", tried.error.advice)
    if tried.error is not None:
        words = f"{tried.error.message} (answered{took})" if took else tried.error.message
        return Check(name, CheckLevel.BAD, words, tried.error.advice, exit_for(tried.error))
    return Check(name, CheckLevel.OK, f"{account.label}: {tried.words}{took}; secret from {place}")


def _clock(name: str, tried: LoginTrial) -> list[Check]:
    if tried.ahead is None:
        return [Check(name, CheckLevel.OK, "the server tells no date")] if tried.seconds else []
    seconds = round(tried.ahead.total_seconds())
    if abs(tried.ahead) <= SKEW:
        return [Check(name, CheckLevel.OK, f"this machine and the server agree ({seconds:+d} s)")]
    words = f"the server is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}"
    return [Check(name, CheckLevel.WARN, words, "Set the clock of this machine, or of the server.")]


_TERMINAL: Final = "Allow OSC 52 in the settings of your terminal (some call it clipboard access)."
_TMUX: Final = f"In tmux: set -s set-clipboard on, and set -g allow-passthrough on. {_TERMINAL}"
_TOOL: Final = "Look at what that program does when it is called by hand."


def clip(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Copy a word, ask for it back where there is somebody to paste it, and return the exit code."""
    place = place_of(env)
    word = f"wbtui-{secrets.token_hex(3)}"
    if not place.tools and not os.isatty(2):
        advice = "Run it in the terminal that wbtui is to run in."
        findings = [Check("clipboard", CheckLevel.BAD, "there is no terminal to send anything to", advice)]
    else:
        said = asyncio.run(Clipboard(place, _write).copy(word))
        sent = Check("clipboard", CheckLevel.OK, f"{word} {said}; the way: {clipboard(place)}")
        findings = [sent, *([] if arguments.json else _asked(word, place, env))]
    if arguments.json:
        document(doctor_to_json(findings))
    else:
        data(lines(findings, width()))
    return Exit.ERROR if any(one.level is CheckLevel.BAD for one in findings) else Exit.OK


def _asked(word: str, place: CopyPlace, env: Mapping[str, str]) -> list[Check]:
    """Ask for the word back: no program can know whether a terminal did what it was asked."""
    if not can_ask(env):
        return []
    try:
        pasted = Asker(terminal=True).ask("Paste it here, and press enter")
    except SettingsError:
        pasted = ""
    if pasted == word:
        return [Check("pasted", CheckLevel.OK, "it arrived: copying works here")]
    advice = _TOOL if place.tools else _TMUX if place.tmux else _TERMINAL
    what = "something else was pasted" if pasted else "nothing was pasted"
    return [Check("pasted", CheckLevel.BAD, f"{what}: copying does not work here", advice)]


def _write(code: str) -> None:
    sys.stderr.write(code)
    sys.stderr.flush()
