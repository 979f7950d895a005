"""Looks at Flex: the list of documents decides who is asked; one query at a time, both sides of it.

A query is an operation like any other: it waits in the customer's queue and is followed by the
poller of operations. When it has finished, its list is fetched here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.domain.clock import Clock
from wbtui.domain.commands import AskFlex, Handlers
from wbtui.domain.errors import ServiceError
from wbtui.domain.flex_answers import flex_read
from wbtui.domain.item_keys import find_service
from wbtui.domain.merge import FlexSide
from wbtui.domain.model import FlexDocument, FlexQuestion, ItemKey, Operation, Service, State
from wbtui.domain.ports import FlexAnswer, FlexGateway, FlexList, Store
from wbtui.domain.snapshot import Health, Level, Part
from wbtui.monitor.account_rate_limit import AccountRateLimit
from wbtui.monitor.monitor_state import MonitorState
from wbtui.monitor.pollers.flex_memory import PendingRound, RoundMemory
from wbtui.monitor.pollers.flex_queries import (
    Choices,
    FlexChoice,
    FlexQuery,
    Progress,
    QueryAnswers,
    QueryOperations,
    side_state,
)
from wbtui.monitor.pollers.operations import OperationsPoller
from wbtui.monitor.pollers.poller import Poller
from wbtui.scheduling.intervals import FLEX_LIST_GAP, FLEX_RETRY, flex_recheck

MARGIN: Final = timedelta(minutes=5)
LONGEST_WINDOW: Final = timedelta(days=7)
REFRESH_FLOOR: Final = 30.0
PATIENCE: Final = 1.0
"""Seconds between two looks at whether a step may be taken."""
CHOSEN: Final = 1.5
"""Seconds after the last change of the question before a query is sent: each takes a slot of the queue."""


def window_start(question: FlexQuestion, now: datetime) -> datetime:
    """Return `changed`: at most seven days back, less a margin for the time in the queue."""
    window = min(timedelta(seconds=question.changed_seconds), LONGEST_WINDOW - MARGIN)
    return (now - window).replace(microsecond=0)


class FlexPoller(Poller):
    """Asks which components are complete, document by document."""

    service = Service.FLEX

    def __init__(
        self,
        gateway: FlexGateway,
        state: MonitorState,
        allowance: AccountRateLimit,
        store: Store,
        clock: Clock,
        *,
        operations: OperationsPoller,
        documents: Sequence[str],
        fresh_seconds: float,
    ) -> None:
        self._gateway = gateway
        self._operations = operations
        self._state = state
        self._allowance = allowance
        self._clock = clock
        self._wanted = tuple(documents)
        self._fresh_seconds = fresh_seconds
        self.urgent = False
        """True while an answer is waited for: then the calls of the reserve may be used."""
        self._list_at = clock.monotonic()
        self._listed = False
        self._choice = FlexChoice(state.question)
        self._choices = Choices()
        self._quiet_until = clock.monotonic()
        self._queries = QueryOperations(state, store)
        self._answers = QueryAnswers(state, clock)
        self._round = RoundMemory(store, clock)
        self._resume()

    # -- what an earlier run left -----------------------------------------------------------------------

    def _resume(self) -> None:
        """Take up the answers that the store kept, if they answer the same question."""
        left = self._round.load(self._state.question)
        since = self._clock.now() - timedelta(seconds=self._fresh_seconds)
        self._drop_others()
        for document in self._state.documents.values():
            counts_from = since if left is None else min(since, left.began)
            self._choice.progress[document.id] = self._resumed(document, counts_from)
        if left is not None:
            self._take_up(left)
        self._round.save_question(self._state.question)
        self._know_rhythm()

    def _drop_others(self) -> None:
        """Forget what answers another question than this run's, in whole or in part."""
        question = self._state.question
        others = [
            d
            for d in self._state.documents.values()
            if d.mixed or d.former(question) or (d.question is None and d.answered_at is not None)
        ]
        if not others:
            return
        ids = {d.id for d in others}
        self._state.put(self.service, (), [k for k, cell in self._state.flex.items() if cell.document in ids])
        self._state.flex_documents.put([_unasked(d) for d in others])

    def _resumed(self, document: FlexDocument, since: datetime) -> Progress:
        """Return how far a document has come; what was asked before `since` is asked again."""
        now, wall = self._clock.monotonic(), self._clock.now()
        progress = Progress(ask_at=now)
        if document.answers(self._state.question) and document.answered_at is not None:
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
        for document, at in left.first_done.items():
            progress = self._choice.progress.get(document)
            if progress is not None and not progress.settled:
                progress.first_at = at
        if left.operation in self._state.operations and left.document in self._choice.progress:
            side = FlexSide(left.document, side_state(invert=left.invert), left.at)
            self._choice.query = FlexQuery(side, left.operation, last=left.last)
            self._state.spoken_for.add(left.operation)

    # -- how far it has come ----------------------------------------------------------------------------

    @property
    def settled(self) -> bool:
        """Return whether every document has answered or refused, in this run or shortly before it."""
        return self._listed and self._choice.settled

    def knows_all(self, _health: Health) -> bool:
        """Return whether every document has an answer."""
        return self.settled and not self.missing()

    def missing(self) -> str:
        """Return in words what has not answered, or has failed; empty where all is told."""
        documents = self._state.flex_documents
        found = documents.by_id.values()
        return flex_read(found, self._state.question, self._choice.waiting, documents.old_before()).words

    async def read_once(self, until: float, _named: frozenset[ItemKey]) -> str:
        """Take the steps of both queries of each document until all have ended or time is over.

        A step that needs no waiting is taken in any case: what is sent now, the next reading finds answered.
        """
        while not self.settled:
            query, due = self._choice.query, self.due()
            now = self._clock.monotonic()  # read after the plan: "due at once" must not lie ahead of it
            if due is not None and due <= now:
                await self.look()
                continue
            rest = PATIENCE if query is None else self._operations.until_look(query.operation)
            if now + rest >= until:
                break
            await self._clock.sleep(rest)
            if query is not None:
                await self._operations.look_at(query.operation)
        return self.missing()

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
            return self._clock.monotonic() if self._queries.over(choice.query) else self._list_at
        return min(self._list_at, max(choice.ask_at, self._quiet_until))

    async def look(self) -> None:
        """Take the one step that is due."""
        now = self._clock.monotonic()
        choice = self._choice
        if choice.query is not None and self._queries.over(choice.query):
            await self._finish(choice, choice.query)
        elif self._list_at <= now:
            await self._list()
        elif choice.query is None and max(choice.ask_at, self._quiet_until) <= now:
            await self._ask(choice, choice.next_document())

    # -- the documents ----------------------------------------------------------------------------------

    async def _list(self) -> None:
        documents = await self._documents()
        now, known = self._clock.monotonic(), self._state.documents
        self._list_at = now + FLEX_LIST_GAP
        self._listed = True
        self._state.keep_documents([d.id for d in documents])
        progress = self._choice.progress
        self._choice.progress = {d.id: progress.get(d.id, Progress(ask_at=now)) for d in documents}
        self._state.flex_documents.put([_carry(known.get(d.id), d) for d in documents])
        for document in documents:
            self._choice.plan_changed(document, now)
        self._know_rhythm()
        self._save_round()  # a round may have ended before it was known which documents there are

    async def _documents(self) -> tuple[FlexDocument, ...]:
        if not self._wanted:
            found = await self._gateway.documents()
            self._state.parts.set(self.service, _part_of(found))
            listed = {document.id for document in found.documents}
            kept = () if found.whole else (d for d in self._state.documents.values() if d.id not in listed)
            return (*found.documents, *kept)
        self._state.parts.set(self.service, None)
        return tuple([await self._gateway.document(document) for document in self._wanted])

    # -- a query ----------------------------------------------------------------------------------------

    async def _ask(self, choice: FlexChoice, document: str) -> None:
        progress = choice.progress[document]
        last = progress.first_at is not None
        question = replace(choice.question, invert=choice.question.invert is not last)
        side = FlexSide(document, side_state(invert=question.invert), self._clock.now())
        progress.ask_at = self._clock.monotonic() + FLEX_RETRY
        choice.asking = True
        try:
            reading = await self._gateway.ask(document, question, window_start(question, side.at))
        finally:
            choice.asking = False
        operation = self._queries.add(document, question, reading, side.at)
        choice.query = FlexQuery(side, operation, last=last)
        if choice is self._choice:  # else the user has chosen something else meanwhile
            self._tell_asked(side)

    def _tell_asked(self, side: FlexSide) -> None:
        self._round.asked(side.at)
        self._save_round()
        asked = f"asked {side.at.astimezone():%H:%M:%S}, waiting"
        self._state.flex_documents.change(side.document, note=asked, asked_at=side.at, failure="")

    async def _finish(self, choice: FlexChoice, query: FlexQuery) -> None:
        """Fetch the list of a query that has ended, or plan another try."""
        operation = self._queries.find(query)
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
        await self._answers.merge(query.side, answer, lambda: self._in_force(choice, query))
        if self._in_force(choice, query):
            choice.query = None
            self._advance(query, answer.lost)

    def _in_force(self, choice: FlexChoice, query: FlexQuery) -> bool:
        return choice is self._choice and choice.query is query

    def _failed(self, document: str, operation: Operation | None) -> None:
        reason = "its operation was taken off the list"
        if operation is not None:
            reason = operation.reading.status_info or operation.reading.status_text or operation.state.value
        progress = self._choice.progress.get(document)
        if progress is not None:
            progress.first_at = None
            progress.settled = True
            progress.ask_at = self._clock.monotonic() + self._recheck()
        self._state.flex_documents.change(document, note=f"query failed: {reason}", failure=reason)
        key = None if operation is None else operation.key
        self._state.events.add(
            Level.ERROR, self.service.value, f"query of {document} failed: {reason}", key=key
        )
        self._save_round()

    def _advance(self, query: FlexQuery, lost: int) -> None:
        """Record that one side of a document has answered, and with the second one the document.

        `lost` components of the answer could not be read.
        """
        document, asked_at = query.side.document, query.side.at
        progress = self._choice.progress.get(document)
        known = self._state.documents.get(document)
        if progress is None or known is None:
            return
        now, question = self._clock.monotonic(), self._choice.question
        change = self._state.flex_documents.change
        if not query.last:
            progress.first_at, progress.ask_at = asked_at, now
            mixed = known.former(question)
            answers = known.question if mixed else question
            change(document, note="one side answered", question=answers, mixed=mixed, lost=lost)
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
            change(document, note="", failure="", mixed=False, question=question, **told)
        self._save_round()

    def _recheck(self) -> float:
        return flex_recheck(len(self._choice.progress), self._allowance.budget.ceiling)

    def _save_round(self) -> None:
        self._round.save(self._choice, through=self.settled)

    def _know_rhythm(self) -> None:
        """Set from which age on the answers count as old."""
        self._state.flex_documents.old_after = timedelta(
            seconds=max(2 * self._recheck(), self._fresh_seconds)
        )

    # -- commands ---------------------------------------------------------------------------------------

    def handlers(self) -> Handlers:
        """Return the commands that this poller carries out."""
        return {AskFlex: self.change}

    def change(self, command: AskFlex) -> str:
        """Ask something else from `CHOSEN` seconds after the last change on; return words on it.

        Both sides are always asked, so `invert` alone only changes which comes first. The rows stay until
        the new question is answered; what was answered for a choice is shown when one comes back to it.
        """
        left, question = self._choice, command.question
        self._state.question = question
        self._round.save_question(question)
        if left.question.same_as(question):
            left.question = question
            return "shown"
        self._quiet_until = self._clock.monotonic() + CHOSEN
        left.cells, left.documents = dict(self._state.flex), dict(self._state.documents)
        self._choices.leave(left)
        back = self._choices.take(question)
        if back is not None:
            return self._come_back(back, question)
        now = self._clock.monotonic()
        self._choice = FlexChoice(question, {document: Progress(ask_at=now) for document in left.progress})
        self._state.flex_documents.put([replace(d, note="", failure="") for d in left.documents.values()])
        self._round.begin()
        self._save_round()
        return "asking Flex anew"

    def _come_back(self, choice: FlexChoice, question: FlexQuestion) -> str:
        """Show what was answered for a choice, and go on from there."""
        now, documents = self._clock.monotonic(), self._state.documents
        cells = {key: cell for key, cell in choice.cells.items() if cell.document in documents}
        self._state.exchange_flex(cells)
        shown = [_carry(choice.documents.get(d.id, _unasked(d)), d) for d in documents.values()]
        self._state.flex_documents.put([d if d.failure else replace(d, note="") for d in shown])
        choice.question = question
        choice.progress = {d: choice.progress.get(d) or Progress(ask_at=now) for d in documents}
        query = choice.query
        if query is not None and (self._queries.find(query) is None or query.side.document not in documents):
            choice.query = query = None
        self._choice = choice
        self._round.begin()
        for document in documents.values():
            self._choice.plan_changed(document, now)
        if query is not None:
            self._tell_asked(query.side)
        self._save_round()
        read_at = flex_read(self._state.documents.values(), question).read_at
        return f"shown as of {read_at.astimezone():%H:%M:%S}" if read_at else "asking Flex anew"

    def request_refresh(self) -> float:
        """List the documents and ask all of them again, at least 30 s after their last answers."""
        now = self._clock.monotonic()
        self._list_at = now
        allowed = now
        for progress in self._choice.progress.values():
            floor = now if progress.answered_at is None else progress.answered_at + REFRESH_FLOOR
            progress.ask_at = min(progress.ask_at, max(now, floor))
            allowed = max(allowed, progress.ask_at)
        return allowed

    def stale_after(self) -> float:
        """Return the seconds after which a call that does not end makes the data old."""
        return 30.0

    def want(self, keys: frozenset[ItemKey]) -> None:
        """Use the calls of the reserve, too, while a component is waited for."""
        self.urgent = any(find_service(key) is Service.FLEX for key in keys)


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
