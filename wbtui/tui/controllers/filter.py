"""The filter and the search: the field while one types, problems only, following an item."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wbtui.tui.controllers.controller import Controller


class FilterBar:
    """Owns the field in the status line: it holds the filter, or what is searched for in the details."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen
        self._searching = False
        self.is_open = False

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            "table.filter": self.open,
            "table.problems": self.problems,
            "activity.errors": self._errors,
            "table.follow": self._follow,
            "search.next": lambda: self._step(1),
            "search.previous": lambda: self._step(-1),
        }

    def open(self) -> None:
        """Open the field: for the filter, or for a search where the details have the focus."""
        self._searching = self._screen.panes.in_details
        text = self._screen.details.needle if self._searching else self._screen.model.choice.filter.text
        self.is_open = True
        self._screen.field.open(text, " search " if self._searching else " /")
        self._screen.lay_out()
        self._screen.panes.focus_field()
        self._tell_hits()

    def typed(self, text: str) -> None:
        """Filter or search by what stands in the field now; a wrong filter leaves the last one in force."""
        if not self.is_open:
            return
        if self._searching:
            self._screen.details.find(text)
        else:
            fault = self._screen.model.choice.type(text)
            self._screen.changed(fault or "")
        self._tell_hits()

    def finish(self, text: str) -> None:
        """Keep what was typed and leave the field; a wrong filter has to be mended first."""
        if not self._searching:
            fault = self._screen.model.choice.type(text)
            if fault:
                self._screen.say(fault)
                self._screen.field.go_on()
                return
        self.leave()

    def leave(self) -> None:
        """Leave the field; the filter or the search that was last in force stays."""
        self.is_open = False
        self._screen.lay_out()
        self._screen.panes.focus_details(self._searching)
        if not self._searching:
            self._screen.changed("")

    def lose(self) -> None:
        """Close a field that lost the focus: what was typed last stays in force."""
        if self.is_open:
            self.is_open = False
            self._screen.lay_out()
            self._screen.changed("")

    def back(self) -> bool:
        """Take the search or the filter away; return False if there is none."""
        choice = self._screen.model.choice
        if self._screen.details.needle and self._screen.panes.in_details:
            self._screen.details.find("")
            return True
        if not choice.narrows:
            return False
        choice.clear()
        self._screen.changed("")
        return True

    def tell_hits(self) -> None:
        """Update how many rows pass, after data have changed."""
        if self.is_open:
            self._tell_hits()

    def _tell_hits(self) -> None:
        if self._searching:
            count = self._screen.details.count_hits()
            self._screen.field.note("1 line" if count == 1 else f"{count} lines")
            return
        view = self._screen.model.view
        self._screen.field.note(f"{len(view.selection.lines)} of {view.whole}")

    def problems(self) -> None:
        """Show only what went wrong, and everything again; lead to what failed while nobody was there."""
        model = self._screen.model
        missed = model.missed
        if missed is not None and missed.tab is not None:
            model.missed = None
            self._screen.show_tab(missed.tab)
            if model.choice.problems:
                return
        model.choice.toggle_problems()
        self._screen.changed("Only what went wrong." if model.choice.problems else "")

    def _errors(self) -> None:
        choice = self._screen.model.choice
        choice.toggle_errors()
        self._screen.changed("Only errors." if choice.errors else "")

    def _follow(self) -> None:
        lines = self._screen.model.view.selection.lines
        if lines.followed is not None:
            lines.follow(None)
            self._screen.say("Not followed any more.")
        else:
            lines.follow(lines.current_key)
            self._screen.say("Followed until the cursor is moved.")

    def _step(self, step: int) -> None:
        if not self._screen.details.step_to_hit(step):
            self._screen.say(f"No hit for {self._screen.details.needle}.")
