"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.containers import Container
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from wbtui.desktop.clipboard import Clipboard
from wbtui.tui.actions import MOVING, KeyAction, Need, action, bindings
from wbtui.tui.controllers import navigation
from wbtui.tui.controllers.accounts import AccountKeys
from wbtui.tui.controllers.background import Background
from wbtui.tui.controllers.base import AppApi
from wbtui.tui.controllers.chunk_runner import ChunkRunner
from wbtui.tui.controllers.commands import CommandLine
from wbtui.tui.controllers.copy_export import CopyExport
from wbtui.tui.controllers.filter import FilterBar
from wbtui.tui.controllers.item_actions import ItemActions
from wbtui.tui.controllers.marks import Marks
from wbtui.tui.controllers.navigation import Navigation
from wbtui.tui.controllers.requests import Intents
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.dialogs import factory
from wbtui.tui.dialogs.factory import FieldQuestion
from wbtui.tui.frame import ChromeInput, DetailsPlace, Shape, frame, keys, message, shape, status
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.base import Tab
from wbtui.tui.tabs.glyphs import ASCII
from wbtui.tui.toolkit.line_view import LineView, TabBar
from wbtui.tui.toolkit.messages import SnapshotArrived
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import OwnScreen
from wbtui.tui.toolkit.textual_internals import time_of
from wbtui.tui.view_model import ScreenOptions, ViewModel
from wbtui.tui.view_state import ViewMemory

REST = 0.2
"""Seconds that the cursor rests before the details follow it."""

_LINES = ("summary", "header", "tabs", "status", "rule", "band", "news", "message", "keys")
"""The parts that are made of lines, from top to bottom."""
_ALWAYS = ("header", "tabs", "message", "keys")
"""Those of them that are there at every size but the smallest."""


