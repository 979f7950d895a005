"""Flex: one query at a time, both sides, asked again when something changed or the user asks otherwise."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.fakes import NOON
from tests.world import Stage
from wbtui.config import FlexSettings
from wbtui.domain.commands import AskFlex, Refresh, Retry
from wbtui.domain.model import FLEX_QUERY, FlexQuestion, ItemKey, Metric, Service, State
from wbtui.domain.ports import FlexAnswer
from wbtui.domain.snapshot import HealthWord, Level
from wbtui.monitor.pollers.flex import window_start
from wbtui.monitor.pollers.flex_memory import PendingRound, pending_from
from wbtui.simulator.http_messages import Reply
from wbtui.wordbee import flex
from wbtui.wordbee.flex import decode_components

MakeStage = Callable[..., Stage]
QUIET = {"operations": 0, "edit_seconds": 0.0, "speed": 20.0}


def asked(stage: Stage) -> list[tuple[str, bool]]:
    """Return document and side of each query that was sent."""
    return [
        (entry.path.split("/")[-3], bool(entry.body.get("invert")))
        for entry in stage.log("translator", "/components/status", "POST")
    ]


async def answered(stage: Stage) -> None:
    def all_answered() -> bool:
        documents = stage.latest.flex_documents
        return bool(documents) and all(d.answered_at and not d.note for d in documents)

    await stage.clock.run_until(all_answered, 600)


async def test_the_side_that_is_shown_is_asked_of_all_documents_before_the_other(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
    documents = [d.id for d in stage.latest.flex_documents]
    assert len(documents) == 3
    assert asked(stage) == [(d, side) for side in (False, True) for d in documents]
    assert {cell.state for cell in stage.latest.flex} == {State.READY, State.RUNNING}


async def test_the_query_says_what_was_asked(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    assert stage.profile.translator is not None
    flex = FlexSettings(
        documents=("1000",),
        metric=Metric.ALL_GREEN,
        changed=timedelta(hours=1),
        locales=("fr", "de"),
        components=("app.login",),
    )
    async with stage.monitoring(translator=replace(stage.profile.translator, flex=flex)):
        await answered(stage)
    first = stage.log("translator", "/components/status", "POST")[0]
    assert first.body["metric"] == "StatusOk"
    assert first.body["locales"] == ["fr", "de"]
    assert first.body["components"] == ["app.login"]
    assert first.body["changed"] == "2026-03-01T11:00:00Z"
    assert [d.id for d in stage.latest.flex_documents] == ["1000"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(3600, NOON - timedelta(hours=1)), (7 * 86_400, NOON - timedelta(days=7) + timedelta(minutes=5))],
)
def test_the_window_keeps_a_margin_below_seven_days(seconds: int, expected: object) -> None:
    assert window_start(FlexQuestion(changed_seconds=seconds), NOON) == expected


async def test_a_document_that_changed_is_asked_again_and_an_unchanged_one_is_not(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(operations=0, speed=20.0, edit_seconds=4000.0)
    async with stage.monitoring():
        await answered(stage)
        before = len(asked(stage))
        await stage.clock.run_for(880.0)
        again = asked(stage)[before:]
    changed = {e for e, _ in again}
    assert changed
    assert len(changed) < 3


async def test_unchanged_documents_are_asked_again_after_a_quarter_of_an_hour(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
        await stage.clock.run_for(840.0)
        assert len(asked(stage)) == 6
        await stage.clock.run_for(200.0)
        assert len(asked(stage)) == 12


async def test_another_choice_is_asked_and_the_rows_stay_marked_old_meanwhile(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        before = {cell.key for cell in stage.latest.flex}
        read_at = min(d.read_at for d in stage.latest.flex_documents if d.read_at)
        question = replace(stage.latest.question, metric=Metric.BOOKMARKED)
        assert monitor.do(AskFlex(question)) == "asking Flex anew"
        await stage.clock.settle()
        health = stage.latest.health[Service.FLEX]
        assert {cell.key for cell in stage.latest.flex} == before
        assert (health.word, health.at, health.read_at) == (HealthWord.OLD, read_at, read_at)
        assert "the rows answer no errors within 7 d" in health.message
        await answered(stage)
        await stage.clock.run_until(lambda: stage.latest.health[Service.FLEX].word is HealthWord.OK, 60)
        assert stage.latest.question.metric is Metric.BOOKMARKED
        assert all(d.answers(question) for d in stage.latest.flex_documents)
        assert len(asked(stage)) == 12


async def test_a_burst_of_keys_sends_one_query_and_not_before_the_last_has_rested(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        for metric in (Metric.ALL_GREEN, Metric.BOOKMARKED, Metric.NO_ERRORS, Metric.ALL_GREEN):
            monitor.do(AskFlex(replace(stage.latest.question, metric=metric)))
            await stage.clock.run_for(1.4)
            assert len(asked(stage)) == 6
        await stage.clock.run_for(0.2)
        sent = stage.log("translator", "/components/status", "POST")[6:]
        assert [entry.body["metric"] for entry in sent] == ["StatusOk"]


async def test_what_was_answered_for_a_choice_is_shown_with_its_age_when_one_comes_back(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        first = stage.latest.question
        kept, read_at = stage.latest.flex, stage.latest.health[Service.FLEX].read_at
        assert read_at is not None
        monitor.do(AskFlex(replace(first, metric=Metric.BOOKMARKED)))
        await stage.clock.run_until(lambda: len(asked(stage)) == 12, 300)
        await answered(stage)
        assert stage.latest.flex != kept
        said = monitor.do(AskFlex(first))
        await stage.clock.settle()
        assert said == f"shown as of {read_at.astimezone():%H:%M:%S}"
        assert stage.latest.flex == kept
        assert set(stage.store.items(Service.FLEX)) == set(kept)
        assert stage.latest.health[Service.FLEX].read_at == read_at
        await stage.clock.run_for(60.0)
        assert len(asked(stage)) == 12


async def test_a_query_that_is_on_its_way_when_one_chooses_otherwise_answers_its_own_choice_only(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(**QUIET | {"speed": 0.5})
    async with stage.monitoring() as monitor:
        await stage.clock.run_until(lambda: len(asked(stage)) == 1, 30)
        first = stage.latest.question
        monitor.do(AskFlex(replace(first, metric=Metric.BOOKMARKED)))
        await stage.clock.run_for(1.0)
        monitor.do(AskFlex(first))
        await answered(stage)
    sent = stage.log("translator", "/components/status", "POST")
    assert {entry.body["metric"] for entry in sent} == {"StatusNoneOk"}
    assert len(sent) == 6


async def test_choices_that_are_kept_have_a_limit() -> None:
    from tests.tui.scenes import snapshot
    from wbtui.monitor.pollers import flex_queries as flex

    cell = snapshot().flex[0]
    many = {ItemKey(str(number)): cell for number in range(flex.CELLS_KEPT // 2)}
    choices = flex.Choices()
    questions = [FlexQuestion(changed_seconds=hours * 3600) for hours in (1, 6, 24)]
    for question in questions:
        progress = {"1000": flex.Progress(0.0, first_at=NOON)}
        choices.leave(flex.FlexChoice(question, progress, cells=many))
    assert [choices.take(question) is None for question in questions] == [True, False, False]


async def test_inverting_shows_the_other_side_without_a_new_query(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        assert monitor.do(AskFlex(replace(stage.latest.question, invert=True))) == "shown"
        await stage.clock.run_for(5.0)
        assert len(asked(stage)) == 6
        assert stage.latest.question.invert


async def test_a_failed_query_is_said_and_asked_again_later(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET, flex_failed_share=1.0)
    async with stage.monitoring():
        await stage.clock.run_for(300.0)
        notes = {d.note for d in stage.latest.flex_documents}
        assert all(note.startswith("query failed: ") for note in notes)
        failures = [e for e in stage.latest.events if e.level is Level.ERROR]
        assert [e for e in failures if e.source == "flex"]
        assert not [e for e in failures if e.source == "operations"], "told once"
        before = len(asked(stage))
        await stage.clock.run_for(1200.0)
        assert len(asked(stage)) > before


async def test_a_query_that_is_run_again_is_the_next_attempt_of_the_failed_one(
    stage_for: MakeStage,
) -> None:
    stage = stage_for(**QUIET, flex_failed_share=1.0)

    def attempts() -> list[int]:
        return [o.attempt for o in stage.latest.operations if o.kind == FLEX_QUERY]

    async with stage.monitoring() as monitor:
        await stage.clock.run_until(
            lambda: any(o.kind == FLEX_QUERY and o.state is State.FAILED for o in stage.latest.operations),
            300,
        )
        (failed,) = [o.key for o in stage.latest.operations if o.state is State.FAILED]
        await stage.clock.run_for(60.0)
        assert set(attempts()) == {1}
        assert monitor.do(Retry((failed,))) == "retry asked for 1"
        await stage.clock.run_until(lambda: 2 in attempts(), 300)
        second = next(o for o in stage.latest.operations if o.attempt == 2)
        assert second.forerunner is not None
        assert any(o.key == second.forerunner for o in stage.latest.operations)
        await stage.clock.run_for(7200.0)
        assert max(attempts()) > 2
        queries = [o for o in stage.latest.operations if o.kind == FLEX_QUERY]
        assert len(queries) <= 2 * len(stage.latest.flex_documents)


async def test_finished_queries_do_not_fill_the_list_of_operations(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await stage.clock.run_for(3600.0)
    queries = [o for o in stage.latest.operations if o.kind == FLEX_QUERY]
    assert 1 <= len(queries) <= 6


async def test_answers_of_the_same_question_survive_a_restart(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
        cells = len(stage.latest.flex)
    before = len(asked(stage))
    async with stage.monitoring():
        assert len(stage.latest.flex) == cells
        await stage.clock.run_for(60.0)
        assert len(asked(stage)) == before


async def test_answers_to_another_question_are_not_shown_after_a_restart(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
    assert stage.profile.translator is not None
    other = replace(stage.profile.translator, flex=FlexSettings(metric=Metric.BOOKMARKED))
    async with stage.monitoring(translator=other):
        assert stage.latest.flex == ()


@pytest.mark.parametrize("queries", [1, 2, 4, 6])
async def test_a_query_that_was_under_way_at_the_end_is_taken_up(stage_for: MakeStage, queries: int) -> None:
    stage = stage_for(**QUIET | {"speed": 0.5})
    async with stage.monitoring():
        await stage.clock.run_until(lambda: len(asked(stage)) == queries, 600)
        await stage.clock.settle()
    async with stage.monitoring():
        await answered(stage)
    assert len(asked(stage)) == len(set(asked(stage))) == 6
    assert {cell.state for cell in stage.latest.flex} == {State.READY, State.RUNNING}


async def test_a_query_of_hours_ago_is_asked_again(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET | {"speed": 0.5})
    async with stage.monitoring():
        await stage.clock.run_until(lambda: len(asked(stage)) == 1, 30)
        await stage.clock.settle()
    await stage.clock.run_for(7200.0)
    async with stage.monitoring():
        await answered(stage)
    assert len(asked(stage)) == 7


async def test_what_the_store_keeps_of_a_query_may_be_anything() -> None:
    question = FlexQuestion(Metric.BOOKMARKED, 3600, locales=("fr",), components=("app.login",))
    left = PendingRound(question, NOON, NOON, {"1001": NOON}, ItemKey("op:1"), "1000", invert=True)
    assert pending_from(left.to_text(), NOON) == left
    damaged = (left.to_text().replace("2026", "26"), left.to_text().replace("BookmarkBlue", "Pink"))
    older = '{"operation": "op:1", "document": "1", "invert": true, "at": "", "last": true, "first_done": []}'
    for text in (None, "", "x", "[]", "{}", *damaged, older):
        assert pending_from(text, NOON) is None
    assert pending_from(left.to_text(), NOON - timedelta(seconds=1)) is None


async def test_refresh_asks_all_documents_again_after_half_a_minute(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        assert "next allowed" in monitor.do(Refresh(Service.FLEX))
        await stage.clock.run_for(90.0)
        assert len(asked(stage)) == 12


async def test_a_list_that_cannot_be_fetched_is_a_fault_and_no_empty_answer(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
        cells = len(stage.latest.flex)
        stage.api.broken["translator"] = Reply(503)
        await stage.clock.run_for(1000.0)
        assert stage.latest.health[Service.FLEX].word is HealthWord.DOWN
        assert len(stage.latest.flex) == cells
        stage.api.broken.clear()
        await stage.clock.run_for(1300.0)
        assert stage.latest.health[Service.FLEX].word is HealthWord.OK


async def test_documents_that_are_gone_are_forgotten_with_their_components(stage_for: MakeStage) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring():
        await answered(stage)
    assert stage.profile.translator is not None
    one = replace(stage.profile.translator, flex=FlexSettings(documents=("1000",), changed=timedelta(days=7)))
    async with stage.monitoring(translator=one):
        await stage.clock.run_for(10.0)
    assert {c.document for c in stage.latest.flex} == {"1000"}


async def test_what_cannot_be_read_of_an_answer_is_said_and_is_not_taken_for_missing(
    stage_for: MakeStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = stage_for(**QUIET)
    async with stage.monitoring() as monitor:
        await answered(stage)
        cells = len(stage.latest.flex)
        assert stage.latest.health[Service.FLEX].part is None

        def garbled(body: bytes) -> FlexAnswer:
            return decode_components(body.replace(b'"k":', b'"x":', 1))

        monkeypatch.setattr(flex, "decode_components", garbled)
        monitor.do(Refresh(Service.FLEX))
        await stage.clock.run_for(90.0)
        assert len(asked(stage)) == 12
        assert len(stage.latest.flex) == cells
        assert [d.lost for d in stage.latest.flex_documents] == [2, 2, 2]
        health = stage.latest.health[Service.FLEX]
        assert health.word is HealthWord.CONNECTING
        assert health.part is not None
        assert health.part.words() == "read 0 of 3 documents: 6 components of the others cannot be read"
    async with stage.monitoring():
        await stage.clock.run_for(1.0)
        assert stage.latest.health[Service.FLEX].part == health.part
        monkeypatch.undo()
        await stage.clock.run_for(1300.0)
        assert stage.latest.health[Service.FLEX].part is None
