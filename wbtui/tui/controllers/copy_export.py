"""The keys that take something along: copying, the web address, and the export of what is in view."""

from __future__ import annotations

import asyncio
import contextlib
import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from wbtui.domain.errors import SourceError
from wbtui.domain.merge import as_read
from wbtui.domain.read_times import ReadTimes
from wbtui.domain.sanitize import sanitize
from wbtui.domain.serialize import event_to_json, item_to_json
from wbtui.domain.snapshot import Event
from wbtui.files.user_files import not_new, typed_path
from wbtui.tui.controllers.controller import Controller
from wbtui.tui.dialogs import factory
from wbtui.tui.dialogs.factory import FieldQuestion
from wbtui.tui.tabs.row import Row, row_key

ENDINGS: Final = (".csv", ".json")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


def document(row: Row) -> dict[str, Any]:
    """Return a row as `wbtui status --json` has it; a line of Activity with all its fields."""
    return event_to_json(row) if isinstance(row, Event) else item_to_json(row)


def as_json(rows: Sequence[Row]) -> str:
    """Return the rows as one JSON list."""
    return json.dumps([document(row) for row in rows], ensure_ascii=False, indent=1) + "\n"


def as_line(row: Row) -> str:
    """Return one row as JSON on one line, as `Y` copies it."""
    return json.dumps(document(row), ensure_ascii=False)


def as_csv(rows: Sequence[Row]) -> str:
    """Return the rows as CSV below its heads; what a spreadsheet would reckon with gets a `'` before it."""
    documents = [document(row) for row in rows]
    heads = list(dict.fromkeys(name for each in documents for name in each))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_cell(each.get(name)) for name in heads] for each in documents)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return json.dumps(value, ensure_ascii=False)


def text_for(name: str, rows: Sequence[Row]) -> str:
    """Return the rows in the form that the ending of a file's name asks for."""
    return as_json(rows) if name.lower().endswith(".json") else as_csv(rows)


class CopyExport:
    """Copies and writes; the marked items in view if there are any, else the one under the cursor."""

    def __init__(self, screen: Controller) -> None:
        self._screen = screen

    def handlers(self) -> Mapping[str, Callable[[], None]]:
        """Return what the keys do."""
        return {
            "item.copy": lambda: self._copy_rows(_name),
            "item.copy_json": lambda: self._copy_rows(as_line),
            "item.web": self._web,
            "table.export": self._ask_for_file,
        }

    def _copy_rows(self, form: Callable[[Row], str]) -> None:
        targets = self._screen.model.targets
        if not targets.rows:
            self._screen.say("Nothing is under the cursor here.")
            return
        what = f"{len(targets.rows)} items " if targets.marked else ""
        self.copy("\n".join(map(form, self._as_read(targets.rows))), what, targets.remark)

    def _as_read(self, rows: Iterable[Row]) -> list[Row]:
        """Return the rows with the time, and the ages, of their last reading."""
        snapshot = self._screen.model.snapshot
        times = ReadTimes() if snapshot is None else snapshot.read_times
        return [row if isinstance(row, Event) else as_read(row, times) for row in rows]

    def copy(self, text: str, what: str = "", remark: str = "") -> None:
        """Copy a text, and say what was done with it."""
        self._screen.run_worker(self._copied(text, what, remark), group="copy")

    async def _copied(self, text: str, what: str, remark: str) -> None:
        said = await self._screen.clipboard.copy(text)
        shown = f"{sanitize(text, 60)}  " if not what and "\n" not in text and len(text) <= 120 else what
        self._screen.say(f"{shown}{said}{remark}")

    def _web(self) -> None:
        """Show and copy the address of an item's own page, else of Wordbee's."""
        row, snapshot = self._screen.model.view.selection.current, self._screen.model.snapshot
        address = "" if row is None else self._screen.model.tab.web(row)
        if address.startswith(("https://", "http://")):
            self.copy(address, f"{address}  ")
        elif snapshot is not None and snapshot.server:
            home = f"https://{snapshot.server}"
            self.copy(home, f"no page of its own; {home}  ")
        else:
            self._screen.say("o: no web address is known of this item")

    def _ask_for_file(self) -> None:
        rows = self._screen.model.view.selection.visible_rows
        if not rows:
            self._screen.say("There are no rows in view to export.")
            return
        tab, at = self._screen.model.tab, self._screen.model.snapshot
        stamp = "" if at is None else f"{at.at.astimezone(self._screen.model.zone):-%Y%m%d-%H%M%S}"
        name = _here() / f"wbtui-{tab.id}{stamp}.csv"
        noun = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        sentences = (f"Writes the {noun} in view. A name that ends in .json gives JSON.",)
        question = FieldQuestion(f"Export {tab.label}", sentences, str(name), fault_of_name, path=True)
        factory.ask(self._screen, question, lambda text: self._export(typed_path(text.strip()), rows))

    def _export(self, path: Path, rows: Sequence[Row]) -> None:
        self._screen.run_worker(self._exported(path, rows), group="file")

    async def _exported(self, path: Path, rows: Sequence[Row]) -> None:
        fault = await asyncio.to_thread(lambda: write_new(path, self._as_read(rows)))
        noun = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
        name = sanitize(str(path))
        self._screen.say(f"{name}: {fault}" if fault else f"{noun} written to {name}", failed=bool(fault))


def _name(row: Row) -> str:
    """Return what `y` copies: the key, or the words of an event."""
    return row.text if isinstance(row, Event) else row_key(row)


def _here() -> Path:
    """Return the folder that the program was started in, or the home folder if that is gone."""
    try:
        return Path.cwd()
    except OSError:
        return Path("~")


def fault_of_name(text: str) -> str:
    """Return why a file cannot be exported to, or nothing; looks at the file system."""
    try:
        path = typed_path(text.strip())
    except SourceError as error:
        return error.message
    if path.suffix.lower() not in ENDINGS:
        return "the name must end in .csv or .json"
    return not_new(path)


def write_new(path: Path, rows: Sequence[Row]) -> str:
    """Write the rows to a file that must not be there yet; return why that failed, or nothing."""
    text = text_for(path.name, rows)
    try:
        with path.open("x", encoding="utf-8", errors="replace", newline="") as file, _whole(path):
            file.write(text)
            file.flush()
    except OSError as error:
        return f"cannot be written: {error.strerror}"
    return ""


@contextlib.contextmanager
def _whole(path: Path) -> Iterator[None]:
    """Leave no half of a file behind, such as on a full disk."""
    try:
        yield
    except OSError:
        path.unlink(missing_ok=True)
        raise
