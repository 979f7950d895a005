"""`wbtui`: opens the screen, and runs the monitor beside it."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Mapping

from wbtui.clock import SystemClock
from wbtui.commands.exits import Exit
from wbtui.commands.profile import profile_for
from wbtui.commands.talk import say
from wbtui.settings import store_path
from wbtui.store import open_store
from wbtui.vault import KeyringVault


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Open the monitor on a profile; without a terminal, print the plain status instead."""
    settings, profile = profile_for(arguments, env)
    if not on_terminal(env):
        return plain_status(arguments, env)
    from wbtui.compose import Surroundings
    from wbtui.compose_screen import Looks, run_screen

    looks = Looks(
        theme=settings.ui.theme,
        ascii=arguments.ascii,
        mouse=not arguments.no_mouse,
        details_lines=settings.ui.details_lines,
        read_only=arguments.read_only,
    )
    store = open_store(store_path(profile.name))
    try:
        return asyncio.run(
            run_screen(profile, store, Surroundings(SystemClock(), env, KeyringVault(env)), looks)
        )
    finally:
        store.close()


def on_terminal(env: Mapping[str, str]) -> bool:
    """Tell whether there is a terminal that can show a screen."""
    return os.isatty(0) and os.isatty(2) and sys.stdout.isatty() and env.get("TERM", "") not in {"dumb", ""}


def plain_status(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Print one reading instead of the screen."""
    from wbtui.commands import status

    say("wbtui: this is no terminal for a screen: showing one reading instead (wbtui status)")
    arguments.wait, arguments.json, arguments.plain, arguments.watch = 20.0, False, False, False
    return status.run(arguments, env) or Exit.OK
