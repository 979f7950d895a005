"""The Flex query that a run leaves in the customer's queue, so that the next one need not ask again."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from wbtui.model import ItemKey

LONGEST: Final = timedelta(hours=1)
"""How old a query may be and still be taken up: what it found would be older than that, too."""


@dataclass(frozen=True, slots=True)
class Left:
    """A query under way: its operation, document and side, and the documents whose first side is known."""

    operation: ItemKey
    document: str
    invert: bool
    at: datetime
    last: bool
    first_done: tuple[str, ...] = ()

    def to_text(self) -> str:
        """Return it as the store keeps it."""
        return json.dumps(
            {
                "operation": self.operation,
                "document": self.document,
                "invert": self.invert,
                "at": self.at.isoformat(),
                "last": self.last,
                "first_done": self.first_done,
            }
        )


def left_from(text: str | None, now: datetime) -> Left | None:
    """Return what `to_text` gave; None for nothing, for what cannot be read, and for what is too old."""
    try:
        kept = json.loads(text or "{}")
        left = Left(
            operation=ItemKey(str(kept["operation"])),
            document=str(kept["document"]),
            invert=bool(kept["invert"]),
            at=datetime.fromisoformat(kept["at"]),
            last=bool(kept["last"]),
            first_done=tuple(map(str, kept["first_done"])),
        )
        return left if timedelta(0) <= now - left.at <= LONGEST else None
    except (ValueError, KeyError, TypeError):
        return None
