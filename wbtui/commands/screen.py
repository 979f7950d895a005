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

from wbtui.clock import SystemClock
from wbtui.commands.exits import Exit
from wbtui.commands.profile import profile_for
from wbtui.commands.talk import say
from wbtui.settings import config_path, load, store_path

if TYPE_CHECKING:
    from wbtui.store import SqliteStore


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Open the monitor on a profile; without a terminal, print the plain status instead."""
    path = config_path(getattr(arguments, "config", None), env)
    if not path.exists() and not path.is_symlink() and on_terminal(env):
        return first_start(arguments, path, env)
    settings, profile = profile_for(arguments, env)
    if not on_terminal(env):
        gc.enable()
        return plain_status(arguments, env)
    from wbtui.compose_screen import Later, Looks, run_screen

    looks = Looks(
        theme=settings.ui.theme,
        ascii=arguments.ascii,
        mouse=not arguments.no_mouse,
        details_lines=settings.ui.details_lines,
        read_only=arguments.read_only,
        keys=settings.ui.keys,
        confirm_quit=settings.ui.confirm_quit.value,
        bell=settings.ui.bell,
        on_done=settings.ui.on_done,
        remember_view=settings.ui.remember_view,
        reread=lambda: load(settings.path).ui,
    )
    later = Later(open_store_of, env, _tell, lambda: load(settings.path))
    return asyncio.run(run_screen(profile, SystemClock(), later, looks))


def first_start(arguments: argparse.Namespace, path: Path, env: Mapping[str, str]) -> int:
    """Ask for what a configuration needs, then open the monitor on it; or the demo, if that is asked for."""
    from wbtui.compose_first import DEMO, run_first_start
    from wbtui.compose_screen import Later, Looks

    looks = Looks(
        ascii=arguments.ascii,
        mouse=not arguments.no_mouse,
        read_only=arguments.read_only,
        reread=lambda: load(path).ui,
    )
    later = Later(open_store_of, env, _tell, lambda: load(path))
    name = getattr(arguments, "profile", None) or "main"
    code = asyncio.run(run_first_start(path, name, SystemClock(), later, looks))
    return _demo(arguments, env) if code == DEMO else code


def _demo(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    from wbtui.commands import demo
    from wbtui.commands.grammar import parser

    words = [
        "demo",
        *(["--ascii"] if arguments.ascii else []),
        *(["--no-mouse"] if arguments.no_mouse else []),
    ]
    return demo.run(parser(words).parse_args(words), env)


def _tell(words: str) -> None:
    say(f"wbtui: {words}")


def open_store_of(profile: str) -> SqliteStore:
    """Open the store of a profile; loaded here, so that the first frame does not wait for it."""
    from wbtui.store import open_or_in_memory

    return open_or_in_memory(store_path(profile))


def on_terminal(env: Mapping[str, str]) -> bool:
    """Tell whether there is a terminal that can show a screen."""
    return os.isatty(0) and os.isatty(2) and sys.stdout.isatty() and env.get("TERM", "") not in {"dumb", ""}


def plain_status(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Print one reading instead of the screen."""
    from wbtui.commands import status

    say("wbtui: this is no terminal for a screen: showing one reading instead (wbtui status)")
    arguments.wait, arguments.json, arguments.plain, arguments.watch = 20.0, False, False, False
    return status.run(arguments, env) or Exit.OK
