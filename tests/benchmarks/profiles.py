"""Many profiles, each in a process of its own: what their trees take together, for each profile."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from typing import Final

from tests.benchmarks.result import Result
from tests.benchmarks.running import cpu_seconds, home, memory
from tests.benchmarks.services import STILL
from tests.cli.pseudo import pseudo_command

PROFILES: Final = 20
FEW: Final = 4
OURS: Final = (sys.executable, "-m", "wbtui", "--profile")
RIVAL: Final = (sys.executable, "-m", "tests.benchmarks.bare_app", "0", "dark")
SECONDS: Final = 60.0


def results(quick: bool) -> Iterator[Result]:
    """Yield the figures for each of `PROFILES`, or with `quick` of `FEW`."""
    names = [f"client-{number}" for number in range(FEW if quick else PROFILES)]
    with home(**STILL, operations=34) as user:
        user.write_config(names)
        secrets = ("TRANSLATOR_KEY", "BEEBOX_PASSWORD", "INSTANT_PASSWORD")
        env = user.environment()
        for name in names:
            prefix = f"WBTUI_{name.upper().replace('-', '_')}"
            env |= {f"{prefix}_{secret}": env[f"WBTUI_{secret}"] for secret in secrets}
            user.run("track", "--profile", name, *map(str, user.world["operations"]))
        ours, used = _taken([(*OURS, name) for name in names], env)
        rival, other = _taken([RIVAL] * len(names), env)
    yield Result(f"{len(names)} profiles: memory of each", "MB", ours, rival)
    yield Result(f"{len(names)} profiles: processor a second of each", "ms", used, other)


def _taken(commands: Sequence[Sequence[str]], env: Mapping[str, str]) -> tuple[float, float]:
    """Return the MB and the ms a second of each of the programs, when all have started."""
    with ExitStack() as stack:
        running = [stack.enter_context(pseudo_command(each, env)) for each in commands]

        def settle(seconds: float) -> None:
            until = time.monotonic() + seconds
            while time.monotonic() < until:
                for program in running:
                    program.read(0.01)

        settle(20.0 + len(running))
        before = sum(cpu_seconds(program.process.pid) for program in running)
        settle(SECONDS)
        used = sum(cpu_seconds(program.process.pid) for program in running) - before
        held = sum(memory(program.process.pid) for program in running)
        return held / len(running), used * 1000 / SECONDS / len(running)
