"""The message line: what was said last, and a failure until a key was pressed in sight of it. Pure."""

from __future__ import annotations

import math


class MessageLine:
    """Holds the words of the message line.

    What is no failure is replaced by whatever is said next, and goes with the next key. A failure stays, with
    later words behind it, until a key is pressed after it was drawn. Times are seconds, as events have them.
    """

    def __init__(self) -> None:
        self.failure = ""
        """The words of a failure that was not followed by a key yet; to be read, not written."""
        self._other = ""
        self._seen_since = math.inf

    @property
    def text(self) -> str:
        """Return the words, those of a failure first."""
        return "   ".join(filter(None, (self.failure, self._other)))

    @property
    def drawn(self) -> bool:
        """Return whether the words were drawn as they are now."""
        return self._seen_since < math.inf

    def say(self, text: str, *, failed: bool = False) -> None:
        """Say something; of two failures the later one stands there."""
        if failed:
            self.failure, self._other = text, ""
        else:
            self._other = text
        if failed or not self.failure:
            self._seen_since = math.inf

    def show(self, at: float) -> None:
        """Record that the words have been drawn."""
        self._seen_since = min(self._seen_since, at)

    def press(self, at: float) -> bool:
        """Record a key: words that were seen before it go; return whether there were any."""
        if at <= self._seen_since or not self.text:
            return False
        self.failure = self._other = ""
        return True
