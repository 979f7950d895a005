"""`wbtui`: opens the screen, and runs the monitor beside it."""

from __future__ import annotations

import argparse
import asyncio
import gc
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from wbtui.cli.chosen import named_profile, profile_for, settings_for
from wbtui.cli.exit_codes import Exit
from wbtui.cli.output import say, tell
from wbtui.cli.paths import path_for
from wbtui.domain.clock import SystemClock
from wbtui.files.places import store_path
from wbtui.files.user_files import nothing_at

if TYPE_CHECKING:
    from wbtui.app.screen_run import Loaders
    from wbtui.store import SqliteStore


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Open the monitor on a profile; without a terminal, print the plain status instead."""
    path = path_for(arguments, env)
    if nothing_at(path) and on_terminal(env):
        return first_start(arguments, path, env)
    settings, profile = profile_for(arguments, env)
    if not on_terminal(env):
        gc.enable()
        return plain_status(arguments, env)
    from wbtui.app.screen_run import RunOptions, run_screen

    options = RunOptions(settings.ui, ascii=arguments.ascii, mouse=not arguments.no_mouse)
    return asyncio.run(run_screen(profile, SystemClock(), _loaders(arguments, env), options))


def _loaders(arguments: argparse.Namespace, env: Mapping[str, str]) -> Loaders:
    from wbtui.app.screen_run import Loaders

    return Loaders(open_store_of, env, tell, lambda: settings_for(arguments, env))


def first_start(arguments: argparse.Namespace, path: Path, env: Mapping[str, str]) -> int:
    """Ask for what a configuration needs, then open the monitor on it; or the demo, if that is asked for."""
    from wbtui.app.first_start import DEMO, Start, run_first_start
    from wbtui.app.screen_run import RunOptions

    options = RunOptions(ascii=arguments.ascii, mouse=not arguments.no_mouse)
    named = named_profile(arguments, env)
    start = Start(path, named or "main", short_names=not named, read_only=arguments.read_only)
    code = asyncio.run(run_first_start(start, SystemClock(), _loaders(arguments, env), options))
    return _demo(arguments, env) if code == DEMO else code


def _demo(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from wbtui.cli import demo
    from wbtui.cli.parser import instead

    return demo.run(instead(arguments, "demo"), env)


def open_store_of(profile: str) -> SqliteStore:
    """Open the store of a profile; loaded here, so that the first frame does not wait for it."""
    from wbtui.store import open_or_in_memory

    return open_or_in_memory(store_path(profile))


def on_terminal(env: Mapping[str, str]) -> bool:
    """Return whether this process has a terminal that can show a screen."""
    return os.isatty(0) and os.isatty(2) and sys.stdout.isatty() and env.get("TERM", "") not in {"dumb", ""}


def plain_status(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Print one reading instead of the screen."""
    from wbtui.cli import status
    from wbtui.cli.parser import instead

    say("wbtui: this is no terminal for a screen: showing one reading instead (wbtui status)")
    return status.run(instead(arguments, "status"), env) or Exit.OK
