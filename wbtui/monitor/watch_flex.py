"""Looks at Flex: the list of documents decides who is asked; one query at a time, both sides of it.

A query is an operation like any other: it waits in the customer's queue and is followed by the
operations' watch. When it has finished, its list is fetched here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from wbtui.clock import Clock
from wbtui.errors import ServiceError
from wbtui.model import (
    FINISHED,
    FLEX_QUERY,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    ItemKey,
    Level,
    Operation,
    OperationReading,
    Part,
    Service,
    State,
    When,
    operation_key,
)
from wbtui.monitor.allowance import Allowance
from wbtui.monitor.board import Board
from wbtui.monitor.flex_left import Left, left_from
from wbtui.monitor.slices import SCANNED, slices
from wbtui.pacing.rounds import FLEX_LIST_GAP, FLEX_RETRY, flex_recheck
from wbtui.ports import FlexAnswer, FlexGateway, FlexList, Store
from wbtui.rules.merge import FlexSide, flex_cells, left_behind, merge_listed, new_operation

MARGIN: Final = timedelta(minutes=5)
LONGEST_WINDOW: Final = timedelta(days=7)
WISH_FLOOR: Final = 30.0
QUESTION: Final = "flex.question"
LEFT: Final = "flex.query"
ROWS_AT_ONCE: Final = 40
"""Components that are merged at once; each may have as many cells as there are languages."""


@dataclass(frozen=True, slots=True)
class Query:
    """The one query under way."""

    side: FlexSide
    operation: ItemKey
    last: bool
    """True for the second side of a document."""


@dataclass(slots=True)
class Progress:
    """How far one document has come; times are monotonic seconds."""

    ask_at: float
    first_done: bool = False
    answered_at: float | None = None
    answered_change: When = None


def window_start(question: FlexQuestion, now: datetime) -> datetime:
    """Return `changed`: at most seven days back, less a margin for the time in the queue."""
    window = min(timedelta(seconds=question.changed_seconds), LONGEST_WINDOW - MARGIN)
    return (now - window).replace(microsecond=0)


class FlexWatch:
    """Asks which components are complete, document by document."""

    service = Service.FLEX

    def __init__(
        self,
        gateway: FlexGateway,
        board: Board,
        allowance: Allowance,
        store: Store,
        clock: Clock,
        *,
        documents: Sequence[str],
        fresh_seconds: float,
    ) -> None:
        self._gateway = gateway
        self._board = board
        self._allowance = allowance
        self._store = store
        self._clock = clock
        self._wanted = tuple(documents)
        self._fresh_seconds = fresh_seconds
        self.urgent = False
        """True while somebody waits for an answer: then the calls of the reserve may be used."""
        self._list_at = clock.monotonic()
        self._listed = False
        self._query: Query | None = None
        self._progress: dict[str, Progress] = {}
        self._resume()

    def _resume(self) -> None:
        """Take up the answers that the store kept, if they answer the same question."""
        if self._store.recall(QUESTION) != _fingerprint(self._board.question):
            self._drop_answers()
        now = self._clock.monotonic()
        for document in self._board.documents.values():
            progress = Progress(ask_at=now)
            if document.answered_at is not None and not document.note:
                age = max(0.0, (self._clock.now() - document.answered_at).total_seconds())
                progress = Progress(
                    ask_at=now + max(0.0, self._fresh_seconds - age),
                    answered_at=now - age,
                    answered_change=document.changed_at,
                )
            self._progress[document.id] = progress
        self._take_up(left_from(self._store.recall(LEFT), self._clock.now()))

    def _take_up(self, left: Left | None) -> None:
        """Go on with the query that another run has put into the queue, rather than add one to it."""
        if left is None or left.operation not in self._board.operations:
            return
        for document, progress in self._progress.items():
            progress.first_done = progress.answered_at is None and document in left.first_done
        if left.document in self._progress:
            side = FlexSide(left.document, _state_of(invert=left.invert), left.at)
            self._query = Query(side, left.operation, last=left.last)

    def _drop_answers(self) -> None:
        self._board.put(self.service, (), list(self._board.flex))
        self._board.put_documents(
            [replace(d, asked_at=None, answered_at=None, note="") for d in self._board.documents.values()]
        )
        self._store.remember(QUESTION, _fingerprint(self._board.question))
        self._store.remember(LEFT, "")

    @property
    def complete(self) -> bool:
        """Tell whether every document has an answer."""
        return (
            self._listed
            and self._query is None
            and all(p.answered_at is not None for p in self._progress.values())
        )

    @property
    def under_way(self) -> ItemKey | None:
        """Return the operation of the query under way."""
        return self._query.operation if self._query else None

    def due(self) -> float | None:
        """Return when the next step is due: a list to fetch, a query to send, the documents to list."""
        return max(self._planned(), self._allowance.ready_at(reserve=self.urgent))

    def held_until(self) -> float | None:
        """Return until when the allowance holds back a step that was due; None if it does not."""
        planned = self._planned()
        if self.urgent or not self._allowance.short(planned):
            return None
        return self._allowance.holds(planned, freely=planned)

    def _planned(self) -> float:
        if self._query is not None:
            ended = self._operation(self._query) is None or self._ended(self._query)
            return self._clock.monotonic() if ended else self._list_at
        return min([self._list_at, *(p.ask_at for p in self._progress.values())])

    async def look(self) -> None:
        """Take the one step that is due."""
        now = self._clock.monotonic()
        if self._query is not None and (self._operation(self._query) is None or self._ended(self._query)):
            await self._finish(self._query)
        elif self._list_at <= now:
            await self._list()
        elif self._query is None:
            ready = [d for d, p in self._progress.items() if p.ask_at <= now]
            if ready:
                await self._ask(min(ready, key=lambda d: self._progress[d].ask_at))

    def _operation(self, query: Query) -> Operation | None:
        return self._board.operations.get(query.operation)

    def _ended(self, query: Query) -> bool:
        operation = self._operation(query)
        return operation is not None and operation.state in FINISHED

    async def _list(self) -> None:
        documents = await self._documents()
        now, known = self._clock.monotonic(), self._board.documents
        self._list_at = now + FLEX_LIST_GAP
        self._listed = True
        self._board.keep_documents([d.id for d in documents])
        self._progress = {d.id: self._progress.get(d.id, Progress(ask_at=now)) for d in documents}
        self._board.put_documents([_carry(known.get(d.id), d) for d in documents])
        for document in documents:
            self._plan_changed(document, now)

    async def _documents(self) -> tuple[FlexDocument, ...]:
        if not self._wanted:
            found = await self._gateway.documents()
            self._board.know_part(self.service, _part_of(found))
            listed = {document.id for document in found.documents}
            kept = () if found.whole else (d for d in self._board.documents.values() if d.id not in listed)
            return (*found.documents, *kept)
        self._board.know_part(self.service, None)
        return tuple([await self._gateway.document(document) for document in self._wanted])

    def _plan_changed(self, document: FlexDocument, now: float) -> None:
        """Ask a document again at once when its date of change has moved."""
        progress = self._progress[document.id]
        if progress.answered_at is not None and progress.answered_change != document.changed_at:
            progress.ask_at = min(progress.ask_at, max(now, progress.answered_at + FLEX_RETRY))

    async def _ask(self, document: str) -> None:
        progress = self._progress[document]
        question = replace(
            self._board.question, invert=self._board.question.invert is not progress.first_done
        )
        side = FlexSide(document, _state_of(invert=question.invert), self._clock.now())
        progress.ask_at = self._clock.monotonic() + FLEX_RETRY
        reading = await self._gateway.ask(document, question, window_start(question, side.at))
        operation = self._watched(document, question, reading)
        self._drop_old_queries(operation)
        self._board.put(Service.OPERATIONS, [operation])
        self._query = Query(side, operation.key, last=progress.first_done)
        done = tuple(name for name, each in self._progress.items() if each.first_done)
        left = Left(operation.key, document, question.invert, side.at, progress.first_done, done)
        self._store.remember(LEFT, left.to_text())
        self._note(document, f"asked {side.at.astimezone():%H:%M:%S}, waiting", asked_at=side.at)

    def _watched(self, document: str, question: FlexQuestion, reading: OperationReading) -> Operation:
        name = self._board.documents[document].name or document
        side = "open" if question.invert else "complete"
        operation = new_operation(
            reading.request_id,
            reading,
            self._clock.now(),
            kind=FLEX_QUERY,
            label=f"{name}: {side}, {question.metric.label}",
        )
        if not reading.request_id:
            operation = replace(operation, key=operation_key(f"local-{self._store.next_local()}"))
        before = [o for o in self._finished(operation.label) if o.state is State.FAILED]
        last = max(before, key=lambda o: o.attempt, default=None)
        if last is not None:
            operation = replace(operation, attempt=last.attempt + 1, forerunner=last.key)
        return replace(operation, submitted_at=self._clock.now())

    def _finished(self, label: str) -> list[Operation]:
        """Return the finished queries of one document, side and metric."""
        watched = self._board.operations.values()
        return [o for o in watched if o.kind == FLEX_QUERY and o.label == label and o.state in FINISHED]

    def _drop_old_queries(self, new: Operation) -> None:
        """Keep one finished query per document and side, lest they fill the list of operations."""
        old = [o.key for o in self._finished(new.label) if o.key != new.forerunner]
        self._board.put(Service.OPERATIONS, (), old)

    async def _finish(self, query: Query) -> None:
        """Fetch the list of a query that has ended, or plan another try."""
        operation = self._operation(query)
        document = query.side.document
        if operation is None or operation.state not in {State.READY, State.DONE}:
            self._query = None
            self._failed(document, operation)
            return
        token = operation.reading.file_token
        try:
            answer = await self._gateway.answer(token) if token else FlexAnswer()
        except ServiceError:
            self._query = None
            raise
        await self._take_answer(query, answer)
        if self._query is query:
            self._query = None
            self._advance(document, last=query.last)

    async def _take_answer(self, query: Query, answer: FlexAnswer) -> None:
        """Put what a query answered on the board, unless something else has been asked meanwhile."""
        answered: set[ItemKey] = set()
        await self._board.put_many(self.service, self._merged(query, answer, answered))
        async for part in slices(list(self._board.flex.values()), self._clock, SCANNED):
            if self._query is query:
                self._board.put(self.service, (), left_behind(part, query.side, answered))

    async def _merged(
        self, query: Query, answer: FlexAnswer, answered: set[ItemKey]
    ) -> AsyncIterator[list[FlexComponent]]:
        known = self._board.flex
        async for rows in slices(answer.rows, self._clock, ROWS_AT_ONCE):
            if self._query is not query:
                return
            cells = flex_cells(query.side, FlexAnswer(tuple(rows)))
            answered.update(cell.key for cell in cells)
            yield [merge_listed(known.get(cell.key), cell) for cell in cells]

    def _failed(self, document: str, operation: Operation | None) -> None:
        reason = "its operation was taken off the list"
        if operation is not None:
            reason = operation.reading.status_info or operation.reading.status_text or operation.state.value
        progress = self._progress.get(document)
        if progress is not None:
            progress.first_done = False
            progress.ask_at = self._clock.monotonic() + self._recheck()
        self._note(document, f"query failed: {reason}")
        self._board.log(Level.ERROR, self.service.value, f"query of {document} failed: {reason}")

    def _advance(self, document: str, *, last: bool) -> None:
        progress = self._progress.get(document)
        if progress is None:
            return
        now = self._clock.monotonic()
        if not last:
            progress.first_done = True
            progress.ask_at = now
            return
        known = self._board.documents[document]
        progress.first_done = False
        progress.answered_at = now
        progress.answered_change = known.changed_at
        progress.ask_at = now + self._recheck()
        self._note(document, "", answered_at=self._clock.now())

    def _recheck(self) -> float:
        return flex_recheck(len(self._progress), self._allowance.budget.ceiling)

    def _note(
        self,
        document: str,
        note: str,
        *,
        asked_at: datetime | None = None,
        answered_at: datetime | None = None,
    ) -> None:
        known = self._board.documents.get(document)
        if known is None:
            return
        fresh = replace(
            known,
            note=note,
            asked_at=asked_at or known.asked_at,
            answered_at=answered_at or known.answered_at,
        )
        self._board.put_documents([fresh])

    def change(self, question: FlexQuestion) -> bool:
        """Ask something else from now on; tell whether new queries are needed.

        Both sides are always asked, so `invert` alone only changes which comes first.
        """
        old = self._board.question
        self._board.question = question
        if replace(old, invert=False) == replace(question, invert=False):
            return False
        self._query = None
        self._drop_answers()
        now = self._clock.monotonic()
        self._progress = {document: Progress(ask_at=now) for document in self._progress}
        return True

    def wish(self) -> float:
        """List the documents and ask all of them again, at least 30 s after their last answers."""
        now = self._clock.monotonic()
        self._list_at = now
        allowed = now
        for progress in self._progress.values():
            floor = now if progress.answered_at is None else progress.answered_at + WISH_FLOOR
            progress.ask_at = min(progress.ask_at, max(now, floor))
            allowed = max(allowed, progress.ask_at)
        return allowed

    def overdue_after(self) -> float:
        """Return the seconds after which a call that does not end makes the data old."""
        return 30.0

    async def close(self) -> None:
        """The session is the operations' watch's to close."""


def _state_of(*, invert: bool) -> State:
    return State.RUNNING if invert else State.READY


def _carry(old: FlexDocument | None, new: FlexDocument) -> FlexDocument:
    if old is None:
        return new
    return replace(new, asked_at=old.asked_at, answered_at=old.answered_at, note=old.note)


def _part_of(found: FlexList) -> Part | None:
    """Return how many documents came of a list that is not whole."""
    if found.whole:
        return None
    return Part(len(found.documents), found.total, "documents", "the list did not come whole")


def _fingerprint(question: FlexQuestion) -> str:
    return repr(replace(question, invert=False))
