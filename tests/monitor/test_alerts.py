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
from wbtui.domain.commands import ToggleAlert
from wbtui.domain.model import Item, ItemKey, Service, State
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Snapshot
from wbtui.monitor.monitor_state import MOST, NAME, Alerts, MonitorState, ProfileInfo


class Memory(dict[str, str]):
    """A store's small texts, and nothing else of it."""

    def remember(self, name: str, value: str, *, synced: bool = True) -> None:
        self[name] = value

    def recall(self, name: str) -> str | None:
        return self.get(name)

    def recall_all(self, prefix: str) -> dict[str, str]:
        return {name: text for name, text in self.items() if name.startswith(prefix)}


WAITING = operation(5001)
DONE = operation(5001, State.READY)


def found(*items: Item) -> Callable[[ItemKey], Item | None]:
    return {item.key: item for item in items}.get


def test_a_bell_rings_once_and_is_then_taken_away() -> None:
    alerts = Alerts(Memory())
    assert alerts.toggle([WAITING]) == "tells you when it is done"
    assert alerts.keys == {WAITING.key}
    assert alerts.check([operation(5001, State.RUNNING), operation(5002, State.READY)]) == []
    (alert,) = alerts.check([DONE])
    assert (alert.id, alert.key, alert.state, alert.words) == (
        1,
        WAITING.key,
        "ready",
        "Operation 5001 is ready",
    )
    assert alerts.check([DONE]) == []
    assert (alerts.keys, alerts.raised) == (frozenset(), (alert,))


def test_pressed_again_it_is_taken_back_and_of_what_is_done_it_is_refused() -> None:
    alerts = Alerts(Memory())
    alerts.toggle([WAITING])
    assert alerts.toggle([WAITING]) == "no longer tells you of it"
    assert alerts.keys == frozenset()
    assert alerts.toggle([DONE]) == "it is done already: nothing more is to come of it"
    assert alerts.toggle([DONE, operation(2, State.FAILED)]) == "none of the 2 has anything to come"


def test_of_many_only_what_is_still_to_come_is_waited_for() -> None:
    alerts = Alerts(Memory())
    items = [operation(1), operation(2), operation(3, State.DONE)]
    assert alerts.toggle(items) == "tells you of 2 items as they get done; 1 is done already"
    many = [operation(number) for number in range(10, MOST + 20)]
    assert f"more than {MOST}" in alerts.toggle(many)
    assert len(alerts.keys) == 2
    assert alerts.toggle(items[:2]) == "no longer tells you of 2 items"


def test_a_post_edit_is_waited_for_after_the_translation() -> None:
    alerts = Alerts(Memory())
    running = instant_request(post_edit="In progress")
    alerts.toggle([running])
    ready = replace(running, state=State.READY, ready=True)
    assert len(alerts.check([ready])) == 1
    alerts.toggle([ready])
    assert alerts.check([replace(ready, state=State.RUNNING)]) == []
    (alert,) = alerts.check([replace(ready, post_edit_ready=True)])
    assert "post-edit" in alert.words


def test_bells_outlive_the_program_but_not_operations_that_left_the_list() -> None:
    memory = Memory()
    flex = flex_component(state=State.RUNNING)
    Alerts(memory).toggle([WAITING, operation(5002), beebox_file(), flex])
    again = Alerts(memory)
    again.load(found(WAITING, beebox_file()))
    assert again.keys == {WAITING.key, beebox_file().key, flex.key}


@pytest.mark.parametrize("text", ["", "[]", "{", '{"op:5001": 7}', '{"op:5001": "x"}', "[" * 50_000])
def test_a_damaged_memory_is_none(text: str) -> None:
    alerts = Alerts(Memory({NAME: text}))
    alerts.load(found(WAITING))
    assert alerts.keys == frozenset()


def test_what_got_done_while_nobody_looked_rings_at_the_start(stage: Stage) -> None:
    stage.store.remember(NAME, json.dumps({"op:5001": "result"}))
    seen: list[Snapshot] = []
    state = MonitorState(ProfileInfo("acme"), FakeClock(), stage.store, seen.append)
    state.put(Service.OPERATIONS, [DONE])
    state.load_alerts()
    state.publish()
    assert [alert.key for alert in seen[-1].alerts] == ["op:5001"]
    assert seen[-1].alerts_on == frozenset()
    assert seen[-1].events[-1].text == "told: Operation 5001 is ready"


async def test_a_watched_operation_rings_when_the_server_says_that_it_is_done(stage: Stage) -> None:
    stage.store.track([Tracked(number) for number in stage.world.operation_ids()], stage.clock.now())
    async with stage.monitoring() as monitor:
        await stage.clock.run_until(
            lambda: any(o.state is State.RUNNING for o in stage.latest.operations), 60
        )
        running = next(o.key for o in stage.latest.operations if o.state is State.RUNNING)
        assert monitor.do(ToggleAlert((running,))) == "tells you when it is done"
        assert json.loads(stage.store.recall(NAME) or "") == {running: "result"}
        await stage.clock.run_until(lambda: bool(stage.latest.alerts), 3600)
    (alert,) = stage.latest.alerts
    item = next(o for o in stage.latest.operations if o.key == running)
    assert (alert.key, alert.state) == (running, item.state.value)
    assert stage.latest.alerts_on == frozenset()
    assert json.loads(stage.store.recall(NAME) or "") == {}
    told = [event.text for event in stage.latest.events if alert.words in event.text]
    assert told == [f"told: {alert.words}"], "not as news, and once more as what he is told"


def test_where_another_one_polls_it_is_said_where_to_ask(stage: Stage) -> None:
    remote = RemoteMonitor(stage.store, stage.clock, "7 polls")
    assert remote.do(ToggleAlert((WAITING.key,))).startswith("7 polls: ask there")
