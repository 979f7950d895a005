"""Looks at Flex: the list of documents decides who is asked; one query at a time, both sides of it.

A query is an operation like any other: it waits in the customer's queue and is followed by the
operations' watch. When it has finished, its list is fetched here.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.domain.clock import Clock
from wbtui.domain.errors import ServiceError
from wbtui.domain.flex_answers import flex_read
from wbtui.domain.gateway_values import FlexAnswer, FlexList
from wbtui.domain.keys import local_operation_key
from wbtui.domain.merge import FlexSide, flex_cells, left_behind, merge_listed, new_operation
from wbtui.domain.model import (
    FINISHED,
    FLEX_QUERY,
    FlexComponent,
    FlexDocument,
    FlexQuestion,
    ItemKey,
    Level,
    Metric,
    Operation,
    OperationReading,
    Part,
    Service,
    State,
    When,
)
from wbtui.domain.ports import FlexGateway, Store
from wbtui.monitor.chunks import SCANNED, chunks
from wbtui.monitor.rate_limit import AccountRateLimit
from wbtui.monitor.state import MonitorState
from wbtui.scheduling.intervals import FLEX_LIST_GAP, FLEX_RETRY, flex_recheck

LONGEST: Final = timedelta(hours=1)
"""How old a query may be and still be taken up: what it found would be older than that, too."""
_FIELDS: Final = frozenset(asdict(FlexQuestion()))


@dataclass(frozen=True, slots=True)
class PendingRound:
    """A round of queries that is not through: the one under way, if any, and what has answered so far."""

    question: FlexQuestion
    began: datetime
    """When the first query of the round was sent: what was asked since then counts as of this round."""
    at: datetime
    """When the last query was sent."""
    first_done: Mapping[str, datetime] = field(default_factory=dict)
    """When the first side was asked of the documents of which only that has answered."""
    operation: ItemKey | None = None
    """The query under way, if any."""
    document: str = ""
    invert: bool = False
    last: bool = False

    def to_text(self) -> str:
        """Return it as the store keeps it."""
        return json.dumps(
            {
                "question": question_to_text(self.question),
                "began": self.began.isoformat(),
                "at": self.at.isoformat(),
                "first_done": {document: at.isoformat() for document, at in self.first_done.items()},
                "operation": self.operation,
                "document": self.document,
                "invert": self.invert,
                "last": self.last,
            }
        )


def left_from(text: str | None, now: datetime) -> PendingRound | None:
    """Return what `to_text` gave; None for nothing, for what cannot be read, and for what is too old."""
    try:
        kept = json.loads(text or "{}")
        question = question_from(kept["question"])
        left = PendingRound(
            question=question or FlexQuestion(),
            began=datetime.fromisoformat(kept["began"]),
            at=datetime.fromisoformat(kept["at"]),
            first_done={str(d): datetime.fromisoformat(at) for d, at in kept["first_done"].items()},
            operation=ItemKey(str(kept["operation"])) if kept["operation"] else None,
            document=str(kept["document"]),
            invert=bool(kept["invert"]),
            last=bool(kept["last"]),
        )
        return left if question is not None and timedelta(0) <= now - left.at <= LONGEST else None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def question_to_text(question: FlexQuestion) -> str:
    """Return a question as the store keeps it, for whoever shows its answers."""
    return json.dumps(asdict(question))


def question_from(text: object) -> FlexQuestion | None:
    """Return what `question_to_text` gave; None for nothing and for what cannot be read."""
    try:
        kept: dict[str, Any] = json.loads(str(text or "{}"))
        if kept.keys() != _FIELDS:
            return None
        return replace(
            FlexQuestion(**kept),
            metric=Metric(kept["metric"]),
            changed_seconds=int(kept["changed_seconds"]),
            locales=tuple(map(str, kept["locales"])),
            components=tuple(map(str, kept["components"])),
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None


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


MARGIN: Final = timedelta(minutes=5)
LONGEST_WINDOW: Final = timedelta(days=7)
WISH_FLOOR: Final = 30.0
CHOSEN: Final = 1.5
"""Seconds after the last change of the question before a query is sent: each takes a slot of the queue."""
QUESTION: Final = "flex.question"
LEFT: Final = "flex.query"
ROWS_AT_ONCE: Final = 40
"""Components that are merged at once; each may have as many cells as there are languages."""


def window_start(question: FlexQuestion, now: datetime) -> datetime:
    """Return `changed`: at most seven days back, less a margin for the time in the queue."""
    window = min(timedelta(seconds=question.changed_seconds), LONGEST_WINDOW - MARGIN)
    return (now - window).replace(microsecond=0)


class FlexPoller:
    """Asks which components are complete, document by document."""

    service = Service.FLEX

    def __init__(
        self,
        gateway: FlexGateway,
        board: MonitorState,
        allowance: AccountRateLimit,
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
        self._choice = FlexChoice(board.question)
        self._choices = Choices()
        self._quiet_until = clock.monotonic()
        self._began: datetime | None = None
        self._asked_at = clock.now()
        self._resume()

    # -- what an earlier run left -----------------------------------------------------------------------

    def _resume(self) -> None:
        """Take up the answers that the store kept, if they answer the same question."""
        now = self._clock.now()
        left = left_from(self._store.recall(LEFT), now)
        if left is not None and not left.question.same_as(self._board.question):
            left = None
        since = now - timedelta(seconds=self._fresh_seconds)
        self._drop_others()
        for document in self._board.documents.values():
            counts_from = since if left is None else min(since, left.began)
            self._choice.progress[document.id] = self._resumed(document, counts_from)
        if left is not None:
            self._take_up(left)
        self._remember_question()
        self._know_rhythm()

    def _drop_others(self) -> None:
        """Forget what answers another question than this run's, in whole or in part."""
        question = self._board.question
        others = [
            d
            for d in self._board.documents.values()
            if d.mixed or d.former(question) or (d.question is None and d.answered_at is not None)
        ]
        if not others:
            return
        ids = {d.id for d in others}
        self._board.put(self.service, (), [k for k, cell in self._board.flex.items() if cell.document in ids])
        self._board.put_documents([_unasked(d) for d in others])

    def _resumed(self, document: FlexDocument, since: datetime) -> Progress:
        """Return how far a document has come; what was asked before `since` is asked again."""
        now, wall = self._clock.monotonic(), self._clock.now()
        progress = Progress(ask_at=now)
        if document.answers(self._board.question) and document.answered_at is not None:
            progress.answered_at = now - max(0.0, (wall - document.answered_at).total_seconds())
            progress.answered_change = document.changed_at
        asked_at = document.asked_at if document.failure else document.read_at
        if asked_at is not None and asked_at >= since:
            left = self._fresh_seconds - (wall - asked_at).total_seconds()
            progress.settled = True
            progress.ask_at = now + (left if left > 0 else self._fresh_seconds)
        return progress

    def _take_up(self, left: PendingRound) -> None:
        """Go on with the query that another run has put into the queue, rather than add one to it."""
        self._began, self._asked_at = left.began, left.at
        for document, at in left.first_done.items():
            progress = self._choice.progress.get(document)
            if progress is not None and not progress.settled:
                progress.first_at = at
        if left.operation in self._board.operations and left.document in self._choice.progress:
            side = FlexSide(left.document, _state_of(invert=left.invert), left.at)
            self._choice.query = FlexQuery(side, left.operation, last=left.last)
            self._board.spoken_for.add(left.operation)

    def _keep_left(self) -> None:
        """Write down how far the round has come, or that it is through."""
        choice = self._choice
        first_done = {d: p.first_at for d, p in choice.progress.items() if p.first_at is not None}
        if choice.query is None and not first_done and (self._began is None or self.settled):
            self._began = None
            self._store.remember(LEFT, "")
            return
        left = PendingRound(choice.question, self._began or self._asked_at, self._asked_at, first_done)
        if (query := choice.query) is not None:
            invert = query.side.state is _state_of(invert=True)
            left = replace(
                left,
                operation=query.operation,
                document=query.side.document,
                invert=invert,
                last=query.last,
                at=query.side.at,
            )
        self._store.remember(LEFT, left.to_text())

    def _remember_question(self) -> None:
        """Leave the question in force for whoever shows the rows."""
        text = question_to_text(self._board.question)
        if self._store.recall(QUESTION) != text:
            self._store.remember(QUESTION, text)

    # -- how far it has come ----------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Return whether every document has answered or refused, in this run or shortly before it."""
        choice = self._choice
        return self._listed and choice.query is None and all(p.settled for p in choice.progress.values())

    @property
    def complete(self) -> bool:
        """Return whether every document has an answer."""
        return self.settled and not self.missing()

    def missing(self) -> str:
        """Return in words what has not answered, or has failed; empty where all is told."""
        waiting = {document for document, p in self._choice.progress.items() if not p.settled}
        board = self._board
        return flex_read(board.documents.values(), board.question, waiting, board.flex_old_before()).words

    @property
    def under_way(self) -> ItemKey | None:
        """Return the operation of the query under way."""
        query = self._choice.query
        return query.operation if query else None

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
        choice = self._choice
        if choice.query is not None:
            return self._clock.monotonic() if self._over(choice.query) else self._list_at
        asks = min((p.ask_at for p in choice.progress.values()), default=float("inf"))
        return min(self._list_at, max(asks, self._quiet_until))

    async def look(self) -> None:
        """Take the one step that is due."""
        now = self._clock.monotonic()
        choice = self._choice
        if choice.query is not None and self._over(choice.query):
            await self._finish(choice, choice.query)
        elif self._list_at <= now:
            await self._list()
        elif choice.query is None and self._quiet_until <= now:
            ready = [d for d, p in choice.progress.items() if p.ask_at <= now]
            if ready:
                await self._ask(choice, min(ready, key=lambda d: choice.progress[d].ask_at))

    def _operation(self, query: FlexQuery) -> Operation | None:
        return self._board.operations.get(query.operation)

    def _over(self, query: FlexQuery) -> bool:
        operation = self._operation(query)
        return operation is None or operation.state in FINISHED

    # -- the documents ----------------------------------------------------------------------------------

    async def _list(self) -> None:
        documents = await self._documents()
        now, known = self._clock.monotonic(), self._board.documents
        self._list_at = now + FLEX_LIST_GAP
        self._listed = True
        self._board.keep_documents([d.id for d in documents])
        progress = self._choice.progress
        self._choice.progress = {d.id: progress.get(d.id, Progress(ask_at=now)) for d in documents}
        self._board.put_documents([_carry(known.get(d.id), d) for d in documents])
        for document in documents:
            self._plan_changed(document, now)
        self._know_rhythm()
        self._keep_left()  # a round may have ended before it was known which documents there are

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
        progress = self._choice.progress[document.id]
        if progress.answered_at is not None and progress.answered_change != document.changed_at:
            progress.ask_at = min(progress.ask_at, max(now, progress.answered_at + FLEX_RETRY))

    # -- a query ----------------------------------------------------------------------------------------

    async def _ask(self, choice: FlexChoice, document: str) -> None:
        progress = choice.progress[document]
        last = progress.first_at is not None
        question = replace(choice.question, invert=choice.question.invert is not last)
        side = FlexSide(document, _state_of(invert=question.invert), self._clock.now())
        progress.ask_at = self._clock.monotonic() + FLEX_RETRY
        choice.asking = True
        try:
            reading = await self._gateway.ask(document, question, window_start(question, side.at))
        finally:
            choice.asking = False
        operation = self._watched(document, question, reading, side.at)
        self._drop_old_queries(operation)
        self._board.put(Service.OPERATIONS, [operation])
        choice.query = FlexQuery(side, operation.key, last=last)
        if choice is self._choice:  # else the user has chosen something else meanwhile
            self._tell_asked(side)

    def _tell_asked(self, side: FlexSide) -> None:
        self._asked_at = side.at
        self._began = self._began or side.at
        self._keep_left()
        asked = f"asked {side.at.astimezone():%H:%M:%S}, waiting"
        self._note(side.document, note=asked, asked_at=side.at, failure="")

    def _watched(
        self, document: str, question: FlexQuestion, reading: OperationReading, asked_at: datetime
    ) -> Operation:
        known = self._board.documents.get(document)
        name = (known.name if known else "") or document
        side = "open" if question.invert else "complete"
        operation = new_operation(
            reading.request_id,
            reading,
            asked_at,
            kind=FLEX_QUERY,
            label=f"{name}: {side}, {question.metric.label}",
        )
        if not reading.request_id:
            operation = replace(operation, key=local_operation_key(self._store.next_local()))
        before = [o for o in self._finished(operation.label) if o.state is State.FAILED]
        last = max(before, key=lambda o: o.attempt, default=None)
        if last is not None:
            operation = replace(operation, attempt=last.attempt + 1, forerunner=last.key)
        self._board.spoken_for.add(operation.key)
        return replace(operation, submitted_at=asked_at)

    def _finished(self, label: str) -> list[Operation]:
        """Return the finished queries of one document, side and metric."""
        watched = self._board.operations.values()
        return [o for o in watched if o.kind == FLEX_QUERY and o.label == label and o.state in FINISHED]

    def _drop_old_queries(self, new: Operation) -> None:
        """Keep one finished query per document and side, lest they fill the list of operations."""
        old = [o.key for o in self._finished(new.label) if o.key != new.forerunner]
        self._board.put(Service.OPERATIONS, (), old)

    async def _finish(self, choice: FlexChoice, query: FlexQuery) -> None:
        """Fetch the list of a query that has ended, or plan another try."""
        operation = self._operation(query)
        if operation is None or operation.state not in {State.READY, State.DONE}:
            choice.query = None
            self._failed(query.side.document, operation)
            return
        token = operation.reading.file_token
        try:
            answer = await self._gateway.answer(token) if token else FlexAnswer()
        except ServiceError:
            choice.query = None
            raise
        await self._take_answer(choice, query, answer)
        if self._in_force(choice, query):
            choice.query = None
            self._advance(query, answer.lost)

    def _in_force(self, choice: FlexChoice, query: FlexQuery) -> bool:
        return choice is self._choice and choice.query is query

    async def _take_answer(self, choice: FlexChoice, query: FlexQuery, answer: FlexAnswer) -> None:
        """Put what a query answered on the board, unless something else has been asked meanwhile."""
        answered: set[ItemKey] = set()
        await self._board.put_many(self.service, self._merged(choice, query, answer, answered))
        if answer.lost:  # what cannot be read may be what is missing
            return
        async for part in chunks(list(self._board.flex.values()), self._clock, SCANNED):
            if self._in_force(choice, query):
                self._board.put(self.service, (), left_behind(part, query.side, answered))

    async def _merged(
        self, choice: FlexChoice, query: FlexQuery, answer: FlexAnswer, answered: set[ItemKey]
    ) -> AsyncIterator[list[FlexComponent]]:
        known, document = self._board.flex, self._board.documents.get(query.side.document)
        again = document is not None and document.answered_at is not None
        async for rows in chunks(answer.rows, self._clock, ROWS_AT_ONCE):
            if not self._in_force(choice, query):
                return
            cells = flex_cells(query.side, FlexAnswer(tuple(rows)), again=again)
            answered.update(cell.key for cell in cells)
            yield [merge_listed(known.get(cell.key), cell) for cell in cells]

    def _failed(self, document: str, operation: Operation | None) -> None:
        reason = "its operation was taken off the list"
        if operation is not None:
            reason = operation.reading.status_info or operation.reading.status_text or operation.state.value
        progress = self._choice.progress.get(document)
        if progress is not None:
            progress.first_at = None
            progress.settled = True
            progress.ask_at = self._clock.monotonic() + self._recheck()
        self._note(document, note=f"query failed: {reason}", failure=reason)
        key = None if operation is None else operation.key
        self._board.log(Level.ERROR, self.service.value, f"query of {document} failed: {reason}", key=key)
        self._keep_left()

    def _advance(self, query: FlexQuery, lost: int) -> None:
        """Take in that one side of a document has answered, and with the second one the document.

        So many components of the answer could not be read.
        """
        document, asked_at = query.side.document, query.side.at
        progress = self._choice.progress.get(document)
        known = self._board.documents.get(document)
        if progress is None or known is None:
            return
        now, question = self._clock.monotonic(), self._choice.question
        if not query.last:
            progress.first_at, progress.ask_at = asked_at, now
            mixed = known.former(question)
            answers = known.question if mixed else question
            self._note(document, note="one side answered", question=answers, mixed=mixed, lost=lost)
        else:
            read_at, progress.first_at = progress.first_at or asked_at, None
            progress.answered_at, progress.settled = now, True
            progress.answered_change = known.changed_at
            progress.ask_at = now + self._recheck()
            told: dict[str, Any] = {
                "read_at": read_at,
                "lost": known.lost + lost,
                "answered_at": self._clock.now(),
            }
            self._note(document, note="", failure="", mixed=False, question=question, **told)
        self._keep_left()

    def _recheck(self) -> float:
        return flex_recheck(len(self._choice.progress), self._allowance.budget.ceiling)

    def _know_rhythm(self) -> None:
        """Tell the board from which age on the answers count as old."""
        self._board.flex_old_after = timedelta(seconds=max(2 * self._recheck(), self._fresh_seconds))

    def _note(self, document: str, **change: Any) -> None:
        """Write down fields of a `FlexDocument`."""
        known = self._board.documents.get(document)
        if known is not None:
            self._board.put_documents([replace(known, **change)])

    # -- wishes -----------------------------------------------------------------------------------------

    def change(self, question: FlexQuestion) -> str:
        """Ask something else from `CHOSEN` seconds after the last change on; return words on it.

        Both sides are always asked, so `invert` alone only changes which comes first. The rows stay until
        the new question is answered; what was answered for a choice is shown when one comes back to it.
        """
        left = self._choice
        self._board.question = question
        self._remember_question()
        if left.question.same_as(question):
            left.question = question
            return "shown"
        self._quiet_until = self._clock.monotonic() + CHOSEN
        left.cells, left.documents = dict(self._board.flex), dict(self._board.documents)
        self._choices.leave(left)
        back = self._choices.take(question)
        if back is not None:
            return self._come_back(back, question)
        now = self._clock.monotonic()
        self._choice = FlexChoice(question, {document: Progress(ask_at=now) for document in left.progress})
        self._board.put_documents([replace(d, note="", failure="") for d in left.documents.values()])
        self._began = None
        self._keep_left()
        return "asking Flex anew"

    def _come_back(self, choice: FlexChoice, question: FlexQuestion) -> str:
        """Show what was answered for a choice, and go on from there."""
        now, documents = self._clock.monotonic(), self._board.documents
        cells = {key: cell for key, cell in choice.cells.items() if cell.document in documents}
        self._board.exchange_flex(cells)
        shown = [_carry(choice.documents.get(d.id, _unasked(d)), d) for d in documents.values()]
        self._board.put_documents([d if d.failure else replace(d, note="") for d in shown])
        choice.question = question
        choice.progress = {d: choice.progress.get(d) or Progress(ask_at=now) for d in documents}
        query = choice.query
        if query is not None and (self._operation(query) is None or query.side.document not in documents):
            choice.query = query = None
        self._choice, self._began = choice, None
        for document in documents.values():
            self._plan_changed(document, now)
        if query is not None:
            self._tell_asked(query.side)
        self._keep_left()
        read_at = flex_read(self._board.documents.values(), question).read_at
        return f"shown as of {read_at.astimezone():%H:%M:%S}" if read_at else "asking Flex anew"

    def wish(self) -> float:
        """List the documents and ask all of them again, at least 30 s after their last answers."""
        now = self._clock.monotonic()
        self._list_at = now
        allowed = now
        for progress in self._choice.progress.values():
            floor = now if progress.answered_at is None else progress.answered_at + WISH_FLOOR
            progress.ask_at = min(progress.ask_at, max(now, floor))
            allowed = max(allowed, progress.ask_at)
        return allowed

    def stale_after(self) -> float:
        """Return the seconds after which a call that does not end makes the data old."""
        return 30.0

    async def close(self) -> None:
        """The session is the operations' watch's to close."""


def _state_of(*, invert: bool) -> State:
    return State.RUNNING if invert else State.READY


def _carry(old: FlexDocument | None, new: FlexDocument) -> FlexDocument:
    """Return what the server says of a document, with what is known of its answers."""
    if old is None:
        return new
    return replace(
        new,
        asked_at=old.asked_at,
        answered_at=old.answered_at,
        note=old.note,
        read_at=old.read_at,
        question=old.question,
        mixed=old.mixed,
        failure=old.failure,
        lost=old.lost,
    )


def _unasked(document: FlexDocument) -> FlexDocument:
    return _carry(FlexDocument(document.id), document)


def _part_of(found: FlexList) -> Part | None:
    """Return how many documents came of a list that is not whole."""
    if found.whole:
        return None
    return Part(len(found.documents), found.total, "documents", "the list did not come whole")
