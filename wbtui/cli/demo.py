"""`wbtui demo`: a simulated Wordbee as a process of its own, and the screen on it."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from wbtui.cli.exit_codes import Exit
from wbtui.cli.parser import GLOBAL_OPTIONS
from wbtui.cli.screen import on_terminal
from wbtui.config import BeeboxSettings, FlexSettings, InstantSettings, Profile, TranslatorSettings
from wbtui.domain.clock import SystemClock
from wbtui.domain.credentials import Account, variable_of, without_secrets
from wbtui.domain.errors import SettingsError, StoreError, WbtuiError
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import ReadOnly

if TYPE_CHECKING:
    from wbtui.store import SqliteStore

NAME: Final = "demo"
"""The demo's profile, which is never one of the user's."""
SPEED: Final = 20.0
PIPELINE_SECONDS: Final = 15.0
STREAM: Final = "WBTUI_DEMO_STREAM"
"""Set for the services of the demo screen, which then tell what the simulated pipeline submits."""
START_SECONDS: Final = 20.0
"""The longest that the services may take to start."""


def run(arguments: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Run the services and the screen on them; with `--serve` the services alone."""
    if arguments.serve:
        _refuse_client_options(arguments)
        gc.enable()
        return serve(arguments)
    if not on_terminal(env):
        raise SettingsError(
            "the demo needs a terminal", advice="wbtui demo --serve runs the services without a screen."
        )
    with _folder() as folder, services(arguments) as announced:
        return screen(arguments, announced, folder, env)


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    """Make a folder for as long as the block lasts; raises `SettingsError` if there is no place."""
    try:
        made = tempfile.TemporaryDirectory(prefix="wbtui-demo-", ignore_cleanup_errors=True)
    except OSError as error:
        raise SettingsError(
            f"no folder for the demo can be made: {error.strerror}",
            advice="Set TMPDIR to a folder that can be written.",
        ) from None
    with made as folder:
        yield Path(folder)


def _refuse_client_options(arguments: argparse.Namespace) -> None:
    """Refuse the options that concern a client: services without a screen draw nothing and refuse nothing."""
    for option in GLOBAL_OPTIONS:
        if getattr(arguments, option.dest):
            raise SettingsError(
                f"{option.names[0]}: demo --serve runs the services alone, so this cannot hold",
                advice="Give it to the wbtui that uses them.",
            )


def plan_values(arguments: argparse.Namespace, speed: float) -> dict[str, Any]:
    """Return the plan of the simulated world that the arguments ask for."""
    names = ("files", "locales", "operations", "requests", "components", "slots", "seed")
    return {name: getattr(arguments, name) for name in names} | {"speed": speed}


def serve(arguments: argparse.Namespace) -> int:
    """Run the services alone until interrupted."""
    from wbtui.simulator.api import SERVICES
    from wbtui.simulator.http_server import PortInUse
    from wbtui.simulator.plan import Plan
    from wbtui.simulator.process import serve_until_interrupted

    stream = os.environ.get(STREAM) == "1"
    port = arguments.port
    ports = {service: port + place for place, service in enumerate(SERVICES)} if port else None
    try:
        plan = Plan(
            **plan_values(arguments, arguments.speed or SPEED),
            pipeline_seconds=PIPELINE_SECONDS if stream else 0.0,
            request_seconds=PIPELINE_SECONDS if stream else 0.0,
        )
        number = serve_until_interrupted(
            plan, SystemClock().now, sys.stdout, time.sleep, stream=stream, ports=ports
        )
    except ValueError as error:
        raise SettingsError(f"this world cannot be: {error}") from None
    except PortInUse as error:
        raise SettingsError(str(error), advice="Choose another with --port, or none for any.") from None
    return Exit.INTERRUPTED if number == signal.SIGINT else Exit.OK


