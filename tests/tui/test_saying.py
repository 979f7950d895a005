"""The message line: a failure stays until a key in its sight, all of a batch is counted, the rest goes."""

from __future__ import annotations

from dataclasses import replace

from tests.fakes import NOON
from tests.tui import scenes
from tests.tui.driving import make, part, running
from wbtui.domain.model import Action, ItemKey, Service
from wbtui.domain.snapshot import Download, DownloadState, Outcome, Snapshot
from wbtui.tui.controllers.item_actions import Tally
from wbtui.tui.view_model import MessageLine


def test_words_go_with_the_next_key_after_they_were_drawn() -> None:
    line = MessageLine()
    line.say("copied")
    assert not line.press(1.0)
    line.show(2.0)
    assert not line.press(1.5), "pressed before it was seen"
    assert line.press(3.0)
    assert line.text == ""


def test_a_failure_stays_in_front_of_what_went_well_until_it_was_seen() -> None:
    line = MessageLine()
    line.say("T: 1 failed: locked", failed=True)
    line.say("d: 2 done")
    line.say("d: 3 done")
    assert line.text == "T: 1 failed: locked   d: 3 done"
    line.say("")
    assert line.text == "T: 1 failed: locked"
    line.show(1.0)
    line.press(2.0)
    line.say("d: 4 done")
    assert line.text == "d: 4 done"


def test_outcomes_that_no_snapshot_bore_are_counted() -> None:
    tally = Tally(missing=3000)
    for number in range(3001, 5001):
        tally.add(outcome(number, done=False))
    assert tally.words == "2000 failed: the line broke off; 3000 more: see Activity"


def outcome(number: int, *, done: bool, action: Action = Action.DOWNLOAD) -> Outcome:
    words = "7 bytes" if done else "the line broke off"
    return Outcome(number, action, ItemKey(f"op:{number}"), done, words, NOON)


def with_outcomes(*outcomes: Outcome, open_ones: int = 0) -> Snapshot:
    transfer = Download(ItemKey("op:9"), Service.OPERATIONS, "a.docx", DownloadState.RUNNING)
    return replace(scenes.snapshot(), outcomes=outcomes, transfers=(transfer,) * open_ones)


async def test_failures_of_one_batch_are_added_up_whoever_presses_keys_meanwhile() -> None:
    app = make()
    failed = [outcome(number, done=False) for number in range(1, 20)]
    async with running(app) as pilot:
        app.show(with_outcomes(*failed[:8], open_ones=2))
        await pilot.pause()
        assert "d: 8 failed" in part(app, "message")
        await pilot.press("j")
        await pilot.pause()
        assert "failed" not in part(app, "message")
        app.show(with_outcomes(*failed, open_ones=0))
        await pilot.pause()
        assert "d: 19 failed: the line broke off" in part(app, "message")
        await pilot.press("j")
        app.show(with_outcomes(*failed, outcome(20, done=False)))
        await pilot.pause()
        assert "d: 1 failed" in part(app, "message"), "another batch"


async def test_what_went_well_does_not_hide_a_failure_that_nobody_saw() -> None:
    app = make()
    bad = outcome(1, done=False, action=Action.RETRY)
    async with running(app) as pilot:
        app.show(with_outcomes(bad))
        app.show(with_outcomes(bad, outcome(2, done=True)))
        await pilot.pause()
        assert "T: 1 failed: the line broke off   d: 7 bytes" in part(app, "message")
        await pilot.press("j")
        assert "failed" not in part(app, "message").partition("new problem")[0]


async def test_the_title_of_the_strip_counts_the_downloads_that_ended_long_ago() -> None:
    app = make()
    ended = [
        Download(
            ItemKey(f"op:{number}"),
            Service.OPERATIONS,
            f"{number}.docx",
            DownloadState.FAILED,
            ended_at=scenes.ago(minutes=5 if number < 11 else 0),
        )
        for number in range(19)
    ]
    async with running(app, replace(scenes.snapshot(), transfers=tuple(ended))) as pilot:
        await pilot.pause()
        assert "Downloads  19 failed" in part(app, "news")
