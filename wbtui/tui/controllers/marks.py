"""The keys for marks, for hiding rows and showing them again, and for adding operations."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Final

from wbtui.domain.commands import Forget, StopDownloads, UndoForget
from wbtui.domain.errors import SourceError
from wbtui.domain.model import ItemKey
from wbtui.domain.snapshot import Event
from wbtui.files.user_files import named, no_file, read_file, typed_path
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.dialogs import factory
from wbtui.tui.dialogs.factory import FieldQuestion
from wbtui.tui.tabs.row import row_key

LARGEST_FILE: Final = 4 * 1024 * 1024
LONGEST_ANSWER: Final = 64 * 1024
"""Characters of what is pasted; an answer that names thousands of files goes into a file, and to `A`."""

NOTHING: Final = "Nothing is under the cursor here."


class Marks:
    """Marks and local changes; nothing in here reaches a server."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            "mark.toggle": self._toggle,
            "mark.range": self._range,
            "mark.all": self._all,
            "mark.none": self._none,
            "item.hide": self._hide,
            "item.take_back": self._take_back,
            "operations.add": self._add,
            "operations.add_file": self._add_file,
        }

    def _toggle(self) -> None:
        view = self._screen.model.view
        if not view.selection.under_cursor:
            self._screen.say(NOTHING)
            return
        view.selection.toggle_mark()
        view.selection.lines.move(1)
        self._screen.say("")

    def _range(self) -> None:
        """Begin a range, or mark everything from its beginning to the cursor."""
        view = self._screen.model.view
        lines = view.selection.lines
        if lines.anchor is None:
            lines.anchor = lines.current_key
            self._screen.say("A range begins here: move, then v marks all up to the cursor; esc leaves it.")
            return
        keys = view.selection.range_keys()
        lines.anchor = None
        view.selection.mark(keys)
        self._screen.say(f"{len(keys)} marked." if keys else "The row that the range began at has gone.")

    def _all(self) -> None:
        view = self._screen.model.view
        view.selection.mark(view.selection.visible_keys)
        self._screen.say(f"{len(view.selection.marks)} marked.")

    def _none(self) -> None:
        self._screen.model.view.selection.clear()
        self._screen.say("No marks.")

    # Off the screen and back

    def _hide(self) -> None:
        model, intents = self._screen.model, self._screen.intents
        tab, targets = model.tab, model.targets
        if tab.of_events:
            self._clear_events()
            return
        if not targets.rows:
            self._screen.say(NOTHING)
            return
        keys = targets.keys
        loading = self._loading(keys)
        if loading:
            rows = "the row" if len(keys) == 1 else "the rows"
            said = intents.do(StopDownloads(tuple(sorted(loading))))
            self._screen.say(f"x: {said}; once more takes {rows} away{targets.remark}")
            return
        model.view.selection.unmark(keys)
        model.taken_away.append((tab, keys))
        if tab.watched:
            said = intents.do(Forget(tuple(sorted(keys))))
        else:
            model.choice.hide(keys)
            said = f"{len(keys)} taken off this screen; z takes {'it' if len(keys) == 1 else 'them'} back"
        self._screen.changed(f"{said[:1].upper()}{said[1:]}{targets.remark}.")

    def _loading(self, keys: Collection[ItemKey]) -> frozenset[ItemKey]:
        """Return those of these items whose download waits or is under way."""
        snapshot = self._screen.model.snapshot
        transfers = () if snapshot is None else snapshot.transfers
        return frozenset(each.key for each in transfers if not each.ended and each.key in keys)

    def _clear_events(self) -> None:
        model = self._screen.model
        rows = [row for row in model.view.rows.rows if isinstance(row, Event)]
        model.taken_away.append((model.tab, frozenset(map(row_key, rows))))
        model.choice.hide(frozenset(map(row_key, rows)))
        self._screen.changed(f"{len(rows)} events taken away; z takes them back.")

    def _take_back(self) -> None:
        model = self._screen.model
        tab, keys = model.taken_away.pop()
        if tab.watched:
            said = self._screen.intents.do(UndoForget(tuple(sorted(keys))))
            self._screen.say(f"{said[:1].upper()}{said[1:]}.")
            return
        model.choices[tab].show_again(keys)
        self._screen.changed(f"{len(keys)} back on the tab {tab.label}.")

    # Operations that are added

    def _add(self) -> None:
        question = FieldQuestion(
            "Watch an operation",
            ("One request id or several, such as 5001 5002, or Wordbee's answer as it came. The API gives no "
             "proven list of running operations: the id stands in the answer to the request that began it.",),
            fault=self._fault_of,
            most=LONGEST_ANSWER,
        )  # fmt: skip
        factory.ask(self._screen, question, lambda text: self._track(text.encode("utf-8", "replace")))

    def _fault_of(self, text: str) -> str:
        read = self._screen.intents.read_operations(text.encode("utf-8", "replace"))
        return "" if read.found else read.faults[0]

    def _track(self, raw: bytes, before: str = "") -> None:
        said = self._screen.intents.track(raw)
        self._screen.say(f"{before}{said if before else said[:1].upper() + said[1:]}.")

    def _add_file(self) -> None:
        question = FieldQuestion(
            "Watch the operations of a file",
            ("A file with request ids, or with Wordbee's JSON answers.",),
            fault=fault_of_file,
            path=True,
        )
        factory.ask(self._screen, question, self._track_file)

    def _track_file(self, name: str) -> None:
        self._screen.run_worker(self._read(typed_path(name.strip())), group="file")

    async def _read(self, path: Path) -> None:
        try:
            raw = await asyncio.to_thread(read_file, path, LARGEST_FILE)
        except SourceError as error:
            self._screen.say(error.message)
        else:
            self._track(raw, f"{named(path)}: ")


def fault_of_file(text: str) -> str:
    """Return why a path is no file to read, or nothing; looks at the file system."""
    try:
        return no_file(typed_path(text.strip())) if text.strip() else "nothing was typed"
    except SourceError as error:
        return error.message
