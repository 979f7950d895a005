"""The palette and its typed commands, and the keys that change how everything is shown."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from wbtui.domain.errors import WbtuiError
from wbtui.domain.model import Item
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.controllers.navigation import go_to
from wbtui.tui.dialogs import factory
from wbtui.tui.dialogs.palette import COMMANDS, PaletteEntry, PaletteScreen, command_of
from wbtui.tui.tabs.all import ITEM_TABS
from wbtui.tui.tabs.tab_spec import TabSpec
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.terminal_driver import take_mouse
from wbtui.tui.toolkit.times import TimeFormat

STAY = "The old settings stay"


class CommandLine:
    """Does what is typed behind the colon."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            "app.palette": self._open,
            "app.suspend": self._to_shell,
            "view.times": self._times,
            "view.wide": self._wide,
        }

    def _open(self) -> None:
        options = self._screen.model.options
        palette = PaletteScreen(
            self.entries, options.drawing.ellipsis, ascii_only=self._screen.model.ascii_only
        )  # fmt: skip
        self._screen.app.push_screen(palette, self._chosen)

    def entries(self) -> Sequence[PaletteEntry]:
        """Return every action and command, with why it cannot act now."""
        model = self._screen.model
        missing, reasons = model.missing, model.reasons
        commands = [command.entry for command in COMMANDS]
        actions = [
            PaletteEntry(
                each.id,
                each.label,
                each.key,
                each.help,
                each.refusal(model.tab, missing) or reasons.get(each.id, ""),
            )
            for each in model.options.actions
            if each.id != "app.palette"
        ]
        return [*commands, *actions]

    def _chosen(self, chosen: str | None) -> None:
        if chosen is None:
            return
        if not chosen.startswith(":"):
            self._screen.do(chosen)
            return
        command = command_of(chosen)
        assert command is not None
        name, words = command
        handlers: dict[str, Callable[[str], None]] = {
            "goto": self._goto,
            "filter": self._filter,
            "new": lambda _: self._screen.do("table.download_new"),
            "theme": self._theme,
            "mouse": self._mouse,
            "bell": self._bell,
            "reload": self._reload,
            "clip": self._clip,
        }
        handlers[name](words)

    # Typed commands

    def _goto(self, words: str) -> None:
        """Go to the item of that key or id, else to the first one whose name has the words."""
        found = self._find(words)
        if found is None:
            fault = f"Nothing is known of {words}." if words else ":goto needs an id or a name"
            self._screen.say(fault, failed=True)
            return
        go_to(self._screen, *found)

    def _find(self, words: str) -> tuple[TabSpec, Item] | None:
        wanted = folded(words)
        if not wanted:
            return None
        tests: tuple[Callable[[TabSpec, Item], bool], ...] = (
            lambda _, item: folded(item.key) == wanted,
            lambda tab, item: str(tab.number(item)) == wanted,
            lambda _, item: wanted in folded(item.name),
        )
        for test in tests:
            for tab, item in self._items():
                if test(tab, item):
                    return tab, item
        return None

    def _items(self) -> Iterator[tuple[TabSpec, Item]]:
        """Yield all items, those of the present tab first."""
        model = self._screen.model
        for tab, service in sorted(ITEM_TABS, key=lambda each: each[0] is not model.tab):
            if model.snapshot is not None:
                for item in model.snapshot.items(service):
                    yield tab, item

    def _filter(self, words: str) -> None:
        fault = self._screen.model.choice.type(words)
        self._screen.changed(fault)

    def _theme(self, words: str) -> None:
        known = self._screen.program.take_theme(words)
        self._screen.say(f"Theme {words}." if not known else f"There is no theme {words}; there are {known}.")

    def _mouse(self, words: str) -> None:
        if words not in {"on", "off"}:
            self._screen.say(":mouse needs on or off")
            return
        done = take_mouse(self._screen.app, words == "on")
        whose = "wbtui's" if words == "on" else "the terminal's: marking and copying work as everywhere"
        self._screen.say(f"The mouse is {whose}." if done else "wbtui was started without the mouse.")

    def _bell(self, words: str) -> None:
        if words not in {"on", "off"}:
            self._screen.say(":bell needs on or off")
            return
        self._screen.program.take_bell(words == "on")
        self._screen.say(
            "The bell rings." if words == "on" else "The bell is off; Activity tells all the same."
        )

    def _reload(self, words: str) -> None:  # noqa: ARG002 - every command gets its words
        try:
            said = self._screen.program.reload()
        except WbtuiError as error:
            self._screen.say(f"{STAY}.")
            factory.show_fault(self._screen, STAY, error)
        else:
            self._screen.program.say(said)  # on the screen that is shown now: it may be another one

    def _clip(self, words: str) -> None:  # noqa: ARG002 - every command gets its words
        text = self._screen.clipboard.last
        if not text:
            self._screen.say("Nothing was copied yet.")
            return
        self._screen.app.push_screen(
            factory.text_of("Copied last", text, ascii_only=self._screen.model.ascii_only)
        )

    def _to_shell(self) -> None:
        self._screen.program.to_shell()

    # How everything is shown

    def _times(self) -> None:
        model = self._screen.model
        forms = tuple(TimeFormat)
        model.times = forms[(forms.index(model.times) + 1) % len(forms)]
        self._screen.changed(f"Times: {model.times}.")

    def _wide(self) -> None:
        details = self._screen.details
        if self._screen.panes.in_details:
            details.wrapped = not details.wrapped
            said = "Long lines are wrapped." if details.wrapped else "Long lines are cut: h and l move along."
        else:
            columns = self._screen.model.view.list
            columns.wide = not columns.wide
            said = "Names give way to more columns." if columns.wide else "Names have their full width again."
        self._screen.changed(said)
