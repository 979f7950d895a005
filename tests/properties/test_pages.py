"""Lists that shift while they are read page by page: in the end the state holds what the list holds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.fakes import FakeClock
from tests.items import beebox_file
from wbtui.domain.model import BeeboxFile, State
from wbtui.domain.ports import BeeboxDetails, BeeboxPage
from wbtui.monitor.monitor_state import MonitorState, ProfileInfo
from wbtui.monitor.pollers.beebox import BeeboxPoller, BeeboxScope
from wbtui.store import open_store

STILL = 3000.0
"""Long enough for four full passes, each at least ten minutes after the one before."""
NAMES = [f"{letter}.docx" for letter in "abcdefghij"]


@dataclass(frozen=True)
class Edit:
    """What somebody does to the list between two answers."""

    name: str
    at: int
    """Where it comes to stand, if it is not there; else it is taken out, or only moved on."""
    state: State | None


EDITS = st.lists(
    st.builds(
        Edit,
        st.sampled_from(NAMES),
        st.integers(0, 12),
        st.none() | st.sampled_from([State.WAITING, State.RUNNING, State.READY, State.CANCELLED]),
    ),
    max_size=3,
)


@dataclass
class Shifting:
    """A gateway over a list that is edited after every page; time goes by with every answer."""

    clock: FakeClock
    most: int
    """Records in an answer, however many are asked for."""
    seconds: float
    """How long an answer takes: three of a second are a slice of two."""
    edits: list[list[Edit]]
    there: list[BeeboxFile] = field(default_factory=list)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[Shifting]:
        yield self

    async def details(self) -> BeeboxDetails:
        return BeeboxDetails()

    async def page(
        self,
        *,
        locale: str = "",
        pattern: str = "",
        paths: Sequence[str] = (),
        skip: int = 0,
        count: int = 100,
    ) -> BeeboxPage:
        chosen = [file for file in self.there if not paths or file.path in paths]
        part = chosen[skip : skip + min(count, self.most)]
        at = self.clock.now()
        page = BeeboxPage(
            tuple(beebox_file(f.path, state=f.state, seen_at=at) for f in part), skip, len(chosen), len(part)
        )
        self.clock.elapsed += self.seconds
        for edit in self.edits.pop(0) if self.edits else ():
            self._edit(edit)
        return page

    def _edit(self, edit: Edit) -> None:
        self.there = [file for file in self.there if file.path != edit.name]
        if edit.state is not None:
            self.there.insert(edit.at, beebox_file(edit.name, state=edit.state))


async def watched(shifting: Shifting, folder: Path) -> dict[str, State]:
    """Let the watch follow the list until it has been still for long; return what is shown."""
    clock = shifting.clock
    store = open_store(folder / "state.sqlite3")
    state = MonitorState(ProfileInfo("acme"), clock, store, lambda _: None)
    watch = BeeboxPoller(shifting, state, clock, scope=BeeboxScope(), poll_seconds=60.0)
    try:
        await looks(watch, clock, lambda: bool(shifting.edits))
        end = clock.elapsed + STILL
        await looks(watch, clock, lambda: clock.elapsed < end)
    finally:
        store.close()
    return {file.path: file.state for file in state.beebox.values()}


async def looks(watch: BeeboxPoller, clock: FakeClock, going_on: Callable[[], bool]) -> None:
    while going_on():
        clock.elapsed += max(0.0, (watch.due() or 0.0) - clock.monotonic())
        await watch.look()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(EDITS, min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from([0.1, 0.9, 2.5]),
    st.integers(0, len(NAMES)),
)
def test_a_list_that_shifts_between_its_pages_ends_right(
    edits: list[list[Edit]], most: int, seconds: float, already: int
) -> None:
    there = [beebox_file(name, state=State.READY) for name in NAMES[:already]]
    shifting = Shifting(FakeClock(), most, seconds, edits, there)
    with TemporaryDirectory() as folder:
        shown = asyncio.run(watched(shifting, Path(folder)))
    truth = {file.path: file.state for file in shifting.there}
    assert {path: shown[path] for path in truth} == truth
    assert {state for path, state in shown.items() if path not in truth} <= {State.REMOVED}
