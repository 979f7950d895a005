"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import cast

from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.worker import Worker

from wbtui.ui import moving
from wbtui.ui.account_keys import AccountKeys
from wbtui.ui.acting import Acting
from wbtui.ui.actions import Need, action, bindings
from wbtui.ui.ask import AskScreen, Question
from wbtui.ui.choosing import Choosing
from wbtui.ui.clipboard import Clipboard
from wbtui.ui.commanding import Commanding
from wbtui.ui.details_pane import DetailsPane
from wbtui.ui.finding import Finding
from wbtui.ui.frame import frame, keys
from wbtui.ui.garbage import undisturbed
from wbtui.ui.glyphs import ASCII
from wbtui.ui.help import HelpScreen
from wbtui.ui.intents import Intents
from wbtui.ui.line_view import LineView
from wbtui.ui.matrix import Form
from wbtui.ui.messages import SnapshotArrived
from wbtui.ui.program import Program
from wbtui.ui.prompt import Prompt
from wbtui.ui.shape import Place, Shape, shape
from wbtui.ui.spans import SpanCompositor
from wbtui.ui.status_table import StatusTable
from wbtui.ui.tab_bar import TabBar
from wbtui.ui.tabs import TABS, Tab
from wbtui.ui.taking import Taking
from wbtui.ui.upkeep import Upkeep
from wbtui.ui.view_model import Manner, ViewModel
from wbtui.ui.view_state import Memory

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""
PAUSE = 0.004
"""Seconds between two slices of long work, about as long as one takes: keys get their turn in it."""
YIELD = 0.04
"""The same once a key has come: its way to the terminal is longer than one turn of the loop."""
BETWEEN = 1.0
"""Seconds between two long works while data stream in."""

_BARS = ("header", "tabs", "status", "rule", "body", "news", "message", "keys")


