"""`wbtui doctor`: what works here and what does not, with nothing secret in it."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from wbtui import __version__
from wbtui.app.accounts import try_login
from wbtui.app.services import Surroundings
from wbtui.cli.exits import Exit, exit_for
from wbtui.cli.findings import Finding, Level, doctor_shape, lines
from wbtui.cli.output import data, document
from wbtui.cli.place import terminal_findings, width
from wbtui.cli.profile import choice_for, path_for, settings_for
from wbtui.config import Profile, Settings, faults_of, others_who_may_write, store_path
from wbtui.domain.clock import SystemClock
from wbtui.domain.credentials import LEFT_OUT, Account
from wbtui.domain.errors import Busy, SecretError, StoreError, WbtuiError
from wbtui.domain.setup_ports import TITLES, Tried
from wbtui.domain.tasks import all_ended
from wbtui.secrets.vault import KeyringVault, find_secret
from wbtui.store import fault_of
from wbtui.store.lock import PollerLock

SKEW: Final = timedelta(seconds=30)
"""A clock that is off by more makes ages and times of day misleading."""
_WORST_FIRST: Final = (Exit.USAGE, Exit.LOGIN, Exit.CONNECTION, Exit.ALLOWANCE, Exit.ERROR)


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Look at everything, print what was found, and return the exit code; or look at the clipboard alone."""
    if arguments.what:
        from wbtui.cli.doctor_clip import clip

        return clip(arguments, env)
    findings = [Finding("version", Level.OK, f"wbtui {__version__}"), *terminal_findings(env)]
    profile, found = _configuration(arguments, env)
    keyring, services = asyncio.run(_ask(profile, env, offline=arguments.offline))
    findings += [*keyring, *found, *(_state(profile) if profile else ())]
    if arguments.json:
        document(doctor_shape([*findings, *services]))
    else:
        data(lines([*findings, *services], width()))
    return exit_code(findings, services)


def exit_code(findings: list[Finding], services: list[Finding]) -> Exit:
    """Return what is worst of the findings; of the services 7 if some of them answer."""
    errors = [finding.code for finding in findings if finding.level is Level.BAD]
    broken = [finding.code for finding in services if finding.level is Level.BAD]
    answering = [f for f in services if f.level is not Level.BAD and f.name.startswith("service")]
    if not errors and broken and answering:
        return Exit.PARTLY
    return next((code for code in _WORST_FIRST if code in (*errors, *broken)), Exit.OK)


async def _ask(
    profile: Profile | None, env: Mapping[str, str], *, offline: bool
) -> tuple[list[Finding], list[Finding]]:
    """Ask keyring and services side by side: a keyring that hangs costs its time once."""
    keyring = _keyring(env, profile.name if profile else "PROFILE")
    if profile is None or offline:
        return await keyring, []
    return await asyncio.gather(keyring, _services(profile, env))


async def _keyring(env: Mapping[str, str], profile: str) -> list[Finding]:
    """Say which keyring there is; without one there are other doors, so that this is no fault."""
    try:
        backend = await KeyringVault(env).backend(profile)
    except SecretError as error:
        return [Finding("keyring", Level.WARN, error.message, error.advice)]
    return [Finding("keyring", Level.OK, f"{backend}, unlocked")]


def _configuration(
    arguments: argparse.Namespace, env: Mapping[str, str]
) -> tuple[Profile | None, list[Finding]]:
    try:
        path = path_for(arguments, env)
        if faults := faults_of(path):
            return None, [_fault(each) for each in faults]
        settings = settings_for(arguments, env)
        profile = choice_for(settings, arguments, env)
    except WbtuiError as error:
        return None, [_fault(error)]
    found = [Finding("configuration", Level.OK, f"{settings.path}, {_profiles(settings, profile)}")]
    others = others_who_may_write(path)
    return profile, [
        *found,
        *(Finding("configuration", Level.WARN, each.message, each.advice) for each in others),
    ]


def _fault(error: WbtuiError) -> Finding:
    return Finding("configuration", Level.BAD, error.message, error.advice, exit_for(error))


def _profiles(settings: Settings, chosen: Profile) -> str:
    others = len(settings.profiles) - 1
    return f"profile {chosen.name}" + (f" of {others + 1}" if others else "")


def _state(profile: Profile) -> Iterator[Finding]:
    path = store_path(profile.name)
    try:
        holder = PollerLock(path).holder()
        if (fault := fault_of(path)) is not None:
            raise fault
    except StoreError as error:
        yield Finding("state", Level.BAD, error.message, error.advice, Exit.ERROR)
        return
    what = "exists" if path.exists() else "is made at the first start"
    yield Finding("state", Level.OK, f"{path} {what}" + (f", {holder.words()}" if holder else ""))


async def _services(profile: Profile, env: Mapping[str, str]) -> list[Finding]:
    """Log in to each service, side by side; a Beebox is held up only as long as one question takes."""
    around = Surroundings(SystemClock(), env, KeyringVault(env))
    tries = [_one(profile, account, around) for account in profile.accounts()]
    found = [finding for findings in await all_ended(*tries) for finding in findings]
    if not found:
        return [Finding("services", Level.WARN, "the profile has none", "Add one: wbtui config init")]
    return found


async def _one(profile: Profile, account: Account, around: Surroundings) -> list[Finding]:
    name = f"service {account}"
    section = profile.section(account)
    assert section is not None
    said: list[str] = []
    try:
        secret, place = await find_secret(
            profile.name,
            account,
            env=around.env,
            vault=around.vault,
            short_names=profile.short_names,
            tell=lambda _words: said.append(f", but {LEFT_OUT}"),
            secret_command=section.secret_command,
        )
    except SecretError as error:
        return [Finding(name, Level.BAD, error.message, error.advice, exit_for(error))]
    tried = await try_login(section, secret, around)
    return [_answer(name, account, tried, "".join([place, *said])), *_clock(f"clock {account}", tried)]


def _answer(name: str, account: Account, tried: Tried, place: str) -> Finding:
    took = f" in {tried.seconds * 1000:.0f} ms" if tried.seconds else ""
    if isinstance(tried.error, Busy):
        return Finding(name, Level.WARN, f"answers{took}: {tried.error.message}", tried.error.advice)
    if tried.error is not None:
        words = f"{tried.error.message} (answered{took})" if took else tried.error.message
        return Finding(name, Level.BAD, words, tried.error.advice, exit_for(tried.error))
    return Finding(name, Level.OK, f"{TITLES[account]}: {tried.words}{took}; secret from {place}")


def _clock(name: str, tried: Tried) -> list[Finding]:
    if tried.ahead is None:
        return [Finding(name, Level.OK, "the server tells no date")] if tried.seconds else []
    seconds = round(tried.ahead.total_seconds())
    if abs(tried.ahead) <= SKEW:
        return [Finding(name, Level.OK, f"this machine and the server agree ({seconds:+d} s)")]
    words = f"the server is {abs(seconds)} s {'ahead' if seconds > 0 else 'behind'}"
    return [Finding(name, Level.WARN, words, "Set the clock of this machine, or of the server.")]
