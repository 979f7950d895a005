"""One reading, as the commands take it: on one fake clock with the simulated services."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from itertools import pairwise

from tests.world import Stage
from wbtui.model import Service

MakeStage = Callable[..., Stage]


async def test_the_first_look_at_a_flex_query_need_not_wait_for_the_floor_between_looks(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(operations=0, speed=50.0)
    house = await stage.house()
    reading = asyncio.create_task(house.once().read(wait=20.0))
    await stage.clock.run_for(20.0)
    ended = await reading
    await house.close()
    assert ended[Service.FLEX].error is None
    assert ended[Service.FLEX].note == ""
    sent = [each.at for each in stage.log("translator", "components/status")]
    looks: dict[str, list[datetime]] = defaultdict(list)
    for each in stage.log("translator", "trm/status"):
        looks[each.query["requestid"]].append(each.at)
    first = sorted(at[0] for at in looks.values())
    assert len(first) == len(sent) == 6
    assert all((look - at).total_seconds() >= 2.0 for at, look in zip(sent, first, strict=True))
    assert all((b - a).total_seconds() >= 5.0 for at in looks.values() for a, b in pairwise(at))
