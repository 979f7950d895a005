"""The first start: the form before there is a configuration, then the monitor in the same app."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Final

from wbtui.app.accounts import ProfileSetup
from wbtui.app.screen_run import Loaders, RunOptions, Screen, make_app
from wbtui.app.services import Environment
from wbtui.config import choose_profile
from wbtui.domain.clock import Clock
from wbtui.domain.errors import WbtuiError
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.secrets.vault import KeyringVault
from wbtui.tui.chrome import Banner
from wbtui.tui.dialogs.first_start_form import FirstStartResult
from wbtui.tui.dialogs.first_start_screen import FirstStartScreen
from wbtui.tui.toolkit.themes import ascii_only

DEMO: Final = -1
"""Returned instead of an exit code if the user asks for the demo."""


@dataclass(frozen=True, slots=True)
class Start:
    """What a first start begins with: where the file is to lie, and the profile's name in the form."""

    path: Path
    name: str
    short_names: bool
    """Whether variables without a profile's name serve it: not where somebody has named it."""
    read_only: bool


async def run_first_start(start: Start, clock: Clock, loaders: Loaders, options: RunOptions) -> int:
    """Ask for the services, write the configuration, and show the monitor; return the exit code or `DEMO`.

    Raises `WbtuiError` for a file that cannot be read back, when the terminal is restored.
    """
    app = make_app(Banner(start.name, read_only=start.read_only), clock, loaders, options)
    first = FirstStart(loaders, Screen(app, clock, loaders, options))
    environment = Environment(clock, loaders.env, KeyringVault(loaders.env))
    form = FirstStartScreen(
        ProfileSetup(start.path, environment, short_names=start.short_names),
        profile=start.name,
        ascii_only=options.ascii or ascii_only(loaders.env),
    )

    def begin() -> None:
        gc.enable()
        app.push_screen(form, first.take)

    code = await first.screen.run_from(begin)
    if first.error is not None:
        raise first.error
    return DEMO if first.demo else code


class FirstStart:
    """What follows the form."""

    def __init__(self, loaders: Loaders, screen: Screen) -> None:
        self._loaders: Final = loaders
        self.screen: Final = screen
        self.demo = False
        self.error: WbtuiError | None = None

    def take(self, ended: FirstStartResult | None) -> None:
        """Go on as the form ended: to the monitor, to the demo, or out."""
        if ended is None or ended.demo:
            self.demo = ended is not None
            self.screen.app.exit()
            return
        assert self._loaders.settings is not None, "the form has written what it reads"
        try:
            profile = choose_profile(self._loaders.settings(), ended.profile)
        except WbtuiError as error:
            self.error = error
            self.screen.app.exit(return_code=2)
            return
        self.screen.typed.update({(profile.name, account): key for account, key in ended.typed.items()})
        self.screen.turn_to(profile)
        self.screen.app.say(ended.words)
