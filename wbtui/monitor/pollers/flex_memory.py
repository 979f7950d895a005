"""What a later run needs to go on with Flex: the question in force, and the round that is not through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.domain.clock import Clock
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FlexQuestion, ItemKey, Metric
from wbtui.domain.ports import Store
from wbtui.monitor.pollers.flex_queries import FlexChoice, side_state

QUESTION: Final = "flex.question"
PENDING: Final = "flex.query"
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
    """When the first side was asked, by document, where only that side has answered."""
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


def pending_from(text: str | None, now: datetime) -> PendingRound | None:
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
    """Return a question as the store keeps it, for the processes that show its answers."""
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


class RoundMemory:
    """Keeps in the store how far a round of queries has come."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._began: datetime | None = None
        self._asked_at = clock.now()

    def load(self, question: FlexQuestion) -> PendingRound | None:
        """Return the round that an earlier run left, if it asks the same question."""
        left = pending_from(self._store.recall(PENDING), self._clock.now())
        if left is None or not left.question.same_as(question):
            return None
        self._began, self._asked_at = left.began, left.at
        return left

    def begin(self) -> None:
        """Begin another round."""
        self._began = None

    def asked(self, at: datetime) -> None:
        """Record that a query was sent."""
        self._asked_at = at
        self._began = self._began or at

    def save(self, choice: FlexChoice, *, through: bool) -> None:
        """Write down how far the round has come, or that it is `through`."""
        first_done = {d: p.first_at for d, p in choice.progress.items() if p.first_at is not None}
        query = choice.query
        if query is None and not first_done and (self._began is None or through):
            self._began = None
            self._store.remember(PENDING, "")
            return
        left = PendingRound(choice.question, self._began or self._asked_at, self._asked_at, first_done)
        if query is not None:
            left = replace(
                left,
                operation=query.operation,
                document=query.side.document,
                invert=query.side.state is side_state(invert=True),
                last=query.last,
                at=query.side.at,
            )
        self._store.remember(PENDING, left.to_text())

    def save_question(self, question: FlexQuestion) -> None:
        """Save the question in force, for the processes that show the rows."""
        text = question_to_text(question)
        if self._store.recall(QUESTION) != text:
            self._store.remember(QUESTION, text)
