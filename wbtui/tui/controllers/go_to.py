"""Going to an item, on whatever tab and in whatever folder it is; and why it is not to be seen there."""

from __future__ import annotations

from wbtui.domain.model import Item
from wbtui.tui.controllers.controller import Controller
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
