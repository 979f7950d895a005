"""What a round of the Beebox asks for first, and with how few records."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.fakes import FakeClock
from tests.items import beebox_file
from tests.world import Stage, make_stage
from wbtui.app.stored_state import make_state
from wbtui.domain.errors import Rejected
from wbtui.domain.item_keys import beebox_key
from wbtui.domain.model import BeeboxFile, ItemKey, State
from wbtui.domain.ports import BeeboxDetails, BeeboxPage
from wbtui.domain.read_times import ReadTimes
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.beebox import BeeboxPoller, BeeboxScope, Unfinished
from wbtui.monitor.pollers.beebox_queries import (
    FIRST_PAGE,
    LARGEST_PAGE,
    PATHS_PER_QUERY,
    PageSize,
    Query,
    cheapest_queries,
)

LOCALES = tuple(f"l{number}" for number in range(20))


def records(query: Query, locales: Sequence[str]) -> int:
    return len(query.paths) * (1 if query.locale else len(locales))


def test_laggards_of_one_language_are_asked_for_alone() -> None:
    paths = [f"{number}.docx" for number in range(100)]
    found = list(cheapest_queries(paths, dict.fromkeys(paths, ("l3",)), LOCALES, restricted=False))
    assert found == [Query("l3", tuple(paths))]
    assert sum(records(query, LOCALES) for query in found) == 100


def test_files_that_wait_in_most_languages_are_asked_for_at_once() -> None:
    unfinished = {"all.docx": list(LOCALES), "most.docx": list(LOCALES[2:]), "one.docx": ["l0"]}
    found = list(cheapest_queries(unfinished, unfinished, LOCALES, restricted=False))
    assert Query("", ("all.docx", "most.docx", "one.docx")) in found or sum(
        records(query, LOCALES) for query in found
    ) <= 3 * len(LOCALES)
    assert len(found) <= 2


def test_no_other_language_is_asked_for_than_those_of_the_profile() -> None:
    unfinished = {"a": ["l0", "l1"], "b": ["l1"]}
    found = list(cheapest_queries(unfinished, unfinished, ("l0", "l1"), restricted=True))
    assert found == [Query("l0", ("a",)), Query("l1", ("a", "b"))]


@given(
    st.dictionaries(
        st.integers(0, 60).map(lambda number: f"{number}.xml"),
        st.sets(st.sampled_from(LOCALES), min_size=1).map(sorted),
        max_size=40,
    ),
    st.booleans(),
)
def test_every_unfinished_file_is_covered_by_a_query(
    unfinished: dict[str, list[str]], restricted: bool
) -> None:
    found = list(cheapest_queries(unfinished, unfinished, LOCALES, restricted=restricted))
    for path, locales in unfinished.items():
        for locale in locales:
            assert any(path in query.paths and query.locale in {"", locale} for query in found)
    assert all(len(query.paths) <= PATHS_PER_QUERY for query in found)


def test_paths_are_asked_for_once_and_those_seen_longest_ago_first() -> None:
    def file(path: str, minute: int, locale: str = "fr") -> BeeboxFile:
        made = beebox_file(path, locale)
        assert made.seen_at is not None
        return replace(made, seen_at=made.seen_at.replace(minute=minute))

    found = Unfinished()
    again = file("d", 0)
    assert again.seen_at is not None
    times = ReadTimes(single={again.key: again.seen_at.replace(minute=4)})
    found.add([file("b", 1), file("a", 3), again], times)
    found.add([file("c", 0), file("b", 2, "de")], times)
    assert list(found.paths()) == ["c", "b", "a", "d"]
    assert (found.locales["b"], found.records) == (["fr", "de"], 5)


def test_pages_grow_while_they_come_quickly_and_shrink_when_they_are_slow() -> None:
    pages = PageSize()
    for _ in range(5):
        pages.answered(pages.count, 0.1)
    assert pages.count == LARGEST_PAGE
    pages.answered(pages.count, 1.0)
    assert pages.count == LARGEST_PAGE // 2
    pages.answered(3, 0.1)
    assert pages.count == LARGEST_PAGE // 2, "a short page tells nothing"
    assert pages.refused()
    assert not pages.refused(), "a page of the first size has no smaller one behind it"
    pages.answered(pages.count, 0.1)
    assert pages.count == FIRST_PAGE


class Project:
    """A Beebox in memory: each call takes `call_seconds`, and pages over `most` records are refused."""

    def __init__(self, clock: FakeClock, files: Sequence[BeeboxFile], call_seconds: float, most: int) -> None:
        self.files = {file.key: file for file in files}
        self.calls: list[tuple[str, int]] = []
        """What each call asked for, and how many records it brought."""
        self._clock, self._seconds, self._most = clock, call_seconds, most

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Project]:
        yield self

    async def details(self) -> BeeboxDetails:
        raise NotImplementedError

    async def page(
        self,
        *,
        locale: str = "",
        pattern: str = "",
        paths: Sequence[str] = (),
        skip: int = 0,
        count: int = 100,
    ) -> BeeboxPage:
        self._clock.elapsed += self._seconds
        if count > self._most:
            raise Rejected("count is too large", status=400)
        named = frozenset(paths)
        found = [
            file
            for file in self.files.values()
            if locale in {"", file.locale}
            and (not named or file.path in named)
            and re.search(pattern, file.path)
        ]
        part = tuple(replace(file, seen_at=self._clock.now()) for file in found[skip : skip + count])
        self.calls.append((locale or ("paths" if paths else "pass"), len(part)))
        return BeeboxPage(part, skip, len(found), len(part))


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    stage = make_stage(tmp_path)
    yield stage
    stage.store.close()


def poller(stage: Stage, project: Project) -> tuple[BeeboxPoller, MonitorState]:
    state = make_state(stage.profile, stage.store, stage.clock, lambda _snapshot: None)
    return BeeboxPoller(project, state, stage.clock, scope=BeeboxScope(), poll_seconds=60.0), state


def files(count: int, unfinished: Sequence[int]) -> list[BeeboxFile]:
    return [
        beebox_file(f"{number:05}.xml", locale, state=State.RUNNING if number in unfinished else State.READY)
        for number in range(count)
        for locale in LOCALES[:10]
    ]


async def whole_pass(watched: BeeboxPoller, clock: FakeClock) -> int:
    """Return after how many rounds the pass under way has ended."""
    count = 0
    while watched.passing:
        await rounds(watched, clock, 1)
        count += 1
    return count


async def rounds(watched: BeeboxPoller, clock: FakeClock, count: int) -> None:
    for _ in range(count):
        await watched.look()
        clock.elapsed += 58.0


async def test_a_file_that_gets_ready_during_a_pass_is_seen_within_two_rounds(stage: Stage) -> None:
    project = Project(stage.clock, files(3_000, range(2_900, 2_950)), call_seconds=0.3, most=500)
    watched, state = poller(stage, project)
    assert await whole_pass(watched, stage.clock) > 6
    watched.request_refresh()
    await rounds(watched, stage.clock, 2)
    key = beebox_key("l4", "02925.xml")
    project.files[key] = replace(project.files[key], state=State.READY)
    await rounds(watched, stage.clock, 2)
    assert watched.passing, "a pass takes many rounds"
    assert state.beebox[key].state is State.READY


async def test_a_pass_goes_on_beside_what_is_unfinished(stage: Stage) -> None:
    project = Project(stage.clock, files(2_000, range(0, 900)), call_seconds=0.3, most=500)
    watched, _ = poller(stage, project)
    before = await whole_pass(watched, stage.clock)
    watched.request_refresh()
    assert await whole_pass(watched, stage.clock) <= 3 * before


@pytest.mark.parametrize("by", ["alert", "mark", "wait"])
async def test_what_is_waited_for_is_asked_for_before_others(stage: Stage, by: str) -> None:
    project = Project(stage.clock, files(1_200, range(0, 500)), call_seconds=0.9, most=500)
    watched, state = poller(stage, project)
    await whole_pass(watched, stage.clock)
    key = beebox_key("l7", "00499.xml")
    if by == "alert":
        state.alerts.toggle([state.beebox[key]])
    elif by == "mark":
        state.preferred = frozenset({key})
    else:
        watched.want(frozenset({key, ItemKey("op:5001")}))
    project.files[key] = replace(project.files[key], state=State.READY)
    await rounds(watched, stage.clock, 1)
    assert state.beebox[key].state is State.READY


async def test_a_server_that_refuses_large_pages_is_asked_for_small_ones(stage: Stage) -> None:
    project = Project(stage.clock, files(500, []), call_seconds=0.05, most=500)
    watched, state = poller(stage, project)
    await rounds(watched, stage.clock, 1)
    assert len(state.beebox) == 5_000
    assert max(count for _, count in project.calls) == 500


async def test_a_single_reading_is_a_pass_alone(stage: Stage) -> None:
    project = Project(stage.clock, files(2_000, range(0, 200)), call_seconds=0.3, most=500)
    watched, _ = poller(stage, project)
    reading = asyncio.ensure_future(watched.read_once(0.0, frozenset()))
    await stage.clock.run_until(reading.done)
    assert (await reading, watched.passing) == ("", False)
    assert {asked for asked, _ in project.calls} == {"pass"}
