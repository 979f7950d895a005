"""The command palette: every action with its key, or why it cannot act now, and typed commands."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, cast

from textual import events
from textual.app import ComposeResult
from textual.containers import Container

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.tui.controllers.controller import AppApi
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, cut, in_role, line, pad, wrap
from wbtui.tui.toolkit.prompt import Prompt
from wbtui.tui.toolkit.screens import NOT_DONE, TypingDialog


@dataclass(frozen=True, slots=True)
class PaletteEntry:
    """One line of the palette."""

    id: str
    """What is returned if it is chosen; for a typed command its first word."""
    name: str
    key: str
    help: str
    refusal: str = ""
    typed: bool = False
    """Whether it takes words behind its name, which is then put into the field."""


@dataclass(frozen=True, slots=True)
class PaletteCommand:
    """A command that is typed behind the colon."""

    name: str
    words: str
    """What is typed behind the name, as the palette shows it."""
    help: str

    @property
    def entry(self) -> PaletteEntry:
        """Return its line in the palette."""
        return PaletteEntry(
            self.name, f":{self.name} {self.words}".rstrip(), "", self.help, typed=bool(self.words)
        )


FOOT: Final = 2
"""Lines that say in full what the chosen entry does."""

COMMANDS: Final = (
    PaletteCommand("goto", "5001", "Goes to an item by its id, its key or a part of its name."),
    PaletteCommand("filter", "state:error", "Filters the rows of this tab; without words: shows all."),
    PaletteCommand("new", "", "Downloads what was made since the last time; asks first."),
    PaletteCommand("theme", "ansi", "Takes another theme: dark, light, ansi, or any of Textual's."),
    PaletteCommand("mouse", "off", "Leaves the mouse to the terminal, or takes it: on, off."),
    PaletteCommand(
        "bell", "off", "Keeps the terminal from ringing when something is done, or lets it: on, off."
    ),
    PaletteCommand("reload", "", "Reads the configuration again."),
    PaletteCommand("clip", "", "Shows the text that was copied last, to be marked by hand."),
)


def matching(entries: Sequence[PaletteEntry], text: str) -> list[PaletteEntry]:
    """Return the entries that have every word of the text; those whose name begins with it come first."""
    words = folded(text).split()
    found = [each for each in entries if all(word in _searched(each) for word in words)]
    start = folded(text).strip()
    return sorted(found, key=lambda each: not each.name.casefold().lstrip(":").startswith(start))


def _searched(entry: PaletteEntry) -> str:
    return folded(f"{entry.name} {entry.id} {entry.help}")


def entry_line(entry: PaletteEntry, width: int, ellipsis: str, *, chosen: bool) -> Line:
    """Return an entry as a line: name, key, and what it does, or why it cannot act now."""
    words = entry.refusal or entry.help
    role = Role.QUIET if entry.refusal else Role.PLAIN
    spans = line(
        Span(f"{'>' if chosen else ' '} {entry.name:<20} ", Role.QUIET if entry.refusal else Role.STRONG),
        Span(f"{entry.key:<10} ", Role.KEY),
        Span(cut(words, max(8, width - 35), ellipsis), role),
    )
    padded = pad(spans, width)
    return in_role(padded, Role.CURSOR) if chosen else padded


def command_of(text: str) -> tuple[str, str] | None:
    """Return name and words of a typed command, or None if the text is none."""
    name, _, words = text.strip().lstrip(":").partition(" ")
    known = {each.name for each in COMMANDS}
    return (name.lower(), words.strip()) if name.lower() in known else None


class PaletteScreen(TypingDialog[str | None], inherit_bindings=False):
    """Returns the id of the chosen action, or a typed command as `:name words`, or None."""

    def __init__(
        self, entries: Callable[[], Sequence[PaletteEntry]], ellipsis: str, *, ascii_only: bool
    ) -> None:
        super().__init__(ascii_only=ascii_only)
        self._entries = entries
        self._ellipsis = ellipsis
        self._found: list[PaletteEntry] = []
        self._begun = False
        self._blind = False
        """Whether enter was pressed before anything could be seen: then it takes a command only."""
        self.field = Prompt("palette-field", ":")
        self._list = LineView("palette-list")
        self._foot = LineView("palette-foot")
        self._place = 0
        self._top = 0

    def compose(self) -> ComposeResult:
        """Yield the field and the list below it."""
        with Container(id="palette-box"):
            yield self.field
            yield self._list
            yield self._foot

    def draw(self) -> None:
        """Show what has the words that were typed: at first everything."""
        super().draw()
        if self._begun:
            self._draw_list()
        else:
            self._find(self.field.text)

    def takes_unseen(self, event: events.Key | events.Paste) -> bool:
        """Take what is typed, and enter: behind a command that was typed in full nothing unseen is chosen."""
        self._blind = self._blind or (isinstance(event, events.Key) and event.key == "enter")
        return True

    def on_prompt_changed(self, changed: Prompt.Changed) -> None:
        """Show what has the words that were typed."""
        self._find(changed.text)

    def _find(self, text: str) -> None:
        command = command_of(text)
        self._found = matching(self._entries(), text if command is None else command[0])
        self._begun = True
        self._place = self._top = 0
        self._draw_list()

    def on_prompt_stepped(self, stepped: Prompt.Stepped) -> None:
        """Move in the list."""
        self._place = max(0, min(len(self._found) - 1, self._place + stepped.distance))
        self._draw_list()

    def _draw_list(self) -> None:
        width, height = self._list.size
        if height < 1:
            return
        self._top = min(max(self._top, self._place - height + 1), self._place)
        window = self._found[self._top : self._top + height]
        lines = [
            entry_line(each, width, self._ellipsis, chosen=self._top + y == self._place)
            for y, each in enumerate(window)
        ]
        self._list.put(lines or [line(Span("  Nothing has this name.", Role.QUIET))])
        self._draw_foot(width)

    def _draw_foot(self, width: int) -> None:
        """Say in full what the chosen entry does, or why it cannot act now."""
        chosen = self._found[self._place] if self._found else None
        words = "" if chosen is None else chosen.refusal or chosen.help
        role = Role.WARN if chosen is not None and chosen.refusal else Role.PLAIN
        pieces = [line(Span(f"  {piece}", role)) for piece in wrap(words, width - 2)]
        self._foot.put(pieces[:FOOT])

    def on_prompt_finished(self, finished: Prompt.Finished) -> None:
        """Take the typed command, or the chosen entry; one that needs words is put into the field."""
        if command_of(finished.text) is not None:
            self.dismiss(f":{finished.text.strip().lstrip(':')}")
            return
        if self._blind:
            self._blind = False
            cast("AppApi", self.app).say(f"enter: {NOT_DONE}")
            return
        if not self._found:
            return
        chosen = self._found[self._place]
        if chosen.typed:
            self.field.open(f"{chosen.id} ")
            self._found = [chosen]
            self._place = self._top = 0
            self._draw_list()
        else:
            self.dismiss(f":{chosen.id}" if chosen.name.startswith(":") else chosen.id)

    def on_prompt_left(self) -> None:
        """Do nothing of it."""
        self.dismiss(None)
