"""The widgets of the main screen: their places at each size, and what is drawn in them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer

from wbtui.tui.chrome_lines import ChromeInput, all_lines, footer_keys, footer_message, status
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.layout import DetailsPlace, Layout
from wbtui.tui.status_table import StatusTable
from wbtui.tui.toolkit.line_view import LineView, TabBar
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.view_model import ViewModel

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""

_LINES = ("summary", "header", "tabs", "status", "rule", "band", "news", "message", "keys")
"""The parts that are made of lines, from top to bottom."""
_ALWAYS = ("header", "tabs", "message", "keys")
"""Those of them that are there at every size but the smallest."""


class ScreenParts:
    """Table, details, the field in the status line, and the lines round them."""

    def __init__(self, screen: Screen[None], model: ViewModel) -> None:
        self._screen = screen
        self._model = model
        self._layout = Layout()
        self.table = StatusTable("table")
        self.details = DetailsPane("details")
        self.field = Prompt("field", once=True)
        self._lines = {id: TabBar(id) if id == "tabs" else LineView(id) for id in _LINES}
        self._body, self._left = Container(id="body"), Container(id="main")
        self._rest: Timer | None = None
        """Runs while the details wait for the cursor to rest."""

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom; which of them are seen depends on the size."""
        lines = self._lines
        yield from (lines[id] for id in ("summary", "header", "tabs", "status"))
        yield self.field
        yield lines["rule"]
        with self._body:
            with self._left:
                yield lines["band"]
                yield self.table
            yield self.details
        yield from (lines[id] for id in ("news", "message", "keys"))

    def place(self, layout: Layout, *, full: bool, typing: bool) -> None:
        """Give each part its place and size; with `full` the details fill the screen."""
        self._layout = layout
        lines, whole, events = self._lines, not layout.summary, self._model.tab.of_events
        for id in _ALWAYS:
            lines[id].display = whole
        lines["summary"].display = layout.summary
        lines["status"].display = whole and not typing
        lines["rule"].display = whole and layout.rule
        lines["news"].display = whole and bool(layout.news) and not events
        lines["news"].styles.height = layout.news + 1
        self.field.display = typing
        self._body.display = whole
        if whole:
            self._place_details(layout, full=full)

    def _place_details(self, layout: Layout, *, full: bool) -> None:
        details = self.details
        details.place, details.full = layout.details, full
        details.display = full or layout.details is not DetailsPlace.NOWHERE
        self._left.display = not full
        below = layout.details is DetailsPlace.BELOW and not full
        self._body.set_class(below, "below")
        details.styles.height = layout.details_lines + 1 if below else "1fr"
        beside = layout.details is DetailsPlace.RIGHT and not full
        details.styles.width = layout.details_width if beside else "1fr"

    def draw(self) -> None:
        """Put the present state into every part; each sends only the cells that differ."""
        model = self._model
        for id, lines in all_lines(self._chrome()).items():
            part = self._lines[id]
            if id == "band":
                _resize(part, len(lines))
            part.put(lines)
        self.table.show(model.view, model.context, model.empty)
        self.draw_details()

    def follow_cursor(self) -> None:
        """Draw the details once the cursor rests."""
        self._stop_rest()
        self._rest = self._screen.set_timer(REST, self.draw_details)

    def _stop_rest(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None

    def draw_details(self) -> None:
        """Draw what depends on the row under the cursor."""
        self._stop_rest()
        model = self._model
        self.details.show(model.subject, model.subject_key, model.context)
        chrome = self._chrome()
        self._lines["status"].put([status(chrome)])
        self._lines["keys"].put([footer_keys(chrome)])

    def draw_message(self) -> None:
        """Draw the message line alone."""
        self._lines["message"].put(footer_message(self._chrome()))

    def _chrome(self) -> ChromeInput:
        return self._model.chrome_input(self._layout, self._screen.size.width, full=self.details.full)


def _resize(part: LineView, lines: int) -> None:
    """Give a part as many lines as it has; a layout is only asked for when that changes."""
    part.display = lines > 0
    if lines:
        part.styles.height = lines
