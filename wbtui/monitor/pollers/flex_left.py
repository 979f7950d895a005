"""What a run leaves of its questions to Flex, so that the next one need not ask again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Final

from wbtui.domain.model import FlexQuestion, ItemKey, Metric

LONGEST: Final = timedelta(hours=1)
"""How old a query may be and still be taken up: what it found would be older than that, too."""
_FIELDS: Final = frozenset(asdict(FlexQuestion()))


@dataclass(frozen=True, slots=True)
class Left:
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


def left_from(text: str | None, now: datetime) -> Left | None:
    """Return what `to_text` gave; None for nothing, for what cannot be read, and for what is too old."""
    try:
        kept = json.loads(text or "{}")
        question = question_from(kept["question"])
        left = Left(
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
