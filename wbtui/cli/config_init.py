"""`wbtui config init`: asks for what each service needs, tries it, stores the secrets, writes the file."""

from __future__ import annotations

import argparse
import asyncio
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wbtui.app.accounts import ProfileSetup
from wbtui.app.services import Environment
from wbtui.cli.chosen import named_profile
from wbtui.cli.exit_codes import Exit, exit_for
from wbtui.cli.login import keep_or_tell, storing_vault
from wbtui.cli.output import complain, document, error_to_json, say
from wbtui.cli.paths import path_for
from wbtui.cli.prompts import Asker, can_ask
from wbtui.config import load
from wbtui.domain.clock import SystemClock
from wbtui.domain.credentials import LEFT_OUT, Account, Secret
from wbtui.domain.errors import Busy, LoginRefused, SecretError, SettingsError, WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.setup import Draft, LoginTrial
from wbtui.files.user_files import nothing_at
from wbtui.secrets.vault import KeyringVault

DEFAULT_NAME: Final = "main"


def init(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Set up a profile, and return the exit code: 0, or 7 if the file was written but something is left."""
    vault = storing_vault(env)
    path = path_for(arguments, env)
    asker = Asker(terminal=can_ask(env))
    add = may_write(path, asker, add=arguments.add)
    name = name_for(path, asker, arguments.profile, named_profile(arguments, env))
    short = not add and not named_profile(arguments, env)
    setup = ProfileSetup(path, Environment(SystemClock(), env, vault), short_names=short)
    wizard = InitWizard(setup, asker, vault, check=not arguments.no_check)
    services = [service for account in Account if (service := wizard.service(name, account)) is not None]
    if not services:
        raise SettingsError(
            "no service was set up, so nothing was written",
            advice="To look around without an account: wbtui demo",
        )
    if not asker.terminal:
        _refuse_refused(services)
    written = setup.write(name, [service.draft for service in services], add=add)
    say(f"written: {written} (profile {name})")
    for service in services:
        wizard.keep(name, service)
    named = arguments.config
    words = ["wbtui", *(["--config", str(written)] if named else []), *(["--profile", name] if add else [])]
    say(f"next: {shlex.join(words)}")
    if arguments.json:
        document(_shape(name, str(written), services))
    return Exit.PARTLY if any(service.trouble for service in services) else Exit.OK


@dataclass(slots=True)
class SetUpService:
    """One service as the user set it up, and what went wrong with it."""

    draft: Draft
    secret: Secret
    tried: LoginTrial | None = None
    trouble: WbtuiError | None = None
    stored: bool = False


def _refuse_refused(services: list[SetUpService]) -> None:
    """Raise the first refusal of a secret: without a terminal nobody can say that it is to be kept."""
    for service in services:
        if isinstance(service.trouble, LoginRefused):
            account = service.draft.account
            raise LoginRefused(
                f"the {account.secret_label} of {account} was refused, so nothing was written",
                advice="Give the right one; or write the file without asking the services: --no-check",
            )


def _shape(name: str, path: str, services: list[SetUpService]) -> dict[str, object]:
    return {
        "config": path,
        "profile": name,
        "accounts": {
            one.draft.account.value: {
                "url": one.draft.answers["url"],
                "checked": one.tried is not None and one.tried.error is None,
                "stored": one.stored,
                "message": one.tried.words if one.tried else "",
                "error": error_to_json(one.trouble, exit_for(one.trouble)) if one.trouble else None,
            }
            for one in services
        },
    }


def may_write(path: Path, asker: Asker, *, add: bool) -> bool:
    """Return whether to add to an existing file; raises `SettingsError` if it exists and nobody allows that.

    Asked before anything else, so that no answer is given in vain.
    """
    if nothing_at(path):
        return False
    present = load(path)
    if add:
        return True
    if asker.terminal:
        names = ", ".join(present.profiles) or "no profile"
        asker.tell(f"{path} exists already, with {names}.")
        if asker.agrees("Add another profile to it?", default=False):
            return True
    raise SettingsError(
        f"{path}: exists already, and is not overwritten",
        advice="To add a profile to it, use --add; or name another file with --config.",
    )


def name_for(path: Path, asker: Asker, named: str | None, wanted: str) -> str:
    """Return the new profile's name: `named`, else asked for, with `wanted` as the default if it is free."""
    known = set() if nothing_at(path) else set(load(path).profiles)
    default = next((name for name in (wanted, DEFAULT_NAME) if name and name not in known), "")
    name = named or asker.ask("Name of the profile", default)
    if name in known:
        raise SettingsError(
            f"{path}: has a profile {name} already", advice="Choose another name with --profile."
        )
    return name


class InitWizard:
    """Asks one user for the services of a profile, and stores their secrets."""

    def __init__(self, setup: ProfileSetup, asker: Asker, vault: KeyringVault, *, check: bool) -> None:
        self._setup: Final = setup
        self._asker: Final = asker
        self._vault: Final = vault
        self._check: Final = check

    def service(self, profile: str, account: Account) -> SetUpService | None:
        """Ask for one service until it works, or until the user keeps it as it is or leaves it out."""
        self._asker.tell(f"{account.label}: leave the URL empty to go without.")
        while True:
            draft = self._draft(profile, account)
            if draft is None:
                return None
            found = self._try(profile, SetUpService(draft, self._secret(profile, account)))
            if found.trouble is None or not self._asker.terminal:
                return found
            answer = self._asker.ask("Keep it all the same (k), ask again (a), or leave it out (l)", "a")
            if answer.lower().startswith("k"):
                return found
            if answer.lower().startswith("l"):
                return None

    def _draft(self, profile: str, account: Account) -> Draft | None:
        """Ask until the answers can be used; None if there is no URL."""
        while True:
            answers: dict[str, str] = {}
            for question in account.questions:
                answers[question.key] = self._asker.ask(f"  {question.text}, such as {question.example}")
                if not answers["url"]:
                    return None
            try:
                return self._setup.checked(profile, Draft(account, answers))
            except SettingsError as error:
                if not self._asker.terminal:
                    raise
                complain(error)

    def _secret(self, profile: str, account: Account) -> Secret:
        """Return the secret from the environment, which goes first at each start, or ask for it."""
        variable = self._setup.variable(profile, account)
        if variable:
            secret, trimmed = asyncio.run(self._setup.taken(profile, account))
            left_out = f"; {LEFT_OUT}" if trimmed else ""
            self._asker.tell(f"  {account.secret_label}: taken from {variable}{left_out}")
            return secret
        return self._asker.secret(account)

    def _try(self, profile: str, service: SetUpService) -> SetUpService:
        if not service.secret:
            service.trouble = SettingsError("no secret was given", advice="Store it later: wbtui login")
            complain(service.trouble)
        elif self._check:
            tried = asyncio.run(self._setup.test(profile, service.draft, service.secret))
            service.tried, service.trouble = tried, tried.error
            if isinstance(tried.error, Busy):  # news, and no fault of what was typed
                service.trouble = None
                self._asker.tell(f"  not checked: {tried.error.message}")
            elif tried.error is None:
                self._asker.tell(f"  {tried.words}")
            else:
                complain(tried.error)
        return service

    def keep(self, profile: str, service: SetUpService) -> None:
        """Store the secret; what was refused by the service is not stored."""
        account = service.draft.account
        if not service.secret or isinstance(service.trouble, LoginRefused):
            say(f"{account}: no secret stored; do it with: wbtui login {account} --profile {profile}")
            return
        if variable := self._setup.variable(profile, account):
            say(f"{account}: {variable} is set, so nothing is stored in the keyring")
            return
        try:
            keep_or_tell(self._vault, profile, account, service.secret, asks=self._asker.terminal)
        except SecretError as error:
            service.trouble = error
            complain(error)
            return
        service.stored = True
        say(f"{account}: stored in the system keyring")
