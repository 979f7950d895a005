"""The real program: its home, its processes on a pseudo-terminal, and what these cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from tests.benchmarks.services import services
from tests.cli.pseudo import Pseudo, pseudo_command

PROFILE: Final = """\
[profiles.{name}.translator]
url = "{translator[url]}"
account = "{translator[account]}"
[profiles.{name}.translator.flex]
changed = "7d"
[profiles.{name}.beebox]
url = "{beebox[url]}"
project = "{beebox[project]}"
login = "{beebox[login]}"
[profiles.{name}.instant]
url = "{instant[url]}"
account = "{instant[account]}"
login = "{instant[login]}"
"""
"""A profile with all services, and the intervals of the program's own."""


@dataclass(frozen=True)
class Home:
    """A user's home with profiles on the simulated services."""

    folder: Path
    world: Mapping[str, Any]
    env: Mapping[str, str] = field(default_factory=dict)

    def write_config(self, names: Sequence[str] = ("acme",)) -> None:
        """Write a configuration with these profiles, the first of them the default."""
        tables = [PROFILE.format(name=name, **self.world) for name in names]
        text = "\n".join([f'default_profile = "{names[0]}"', *tables])
        (self.folder / "config.toml").write_text(text, encoding="utf-8")

    def environment(self) -> dict[str, str]:
        """Return the environment of the programs."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
        return kept | {
            "HOME": str(self.folder),
            "XDG_STATE_HOME": str(self.folder / "state"),
            "WBTUI_CONFIG": str(self.folder / "config.toml"),
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "PYTHONUTF8": "1",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "WBTUI_TRANSLATOR_KEY": self.world["translator"]["key"],
            "WBTUI_BEEBOX_PASSWORD": self.world["beebox"]["password"],
            "WBTUI_INSTANT_PASSWORD": self.world["instant"]["password"],
            **self.env,
        }

    def run(self, *words: str) -> None:
        """Run a command to its end; its output goes nowhere."""
        command = [sys.executable, "-m", "wbtui", *words]
        subprocess.run(command, env=self.environment(), stdout=subprocess.DEVNULL, check=True)

    def track(self, *more: str) -> None:
        """Watch all operations that the services have."""
        self.run("track", *more, *map(str, self.world["operations"]))

    @contextmanager
    def screen(self, *words: str) -> Iterator[Pseudo]:
        """Open the screen on a pseudo-terminal of 120 columns and 40 lines."""
        with pseudo_command([sys.executable, "-m", "wbtui", *words], self.environment()) as program:
            yield program


@contextmanager
def home(**plan: Any) -> Iterator[Home]:
    """Serve a plan, and make a home with a profile on it."""
    with services(**plan) as world, TemporaryDirectory(prefix="wbtui-bench-") as folder:
        made = Home(Path(folder), world)
        made.write_config()
        yield made


def tree(pid: int) -> list[int]:
    """Return a process and all its descendants that live."""
    children = [int(word) for task in _tasks(pid) for word in _text(task / "children").split()]
    return [pid, *(each for child in children for each in tree(child))]


def _tasks(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/task").iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:  # it has ended
        return ""


_TICK: Final = 1 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """Return the processor's seconds of a process tree, those of its ended children included."""
    total = 0
    for each in tree(pid):
        fields = _text(Path(f"/proc/{each}/stat")).rpartition(")")[2].split()
        total += sum(map(int, fields[11:15]))
    return total * _TICK


def memory(pid: int) -> float:
    """Return the memory of a process tree in MB, what several share counted in parts."""
    texts = (_text(Path(f"/proc/{each}/smaps_rollup")) for each in tree(pid))
    lines = (line for text in texts for line in text.splitlines() if line.startswith("Pss:"))
    return sum(int(line.split()[1]) for line in lines) / 1024


def peak(pid: int) -> float:
    """Return the most memory that the process itself has had, in MB."""
    lines = (line for line in _text(Path(f"/proc/{pid}/status")).splitlines() if line.startswith("VmHWM"))
    return int(next(lines).split()[1]) / 1024


def settle(seconds: float, program: Pseudo) -> bytes:
    """Read for so long; return what came."""
    before = len(program.written)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        program.read(until - time.monotonic())
    return program.written[before:]
