"""The one screen: header, tabs, table, details, messages. Draws the newest snapshot, passes keys on."""

from __future__ import annotations

from typing import cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingsMap
from textual.geometry import Size
from textual.message import Message

from wbtui.desktop.clipboard import Clipboard
from wbtui.tui.actions import bindings
from wbtui.tui.controllers.account_keys import AccountKeys
from wbtui.tui.controllers.background import Background, ChunkRunner
from wbtui.tui.controllers.command_line import CommandLine
from wbtui.tui.controllers.controller import AppApi, Panes
from wbtui.tui.controllers.copy_export import CopyExport
from wbtui.tui.controllers.dispatch import KeyDispatch
from wbtui.tui.controllers.filter import FilterBar
from wbtui.tui.controllers.item_actions import ItemActions
from wbtui.tui.controllers.marks import Marks
from wbtui.tui.controllers.navigation import Navigation, moving_handlers
from wbtui.tui.controllers.requests import Intents
from wbtui.tui.layout import layout_for
from wbtui.tui.screen_parts import ScreenParts
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.line_view import TabBar
from wbtui.tui.toolkit.messages import SnapshotArrived
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import OwnScreen
from wbtui.tui.toolkit.textual_internals import time_of
from wbtui.tui.view_model import ScreenOptions, ViewModel
from wbtui.tui.view_state import ViewMemory


