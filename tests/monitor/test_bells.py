"""Being told when something is done: by the monitor, over a restart, and never twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.fakes import FakeClock
from tests.items import beebox_file, flex_component, instant_request, operation
from tests.world import Stage
from wbtui.app.sharing import RemoteMonitor
from wbtui.domain.model import Item, ItemKey, Service, Snapshot, State
from wbtui.domain.records import Tracked
from wbtui.monitor.state import MOST, NAME, Bells, MonitorState, ProfileInfo


class Memory(dict[str, str]):
    """A store's small texts, and nothing else of it."""

    def remember(self, name: str, value: str) -> None:
        self[name] = value

    def recall(self, name: str) -> str | None:
        return self.get(name)


WAITING = operation(5001)
DONE = operation(5001, State.READY)


def found(*items: Item) -> Callable[[ItemKey], Item | None]:
    return {item.key: item for item in items}.get


def test_a_bell_rings_once_and_is_then_taken_away() -> None:
    bells = Bells(Memory())
    assert bells.toggle([WAITING]) == "tells you when it is done"
    assert bells.keys == {WAITING.key}
    assert bells.heed([operation(5001, State.RUNNING), operation(5002, State.READY)]) == []
    (ring,) = bells.heed([DONE])
    assert (ring.id, ring.key, ring.state, ring.words) == (1, WAITING.key, "ready", "Operation 5001 is ready")
    assert bells.heed([DONE]) == []
    assert (bells.keys, bells.rings) == (frozenset(), (ring,))


def test_pressed_again_it_is_taken_back_and_of_what_is_done_it_is_refused() -> None:
    bells = Bells(Memory())
    bells.toggle([WAITING])
    assert bells.toggle([WAITING]) == "no longer tells you of it"
    assert bells.keys == frozenset()
    assert bells.toggle([DONE]) == "it is done already: nothing more is to come of it"
    assert bells.toggle([DONE, operation(2, State.FAILED)]) == "none of the 2 has anything to come"


def test_of_many_only_what_is_still_to_come_is_waited_for() -> None:
    bells = Bells(Memory())
    items = [operation(1), operation(2), operation(3, State.DONE)]
    assert bells.toggle(items) == "tells you of 2 items as they get done; 1 is done already"
    many = [operation(number) for number in range(10, MOST + 20)]
    assert f"more than {MOST}" in bells.toggle(many)
    assert len(bells.keys) == 2
    assert bells.toggle(items[:2]) == "no longer tells you of 2 items"


def test_a_post_edit_is_waited_for_after_the_translation() -> None:
    bells = Bells(Memory())
    running = instant_request(post_edit="In progress")
    bells.toggle([running])
    ready = replace(running, state=State.READY, ready=True)
    assert len(bells.heed([ready])) == 1
    bells.toggle([ready])
    assert bells.heed([replace(ready, state=State.RUNNING)]) == []
    (ring,) = bells.heed([replace(ready, post_edit_ready=True)])
    assert "post-edit" in ring.words


def test_bells_outlive_the_program_but_not_operations_that_left_the_list() -> None:
    memory = Memory()
    flex = flex_component(state=State.RUNNING)
    Bells(memory).toggle([WAITING, operation(5002), beebox_file(), flex])
    again = Bells(memory)
    again.recollect(found(WAITING, beebox_file()))
    assert again.keys == {WAITING.key, beebox_file().key, flex.key}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"op:5001": 7}', '{"op:5001": "x"}', "[" * 50_000])
def test_a_damaged_memory_is_none(text: str) -> None:
    bells = Bells(Memory({NAME: text}))
    bells.recollect(found(WAITING))
    assert bells.keys == frozenset()


def test_what_got_done_while_nobody_looked_rings_at_the_start(stage: Stage) -> None:
    stage.store.remember(NAME, json.dumps({"op:5001": "result"}))
    seen: list[Snapshot] = []
    board = MonitorState(ProfileInfo("acme"), FakeClock(), stage.store, seen.append)
    board.put(Service.OPERATIONS, [DONE])
    board.recollect_bells()
    board.publish()
    assert [ring.key for ring in seen[-1].rings] == ["op:5001"]
    assert seen[-1].bells == frozenset()
    assert seen[-1].events[-1].text == "told: Operation 5001 is ready"


async def test_a_watched_operation_rings_when_the_server_says_that_it_is_done(stage: Stage) -> None:
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    async with stage.monitoring() as monitor:
        await stage.clock.run_until(
            lambda: any(o.state is State.RUNNING for o in stage.latest.operations), 60
        )
        running = next(o.key for o in stage.latest.operations if o.state is State.RUNNING)
        assert monitor.toggle_alert([running]) == "tells you when it is done"
        assert json.loads(stage.store.recall(NAME) or "") == {running: "result"}
        await stage.clock.run_until(lambda: bool(stage.latest.rings), 3600)
    (ring,) = stage.latest.rings
    item = next(o for o in stage.latest.operations if o.key == running)
    assert (ring.key, ring.state) == (running, item.state.value)
    assert stage.latest.bells == frozenset()
    assert json.loads(stage.store.recall(NAME) or "") == {}
    told = [event.text for event in stage.latest.events if ring.words in event.text]
    assert told == [f"told: {ring.words}"], "not as news, and once more as what he is told"


def test_where_another_one_polls_it_is_said_where_to_ask(stage: Stage) -> None:
    assert (
        RemoteMonitor(stage.store, stage.clock, "7 polls")
        .toggle_alert([WAITING.key])
        .startswith("7 polls: ask there")
    )
