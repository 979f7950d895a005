"""Every command is carried out by the monitor, or refused by the one that only follows another process."""

from __future__ import annotations

from dataclasses import FrozenInstanceError, replace
from pathlib import Path
from typing import get_args

import pytest

from tests.world import Stage, make_stage
from wbtui.app.sharing import RemoteMonitor
from wbtui.domain.commands import (
    AcceptDoubtful,
    AskFlex,
    Cancel,
    Command,
    DownloadItems,
    DownloadReady,
    Forget,
    Note,
    Pause,
    Prefer,
    Refresh,
    Resume,
    Retry,
    StopDownloads,
    ToggleAlert,
    Track,
    UndoForget,
)
from wbtui.domain.item_keys import operation_key
from wbtui.domain.model import FlexQuestion, Metric, Service
from wbtui.domain.records import Tracked
from wbtui.domain.snapshot import Event, Level

KEYS = (operation_key(1),)
"""An operation that nobody knows."""
UNKNOWN = "1 cannot be: it is not in the list any more"


def examples(stage: Stage) -> tuple[tuple[Command, str], ...]:
    """Return an example of each command with what the monitor says of it, in an order that makes sense."""
    return (
        (Refresh(Service.BEEBOX), "asked"),
        (Pause(), "paused"),
        (Resume(), "resumed"),
        (AskFlex(FlexQuestion(Metric.ALL_GREEN)), "asking Flex anew"),
        (Track((Tracked(stage.world.operation_ids()[0]),)), "watching 1 operation"),
        (Forget(KEYS), "stopped watching 0 operations"),
        (UndoForget(KEYS), "watching 0 operations again"),
        (ToggleAlert(KEYS), "none of the 0 has anything to come"),
        (Prefer(KEYS), ""),
        (Note(Event(stage.clock.now(), Level.WARNING, "wbtui", "by hand")), ""),
        (DownloadItems(KEYS), UNKNOWN),
        (DownloadReady(KEYS), "nothing here is ready to be downloaded"),
        (AcceptDoubtful(KEYS), "1 cannot be: no file of it was stored as doubtful"),
        (StopDownloads(KEYS), "nothing to stop"),
        (Retry(KEYS), UNKNOWN),
        (Cancel(KEYS), UNKNOWN),
    )


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    return make_stage(tmp_path)


def test_there_is_an_example_of_every_command(stage: Stage) -> None:
    assert {type(command) for command, _ in examples(stage)} == set(get_args(Command))


async def test_the_monitor_carries_out_every_command(stage: Stage) -> None:
    async with stage.monitoring() as monitor:
        await stage.clock.run_for(15.0)
        given = examples(stage)
        assert tuple((command, monitor.do(command)) for command, _ in given) == given
        await stage.clock.run_for(0.1)
        assert any(event.text == "by hand" for event in stage.latest.events)


async def test_new_pollers_take_the_commands_in_place_of_the_old_ones(stage: Stage) -> None:
    profile_services = await stage.profile_services()
    other = await stage.profile_services()
    monitor = profile_services.monitor()
    await monitor.replace_pollers(list(other.pollers.values()))
    assert monitor.do(AskFlex(FlexQuestion(Metric.ALL_GREEN))) == "asking Flex anew"
    assert other.state.question == FlexQuestion(Metric.ALL_GREEN)
    await profile_services.close()
    await other.close()


async def test_commands_to_a_service_that_is_not_set_up_are_refused(stage: Stage) -> None:
    stage.profile = replace(stage.profile, translator=None)
    async with stage.monitoring() as monitor:
        for command in (Track((Tracked(1),)), Forget(KEYS), UndoForget(KEYS)):
            assert monitor.do(command) == "operations are not set up in this profile"
        assert monitor.do(AskFlex(FlexQuestion())) == "Flex is not set up in this profile"


def test_the_one_that_follows_tracks_and_refuses_the_rest(stage: Stage) -> None:
    remote = RemoteMonitor(stage.store, stage.clock, "pid 7 polls")
    refusal = "pid 7 polls: ask there, or quit that one and this one takes over"
    own = {Track: "tracked 1; pid 7 polls", Note: ""}
    for command, _ in examples(stage):
        assert remote.do(command) == own.get(type(command), refusal)
    assert [o.request_id for o in stage.store.operations()] == [stage.world.operation_ids()[0]]


def test_a_command_is_a_value(stage: Stage) -> None:
    same: tuple[Command, ...] = (Forget(KEYS), Forget(KEYS))
    assert same[0] == same[1]
    assert same[0] not in {UndoForget(KEYS), Cancel(KEYS)}
    for command, _ in examples(stage):
        with pytest.raises((FrozenInstanceError, TypeError)):
            command.keys = ()  # type: ignore[misc, union-attr]