@contextlib.contextmanager
def services(arguments: argparse.Namespace) -> Iterator[tuple[dict[str, Any], IO[bytes]]]:
    """Run the services as a process of their own for as long as the block lasts."""
    values = plan_values(arguments, arguments.speed or SPEED)
    words = [f"--{name}={value}" for name, value in values.items()]
    if arguments.port:
        words.append(f"--port={arguments.port}")
    process = subprocess.Popen(  # noqa: S603 - our own program, with numbers as arguments
        [sys.executable, "-m", "wbtui", "demo", "--serve", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        env=dict(os.environ) | {STREAM: "1"},
    )
    assert process.stdout is not None
    try:
        yield _announced(process), process.stdout
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(3)
        process.kill()
        process.wait()


def _announced(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    assert process.stdout is not None
    assert process.stderr is not None
    readable, _, _ = select.select([process.stdout], [], [], START_SECONDS)
    line = process.stdout.readline() if readable else b""
    if not line:
        process.kill()
        words = process.stderr.read().decode("utf-8", "replace").strip().partition("\n")[0]
        raise WbtuiError(f"the simulated Wordbee did not start: {words or 'no word from it'}")
    announced: dict[str, Any] = json.loads(line)
    return announced


def screen(
    arguments: argparse.Namespace,
    announced: tuple[dict[str, Any], IO[bytes]],
    folder: Path,
    env: Mapping[str, str],
) -> int:
    """Open the screen on the announced services, with its state in a temporary folder."""
    from wbtui.app.screen_run import Loaders, RunOptions, run_screen

    world, stream = announced
    options = RunOptions(ascii=arguments.ascii, mouse=not arguments.no_mouse, demo=True)
    own = without_secrets(env) | secrets_of(world)
    loaders = Loaders(lambda _name: _open_store(world, stream, folder / "demo.sqlite3"), own)
    profile = profile_of(world, folder, read_only=arguments.read_only)
    return asyncio.run(run_screen(profile, SystemClock(), loaders, options))


def _open_store(world: Mapping[str, Any], stream: IO[bytes], path: Path) -> SqliteStore:
    """Open the demo's store with the operations of the simulated pipeline, and track those that follow."""
    from wbtui.store import open_or_in_memory

    store = open_or_in_memory(path)
    known = [Tracked(number, label=world["titles"][str(number)]) for number in world["operations"]]
    store.track(known, SystemClock().now())
    threading.Thread(target=_pipeline, args=(stream, path), daemon=True).start()
    return store


def secrets_of(world: Mapping[str, Any]) -> dict[str, str]:
    """Return the simulated credentials under the names of the environment variables."""
    secrets = {
        Account.TRANSLATOR: world["translator"]["key"],
        Account.BEEBOX: world["beebox"]["password"],
        Account.INSTANT: world["instant"]["password"],
    }
    return {variable_of(NAME, account): secret for account, secret in secrets.items()}


def profile_of(world: Mapping[str, Any], folder: Path, *, read_only: bool) -> Profile:
    """Return the demo's profile: its own intervals, and nothing of the user's."""
    translator, beebox, instant = world["translator"], world["beebox"], world["instant"]
    return Profile(
        name=NAME,
        read_only=ReadOnly.STARTED if read_only else ReadOnly.NO,
        danger=False,
        downloads=folder / "downloads",
        translator=TranslatorSettings(
            translator["url"],
            translator["account"],
            calls_per_hour=1000,
            poll_seconds=2,
            flex=FlexSettings(changed=timedelta(days=7)),
        ),
        beebox=BeeboxSettings(beebox["url"], beebox["project"], beebox["login"], poll_seconds=10),
        instant=InstantSettings(instant["url"], instant["account"], instant["login"], poll_seconds=5),
    )


def _pipeline(stream: IO[bytes], path: Path) -> None:
    """Track what the simulated pipeline submits, as a real one would with `wbtui track -`.

    Through a store of its own: the monitor looks for what was written by others than itself.
    """
    from wbtui.store import open_store

    with contextlib.suppress(StoreError), contextlib.closing(open_store(path)) as store:
        _track_all(stream, store)


def _track_all(stream: IO[bytes], store: SqliteStore) -> None:
    from wbtui.wordbee.envelopes import read_operations

    clock = SystemClock()
    for line in stream:
        news = json.loads(line)
        found = read_operations(json.dumps(news["submitted"]).encode()).found
        titles = news["titles"]
        named = [replace(one, label=titles.get(str(one.request_id), "")) for one in found]
        store.track(named, clock.now())
