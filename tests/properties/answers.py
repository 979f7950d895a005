"""What the simulated services really answer, and the same answers with something in them changed."""

from __future__ import annotations

import asyncio
import functools
import json
from copy import deepcopy
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
from hypothesis import strategies as st

from tests.wordbee.test_wirejson import JSON
from tests.world import InProcess, make_stage
from wbtui.domain.records import Tracked
from wbtui.simulator.plan import Plan

ODD: st.SearchStrategy[Any] = st.sampled_from(
    [None, "", 0, -1, 2**70, 1e308, True, "null", "\x1b[2J", "\ud800", "9999-99-99T99:99:99Z", [], {}, [[]]]
)
ANYTHING = JSON | ODD


class Recording(InProcess):
    """Keeps one JSON body per call and day."""

    def __init__(self, plain: InProcess, kept: list[Any]) -> None:
        super().__init__(plain.face, plain.clock)
        self.kept = kept

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await super().handle_async_request(request)
        body = await response.aread()
        if body[:1] in {b"{", b"["}:
            self.kept.append(json.loads(body))
        return response


@functools.cache
def recorded() -> tuple[Any, ...]:
    """Return what the services answer in a few minutes, in both dialects."""
    kept: list[Any] = []
    for plan in (
        Plan(files=3, locales=2, operations=12, requests=4, components=6, seed=3, trm_list=True),
        Plan(files=3, locales=2, operations=6, requests=3, components=6, dialect="older", speed=9.0),
        Plan(files=2, locales=2, operations=0, requests=0, components=3, project_kind="regular"),
    ):
        with TemporaryDirectory() as folder:
            asyncio.run(_record(plan, Path(folder), kept))
    distinct = {json.dumps(body, sort_keys=True)[:400]: body for body in kept}
    return tuple(distinct.values())


async def _record(plan: Plan, folder: Path, kept: list[Any]) -> None:
    stage = make_stage(folder, plan)
    stage.transport = Recording(stage.transport, kept)
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    async with stage.monitoring():
        await stage.clock.run_for(240.0)
    stage.store.close()


@st.composite
def changed_answers(draw: st.DrawFn) -> Any:
    """Draw an answer in which up to four values are something else, missing, or there twice."""
    body = deepcopy(draw(st.sampled_from(recorded())))
    for _ in range(draw(st.integers(0, 4))):
        body = _change(draw, body)
    return body


def _change(draw: st.DrawFn, body: Any) -> Any:
    places = list(_places(body))
    if not places:
        return deepcopy(draw(ANYTHING))
    inside, at = draw(st.sampled_from(places))
    match draw(st.sampled_from(["other", "other", "gone", "twice"])):
        case "gone":
            del inside[at]
        case "twice" if isinstance(inside, list):
            inside.append(deepcopy(inside[at]))
        case _:
            inside[at] = deepcopy(draw(ANYTHING))
    return body


def _places(body: Any) -> Any:
    """Yield container and index of every value inside."""
    children = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    for at, child in children:
        yield body, at
        yield from _places(child)
