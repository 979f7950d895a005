"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from wbtui.ui.actions import action, bindings
from wbtui.ui.details_pane import DetailsPane
from wbtui.ui.frame import frame
from wbtui.ui.glyphs import ASCII
from wbtui.ui.help import HelpScreen
from wbtui.ui.intents import Intents
from wbtui.ui.line_view import LineView
from wbtui.ui.matrix import Form
from wbtui.ui.messages import SnapshotArrived
from wbtui.ui.shape import Place, Shape, shape
from wbtui.ui.spans import SpanCompositor
from wbtui.ui.status_table import StatusTable
from wbtui.ui.tab_bar import TabBar
from wbtui.ui.tabs import TABS, Tab
from wbtui.ui.view_model import Manner, ViewModel

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""

PAUSE = 0.004
"""Seconds between two slices of long work, about as long as one takes: keys get their turn in it."""

BETWEEN = 1.0
"""Seconds between two long works while data stream in."""

EVERYTHING = 1 << 40
"""More rows than there are."""

_BARS = ("header", "tabs", "status", "rule", "body", "news", "message", "keys")


class MainScreen(Screen[None], inherit_bindings=False):
    """Everything that is always on the terminal."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    AUTO_FOCUS = "#table"

    def __init__(self, manner: Manner, intents: Intents) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self.model = ViewModel(manner)
        self._intents = intents
        self._shape = Shape()
        self._full = False
        self._rest: Timer | None = None
        self._toiler: Worker[None] | None = None
        self._deeds = self._all_deeds()

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom; which of them are seen depends on the size."""
        yield LineView("summary")
        yield LineView("header")
        yield TabBar("tabs")
        yield LineView("status")
        yield LineView("rule")
        with Container(id="body"):
            with Container(id="main"):
                yield LineView("band")
                yield StatusTable("table")
            yield DetailsPane("details")
        yield LineView("news")
        yield LineView("message")
        yield LineView("keys")

    def on_mount(self) -> None:
        """Take what is known already; the first resize draws it."""
        if self._intents.snapshot is not None:
            self.model.take(self._intents.snapshot)
            self._toil()

    def on_resize(self) -> None:
        """Cut the screen up anew."""
        self._arrange()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        self.model.take(arrived.snapshot)
        self._toil()
        self._draw()

    def _arrange(self) -> None:
        """Give each part its place and size, then draw."""
        self._shape = cut = shape(*self.size, long_rows=self.model.tab is Tab.ACTIVITY)
        for id in _BARS:
            self.query_one(f"#{id}").display = not cut.summary
        self.query_one("#summary").display = cut.summary
        if not cut.summary:
            self.query_one("#rule").display = cut.rule
            self.query_one("#news").display = bool(cut.news) and self.model.tab is not Tab.ACTIVITY
            self.query_one("#news").styles.height = cut.news + 1
            self._arrange_body(cut)
        self._draw()

    def _arrange_body(self, cut: Shape) -> None:
        details = self.query_one(DetailsPane)
        details.place, details.full = cut.details, self._full
        details.display = self._full or cut.details is not Place.NOWHERE
        self.query_one("#main").display = not self._full
        below = cut.details is Place.BELOW and not self._full
        self.query_one("#body").set_class(below, "below")
        details.styles.height = cut.details_lines + 1 if below else "1fr"
        beside = cut.details is Place.RIGHT and not self._full
        details.styles.width = cut.details_width if beside else "1fr"
        if not details.display and self.focused is details:
            self.set_focus(self.query_one(StatusTable))

    def _draw(self) -> None:
        """Put the present state into every part; each sends only the cells that differ."""
        model = self.model
        for id, lines in frame(model.facts(self._shape, self.size.width, full=self._full)).items():
            part = self.query_one(f"#{id}", LineView)
            if id == "band":
                _resize(part, len(lines))
            part.put(lines)
        self.query_one(StatusTable).show(model.view, model.context, model.empty)
        self._draw_details()

    def _draw_details(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        model = self.model
        key = (model.tab, model.view.current_key)
        self.query_one(DetailsPane).show(model.subject, key, model.context)

    def say(self, text: str) -> None:
        """Put words into the message line."""
        self.model.message = text
        if self.is_mounted:
            self._draw()

    # What the user does

    def action_do(self, id: str) -> None:
        """Do what a key is for, or say why it cannot be done here."""
        refusal = action(id).refusal(self.model.tab)
        if refusal:
            self.say(refusal)
        else:
            self._deeds[id]()

    def _all_deeds(self) -> dict[str, Callable[[], None]]:
        ask = self._intents
        return {
            "cursor.down": lambda: self._pane.move(1),
            "cursor.up": lambda: self._pane.move(-1),
            "cursor.first": lambda: self._pane.move(-EVERYTHING),
            "cursor.last": lambda: self._pane.move(EVERYTHING),
            "cursor.page_down": lambda: self._pane.page(1),
            "cursor.page_up": lambda: self._pane.page(-1),
            "cursor.half_down": lambda: self._pane.page(0.5),
            "cursor.half_up": lambda: self._pane.page(-0.5),
            "scroll.left": lambda: self._pane.sideways(-1),
            "scroll.right": lambda: self._pane.sideways(1),
            **{f"tab.{tab}": partial(self._show_tab, tab) for tab in TABS},
            "tab.previous": lambda: self._step_tab(-1),
            "tab.next": lambda: self._step_tab(1),
            "pane.next": self._switch_pane,
            "pane.previous": self._switch_pane,
            "item.details": self._enter,
            "view.full": lambda: self._set_full(not self._full),
            "view.back": self._back,
            "table.sort": lambda: self._sort(None),
            "view.matrix": lambda: self._take_form(Form.MATRIX),
            "view.jobs": lambda: self._take_form(Form.JOBS),
            "table.reverse": self._reverse,
            "data.refresh": lambda: self.say(ask.refresh(self.model.tab)),
            "data.refresh_all": lambda: self.say(ask.refresh_all()),
            "data.pause": lambda: self.say(ask.pause()),
            "flex.metric": lambda: self.say(ask.metric()),
            "flex.invert": lambda: self.say(ask.invert()),
            "flex.shorter": lambda: self.say(ask.window(-1)),
            "flex.longer": lambda: self.say(ask.window(1)),
            "screen.repaint": self._repaint,
            "app.help": self._help,
            "app.quit": self._quit,
        }

    @property
    def _pane(self) -> StatusTable | DetailsPane:
        """Return what the moving keys move."""
        details = self.query_one(DetailsPane)
        return details if self.focused is details else self.query_one(StatusTable)

    def _show_tab(self, tab: Tab) -> None:
        self.model.show_tab(tab)
        self._toil(anew=True)
        self._arrange()

    def _step_tab(self, distance: int) -> None:
        self.model.step_tab(distance)
        self._toil(anew=True)
        self._arrange()

    def _switch_pane(self) -> None:
        table, details = self.query_one(StatusTable), self.query_one(DetailsPane)
        if details.display and not self._full:
            self.set_focus(table if self.focused is details else details)

    def _enter(self) -> None:
        """Go to the details; from there, or where they are not shown, to the full screen."""
        details = self.query_one(DetailsPane)
        if self.focused is details or not details.display:
            self._set_full(not self._full)
        else:
            self.set_focus(details)

    def _set_full(self, full: bool) -> None:
        self._full = full
        self._arrange()
        self.set_focus(self.query_one(DetailsPane if full else StatusTable))

    def _back(self) -> None:
        """Take one step back: full screen, details, marks, message."""
        if self._full:
            self._set_full(False)
        elif self.focused is self.query_one(DetailsPane):
            self.set_focus(self.query_one(StatusTable))
        else:
            self.model.view.rows.unmark()
            self.say("")

    def _sort(self, id: str | None) -> None:
        self.model.sort(id)
        self._changed()

    def _reverse(self) -> None:
        self.model.view.reverse_sort()
        self._changed()

    def _take_form(self, form: Form) -> None:
        """Show the tab in another form, or back; the item under the cursor stays under it."""
        self.model.view.toggle(form)
        self._changed()

    def _changed(self) -> None:
        """Show what the user changed of the order: at once if that is short, else as soon as it is done."""
        self.model.settle()
        self._toil(anew=True)
        self._draw()

    def _toil(self, *, anew: bool = False) -> None:
        """See to it that long work is done in slices; `anew`: the user waits, so what is under way ends."""
        idle = self._toiler is None or self._toiler.is_finished
        if (anew or idle) and self.model.work() is not None:
            self._toiler = self.run_worker(self._slices, group="slices", exclusive=True)

    async def _slices(self) -> None:
        """Do the long work, a slice at a time, then rest: at most once a second while data stream in."""
        while (steps := self.model.work()) is not None:
            for _ in steps:
                await asyncio.sleep(PAUSE)
            self._draw()
            await asyncio.sleep(BETWEEN)

    def _repaint(self) -> None:
        self.app.refresh()

    def _quit(self) -> None:
        self.app.exit()

    def _help(self) -> None:
        self.app.push_screen(HelpScreen(self.model.tab, ascii_only=self.model.manner.drawing is ASCII))

    def on_status_table_moved(self) -> None:
        """Let the details follow once the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._draw_details)

    def on_status_table_head_clicked(self, clicked: StatusTable.HeadClicked) -> None:
        """Sort by the head that was clicked."""
        self._sort(clicked.column)

    def on_details_pane_wanted(self) -> None:
        """Draw the details in their new size."""
        self._draw_details()

    def on_tab_bar_clicked(self, clicked: TabBar.Clicked) -> None:
        """Show the tab that was clicked."""
        tab = self.model.tab_at(clicked.x, self.size.width)
        if tab is not None:
            self._show_tab(tab)


def _resize(part: Widget, lines: int) -> None:
    """Give a part as many lines as it has; a layout is only asked for when that changes."""
    part.display = lines > 0
    if lines:
        part.styles.height = lines
