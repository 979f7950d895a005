"""The keys that concern accounts: the log-in form, and the list of profiles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from wbtui.domain.credentials import Account
from wbtui.domain.errors import WbtuiError
from wbtui.domain.model import Service
from wbtui.domain.snapshot import Health, HealthWord, Snapshot
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.controllers.requests import NOT_OPEN
from wbtui.tui.dialogs import factory
from wbtui.tui.tabs.tab_spec import TabSpec

NO_ACCOUNTS: Final = "There is no configuration, and so no other profile and no log-in."

STAYS: Final = "The present profile stays"


def refused(snapshot: Snapshot, tab: TabSpec) -> tuple[Account, Health] | None:
    """Return the log-in to be mended and how its service is: the tab's own if it is among them."""
    services = sorted(Service, key=lambda each: each is not tab.service)
    for service in services:
        health = snapshot.health.get(service)
        if health is not None and health.word is HealthWord.LOGIN:
            return service.account, health
    return None


class AccountKeys:
    """Opens the dialogs about accounts, and says how they ended."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {"app.login": self._log_in, "app.profiles": self._choose}

    def _log_in(self) -> None:
        accounts, snapshot = self._screen.program.accounts, self._screen.model.snapshot
        if accounts is None or snapshot is None:
            self._screen.say(NOT_OPEN if accounts is not None else NO_ACCOUNTS)
            return
        found = refused(snapshot, self._screen.model.tab)
        if found is None:
            self._screen.say("No service of this profile asks for a log-in.")
            return
        account, health = found
        sentences = tuple(each for each in (health.message, health.advice) if each)
        form = factory.login_form(
            account, snapshot.profile, sentences, accounts.log_in, ascii_only=self._screen.model.ascii_only
        )
        self._screen.app.push_screen(form, lambda said: self._screen.say(said) if said else None)

    def _choose(self) -> None:
        accounts = self._screen.program.accounts
        if accounts is None:
            self._screen.say(NO_ACCOUNTS)
            return
        try:
            profiles = accounts.profiles()
        except WbtuiError as error:
            self._show(error)
            return
        present = self._screen.model.options.banner.profile
        shown = factory.profiles(profiles, present, ascii_only=self._screen.model.ascii_only)
        self._screen.app.push_screen(shown, self._turn)

    def _turn(self, name: str | None) -> None:
        accounts = self._screen.program.accounts
        if name is None or accounts is None:
            return
        try:
            accounts.turn_to(name)
        except WbtuiError as error:
            self._show(error)

    def _show(self, error: WbtuiError) -> None:
        factory.show_fault(self._screen, STAYS, error)