class MainScreen(OwnScreen[None], inherit_bindings=False):
    """Everything that is always on the terminal."""

    AUTO_FOCUS = "#table"
    SENDS_SPANS = True
    paints = False

    def __init__(self, options: ScreenOptions, intents: Intents, clipboard: Clipboard) -> None:
        super().__init__()
        self._laid_out: Size | None = None
        """The size that was laid out last."""
        self.model = ViewModel(options)
        self.clipboard = clipboard
        self.intents = intents
        self.bound = BindingsMap(list(bindings(options.actions)))
        self.parts = ScreenParts(self, self.model)
        self.table, self.details, self.field = self.parts.table, self.parts.details, self.parts.field
        self.panes = Panes(self, self.table, self.details, self.field)
        self._filter_bar = FilterBar(self)
        self._background = Background(self)
        self._item_actions = ItemActions(self)
        self._navigation = Navigation(self, self._filter_bar)
        self.chunk_runner = ChunkRunner(self, self.model, self._draw)
        handlers = {
            **self._filter_bar.handlers(),
            **Marks(self).handlers(),
            **CopyExport(self).handlers(),
            **self._item_actions.handlers(),
            **CommandLine(self).handlers(),
            **AccountKeys(self).handlers(),
            **moving_handlers(self),
            **self._navigation.handlers(),
            **intents.handlers(self.say, lambda: self.model.tab),
        }
        self.dispatch = KeyDispatch(self, handlers, self._background.acted)

    def compose(self) -> ComposeResult:
        """Yield the parts from top to bottom."""
        yield from self.parts.compose()

    def on_mount(self) -> None:
        """Take what is known already, and give each part its place; the first resize draws them."""
        if self.intents.snapshot is not None:
            self.model.take(self.intents.snapshot)
            self.chunk_runner.go_on()
        self._place(self.app.size)

    def on_resize(self) -> None:
        """Lay the screen out for its new size; Textual may tell the same one several times."""
        if self.size != self._laid_out:
            self.lay_out()

    def on_snapshot_arrived(self, arrived: SnapshotArrived) -> None:
        """Draw newer data; what stayed the same is not sent again."""
        self.model.take(arrived.snapshot)
        self._background.saw(arrived.snapshot)
        self._item_actions.saw(arrived.snapshot)
        self.chunk_runner.go_on()
        self._draw()
        self.dispatch.do_pending()
        self._filter_bar.tell_hits()

    def lay_out(self) -> None:
        """Give each part its place and size, then draw."""
        self._place(self.size)
        self._laid_out = self.size
        self._draw()

    def _place(self, size: Size) -> None:
        model, typing = self.model, self._filter_bar.is_open
        layout = layout_for(*size, long_rows=model.tab.of_events, below=model.options.settings.details_lines)
        self.parts.place(layout, full=self._navigation.full, typing=typing)
        if not layout.summary and not self.details.display and self.panes.in_details:
            self.panes.focus_details(False)
        self.panes.restore(typing=typing)

    def _draw(self) -> None:
        """Draw everything; what stayed the same is not sent again."""
        self.parts.draw()
        self.has_content = True
        self.start_painting()
        self._follow_message()

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
                self.parts.draw_message()

    def _follow_message(self) -> None:
        """Note when what stands in the message line has been painted; behind a dialog nobody sees it."""
        if not self.model.message.drawn and self.app.screen is self:
            # a message bears the time in which events are stamped, too
            self.call_after_refresh(lambda: self.model.message.show(time_of(Message())))

    # What the user does

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's
        """Leave every key to the field while it has the focus."""
        return not self.panes.in_field

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Take what is typed into the field, and keys that move, look, filter or leave."""
        if self.panes.in_field:
            return True
        if isinstance(event, events.Paste):
            return False
        bound = self.bound.key_to_bindings.get(event.key, ())
        return not any(self.dispatch.meant(each.action.split("'")[1]).needs_sight for each in bound)

    def action_do(self, names: str) -> None:
        """Do what a key is for on this tab, or say why it cannot act."""
        self.do(self.dispatch.meant(names).id)

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""
        self.dispatch.do(id)

    # What controllers ask of the screen

    @property
    def program(self) -> AppApi:
        """Return the application, for what concerns all of it."""
        return cast("AppApi", self.app)

    def changed(self, said: str, *, failed: bool = False) -> None:
        """Show another choice or order of rows: at once if that is short, else as soon as it is done."""
        self.model.message.say(said, failed=failed)
        self.model.settle()
        self.chunk_runner.go_on(restart=True)
        self._draw()
        self._background.acted()

    def on_screen_resume(self) -> None:
        """Go on with what waited for the end of a dialog."""
        self.panes.came_to_front()
        self._follow_message()

    def on_descendant_blur(self, blurred: events.DescendantBlur) -> None:
        """Close the field when it lost the focus, such as to a click; not when the terminal has lost it."""
        if blurred.widget is self.field and self.focused is not self.field and self.app.app_focus:
            self._filter_bar.lose()
            self.panes.came_to_front()

    def on_prompt_changed(self, changed: Prompt.Changed) -> None:
        """Filter or search while one types."""
        self._filter_bar.typed(changed.text)

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Keep what was typed."""
        self._filter_bar.finish(finished.text)

    def on_prompt_left(self) -> None:
        """Leave the field."""
        self._filter_bar.leave()

    def on_prompt_stepped(self, stepped: Prompt.Stepped) -> None:
        """Move the cursor while one types."""
        self.table.move(stepped.distance)

    def restore_views(self, memory: ViewMemory) -> None:
        """Restore how every tab was looked at the last time."""
        self.model.restore_views(memory)
        if self.is_mounted:
            self.lay_out()

    def apply_options(self, options: ScreenOptions) -> None:
        """Take other keys and sizes."""
        self.model.options = options
        self.bound = BindingsMap(list(bindings(options.actions)))
        if self.is_mounted:
            self.lay_out()

    def show_tab(self, tab: TabSpec) -> None:
        """Turn to a tab."""
        self.model.show_tab(tab)
        self.chunk_runner.go_on(restart=True)
        self.lay_out()

    def on_status_table_moved(self) -> None:
        """Draw the details once the cursor rests."""
        self.parts.follow_cursor()

    def on_status_table_head_clicked(self, clicked: StatusTable.HeadClicked) -> None:
        """Sort by the head that was clicked."""
        self._navigation.sort(clicked.column)

    def on_details_pane_outdated(self) -> None:
        """Draw the details in their new size."""
        self.parts.draw_details()

    def on_tab_bar_clicked(self, clicked: TabBar.Clicked) -> None:
        """Show the tab that was clicked."""
        tab = self.model.tab_at(clicked.x, self.size.width)
        if tab is not None:
            self.show_tab(tab)
