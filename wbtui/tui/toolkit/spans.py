"""Sends only the changed cells of a line: Textual's own update starts at the left edge of the widget.

This reaches into Textual's private compositor (8.2); the byte counts of the terminal tests watch over it.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class SpanUpdate(ChopsUpdate):
    """The changed spans of a frame, each sent from its first changed cell to its last."""

    def render_segments(self, console: Console) -> str:
        """Return the text and codes for the terminal."""
        sent: list[str] = []
        for y, first, last in self.spans:
            for end, (start, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(start, first), min(end, last)
                if strip is not None and left < right:
                    sent.append(Control.move_to(left, y).segment.text)
                    sent.append(strip.crop(left - start, right - start).render(console))
        return "".join(sent)


class SpanCompositor(Compositor):
    """Composes frames as Textual does, and sends partial ones cell by cell."""

    def render_partial_update(self) -> SpanUpdate | None:
        """Return what has changed since the last frame, if anything has."""
        update = super().render_partial_update()
        return None if update is None else SpanUpdate(update.chops, update.spans, update.chop_ends)
