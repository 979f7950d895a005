"""The pure row model: order, cursor and scroll, all bound to keys and never to row numbers.

Until somebody moves the cursor or does something to its row, a list stays at its top: what comes first in its
order is what is to be seen, and no row has been chosen.
A row number is only a coincidence of the present order. After each new order the key under the cursor is
looked up again; if it has gone, the cursor stays at the same screen row.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Generic, TypeVar

from wbtui.domain.model import ItemKey

R = TypeVar("R")


class Rows(Generic[R]):
    """An ordered list of rows with a cursor and a window of `height` rows on it.

    With `follows_head` a cursor on the first row stays on the first row, whatever comes there: right for
    lists where the news is on top and nothing can be done to a row.
    """

    def __init__(self, key_of: Callable[[R], ItemKey], *, follows_head: bool = False) -> None:
        self._key_of = key_of
        self._follows_head = follows_head
        self._rows: Sequence[R] = ()
        self._places: Mapping[ItemKey, int] | None = None
        self.cursor = 0
        """Row number of the cursor in the present order; 0 if there are no rows."""
        self.top = 0
        """Row number of the first row in the window."""
        self.height = 1
        """Rows that the window shows."""
        self.anchor: ItemKey | None = None
        """Where a range of marks begins, while one is open."""
        self.held = False
        """Whether the cursor stays with its item: once it was moved, or something was done to its row."""
        self._alerts: Sequence[int] = ()
        self._sought: ItemKey | None = None
        self._follows = False

    @property
    def rows(self) -> Sequence[R]:
        """Return the rows in their present order."""
        return self._rows

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def current(self) -> R | None:
        """Return the row under the cursor, or None if there are none."""
        return self._rows[self.cursor] if self._rows else None

    @property
    def current_key(self) -> ItemKey | None:
        """Return the key under the cursor, or None if there are no rows."""
        return self._key_of(self._rows[self.cursor]) if self._rows else None

    def visible(self) -> Sequence[R]:
        """Return the rows of the window, top first."""
        return self._rows[self.top : self.top + self.height]

    def arrange(
        self,
        rows: Sequence[R],
        places: Mapping[ItemKey, int] | None = None,
        alerts: Sequence[int] = (),
    ) -> bool:
        """Take the rows in a new order; return False if the item that the cursor stays with has left.

        `places` are the numbers of the keys in that order, where somebody has worked them out already: else
        they are searched for, which is long in a long list. `alerts` are the numbers of the rows that must
        not go unseen, in their order.
        """
        self._places = places
        self._alerts = alerts
        stayed = self._reorder(rows)
        return self._seek() or stayed

    def _reorder(self, rows: Sequence[R]) -> bool:
        old, self._rows = self._rows, rows
        if not self.held:
            self.cursor = self.top = 0
            return True
        self.held = bool(rows)
        if not rows or not old or (self._follows_head and self.cursor == 0):
            self._clamp()
            return not old or bool(rows)
        window = old[self.top : self.top + self.height]
        keys = [self._key_of(row) for row in window]
        key = self._key_of(old[self.cursor])
        found = self._locate({*keys, key})
        offset = self.cursor - self.top
        if key in found:
            self._keep_cursor(found[key], offset, keys, found)
            return True
        self._keep_screen_row(offset, keys, found)
        return False

    def _seek(self) -> bool:
        """Go to the item that is followed or waited for, if there is one and it is there."""
        if self._sought is None:
            return False
        found = self.current_key == self._sought or self._sought in self._locate({self._sought})
        if found:
            self.go(self._sought)
            if not self._follows:
                self._sought = None
        return found

    @property
    def alerts_above(self) -> int:
        """Return how many rows that must not go unseen lie above the window."""
        return bisect_left(self._alerts, self.top)

    @property
    def wanted_key(self) -> ItemKey | None:
        """Return the key that the cursor goes to as soon as it is there, else the one that it stays with."""
        return self._sought or (self.current_key if self.held else None)

    def hold(self) -> None:
        """Let the cursor stay with its item from now on: somebody looked at it or did something to it."""
        self.held = self.held or bool(self._rows)

    @property
    def followed(self) -> ItemKey | None:
        """Return the key of the item that is followed."""
        return self._sought if self._follows else None

    def follow(self, key: ItemKey | None) -> None:
        """Keep an item under the cursor and in the window until the cursor is moved; None: no more.

        If it leaves the list, the cursor goes to it again as soon as it is back.
        """
        self._sought, self._follows = key, key is not None
        self.held = self.held or key is not None

    def expect(self, key: ItemKey) -> None:
        """Go to an item once it is in the list, unless the cursor is moved before."""
        self._sought, self._follows = key, False
        self._seek()

    def _keep_cursor(self, cursor: int, offset: int, keys: list[ItemKey], found: dict[ItemKey, int]) -> None:
        """Follow the item: it keeps its screen row; the head of the list stays shown."""
        self.cursor = cursor
        at_head = self.top == 0 and cursor < self.height
        if not 0 <= offset < self.height:
            self.top = self._anchor(keys, found)
        elif not at_head:
            self.top = cursor - offset
        self._clamp_top()

    def _keep_screen_row(self, offset: int, keys: list[ItemKey], found: dict[ItemKey, int]) -> None:
        """Stay at the same screen row, since the item is gone."""
        self.top = self._anchor(keys, found) if self.top else 0
        self._clamp_top()
        self.cursor = self.top + offset
        self._clamp()

    def _anchor(self, keys: list[ItemKey], found: dict[ItemKey, int]) -> int:
        """Return the top that leaves the first surviving row of the window where it was."""
        for distance, key in enumerate(keys):
            if key in found:
                return found[key] - distance
        return self.top

    def _locate(self, keys: Collection[ItemKey]) -> dict[ItemKey, int]:
        """Return where these keys are now, as far as they are still there."""
        if self._places is not None:
            return {key: self._places[key] for key in keys if key in self._places}
        wanted = set(keys)
        found: dict[ItemKey, int] = {}
        for index, row in enumerate(self._rows):
            key = self._key_of(row)
            if key in wanted:
                found[key] = index
                wanted.discard(key)
            if not wanted:
                break
        return found

    def resize(self, height: int) -> None:
        """Take the height of the window in rows; a cursor that was in the window stays in it."""
        inside = self.top <= self.cursor < self.top + self.height
        self.height = max(1, height)
        self._clamp_top()
        if inside:
            self._reveal()

    def move(self, distance: int) -> None:
        """Move the cursor by so many rows, as far as there are any, and show it; ends following."""
        self.follow(None)
        self.hold()
        self.cursor += distance
        self._clamp()
        self._reveal()

    def page(self, pages: float) -> None:
        """Move cursor and window together by so many windows."""
        distance = int(self.height * pages)
        self.top += distance
        self._clamp_top()
        self.move(distance)

    def scroll(self, distance: int) -> None:
        """Move the window and leave the cursor where it is."""
        self.hold()
        self.top += distance
        self._clamp_top()

    def go(self, key: ItemKey) -> bool:
        """Put the cursor on the row with that key; return False if there is none."""
        found = self._locate({key})
        if key in found:
            self.cursor = found[key]
            self.held = True
            self._reveal()
        return key in found

    def point(self, index: int) -> None:
        """Put the cursor on the row with that number in the present order, as a click does."""
        self.follow(None)
        self.hold()
        self.cursor = index
        self._clamp()
        self._reveal()

    def range(self) -> Sequence[R]:
        """Return the rows from the anchor to the cursor, in their order; none if the anchor has gone."""
        found = {} if self.anchor is None else self._locate({self.anchor})
        if self.anchor is None or self.anchor not in found:
            return ()
        first, last = sorted((found[self.anchor], self.cursor))
        return self._rows[first : last + 1]

    def _clamp(self) -> None:
        self.cursor = max(0, min(self.cursor, len(self._rows) - 1))
        self._clamp_top()

    def _clamp_top(self) -> None:
        self.top = max(0, min(self.top, len(self._rows) - self.height))

    def _reveal(self) -> None:
        self.top = min(max(self.top, self.cursor - self.height + 1), self.cursor)
        self._clamp_top()
