"""The keys that change what is in sight: tabs, panes, the full screen, the order, and the form of a tab."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from wbtui.ui import dialogs
from wbtui.ui.finding import Finding
from wbtui.ui.glyphs import ASCII
from wbtui.ui.matrix import Form
from wbtui.ui.stage import Stage
from wbtui.ui.tabs import TABS


class Viewing:
    """Knows whether the details fill the screen, and what `esc` goes back from."""

    def __init__(self, screen: Stage, finding: Finding) -> None:
        self._screen = screen
        self._finding = finding
        self.full = False
        """Whether the details fill the screen."""

    def deeds(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            **{f"tab.{tab}": partial(self._screen.show_tab, tab) for tab in TABS},
            "pane.next": self._switch_pane,
            "pane.previous": self._switch_pane,
            "item.details": self._enter,
            "view.full": lambda: self._set_full(not self.full),
            "view.back": self._back,
            "table.sort": lambda: self.sort(None),
            "table.reverse": self._reverse,
            "view.matrix": lambda: self._take_form(Form.MATRIX),
            "view.jobs": lambda: self._take_form(Form.JOBS),
            "app.help": self._help,
            "app.quit": self._quit,
        }

    def _switch_pane(self) -> None:
        if self._screen.details.display and not self.full:
            self._screen.focus_details(not self._screen.in_details)

    def _enter(self) -> None:
        """Go to the details; from there, or where they are not shown, to the full screen."""
        if self._screen.in_details or not self._screen.details.display:
            self._set_full(not self.full)
        else:
            self._screen.focus_details(True)

    def _set_full(self, full: bool) -> None:
        self.full = full
        self._screen.lay_out()
        self._screen.focus_details(full)

    def _back(self) -> None:
        """Take one step back: search, full screen, details, a range, filter, marks, message."""
        screen = self._screen
        if self.full and self._finding.back():
            return
        if self.full:
            self._set_full(False)
        elif screen.in_details:
            if not self._finding.back():
                screen.focus_details(False)
        elif screen.model.view.lines.anchor is None and self._finding.back():
            return
        else:
            screen.model.view.unmark()
            screen.model.missed = None
            screen.say("")

    def sort(self, id: str | None) -> None:
        """Sort by that column, once more to reverse; None: by the next one."""
        self._screen.model.sort(id)
        self._screen.changed("")

    def _reverse(self) -> None:
        self._screen.model.view.reverse_sort()
        self._screen.changed("")

    def _take_form(self, form: Form) -> None:
        """Show the tab in another form, or back; the item under the cursor stays under it."""
        self._screen.model.view.toggle(form)
        self._screen.changed("")

    def _help(self) -> None:
        model = self._screen.model
        ascii_only = model.manner.drawing is ASCII
        self._screen.app.push_screen(dialogs.help_of(model.tab, model.manner.offered, ascii_only=ascii_only))

    def _quit(self) -> None:
        self._screen.program.quit()
