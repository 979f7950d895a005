"""How far Flex has answered what is asked of it, and since when that is true; pure, one for every reader."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import FlexDocument, FlexQuestion
from wbtui.domain.snapshot import Health, HealthWord


@dataclass(frozen=True, slots=True)
class FlexRead:
    """What is known of the documents as a whole."""

    read_at: datetime | None = None
    """When the oldest of the answers was asked for; None unless all documents have answered."""
    words: str = ""
    """What is missing, failed or old; empty where all documents have answered the question."""
    shown_since: datetime | None = None
    """When the oldest of the rows was asked for, whatever they answer; None before the first answer."""
    faults: str = ""
    """Of that: which query failed, what other question the rows answer, and that they are old."""


_LATE: Final = "no newer answer has come yet"


def flex_read(
    documents: Collection[FlexDocument],
    question: FlexQuestion,
    waiting: Collection[str] = (),
    old_before: datetime | None = None,
) -> FlexRead:
    """Return how far these documents have answered the question.

    `waiting` names those asked again; rows from before `old_before` are old.
    """
    read = [d.read_at or d.answered_at for d in documents if d.answers(question)]
    shown = [at for d in documents if (at := d.read_at or d.answered_at) is not None]
    asked = [at for at in read if at is not None]
    since = min(shown, default=None)
    late = since is not None and old_before is not None and since < old_before
    faults = "; ".join([*_faults(documents, question), *([_LATE] if late else [])])
    unheard = _waiting(documents, question, waiting)
    return FlexRead(
        read_at=min(asked) if asked and len(asked) == len(documents) else None,
        words="; ".join(filter(None, (faults, unheard))),
        faults=faults,
        shown_since=since,
    )


def _faults(documents: Collection[FlexDocument], question: FlexQuestion) -> list[str]:
    failed = [d for d in documents if d.failure]
    old = next((d.question for d in documents if d.former(question)), None)
    words = [f"query of {d.id} {d.name}".rstrip() + f" failed: {d.failure}" for d in failed[:1]]
    if len(failed) > 1:
        words.append(f"{len(failed)} queries failed")
    return words if old is None else [*words, f"the rows answer {old.words}"]


def _waiting(documents: Collection[FlexDocument], question: FlexQuestion, waiting: Collection[str]) -> str:
    unheard = sum((not d.answers(question) or d.id in waiting) and not d.failure for d in documents)
    return f"{unheard} of {len(documents)} documents have not answered yet" if unheard else ""


def flex_health(
    health: Health,
    documents: Collection[FlexDocument],
    question: FlexQuestion,
    old_before: datetime | None = None,
) -> Health:
    """Return the health of Flex with the age of its answers: that a look went well does not make them new.

    OLD where rows answer another question, a query failed, or what is shown is from before `old_before`.
    """
    if not documents or health.word is HealthWord.OFF:
        return health
    found = flex_read(documents, question, old_before=old_before)
    health = replace(health, read_at=found.shown_since)
    if health.word not in {HealthWord.OK, HealthWord.CONNECTING}:
        return health
    if found.faults and found.shown_since is not None:
        return replace(health, word=HealthWord.OLD, at=found.shown_since, message=found.faults)
    return replace(health, message=found.faults or health.message)
