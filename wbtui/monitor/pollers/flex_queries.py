"""The queries of Flex: what was asked of which document, how far it has come, and the operations they are."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import field, replace
from datetime import datetime
from typing import Final

from wbtui.domain.clock import Clock
from wbtui.domain.item_keys import operation_key
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.merge import FlexSide, flex_cells, left_behind, merge_listed, new_operation
from wbtui.domain.model import (
    FINISHED,
    FLEX_QUERY,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    ItemKey,
    Operation,
    OperationReading,
    Service,
    State,
    When,
)
from wbtui.domain.ports import FlexAnswer, Store
from wbtui.monitor.chunks import SCANNED, chunks
from wbtui.monitor.monitor_state import MonitorState
from wbtui.scheduling.intervals import FLEX_RETRY

ROWS_AT_ONCE: Final = 40
"""Components that are merged at once; each may have as many cells as there are languages."""
CELLS_KEPT: Final = 100_000
"""Cells of the choices that are not in force, at most: some 40 MB."""


@dataclass(frozen=True, slots=True)
class FlexQuery:
    """The one query under way."""

    side: FlexSide
    operation: ItemKey
    last: bool
    """True for the second side of a document."""


@dataclass(slots=True)
class Progress:
    """How far one document has come; times are monotonic seconds, but for `first_at`."""

    ask_at: float
    first_at: datetime | None = None
    """When the side was asked that has answered while the other one has not."""
    answered_at: float | None = None
    answered_change: When = None
    settled: bool = False
    """True once the document has answered, or refused, for this run."""


@dataclass(slots=True)
class FlexChoice:
    """One question, and how far its answers have come."""

    question: FlexQuestion
    progress: dict[str, Progress] = field(default_factory=dict)
    query: FlexQuery | None = None
    asking: bool = False
    """True while a query is being submitted, so that its operation is not known yet."""
    cells: Mapping[ItemKey, FlexComponent] = field(default_factory=dict)
    documents: Mapping[str, FlexDocument] = field(default_factory=dict)
    """What was shown of the choice when it was left."""

    @property
    def settled(self) -> bool:
        """Return whether every document has answered or refused, in this run or shortly before it."""
        return self.query is None and all(progress.settled for progress in self.progress.values())

    @property
    def waiting(self) -> set[str]:
        """Return the documents that have neither answered nor refused."""
        return {document for document, progress in self.progress.items() if not progress.settled}

    @property
    def ask_at(self) -> float:
        """Return when the next document is to be asked."""
        return min((progress.ask_at for progress in self.progress.values()), default=float("inf"))

    def next_document(self) -> str:
        """Return the document that is to be asked next."""
        return min(self.progress, key=lambda document: self.progress[document].ask_at)

    def plan_changed(self, document: FlexDocument, now: float) -> None:
        """Ask a document again at once when its date of change has moved."""
        progress = self.progress[document.id]
        if progress.answered_at is not None and progress.answered_change != document.changed_at:
            progress.ask_at = min(progress.ask_at, max(now, progress.answered_at + FLEX_RETRY))

    @property
    def begun(self) -> bool:
        """Return whether there is anything to come back to: an answer, or a query under way."""
        answered = any(d.answers(self.question) for d in self.documents.values())
        first = any(p.first_at is not None for p in self.progress.values())
        return answered or first or self.asking or self.query is not None


class Choices:
    """The choices that were left, the last one last, with no more cells than `CELLS_KEPT`."""

    def __init__(self) -> None:
        self._left: list[FlexChoice] = []

    def leave(self, choice: FlexChoice) -> None:
        """Keep a choice for when one comes back to it."""
        if not choice.begun:
            return
        self._left.append(choice)
        while sum(len(each.cells) for each in self._left) > CELLS_KEPT:
            del self._left[0]

    def take(self, question: FlexQuestion) -> FlexChoice | None:
        """Give a choice back that was left, or None."""
        found = next((each for each in self._left if each.question.same_as(question)), None)
        if found is not None:
            self._left.remove(found)
        return found


def side_state(*, invert: bool) -> State:
    """Return the state of the components that one side of a question names."""
    return State.RUNNING if invert else State.READY


class QueryOperations:
    """The operations that queries are: added when a query is sent, and found again when it has ended."""

    def __init__(self, state: MonitorState, store: Store) -> None:
        self._state = state
        self._store = store

    def find(self, query: FlexQuery) -> Operation | None:
        """Return the operation of a query, unless it was taken off the list."""
        return self._state.operations.get(query.operation)

    def over(self, query: FlexQuery) -> bool:
        """Return whether nothing more comes of a query."""
        operation = self.find(query)
        return operation is None or operation.state in FINISHED

    def add(
        self, document: str, question: FlexQuestion, reading: OperationReading, asked_at: datetime
    ) -> ItemKey:
        """Watch the operation of a query that was sent; drop what the same query left before.

        One finished query per document and side is kept, so that they do not fill the list of operations.
        """
        known = self._state.documents.get(document)
        name = (known.name if known else "") or document
        side = "open" if question.invert else "complete"
        label = f"{name}: {side}, {question.metric.label}"
        operation = new_operation(reading.request_id, reading, asked_at, kind=FLEX_QUERY, label=label)
        if not reading.request_id:
            operation = replace(operation, key=operation_key(f"local-{self._store.next_local()}"))
        finished = [
            o
            for o in self._state.operations.values()
            if o.kind == FLEX_QUERY and o.label == label and o.state in FINISHED
        ]
        failed = (o for o in finished if o.state is State.FAILED)
        last = max(failed, key=lambda o: o.attempt, default=None)
        if last is not None:
            operation = replace(operation, attempt=last.attempt + 1, forerunner=last.key)
        self._state.spoken_for.add(operation.key)
        old = [o.key for o in finished if o.key not in {operation.key, operation.forerunner}]
        self._state.put(Service.OPERATIONS, [replace(operation, submitted_at=asked_at)], old)
        return operation.key


class QueryAnswers:
    """Merges answers into the state piece by piece, so that the screen stays alive beside a long one."""

    def __init__(self, state: MonitorState, clock: Clock) -> None:
        self._state = state
        self._clock = clock

    async def merge(self, side: FlexSide, answer: FlexAnswer, in_force: Callable[[], bool]) -> None:
        """Merge the answer of one side, for as long as nothing else has been asked meanwhile."""
        answered: set[ItemKey] = set()
        await self._state.put_many(Service.FLEX, self._merged(side, answer, in_force, answered))
        if not in_force():
            return
        if answer.lost:  # what cannot be read may be what is missing
            self._state.reads.some(Service.FLEX, answered, side.at)
            return
        self._state.reads.whole(FlexComponent.list_of(side.document, side.state), side.at)
        async for part in chunks(list(self._state.flex.values()), self._clock, SCANNED):
            if in_force():
                self._state.put(Service.FLEX, (), left_behind(part, side, answered))

    async def _merged(
        self, side: FlexSide, answer: FlexAnswer, in_force: Callable[[], bool], answered: set[ItemKey]
    ) -> AsyncIterator[list[FlexComponent]]:
        known, document = self._state.flex, self._state.documents.get(side.document)
        again = document is not None and document.answered_at is not None
        async for rows in chunks(answer.rows, self._clock, ROWS_AT_ONCE):
            if not in_force():
                return
            cells = flex_cells(side, FlexAnswer(tuple(rows)), again=again)
            answered.update(cell.key for cell in cells)
            yield [merge_listed(known.get(cell.key), cell, renew=self._state.renews) for cell in cells]
