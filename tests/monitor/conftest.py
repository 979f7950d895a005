"""The stage of these tests: simulated services, real store, one fake clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.world import Stage, make_stage
from wbtui.simulator.plan import Plan


@pytest.fixture
def stage_for(tmp_path: Path) -> Iterator[Callable[..., Stage]]:
    """Return a maker of stages; each has a folder of its own and is closed at the end."""
    made: list[Stage] = []

    def make(**plan: object) -> Stage:
        folder = tmp_path / f"stage{len(made)}"
        folder.mkdir()
        stage = make_stage(folder, Plan(**plan))  # type: ignore[arg-type]
        made.append(stage)
        return stage

    yield make
    for stage in made:
        stage.store.close()


@pytest.fixture
def stage(stage_for: Callable[..., Stage]) -> Stage:
    """Return a stage of the usual size."""
    return stage_for()
