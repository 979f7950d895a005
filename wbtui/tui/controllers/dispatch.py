"""From a key to the action that it stands for on the present tab, and to the function that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from wbtui.tui.actions import MOVING, KeyAction, Need, action
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.tabs.tab_spec import TabSpec


class KeyDispatch:
    """Does what an action is for, or says why it cannot act; `acted` is called after each one."""

    def __init__(
        self, screen: Controller, handlers: Mapping[str, Callable[[], None]], acted: Callable[[], None]
    ) -> None:
        self._screen = screen
        self.handlers = handlers
        """What is done, by the id of the action."""
        self._acted = acted
        self._pending: dict[TabSpec, list[str]] = {}
        """Moves of each tab that came before there was anything to move in."""

    def meant(self, names: str) -> KeyAction:
        """Return what a key is for on this tab, of several ids with blanks between."""
        model = self._screen.model
        actions = [action(id, model.options.actions) for id in names.split()]
        return next((each for each in actions if model.tab in each.tabs), actions[0])

    def do(self, id: str) -> None:
        """Do what an action is for, or say why it cannot act now."""
        model = self._screen.model
        found = action(id, model.options.actions)
        refusal = found.refusal(model.tab, self._missing())
        if refusal:
            self._screen.say(refusal, failed=True)
            return
        if model.snapshot is None and found.group == MOVING and not self._screen.panes.in_details:
            self._pending.setdefault(model.tab, []).append(id)
            return
        if found.on_row:
            model.view.selection.lines.hold()
        self.handlers[id]()
        self._acted()
        self.do_pending()

    def do_pending(self) -> None:
        """Do the moves that waited for rows to move in."""
        model = self._screen.model
        if model.view.selection.lines:
            for id in self._pending.pop(model.tab, ()):
                self.handlers[id]()

    def _missing(self) -> frozenset[Need]:
        unsearched = {Need.SEARCH} if not self._screen.details.needle else set()
        return self._screen.model.missing | unsearched