class MainScreen(Screen[None], inherit_bindings=False):
    """Everything that is always on the terminal."""

    AUTO_FOCUS = "#table"

    def __init__(self, manner: Manner, intents: Intents, clipboard: Clipboard) -> None:
        super().__init__()
        self._compositor = SpanCompositor()
        self.model = ViewModel(manner)
        self.clipboard = clipboard
        self.intents = intents
        self._bindings = BindingsMap(list(bindings(manner.actions)))
        self._finding = Finding(self)
        self._upkeep = Upkeep(self)
        self._acting = Acting(self)
        self._shape = Shape()
        self._full = False
        self._rest: Timer | None = None
        self._toiler: Worker[None] | None = None
        self.typed = False
        """Set when a key has come: long work then waits a little longer."""
        self._deeds = self._all_deeds()

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom; which of them are seen depends on the size."""
        yield LineView("summary")
        yield LineView("header")
        yield TabBar("tabs")
        yield LineView("status")
        yield Prompt("field", once=True)
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
        if self.intents.snapshot is not None:
            self.model.take(self.intents.snapshot)
            self._toil()

    def on_resize(self) -> None:
        """Cut the screen up anew."""
        self._arrange()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        self.model.take(arrived.snapshot)
        self._upkeep.saw(arrived.snapshot)
        self._acting.saw(arrived.snapshot)
        self._toil()
        self._draw()
        self._finding.tell_hits()

    def _arrange(self) -> None:
        """Give each part its place and size, then draw."""
        self._shape = cut = shape(
            *self.size, long_rows=self.model.tab is Tab.ACTIVITY, below=self.model.manner.details_lines
        )
        for id in _BARS:
            self.query_one(f"#{id}").display = not cut.summary
        self.query_one("#summary").display = cut.summary
        self.query_one("#field").display = self._finding.is_open and not cut.summary
        if not cut.summary:
            self.query_one("#status").display = not self._finding.is_open
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
        facts = model.facts(self._shape, self.size.width, full=self._full)
        self.query_one("#keys", LineView).put([keys(facts)])

    def say(self, text: str) -> None:
        """Put words into the message line."""
        self.model.message = text
        if self.is_mounted:
            self._draw()

    # What the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave every key to the field while it is open."""
        return not self._finding.is_open

    def action_do(self, names: str) -> None:
        """Do what a key is for on this tab, of several ids with blanks between, or say why it cannot act."""
        actions, ids = self.model.manner.actions, names.split()
        self.do(next((id for id in ids if self.model.tab in action(id, actions).tabs), ids[0]))

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""
        refusal = action(id, self.model.manner.actions).refusal(self.model.tab, self._missing())
        if refusal:
            self.say(refusal)
            return
        self._deeds[id]()
        self._upkeep.acted()

    def _missing(self) -> frozenset[Need]:
        unsearched = {Need.SEARCH} if not self.query_one(DetailsPane).needle else set()
        return self.model.missing | unsearched

    # What the rooms of the keys ask of the screen

    @property
    def program(self) -> Program:
        """Return the application, for what concerns all of it."""
        return cast("Program", self.app)

    def changed(self, said: str) -> None:
        """Show another choice or order of rows, with words for the message line."""
        self._changed()
        self.say(said)

    def show_field(self, shown: bool, *, to_details: bool = False) -> None:
        """Put the field in the place of the status line, or take it away again."""
        self._arrange()
        field = self.query_one(Prompt)
        self.set_focus(field if shown else self.query_one(DetailsPane if to_details else StatusTable))

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask for a line of text, and do something with it unless the dialog is left."""

        def answered(text: str | None) -> None:
            if text is not None:
                then(text)

        self.app.push_screen(AskScreen(question, ascii_only=self.model.manner.drawing is ASCII), answered)

    def on_prompt_changed(self, changed: Prompt.Changed) -> None:
        """Filter or search while one types."""
        self._finding.typed(changed.text)

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Keep what was typed."""
        self._finding.finish(finished.text)

    def on_prompt_left(self) -> None:
        """Leave the field."""
        self._finding.leave()

    def on_prompt_stepped(self, stepped: Prompt.Stepped) -> None:
        """Move the cursor while one types."""
        self.pane.move(stepped.distance)

    def recollect(self, memory: Memory) -> None:
        """Look at every tab as the last time."""
        self.model.recollect(memory)
        if self.is_mounted:
            self._arrange()

    def adopt(self, manner: Manner) -> None:
        """Take other keys and sizes."""
        self.model.manner = manner
        self._bindings = BindingsMap(list(bindings(manner.actions)))
        if self.is_mounted:
            self._arrange()

    def _all_deeds(self) -> dict[str, Callable[[], None]]:
        return {
            **self._finding.deeds(),
            **Choosing(self).deeds(),
            **Taking(self).deeds(),
            **self._acting.deeds(),
            **Commanding(self).deeds(),
            **AccountKeys(self).deeds(),
            **moving.deeds(self),
            **{f"tab.{tab}": partial(self.show_tab, tab) for tab in TABS},
            "pane.next": self._switch_pane,
            "pane.previous": self._switch_pane,
            "item.details": self._enter,
            "view.full": lambda: self._set_full(not self._full),
            "view.back": self._back,
            "table.sort": lambda: self._sort(None),
            "view.matrix": lambda: self._take_form(Form.MATRIX),
            "view.jobs": lambda: self._take_form(Form.JOBS),
            "table.reverse": self._reverse,
            **self.intents.deeds(self.say, lambda: self.model.tab),
            "screen.repaint": self._repaint,
            "app.help": self._help,
            "app.quit": self._quit,
        }

    @property
    def pane(self) -> StatusTable | DetailsPane:
        """Return what the moving keys move."""
        details = self.query_one(DetailsPane)
        return details if self.focused is details else self.query_one(StatusTable)

    def show_tab(self, tab: Tab) -> None:
        """Turn to a tab."""
        self.model.show_tab(tab)
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
        """Take one step back: search, full screen, details, a range, filter, marks, message."""
        if self._full and self._finding.back():
            return
        if self._full:
            self._set_full(False)
        elif self.focused is self.query_one(DetailsPane):
            if not self._finding.back():
                self.set_focus(self.query_one(StatusTable))
        elif self.model.view.lines.anchor is None and self._finding.back():
            return
        else:
            self.model.view.unmark()
            self.model.missed = None
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
            with undisturbed():
                for _ in steps:
                    await asyncio.sleep(YIELD if self.typed else PAUSE)
                    self.typed = False
            self._draw()
            await asyncio.sleep(BETWEEN)

    def _repaint(self) -> None:
        self.app.refresh()
        self.refresh()

    def _quit(self) -> None:
        self.program.quit()

    def _help(self) -> None:
        manner = self.model.manner
        self.app.push_screen(HelpScreen(self.model.tab, manner.offered, ascii_only=manner.drawing is ASCII))

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
            self.show_tab(tab)


def _resize(part: Widget, lines: int) -> None:
    """Give a part as many lines as it has; a layout is only asked for when that changes."""
    part.display = lines > 0
    if lines:
        part.styles.height = lines
