"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Container
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget

from wbtui.ui import dialogs, moving
from wbtui.ui.account_keys import AccountKeys
from wbtui.ui.acting import Acting
from wbtui.ui.actions import Need, action, bindings
from wbtui.ui.choosing import Choosing
from wbtui.ui.clipboard import Clipboard
from wbtui.ui.commanding import Commanding
from wbtui.ui.details_pane import DetailsPane
from wbtui.ui.dialogs import Question
from wbtui.ui.finding import Finding
from wbtui.ui.frame import frame, keys, status
from wbtui.ui.glyphs import ASCII
from wbtui.ui.intents import Intents
from wbtui.ui.line_view import LineView
from wbtui.ui.messages import SnapshotArrived
from wbtui.ui.program import Program
from wbtui.ui.prompt import Prompt
from wbtui.ui.shape import Place, Shape, shape
from wbtui.ui.spans import SpanCompositor
from wbtui.ui.status_table import StatusTable
from wbtui.ui.tab_bar import TabBar
from wbtui.ui.tabs import Tab
from wbtui.ui.taking import Taking
from wbtui.ui.toil import Toil
from wbtui.ui.upkeep import Upkeep
from wbtui.ui.view_model import Manner, ViewModel
from wbtui.ui.view_state import Memory
from wbtui.ui.viewing import Viewing

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""

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
        self._viewing = Viewing(self, self._finding)
        self.toil = Toil(self, self.model, self._draw)
        self._shape = Shape()
        self._rest: Timer | None = None
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
            self.toil.go_on()

    def on_resize(self) -> None:
        """Cut the screen up anew."""
        self.lay_out()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        self.model.take(arrived.snapshot)
        self._upkeep.saw(arrived.snapshot)
        self._acting.saw(arrived.snapshot)
        self.toil.go_on()
        self._draw()
        self._finding.tell_hits()

    def lay_out(self) -> None:
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
        details, full = self.details, self._viewing.full
        details.place, details.full = cut.details, full
        details.display = full or cut.details is not Place.NOWHERE
        self.query_one("#main").display = not full
        below = cut.details is Place.BELOW and not full
        self.query_one("#body").set_class(below, "below")
        details.styles.height = cut.details_lines + 1 if below else "1fr"
        beside = cut.details is Place.RIGHT and not full
        details.styles.width = cut.details_width if beside else "1fr"
        if not details.display and self.in_details:
            self.focus_details(False)

    def _draw(self) -> None:
        """Put the present state into every part; each sends only the cells that differ."""
        model = self.model
        for id, lines in frame(model.facts(self._shape, self.size.width, full=self._viewing.full)).items():
            part = self.query_one(f"#{id}", LineView)
            if id == "band":
                _resize(part, len(lines))
            part.put(lines)
        self.table.show(model.view, model.context, model.empty)
        self._draw_details()

    def _draw_details(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        model = self.model
        self.details.show(model.subject, model.subject_key, model.context)
        facts = model.facts(self._shape, self.size.width, full=self._viewing.full)
        self.query_one("#status", LineView).put([status(facts)])
        self.query_one("#keys", LineView).put([keys(facts)])

    def _compositor_refresh(self) -> None:
        """Draw; behind a dialog what changed only, where Textual (8.2) draws everything."""
        if self is self.app.screen:
            super()._compositor_refresh()
            return
        regions = tuple(self._compositor._dirty_regions)
        self._compositor._dirty_regions.clear()
        self._dirty_widgets.clear()
        if regions and self.is_current:
            self.app.screen.refresh(*regions)

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
        found = action(id, self.model.manner.actions)
        refusal = found.refusal(self.model.tab, self._missing())
        if refusal:
            self.say(refusal)
            return
        if found.on_row:
            self.model.view.lines.hold()
        self._deeds[id]()
        self._upkeep.acted()

    def _missing(self) -> frozenset[Need]:
        unsearched = {Need.SEARCH} if not self.details.needle else set()
        return self.model.missing | unsearched

    # What the rooms of the keys ask of the screen

    @property
    def program(self) -> Program:
        """Return the application, for what concerns all of it."""
        return cast("Program", self.app)

    def changed(self, said: str) -> None:
        """Show another choice or order of rows: at once if that is short, else as soon as it is done."""
        self.model.message = said
        self.model.settle()
        self.toil.go_on(anew=True)
        self._draw()

    def show_field(self, shown: bool, *, to_details: bool = False) -> None:
        """Put the field in the place of the status line, or take it away again."""
        self.lay_out()
        if shown:
            self.set_focus(self.field)
        else:
            self.focus_details(to_details)

    def focus_details(self, focus: bool) -> None:
        """Give the keys to the details, or to the table."""
        self.set_focus(self.details if focus else self.table)

    def ask(self, question: Question, then: Callable[[str], None]) -> None:
        """Ask for a line of text, and do something with it unless the dialog is left."""

        def answered(text: str | None) -> None:
            if text is not None:
                then(text)

        self.app.push_screen(dialogs.ask(question, ascii_only=self.model.manner.drawing is ASCII), answered)

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
        self.table.move(stepped.distance)

    def recollect(self, memory: Memory) -> None:
        """Look at every tab as the last time."""
        self.model.recollect(memory)
        if self.is_mounted:
            self.lay_out()

    def adopt(self, manner: Manner) -> None:
        """Take other keys and sizes."""
        self.model.manner = manner
        self._bindings = BindingsMap(list(bindings(manner.actions)))
        if self.is_mounted:
            self.lay_out()

    def _all_deeds(self) -> dict[str, Callable[[], None]]:
        return {
            **self._finding.deeds(),
            **Choosing(self).deeds(),
            **Taking(self).deeds(),
            **self._acting.deeds(),
            **Commanding(self).deeds(),
            **AccountKeys(self).deeds(),
            **moving.deeds(self),
            **self._viewing.deeds(),
            **self.intents.deeds(self.say, lambda: self.model.tab),
            "screen.repaint": self._repaint,
        }

    @property
    def table(self) -> StatusTable:
        """Return the table."""
        return self.query_one(StatusTable)

    @property
    def details(self) -> DetailsPane:
        """Return the pane of details."""
        return self.query_one(DetailsPane)

    @property
    def field(self) -> Prompt:
        """Return the field in the status line."""
        return self.query_one(Prompt)

    @property
    def in_details(self) -> bool:
        """Tell whether the keys are those of the details."""
        return self.focused is self.details

    def show_tab(self, tab: Tab) -> None:
        """Turn to a tab."""
        self.model.show_tab(tab)
        self.toil.go_on(anew=True)
        self.lay_out()

    def _repaint(self) -> None:
        self.app.refresh()
        self.refresh()

    def on_status_table_moved(self) -> None:
        """Let the details follow once the cursor rests."""
        if self._rest is not None:
            self._rest.stop()
        self._rest = self.set_timer(REST, self._draw_details)

    def on_status_table_head_clicked(self, clicked: StatusTable.HeadClicked) -> None:
        """Sort by the head that was clicked."""
        self._viewing.sort(clicked.column)

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
