"""The keys for tabs, panes, the full screen, the order of the rows, and the view mode of a tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from wbtui.domain.model import Item
from wbtui.domain.snapshot import Event
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.controllers.filter import FilterBar
from wbtui.tui.details_pane import DetailsPane
from wbtui.tui.dialogs import factory
from wbtui.tui.matrix import FolderRow
from wbtui.tui.status_table import StatusTable
from wbtui.tui.tabs.all import ITEM_TABS, TABS
from wbtui.tui.tabs.tab_spec import TabSpec, ViewMode


def go_to(screen: Controller, tab: TabSpec, item: Item) -> None:
    """Turn to the item's tab and put the cursor on it, or say why it is not among the rows there."""
    screen.show_tab(tab)
    screen.model.view.seek(item)
    screen.changed("")
    why = _not_shown(screen, item)
    if why:
        screen.say(f"{item.name} {why}", failed=True)


def _not_shown(screen: Controller, item: Item) -> str:
    """Return why an item is not among the rows of the present tab, or nothing."""
    model = screen.model
    choice, snapshot = model.choice, model.snapshot
    if snapshot is None or model.context is None:
        return ""
    if item.key in choice.hidden:
        return "was taken away with x: z takes the last one back."
    test = choice.test(model.context)
    if test is not None and not test(item):
        return "is hidden by the filter: esc takes it away."
    side = model.tab.side if model.view.mode is ViewMode.LIST else None
    if side is None or side(snapshot.question.invert)(item):
        return ""
    return "is on the other side of the question: i shows it."


class Navigation:
    """Knows whether the details fill the screen, and what `esc` goes back from."""

    def __init__(self, screen: Controller, filter_bar: FilterBar) -> None:
        self._screen = screen
        self._filter_bar = filter_bar
        self.full = False
        """Whether the details fill the screen."""

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            **{f"tab.{tab.id}": partial(self._screen.show_tab, tab) for tab in TABS},
            "pane.next": self._switch_pane,
            "pane.previous": self._switch_pane,
            "item.details": self._enter,
            "activity.item": self._enter_event,
            "view.full": lambda: self._set_full(not self.full),
            "view.back": self._back,
            "table.sort": lambda: self.sort(None),
            "table.reverse": self._reverse,
            "view.matrix": lambda: self._take_mode(ViewMode.MATRIX),
            "view.jobs": lambda: self._take_mode(ViewMode.JOBS),
            "screen.repaint": self._repaint,
            "app.help": self._help,
            "app.quit": self._quit,
        }

    def _switch_pane(self) -> None:
        if self._screen.details.display and not self.full:
            self._screen.panes.focus_details(not self._screen.panes.in_details)

    def _enter(self) -> None:
        """Open a folder; else go to the details; there, or where they are not shown, to the full screen."""
        model = self._screen.model
        line = model.view.selection.whole_line
        if isinstance(line, FolderRow) and not self._screen.panes.in_details and not self.full:
            model.view.open_folder(line.name, model.choice.words)
            self._screen.changed("")
        elif self._screen.panes.in_details or not self._screen.details.display:
            self._set_full(not self.full)
        else:
            self._screen.panes.focus_details(True)

    def _enter_event(self) -> None:
        """Go to the item that an event is about; to its details where it is about none."""
        model = self._screen.model
        event = model.view.selection.current
        if self._screen.panes.in_details or self.full or not isinstance(event, Event) or event.key is None:
            self._enter()
            return
        for tab, service in ITEM_TABS:
            items = () if model.snapshot is None else model.snapshot.items(service)
            found = next((item for item in items if item.key == event.key), None)
            if found is not None:
                go_to(self._screen, tab, found)
                return
        self._screen.say("What this was about is not in the lists any more; f shows the event.", failed=True)

    def _set_full(self, full: bool) -> None:
        self.full = full
        self._screen.lay_out()
        self._screen.panes.focus_details(full)

    def _back(self) -> None:
        """Take one step back: search, full screen, details, a range, filter, folder, marks, message."""
        screen = self._screen
        if self.full and self._filter_bar.back():
            return
        if self.full:
            self._set_full(False)
        elif screen.panes.in_details:
            if not self._filter_bar.back():
                screen.panes.focus_details(False)
        elif screen.model.view.selection.lines.anchor is None and self._widen():
            return
        else:
            screen.model.view.selection.clear()
            screen.model.missed = None
            screen.say("")

    def _widen(self) -> bool:
        """Take a filter away, or leave the folder that it was set before; tell whether there was either."""
        return self._leave_folder() or self._filter_bar.back() or self._leave_folder(filtered=True)

    def _leave_folder(self, *, filtered: bool = False) -> bool:
        """Go back to the folders, if one is open; what was filtered by in it alone is taken away first."""
        model = self._screen.model
        view = model.view
        if view.folder is None or not (filtered or model.choice.words == view.folder_words):
            return False
        view.close_folder()
        self._screen.changed("")
        return True

    def sort(self, id: str | None) -> None:
        """Sort by that column, once more to reverse; None: by the next one."""
        columns = self._screen.model.view.columns
        if id is None:
            columns.next_sort()
        else:
            columns.choose_sort(id)
        self._screen.changed("")

    def _reverse(self) -> None:
        columns = self._screen.model.view.columns
        columns.choose_sort(columns.sort)
        self._screen.changed("")

    def _take_mode(self, mode: ViewMode) -> None:
        """Change the view mode, or go back; the item under the cursor stays under it."""
        self._screen.model.view.toggle(mode)
        self._screen.changed("")

    def _repaint(self) -> None:
        self._screen.app.refresh()
        self._screen.refresh()

    def _help(self) -> None:
        model = self._screen.model
        self._screen.app.push_screen(
            factory.help_of(model.tab, model.options.offered, ascii_only=model.ascii_only)
        )

    def _quit(self) -> None:
        self._screen.program.quit()


EVERYTHING: Final = 1 << 40
"""More rows than there are."""


def pane(screen: Controller) -> StatusTable | DetailsPane:
    """Return what the moving keys move."""
    return screen.details if screen.panes.in_details else screen.table


def moving_handlers(screen: Controller) -> Mapping[str, Callable[[], None]]:
    """Return what the keys do."""

    def move(distance: int) -> Callable[[], None]:
        return lambda: pane(screen).move(distance)

    def page(pages: float) -> Callable[[], None]:
        return lambda: pane(screen).page(pages)

    def step(distance: int) -> Callable[[], None]:
        tabs = screen.model
        return lambda: screen.show_tab(TABS[(TABS.index(tabs.tab) + distance) % len(TABS)])

    return {
        "cursor.down": move(1),
        "cursor.up": move(-1),
        "cursor.first": move(-EVERYTHING),
        "cursor.last": move(EVERYTHING),
        "cursor.page_down": page(1),
        "cursor.page_up": page(-1),
        "cursor.half_down": page(0.5),
        "cursor.half_up": page(-0.5),
        "scroll.left": lambda: pane(screen).sideways(-1),
        "scroll.right": lambda: pane(screen).sideways(1),
        "tab.previous": step(-1),
        "tab.next": step(1),
    }
