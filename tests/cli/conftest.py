"""The real program in processes of its own, against the simulated services over real HTTP."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import pytest

from tests import forked
from tests.backends import environment
from tests.slowness import patience, slowness
from tests.world import secrets_of
from wbtui.domain.clock import SystemClock
from wbtui.simulator.api import Api
from wbtui.simulator.http_server import Running, serve
from wbtui.simulator.plan import Plan
from wbtui.simulator.world import World

CONFIG = """\
default_profile = "acme"
[profiles.acme.translator]
url = "{translator}"
account = "{translator_account}"
calls_per_hour = 1000
poll_seconds = 2
[profiles.acme.translator.flex]
changed = "7d"
[profiles.acme.beebox]
url = "{beebox}"
project = "{beebox_project}"
login = "{beebox_login}"
[profiles.acme.instant]
url = "{instant}"
account = "{instant_account}"
login = "{instant_login}"
"""


WAITS = 20.0
"""For how many seconds `status` waits for Flex unless told."""


def patient(words: Sequence[str]) -> list[str]:
    """Let `status` wait as much longer as this machine is slower, unless it is told how long."""
    if "status" not in words or {"--wait", "--watch"} & {*words} or slowness() == 1:
        return [*words]
    after = words.index("status") + 1
    return [*words[:after], "--wait", f"{patience(WAITS):.0f}", *words[after:]]


@dataclass
class User:
    """A user: a home of its own, a configuration, and the credentials in the environment."""

    home: Path
    running: Running
    secrets: dict[str, str]
    env: dict[str, str] = field(default_factory=dict)
    place: str = "config.toml"
    """Where the configuration lies in the home."""
    unset: set[str] = field(default_factory=set)
    """Variables that the programs are to go without."""

    @property
    def world(self) -> World:
        return self.running.api.world

    @property
    def config(self) -> Path:
        return self.home / self.place

    def write_config(self, text: str | None = None) -> None:
        accounts = self.world.accounts
        values: dict[str, Any] = {f.name: getattr(accounts, f.name) for f in fields(accounts)}
        values |= {str(service): url for service, url in self.running.urls.items()}
        self.config.write_text(text if text is not None else CONFIG.format(**values))

    def environment(self) -> dict[str, str]:
        keep = {
            name: os.environ[name]
            for name in ("PATH", "LANG", "COVERAGE_PROCESS_CONFIG")
            if name in os.environ
        }
        whole = keep | {
            "HOME": str(self.home),
            "XDG_STATE_HOME": str(self.home / "state"),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "WBTUI_CONFIG": str(self.config),
            "TERM": "xterm-256color",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            **self.secrets,
            **self.env,
        }
        return {name: value for name, value in whole.items() if name not in self.unset}

    def without_secrets(self) -> dict[str, str]:
        """Take the secrets out of the environment, and return them by the names of the services."""
        secrets, self.secrets = self.secrets, {}
        names = {"translator": "TRANSLATOR_KEY", "beebox": "BEEBOX_PASSWORD", "instant": "INSTANT_PASSWORD"}
        return {service: secrets[f"WBTUI_{name}"] for service, name in names.items()}

    def use_backend(self, name: str) -> Path:
        """Let the programs use a keyring backend of tests/backends.py; return the file it keeps."""
        chosen = environment(self.home, f"backends.{name}")
        self.env |= {key: chosen[key] for key in ("PYTHONPATH", "BACKEND_FILE", "PYTHON_KEYRING_BACKEND")}
        return Path(chosen["BACKEND_FILE"])

    def run(self, *words: str, stdin: str | bytes = "") -> subprocess.CompletedProcess[str]:
        given = stdin.encode() if isinstance(stdin, str) else stdin
        ended = forked.run("wbtui", patient(words), self.environment(), given, 60)
        shown = (ended.stdout.decode(), ended.stderr.decode())
        return subprocess.CompletedProcess(ended.args, ended.returncode, *shown)

    def status(self, *words: str) -> tuple[int, dict[str, Any]]:
        ended = self.run("status", "--json", *words)
        assert ended.stdout, ended.stderr
        document: dict[str, Any] = json.loads(ended.stdout)
        return ended.returncode, document


@pytest.fixture
def user_for(tmp_path: Path) -> Iterator[Callable[..., User]]:
    """Return a maker of users; their services stop at the end."""
    clock = SystemClock()
    made: list[User] = []

    def make(**plan: Any) -> User:
        home = tmp_path / f"home{len(made)}"
        home.mkdir()
        running = serve(Api(World(Plan(**plan), clock.now())), clock.now)
        user = User(home, running, secrets_of(running.api.world))
        user.write_config()
        made.append(user)
        return user

    yield make
    for user in made:
        user.running.stop()


@pytest.fixture
def user(user_for: Callable[..., User]) -> User:
    """Return a user whose services work fast enough that Flex answers while one waits.

    Its Beebox starts no work of its own, during which it would let nobody in.
    """
    return user_for(speed=50.0, autorun_seconds=1e6, components=1)