class MainScreen(OwnScreen[None], inherit_bindings=False):
    """Everything that is always on the terminal."""

    AUTO_FOCUS = "#table"
    SENDS_SPANS = True

    def __init__(self, manner: ScreenOptions, intents: Intents, clipboard: Clipboard) -> None:
        super().__init__()
        self.model = ViewModel(manner)
        self.clipboard = clipboard
        self.intents = intents
        self.bound = BindingsMap(list(bindings(manner.actions)))
        self._finding = FilterBar(self)
        self._upkeep = Background(self)
        self._acting = ItemActions(self)
        self._viewing = Navigation(self, self._finding)
        self.chunk_runner = ChunkRunner(self, self.model, self._draw)
        self._shape = Shape()
        self._rest: Timer | None = None
        self._deeds = self._all_deeds()
        self.table = StatusTable("table")
        self.details = DetailsPane("details")
        self.field = Prompt("field", once=True)
        self._lines = {id: TabBar(id) if id == "tabs" else LineView(id) for id in _LINES}
        self._body, self._left = Container(id="body"), Container(id="main")
        self._unmoved: dict[Tab, list[str]] = {}
        """Moves of each tab that came before there was anything to move in."""
        self._came_to_front = asyncio.Event()

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

    def on_mount(self) -> None:
        """Take what is known already; the first resize draws it."""
        if self.intents.snapshot is not None:
            self.model.take(self.intents.snapshot)
            self.chunk_runner.go_on()

    def on_resize(self) -> None:
        """Cut the screen up anew."""
        self.lay_out()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        self.model.take(arrived.snapshot)
        self._upkeep.saw(arrived.snapshot)
        self._acting.saw(arrived.snapshot)
        self.chunk_runner.go_on()
        self._draw()
        self._move_at_last()
        self._finding.tell_hits()

    def lay_out(self) -> None:
        """Give each part its place and size, then draw."""
        self._shape = cut = shape(
            *self.size, long_rows=self.model.tab is Tab.ACTIVITY, below=self.model.manner.details_lines
        )
        lines, whole = self._lines, not cut.summary
        for id in _ALWAYS:
            lines[id].display = whole
        lines["summary"].display = cut.summary
        lines["status"].display = whole and not self._finding.is_open
        lines["rule"].display = whole and cut.rule
        lines["news"].display = whole and bool(cut.news) and self.model.tab is not Tab.ACTIVITY
        lines["news"].styles.height = cut.news + 1
        self.field.display = self._finding.is_open
        self._body.display = whole
        if whole:
            self._arrange_body(cut)
        self._keep_focus()
        self._draw()

    def _keep_focus(self) -> None:
        """Give the keys back to what had no place on a smaller terminal."""
        if self.focused is None and self.app.app_focus:
            self.set_focus(self.field if self._finding.is_open else self.table)

    def _arrange_body(self, cut: Shape) -> None:
        details, full = self.details, self._viewing.full
        details.place, details.full = cut.details, full
        details.display = full or cut.details is not DetailsPlace.NOWHERE
        self._left.display = not full
        below = cut.details is DetailsPlace.BELOW and not full
        self._body.set_class(below, "below")
        details.styles.height = cut.details_lines + 1 if below else "1fr"
        beside = cut.details is DetailsPlace.RIGHT and not full
        details.styles.width = cut.details_width if beside else "1fr"
        if not details.display and self.in_details:
            self.focus_details(False)

    def _draw(self) -> None:
        """Put the present state into every part; each sends only the cells that differ."""
        model = self.model
        for id, lines in frame(self._facts()).items():
            part = self._lines[id]
            if id == "band":
                _resize(part, len(lines))
            part.put(lines)
        self.table.show(model.view, model.context, model.empty)
        self._draw_details()
        self.has_content = True
        self._follow_message()

    def _facts(self) -> ChromeInput:
        return self.model.facts(self._shape, self.size.width, full=self._viewing.full)

    def _draw_details(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        model = self.model
        self.details.show(model.subject, model.subject_key, model.context)
        facts = self._facts()
        self._lines["status"].put([status(facts)])
        self._lines["keys"].put([keys(facts)])

    def say(self, text: str, *, failed: bool = False) -> None:
        """Put words into the message line; those of a failure stay until a key was pressed in their sight."""
        self.model.message.say(text, failed=failed)
        if self.is_mounted:
            self._draw()

    def pressed(self, at: float) -> None:
        """Take what was said off the message line, as far as it was seen before this key."""
        if self.model.message.press(at):
            self.model.message.say(self.model.missed_words)
            if self.is_mounted:
                self._lines["message"].put(message(self._facts()))

    def _follow_message(self) -> None:
        """Note when what stands in the message line has been painted; behind a dialog nobody sees it."""
        if not self.model.message.drawn and self.app.screen is self:
            # a message bears the time in which events are stamped, too
            self.call_after_refresh(lambda: self.model.message.show(time_of(Message())))

    # What the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave every key to the field while it has the focus."""
        return self.focused is not self.field

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Take what is typed into the field, and keys that move, look, filter or leave."""
        if self.focused is self.field:
            return True
        if isinstance(event, events.Paste):
            return False
        bound = self.bound.key_to_bindings.get(event.key, ())
        return not any(self._meant(each.action.split("'")[1]).needs_sight for each in bound)

    def _meant(self, names: str) -> KeyAction:
        """Return what a key is for on this tab, of several ids with blanks between."""
        actions = [action(id, self.model.manner.actions) for id in names.split()]
        return next((each for each in actions if self.model.tab in each.tabs), actions[0])

    def action_do(self, names: str) -> None:
        """Do what a key is for on this tab, or say why it cannot act."""
        self.do(self._meant(names).id)

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""
        found = action(id, self.model.manner.actions)
        refusal = found.refusal(self.model.tab, self._missing())
        if refusal:
            self.say(refusal, failed=True)
            return
        if self.model.snapshot is None and action(id).group == MOVING and not self.in_details:
            self._unmoved.setdefault(self.model.tab, []).append(id)
            return
        if found.on_row:
            self.model.view.lines.hold()
        self._deeds[id]()
        self._upkeep.acted()
        self._move_at_last()

    def _move_at_last(self) -> None:
        """Move as was asked for before there was anything to move in."""
        if self.model.view.lines:
            for id in self._unmoved.pop(self.model.tab, ()):
                self._deeds[id]()

    def _missing(self) -> frozenset[Need]:
        unsearched = {Need.SEARCH} if not self.details.needle else set()
        return self.model.missing | unsearched

    # What controllers ask of the screen

    @property
    def program(self) -> AppApi:
        """Return the application, for what concerns all of it."""
        return cast("AppApi", self.app)

    def changed(self, said: str, *, failed: bool = False) -> None:
        """Show another choice or order of rows: at once if that is short, else as soon as it is done."""
        self.model.message.say(said, failed=failed)
        self.model.settle()
        self.chunk_runner.go_on(anew=True)
        self._draw()

    async def in_front(self) -> None:
        """Wait until no dialog is open and nothing is typed: a question must not take keys of these."""
        while self.app.screen is not self or self.focused is self.field:
            self._came_to_front.clear()
            await self._came_to_front.wait()

    def on_screen_resume(self) -> None:
        """Go on with what waited for the end of a dialog."""
        self._came_to_front.set()
        self._follow_message()

    def on_descendant_blur(self, blurred: events.DescendantBlur) -> None:
        """Close the field when it lost the focus, such as to a click; not when the terminal has lost it."""
        if blurred.widget is self.field and self.focused is not self.field and self.app.app_focus:
            self._finding.lose()
            self._came_to_front.set()

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

    def ask(self, question: FieldQuestion, then: Callable[[str], None]) -> None:
        """Ask for a line of text, and do something with it unless the dialog is left."""

        def answered(text: str | None) -> None:
            if text is not None:
                then(text)

        self.app.push_screen(factory.ask(question, ascii_only=self.model.manner.drawing is ASCII), answered)

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

    def recollect(self, memory: ViewMemory) -> None:
        """Look at every tab as the last time."""
        self.model.recollect(memory)
        if self.is_mounted:
            self.lay_out()

    def adopt(self, manner: ScreenOptions) -> None:
        """Take other keys and sizes."""
        self.model.manner = manner
        self.bound = BindingsMap(list(bindings(manner.actions)))
        if self.is_mounted:
            self.lay_out()

    def _all_deeds(self) -> dict[str, Callable[[], None]]:
        return {
            **self._finding.handlers(),
            **Marks(self).handlers(),
            **CopyExport(self).handlers(),
            **self._acting.handlers(),
            **CommandLine(self).handlers(),
            **AccountKeys(self).handlers(),
            **navigation.handlers(self),
            **self._viewing.handlers(),
            **self.intents.handlers(self.say, lambda: self.model.tab),
            "screen.repaint": self._repaint,
        }

    @property
    def in_details(self) -> bool:
        """Return whether the keys are those of the details."""
        return self.focused is self.details

    def show_tab(self, tab: Tab) -> None:
        """Turn to a tab."""
        self.model.show_tab(tab)
        self.chunk_runner.go_on(anew=True)
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
