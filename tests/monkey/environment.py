"""What the program runs on: simulated services behind proxies that have faults, a home, and local files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from tests.faults.kinds import FAULTS, Fault, Kind
from tests.faults.proxy import FaultProxy, proxied
from tests.wordbee.scripted_server import Asked
from tests.world import secrets_of
from wbtui.domain.clock import SystemClock
from wbtui.domain.model import RequestRecord
from wbtui.domain.records import Tracked
from wbtui.simulator.api import SERVICES, Api, Service
from wbtui.simulator.http_server import Running, serve
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World
from wbtui.store import open_store

CONFIG: Final = """\
default_profile = "acme"
[ui]
confirm_quit = "{confirm_quit}"
[profiles.acme]
danger = {danger}
downloads = "{home}/downloads"
[profiles.acme.translator]
url = "{translator}"
account = "{translator_account}"
calls_per_hour = 10000
poll_seconds = 2
[profiles.acme.translator.flex]
changed = "7d"
[profiles.acme.beebox]
url = "{beebox}"
project = "{beebox_project}"
login = "{beebox_login}"
poll_seconds = 10
source_dir = "{home}/sources"
[profiles.acme.instant]
url = "{instant}"
account = "{instant_account}"
login = "{instant_login}"
poll_seconds = 5
[profiles.archive]
read_only = true
[profiles.archive.instant]
url = "{instant}"
account = "{instant_account}"
login = "somebody else"
"""
EXPORT: Final = RequestRecord("POST", "/resources/segments/view/export", '{"resourceid": 7}')
PLAN: Final = Plan(
    files=14,
    locales=3,
    operations=12,
    requests=12,
    components=12,
    speed=40.0,
    slots=3,
    failed_share=0.3,
    operation_seconds=120.0,
    pipeline_seconds=4.0,
    request_seconds=5.0,
    edit_seconds=60.0,
    calls_per_hour=100_000,
)
"""Some of everything, and news every few seconds."""


@dataclass
class Ground:
    """The place of one run. `sent` are the requests that came to each proxy, whatever became of them."""

    home: Path
    running: Running
    proxies: dict[Service, FaultProxy]
    env: dict[str, str]
    source: Path

    def suffer(self, service: Service, name: str) -> None:
        """Begin an outage, or end it with no name."""
        self.proxies[service].suffer(in_real_time(FAULTS[name]) if name else None)

    def calm(self) -> None:
        """End all outages."""
        for proxy in self.proxies.values():
            if proxy.fault is not None:
                proxy.suffer(None)

    @property
    def suffering(self) -> bool:
        """Return whether any service is in trouble."""
        return any(proxy.fault is not None for proxy in self.proxies.values())

    def sent(self, service: Service) -> list[Asked]:
        """Return what the program has asked of a service so far."""
        return self.proxies[service].asked

    def track(self) -> None:
        """Track what the pipeline has submitted, as `wbtui track -` does beside the running screen."""
        taken = self.running.look(lambda world: world.pipeline.take())
        numbers = [envelope["trm"]["requestid"] for envelope in taken]
        self.write([number for number in numbers if number])

    def write(self, numbers: list[int]) -> None:
        """Track these operations; every second one knows the request that it came from."""
        titles = self.running.look(lambda world: world.titles())
        if not numbers:
            return
        store = open_store(self.state / "acme.sqlite3")
        known = [
            Tracked(
                number, label=titles.get(number, ""), request=self.request(number) if number % 2 else None
            )
            for number in numbers
        ]
        store.track(known, SystemClock().now())
        store.close()

    @staticmethod
    def request(number: int) -> RequestRecord:
        """Return the request that an operation is said to have come from: no two have the same path."""
        return replace(EXPORT, path=f"{EXPORT.path}?of={number}")

    @property
    def state(self) -> Path:
        """Return the folder of the state files."""
        return self.home / "state" / "wbtui"

    def secrets(self) -> list[bytes]:
        """Return what must never be seen."""
        return [secret.encode() for secret in secrets_of(self.running.api.world).values()]


def in_real_time(fault: Fault) -> Fault:
    """Return a fault whose delays are those that a hand waits for."""
    return replace(fault, seconds={Kind.DELAY: 0.4, Kind.DRIP: 0.05}.get(fault.kind, fault.seconds))


@contextmanager
def ground(home: Path, seed: int, **plan: Any) -> Iterator[Ground]:
    """Run the services and lay out a home for as long as the block lasts."""
    clock = SystemClock()
    running = serve(Api(World(replace(PLAN, seed=seed, **plan), clock.now())), clock.now)
    with ExitStack() as stack:
        stack.callback(running.stop)
        proxies = {service: stack.enter_context(proxied(running.urls[service])) for service in SERVICES}
        found = Ground(home, running, proxies, _environment(home, running), home / "sources" / "to send.docx")
        _furnish(found, seed)
        yield found


def _furnish(found: Ground, seed: int) -> None:
    accounts = found.running.api.world.accounts
    values: dict[str, Any] = {each.name: getattr(accounts, each.name) for each in fields(accounts)}
    values |= {service: proxy.url for service, proxy in found.proxies.items()}
    values |= {
        "home": found.home,
        "confirm_quit": ("downloads", "always", "never")[seed % 3],
        "danger": "true" if seed % 5 == 4 else "false",
    }
    (found.home / "config.toml").write_text(CONFIG.format(**values), encoding="utf-8")
    for path in [*found.running.look(lambda world: list(world.beebox.files)), "to send.docx"]:
        place = found.home / "sources" / path.replace("\\", "/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"some words to translate\n")
    found.state.mkdir(parents=True, mode=0o700)
    found.write(found.running.look(lambda world: world.operation_ids()))


def _environment(home: Path, running: Running) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_CONFIG") if name in os.environ}
    return kept | {
        "LANG": "C.UTF-8",
        "PYTHONFAULTHANDLER": "1",  # on SIGABRT it tells where it stands
        "HOME": str(home),
        "XDG_STATE_HOME": str(home / "state"),
        "XDG_CONFIG_HOME": str(home / "config"),
        "WBTUI_CONFIG": str(home / "config.toml"),
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **secrets_of(running.api.world),
    }


def path_of(asked: Asked) -> str:
    """Return the path of a request without `/api`, and without what the proxies are told apart by."""
    return urlsplit(asked.target).path.removeprefix("/api")
