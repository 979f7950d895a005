"""What Flex is asked, by choice of the user: how far each has come, and what was answered before the last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from wbtui.domain.merge import FlexSide
from wbtui.domain.model import FlexComponent, FlexDocument, FlexQuestion, ItemKey, When

CELLS_KEPT: Final = 100_000
"""Cells of the choices that are not in force, at most: some 40 MB."""


@dataclass(frozen=True, slots=True)
class Query:
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
class Choice:
    """One question, and how far its answers have come."""

    question: FlexQuestion
    progress: dict[str, Progress] = field(default_factory=dict)
    query: Query | None = None
    asking: bool = False
    """True while a query is being submitted, so that its operation is not known yet."""
    cells: Mapping[ItemKey, FlexComponent] = field(default_factory=dict)
    documents: Mapping[str, FlexDocument] = field(default_factory=dict)
    """What was shown of the choice when it was left."""

    @property
    def begun(self) -> bool:
        """Tell whether there is anything to come back to: an answer, or a query under way."""
        answered = any(d.answers(self.question) for d in self.documents.values())
        first = any(p.first_at is not None for p in self.progress.values())
        return answered or first or self.asking or self.query is not None


class Choices:
    """The choices that were left, the last one last, with no more cells than `CELLS_KEPT`."""

    def __init__(self) -> None:
        self._left: list[Choice] = []

    def leave(self, choice: Choice) -> None:
        """Keep a choice for when one comes back to it."""
        if not choice.begun:
            return
        self._left.append(choice)
        while sum(len(each.cells) for each in self._left) > CELLS_KEPT:
            del self._left[0]

    def take(self, question: FlexQuestion) -> Choice | None:
        """Give a choice back that was left, or None."""
        found = next((each for each in self._left if each.question.same_as(question)), None)
        if found is not None:
            self._left.remove(found)
        return found
