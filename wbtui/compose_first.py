"""The first start: the form before there is a configuration, then the monitor in the same app."""

from __future__ import annotations

import gc
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from wbtui.clock import Clock
from wbtui.compose import Surroundings
from wbtui.compose_login import Desk
from wbtui.compose_screen import Later, Looks, Screen, make_app
from wbtui.credentials import SECRET_VARIABLES, Account, Secret
from wbtui.errors import WbtuiError
from wbtui.settings import choose_profile, load
from wbtui.ui.bars import Banner
from wbtui.ui.first_start import Ended, FirstStartScreen
from wbtui.vault import KeyringVault

DEMO: Final = -1
"""Returned instead of an exit code if the user asks for the demo."""


async def run_first_start(path: Path, name: str, clock: Clock, later: Later, looks: Looks) -> int:
    """Ask for the services, write the configuration, and show the monitor; return the exit code or `DEMO`.

    Raises `WbtuiError` for a file that cannot be read back, when the terminal is restored.
    """
    app = make_app(Banner(name, demo=False, read_only=looks.read_only), clock, later, looks)
    first = FirstStart(path, name, Screen(app, clock, later, looks))
    setup = Desk(path, Surroundings(clock, later.env, KeyringVault(later.env)))
    form = FirstStartScreen(setup, profile=name, given=given(later.env), doors=SECRET_VARIABLES)

    def begin() -> None:
        gc.enable()
        app.push_screen(form, first.take)

    code = await first.screen.run_from(begin)
    if first.error is not None:
        raise first.error
    return DEMO if first.demo else code


def given(env: Mapping[str, str]) -> dict[Account, Secret]:
    """Return the secrets that the environment holds."""
    return {each: Secret(env[name]) for each, name in SECRET_VARIABLES.items() if env.get(name)}


class FirstStart:
    """What follows the form."""

    def __init__(self, path: Path, name: str, screen: Screen) -> None:
        self._path: Final = path
        self._name: Final = name
        self.screen: Final = screen
        self.demo = False
        self.error: WbtuiError | None = None

    def take(self, ended: Ended | None) -> None:
        """Go on as the form ended: to the monitor, to the demo, or out."""
        if ended is None or ended.demo:
            self.demo = ended is not None
            self.screen.app.exit()
            return
        try:
            profile = choose_profile(load(self._path), ended.profile)
        except WbtuiError as error:
            self.error = error
            self.screen.app.exit(return_code=2)
            return
        self.screen.typed.update({(profile.name, account): key for account, key in ended.typed.items()})
        self.screen.turn_to(profile)
        self.screen.app.say(ended.words)
