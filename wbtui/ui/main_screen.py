"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from wbtui.model import Snapshot
from wbtui.ui import bands, bars
from wbtui.ui.actions import action, bindings
from wbtui.ui.columns import Context
from wbtui.ui.derived import Derived
from wbtui.ui.details_pane import DetailsPane
from wbtui.ui.frame import Facts, frame
from wbtui.ui.glyphs import ASCII, Drawing
from wbtui.ui.help import HelpScreen
from wbtui.ui.intents import Intents
from wbtui.ui.line_view import LineView
from wbtui.ui.messages import SnapshotArrived
from wbtui.ui.shape import Place, Shape, shape
from wbtui.ui.spans import SpanCompositor
from wbtui.ui.status_table import StatusTable
from wbtui.ui.tab_bar import TabBar
from wbtui.ui.tab_view import TabView
from wbtui.ui.tabs import TABS, Count, Tab, unread

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""

EVERYTHING = 1 << 40
"""More rows than there are."""

_BARS = ("header", "tabs", "status", "rule", "body", "news", "message", "keys")


class MainScreen(Screen[None], inherit_bindings=False):
    """Everything that is always on the terminal."""

    BINDINGS: ClassVar[list[BindingType]] = list(bindings())
    AUTO_FOCUS = "#table"

    def __init__(
        self,
        banner: bars.Banner,
        intents: Intents,
        drawing: Drawing,
        *,
        zone: tzinfo | None,
        seen: Callable[[int], None] | None,
        seen_event: int,
    ) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self._banner = banner
        self._intents = intents
        self._drawing = drawing
        self._zone = zone
        self._seen = seen
        self._seen_event = seen_event
        self._views = {tab: TabView(tab) for tab in TABS}
        self._derived = Derived()
        self._tab = Tab.OPERATIONS
        self._message = ""
        self._shape = Shape()
        self._full = False
        self._rest: Timer | None = None
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
            self._take(self._intents.snapshot)

    def on_resize(self) -> None:
        """Cut the screen up anew."""
        self._arrange()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        if not self._take(arrived.snapshot):
            self._message = "The item under the cursor left the view."
        self._draw()

    def _take(self, snapshot: Snapshot) -> bool:
        """Let every tab take the snapshot; return False if the item under the present cursor is gone."""
        context = Context(snapshot.at, self._zone, snapshot.places, self._drawing)
        kept = {tab: view.take(snapshot, context) for tab, view in self._views.items()}
        if self._tab is Tab.ACTIVITY:
            self._mark_seen(snapshot)
        return kept[self._tab]

    def _mark_seen(self, snapshot: Snapshot) -> None:
        newest = max((event.id for event in snapshot.events), default=0)
        if newest > self._seen_event:
            self._seen_event = newest
            if self._seen is not None:
                self._seen(newest)

    @property
    def _view(self) -> TabView:
        return self._views[self._tab]

    def _reading(self) -> Context | None:
        snapshot = self._intents.snapshot
        if snapshot is None:
            return None
        return Context(snapshot.at, self._zone, snapshot.places, self._drawing)

    def _arrange(self) -> None:
        """Give each part its place and size, then draw."""
        self._shape = cut = shape(*self.size, long_rows=self._tab is Tab.ACTIVITY)
        for id in _BARS:
            self.query_one(f"#{id}").display = not cut.summary
        self.query_one("#summary").display = cut.summary
        if not cut.summary:
            self.query_one("#rule").display = cut.rule
            self.query_one("#news").display = bool(cut.news) and self._tab is not Tab.ACTIVITY
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
        snapshot, view = self._intents.snapshot, self._view
        for id, lines in frame(self._facts(snapshot)).items():
            part = self.query_one(f"#{id}", LineView)
            if id == "band":
                _resize(part, len(lines))
            part.put(lines)
        context = self._reading()
        self.query_one(StatusTable).show(view, context, bands.empty(snapshot, self._tab, context))
        self._draw_details()

    def _facts(self, snapshot: Snapshot | None) -> Facts:
        width = self.size.width
        view, cut = self._view, self._shape
        events = () if snapshot is None else snapshot.events
        fresh = Count() if self._tab is Tab.ACTIVITY else unread(events, self._seen_event)
        counts = {tab: each.count for tab, each in self._views.items()} | {Tab.ACTIVITY: fresh}
        beside = cut.details is Place.RIGHT and not self._full
        noun = "events" if self._tab is Tab.ACTIVITY else "items"
        return Facts(
            banner=self._banner,
            snapshot=snapshot,
            tab=self._tab,
            counts=counts,
            standing=bars.Standing(
                len(view.rows), view.sorted_column.head, view.reverse, len(view.rows.marks), noun
            ),
            message=self._message,
            unread=fresh,
            totals=() if snapshot is None else self._derived.totals(snapshot),
            shape=cut,
            width=width,
            table_width=width - (cut.details_width if beside else 0),
            zone=self._zone,
            drawing=self._drawing,
        )

    def _draw_details(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        snapshot, row = self._intents.snapshot, self._view.rows.current
        subject = None
        if snapshot is not None and row is not None:
            subject = self._derived.subject(row, snapshot)
        key = (self._tab, self._view.rows.current_key)
        self.query_one(DetailsPane).show(subject, key, self._reading())

    def say(self, text: str) -> None:
        """Put words into the message line."""
        self._message = text
        if self.is_mounted:
            self._draw()

    # What the user does

    def action_do(self, id: str) -> None:
        """Do what a key is for, or say why it cannot be done here."""
        refusal = action(id).refusal(self._tab)
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
            "table.reverse": lambda: self._sort(self._view.sort),
            "data.refresh": lambda: self.say(ask.refresh(self._tab)),
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
        self._tab = tab
        self._message = ""
        if tab is Tab.ACTIVITY and self._intents.snapshot is not None:
            self._mark_seen(self._intents.snapshot)
        self._arrange()

    def _step_tab(self, distance: int) -> None:
        self._show_tab(TABS[(TABS.index(self._tab) + distance) % len(TABS)])

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
            self._view.rows.unmark()
            self.say("")

    def _sort(self, id: str | None) -> None:
        """Sort by that column, again to reverse; None: the next one."""
        context = self._reading()
        if context is None:
            return
        if id is None:
            self._view.sort_next(context)
        else:
            self._view.sort_by(id, context)
        self._draw()

    def _repaint(self) -> None:
        self.app.refresh()

    def _quit(self) -> None:
        self.app.exit()

    def _help(self) -> None:
        self.app.push_screen(HelpScreen(self._tab, ascii_only=self._drawing is ASCII))

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
        facts = self._facts(self._intents.snapshot)
        tab = bars.tab_at(self._tab, facts.counts, facts.width, clicked.x)
        if tab is not None:
            self._show_tab(tab)


def _resize(part: Widget, lines: int) -> None:
    """Give a part as many lines as it has; a layout is only asked for when that changes."""
    part.display = lines > 0
    if lines:
        part.styles.height = lines
