"""What was sent again already, and what became of it: so that nobody sends the same thing twice unawares.

A try is written down before it is sent, and found again after a restart and by every other process of the
profile. One that failed bars nothing; one that is unfinished, went well, or may have arrived does.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from wbtui.domain.attempts import children, grown_from
from wbtui.domain.clock import Clock
from wbtui.domain.item_keys import beebox_key, path_part
from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import Action, BeeboxFile, Item, ItemKey, State
from wbtui.domain.ports import TextStore
from wbtui.domain.states import state_words
from wbtui.monitor.monitor_state import MonitorState

PREFIX: Final = "tried."
"""What the names begin with under which the store keeps tries."""
KEPT: Final = timedelta(days=90)
FREE: Final = frozenset({State.FAILED, State.CANCELLED})
"""What a try may have ended in that does not stand in the way of the next one."""
NOBODY_KNOWS: Final = "it was sent again, and nobody knows whether it arrived"

NOTHING_NEW: Final = "its source was put again, and the server has said nothing new since"


@dataclass(frozen=True, slots=True)
class EarlierTry:
    """What is known of the times an item was sent again."""

    at: datetime
    """When it was last asked for."""
    made: tuple[ItemKey, ...] = ()
    """The items that came of it, oldest first."""
    arrived: bool = False
    """Whether a server has taken it at least once."""
    under_way: bool = True
    """Whether it is being sent: with a broken connection, or a process that was killed, for ever."""

    def to_text(self) -> str:
        """Return it as the store keeps it."""
        return json.dumps(
            {
                "at": self.at.isoformat(),
                "made": self.made,
                "arrived": self.arrived,
                "under_way": self.under_way,
            }
        )


def tried_from(text: str | None) -> EarlierTry | None:
    """Return what `to_text` gave; None for nothing, and for what cannot be read."""
    with contextlib.suppress(ValueError, KeyError, TypeError):
        kept = json.loads(text or "{}")
        made = tuple(ItemKey(str(key)) for key in kept["made"])
        at = datetime.fromisoformat(kept["at"])
        return EarlierTry(at, made, bool(kept["arrived"]), bool(kept["under_way"]))
    return None


class Tries:
    """Judges whether an item was sent again already; and writes down each time it is."""

    def __init__(self, state: MonitorState, store: TextStore, clock: Clock) -> None:
        self._state: Final = state
        self._store: Final = store
        self._clock: Final = clock
        self._queued: Final[set[str]] = set()
        """What is asked for and not being sent yet."""

    # -- judging ----------------------------------------------------------------------------------------

    def already_sent(self, items: Iterable[Item], *, queued: bool = True) -> dict[ItemKey, str]:
        """Return why these items are not to be sent again unasked; one that may be has no entry.

        Without `queued` those that are asked for in this process do not count: the caller is one of them.
        """
        chosen = list(items)
        kept = self._store.recall_all(PREFIX) if chosen else {}
        tries = {name: found for name, text in kept.items() if (found := tried_from(text)) is not None}
        born = children(self._state.operations.values())
        for name, found in tries.items():
            parent = ItemKey(name.removeprefix(PREFIX))
            born.setdefault(parent, []).extend(key for key in found.made if key not in born.get(parent, ()))
        found_words: dict[ItemKey, str] = {}
        for item in chosen:
            waits = queued and _name(item) in self._queued
            words = "it is being sent again" if waits else self._words(item, tries.get(_name(item)), born)
            if words:
                found_words[item.key] = words
        return found_words

    def _words(self, item: Item, tried: EarlierTry | None, born: Mapping[ItemKey, list[ItemKey]]) -> str:
        if isinstance(item, BeeboxFile):
            return _of_the_file(item, tried)
        if tried is not None and tried.under_way:
            return NOBODY_KNOWS
        return next(filter(None, map(self._of_the_next, grown_from(item.key, born))), "")

    def _of_the_next(self, key: ItemKey) -> str:
        """Return what an item that came of a try says against another one."""
        made = self._state.find(key)
        if made is None:
            return f"it was sent again as {key}, which is not in the list any more"
        return "" if made.state in FREE else f"it was sent again as {key}, which {state_words(made).verb}"

    # -- writing down -----------------------------------------------------------------------------------

    def queued(self, item: Item) -> None:
        """Take down that an item will be sent again as soon as its turn comes."""
        self._queued.add(_name(item))

    def dropped(self, item: Item) -> None:
        """Take back `queued`: its turn has come, or nothing comes of it."""
        self._queued.discard(_name(item))

    @contextlib.contextmanager
    def sending(self, item: Item) -> Iterator[Sending]:
        """Keep a try while it is sent; what the block says of its end is kept instead when it is over.

        A block that says nothing, since it was cancelled or does not know, leaves a try that may have
        arrived.
        """
        name, now = _name(item), self._clock.now()
        kept = self._store.recall_all(PREFIX)
        before = tried_from(kept.get(name))
        for other, text in kept.items():
            old = tried_from(text)
            if old is None or now - old.at > KEPT:
                self._store.remember(other, "")
        begun = replace(before, at=now, under_way=True) if before else EarlierTry(now)
        self._store.remember(name, begun.to_text())
        sending = Sending()
        try:
            yield sending
        finally:
            if sending.refused:
                self._store.remember(name, before.to_text() if before else "")
            elif sending.arrived:
                made = (*begun.made, *([sending.made] if sending.made else ()))
                self._store.remember(name, EarlierTry(now, made, arrived=True, under_way=False).to_text())


@dataclass(slots=True)
class Sending:
    """How a try ended, as far as its caller knows."""

    arrived: bool = False
    made: ItemKey | None = None
    refused: bool = False
    """Whether nothing was changed on the server, for sure."""


def _name(item: Item) -> str:
    """Return under which name the tries of an item are kept: a Beebox file has one for all its languages."""
    if isinstance(item, BeeboxFile):
        return f"{PREFIX}{beebox_key('', path_part(item.key))}"
    return f"{PREFIX}{item.key}"


def _of_the_file(item: BeeboxFile, tried: EarlierTry | None) -> str:
    """Return what a try says against putting a source once more.

    Only what the server has said since counts: at first it still tells of the source of before.
    """
    if tried is None or not (tried.arrived or tried.under_way) or item.state is State.CANCELLED:
        return ""
    if item.asked is Action.CANCEL and item.asked_at is not None and item.asked_at > tried.at:
        return ""
    if item.changed_at is not None and item.changed_at > tried.at:
        return "" if item.state in FREE else f"its source was put again, and it {state_words(item).verb}"
    return NOBODY_KNOWS if tried.under_way else NOTHING_NEW
