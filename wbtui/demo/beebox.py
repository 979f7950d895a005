"""The Beebox: source files by target locale, moved on by automatic runs that a living session prevents."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from wbtui.demo.dates import NEVER, beebox_form, minutes
from wbtui.demo.names import BEEBOX_ERRORS, file_names, targets, title
from wbtui.demo.plan import Plan
from wbtui.demo.sessions import Sessions

IDLE: Final = timedelta(minutes=15)
NAMES: Final = {
    1: "Uptodate",
    4: "New",
    5: "Submitting",
    6: "InProgress",
    7: "Done",
    8: "Error",
    10: "Cancelled",
}
"""Status codes and `statusc` of the page on translation status."""
AT_START: Final = {
    "pass-through": {1: 40, 4: 14, 5: 10, 6: 22, 7: 5, 8: 5, 10: 4},
    "regular": {1: 45, 6: 43, 7: 8, 10: 4},
}
"""How the records are spread over the statuses at the start, by weight."""


@dataclass(slots=True)
class Cell:
    """One file in one target locale. `fate` says how its workflow will end, `form` how its dates look."""

    locale: str
    status: int
    entered: datetime
    prepare: timedelta
    work: timedelta
    fate: Literal["ready", "error", "cancelled"]
    words: int
    segments: int
    form: int
    early: bool
    """Whether a preliminary file is fetched half-way."""
    made: datetime | None = None
    preliminary: datetime | None = None
    error: str | None = None

    def enter(self, status: int, at: datetime) -> None:
        """Move on to a status."""
        self.status, self.entered = status, at


@dataclass(slots=True)
class SourceFile:
    """A file of the "in" directory with its records by target locale, in the order of the project."""

    path: str
    saved: datetime
    cells: dict[str, Cell]


class Beebox:
    """The files of one project, its sessions, and its automatic runs on a grid of `autorun_seconds`.

    A run is due at its point of the grid and begins as soon as no session is open. While it works, logins
    are blocked; what it did shows when it ends.
    """

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        self._born = now
        self.locales = targets(plan.locales)
        self.sessions = Sessions(IDLE, _minting(plan), now)
        self.runs = 0
        self.files = _files(plan, now)
        self._active = [cell for cell in self.cells() if cell.status not in {1, 8, 10}]
        self._number = 1
        self._due = self._grid(1)
        self._ends: datetime | None = None

    @property
    def busy(self) -> bool:
        """Tell whether an automatic run works."""
        return self._ends is not None

    def cells(self) -> Iterator[Cell]:
        """Yield the records, file by file."""
        for file in self.files.values():
            yield from file.cells.values()

    def next_event(self) -> datetime | None:
        """Return when the run that works ends, or the next one can begin."""
        return self._ends or max(self._due, self.sessions.quiet_from)

    def step(self, at: datetime) -> None:
        """Begin a run, or end the one that works."""
        if self._ends is None:
            self._ends = at + self._plan.work(self._chance(self._number).uniform(2.0, 4.0))
            return
        self._work(at)
        self.runs += 1
        self._ends = None
        while self._due < at:
            self._number += 1
            self._due = self._grid(self._number)

    def truth(self) -> dict[str, Mapping[str, Any]]:
        """Return, by wbtui's key, the status number and word of every record."""
        return {
            f"bb:{cell.locale}:{file.path}": {
                "status": cell.status,
                "statusc": NAMES[cell.status],
                "uptodate": cell.status == 1,
                "preliminary": cell.preliminary is not None,
            }
            for file in self.files.values()
            for cell in file.cells.values()
        }

    def content(self, path: str, locale: str) -> bytes | None:
        """Return the translated file, or a preliminary one by its suffixed name, or None.

        In pass-through projects `.prelim` is appended to the name, in regular ones there is none.
        """
        cell = self._cell(path, locale)
        if cell is not None and cell.status == 1:
            return f"[{locale}] {path}\n".encode() * 40
        draft = self._cell(path.removesuffix(".prelim"), locale)
        if path.endswith(".prelim") and draft is not None and draft.preliminary is not None:
            return f"[{locale}, draft] {path}\n".encode() * 20
        return None

    def _cell(self, path: str, locale: str) -> Cell | None:
        file = self.files.get(path)
        return None if file is None else file.cells.get(locale)

    def _chance(self, number: int) -> random.Random:
        return self._plan.chance(f"autorun/{number}")

    def _grid(self, number: int) -> datetime:
        late = self._chance(number).uniform(0.0, 0.1)
        return self._born + self._plan.work(self._plan.autorun_seconds * (number + late))

    def _work(self, at: datetime) -> None:
        for cell in self._active:
            _move_on(cell, at)
        self._active = [cell for cell in self._active if cell.status not in {1, 8, 10}]


def _move_on(cell: Cell, at: datetime) -> None:
    """Do what one automatic run does for one record."""
    spent = at - cell.entered
    match cell.status:
        case 4:
            cell.enter(5, at)
        case 5 if cell.fate == "error":
            cell.enter(8, at)
        case 5 if spent >= cell.prepare:
            cell.enter(6, at)
        case 6 if spent >= cell.work:
            cell.enter(10 if cell.fate == "cancelled" else 7, at)
        case 6 if cell.early and spent >= cell.work / 2 and cell.preliminary is None:
            cell.preliminary = at
        case 7:
            cell.enter(1, at)
            cell.made = at


def _minting(plan: Plan) -> Any:
    chance = plan.chance("beebox tokens")
    return lambda: str(uuid.UUID(int=chance.getrandbits(128)))


def _files(plan: Plan, now: datetime) -> dict[str, SourceFile]:
    chance = plan.chance("beebox")
    files = {}
    for path in file_names(plan.files, chance):
        saved = now - timedelta(minutes=chance.uniform(20, 60 * 24 * 10))
        cells = {code: _record(plan, code, saved, now, chance) for code in targets(plan.locales)}
        files[path] = SourceFile(path, saved, cells)
    return files


def _record(plan: Plan, locale: str, saved: datetime, now: datetime, chance: random.Random) -> Cell:
    spread = AT_START[plan.project_kind]
    status = chance.choices(list(spread), list(spread.values()))[0]
    passes = plan.project_kind == "pass-through"
    made = saved + (now - saved) * chance.uniform(0.3, 0.9) if status == 1 else None
    words = chance.randint(20, 9000)
    cell = Cell(
        locale=locale,
        status=status,
        entered=now,
        prepare=plan.work(chance.uniform(0, 150)),
        work=plan.work(chance.expovariate(1 / 400)),
        fate="ready",
        words=words,
        segments=words // 9 + 1,
        form=chance.randrange(5),
        early=passes and chance.random() < 0.3,
        made=made,
        error=chance.choice(BEEBOX_ERRORS),
    )
    if passes and status in {4, 5} and chance.random() < 0.06:
        cell.fate = "error"
    elif status not in {1, 8, 10} and chance.random() < 0.04:
        cell.fate = "cancelled"
    if cell.early and status == 6:
        cell.preliminary = now - timedelta(minutes=chance.uniform(1, 30))
    return cell


def record(file: SourceFile, cell: Cell, plan: Plan, now: datetime) -> dict[str, Any]:
    """Return the record of `workprogress/translatedfiles`, with names as the page's history gives them."""
    older = plan.dialect == "older"
    counts = {"segments": cell.segments, "words": cell.words}
    if plan.project_kind == "pass-through":
        counts = {"segments": 0, "words": 0} if cell.form % 2 else {}
    answer: dict[str, Any] = {
        "file": file.path,
        "locale": cell.locale,
        "localename": f"{title(cell.locale)} ({cell.locale})",
        "uptodate": cell.status == 1,
        **counts,
        "folder": "",
        "status": cell.status,
        ("statust" if older else "statusc"): NAMES[cell.status],
        "sfdate": beebox_form(file.saved, cell.form),
        "sfdatemin": minutes(file.saved, now),
        **_deliverable(cell, now, "tdate" if older else "tfdatemin"),
    }
    if plan.project_kind == "regular":
        return answer | {"readyToBuild": cell.status == 7, "notReadyToBuild": cell.status == 6}
    return answer | _tms(cell)


def _deliverable(cell: Cell, now: datetime, age: str) -> dict[str, Any]:
    if cell.made is not None:
        return {"tfdate": beebox_form(cell.made, cell.form), age: minutes(cell.made, now)}
    match cell.form:
        case 0:
            return {"tfdate": None, age: None}
        case 1:
            return {"tfdate": NEVER}
        case _:
            return {}


def _tms(cell: Cell) -> dict[str, Any]:
    if cell.status == 4:
        return {"tms": None} if cell.form % 2 else {}
    info = {5: "Sent to Wordbee Translator, waiting for the project.", 10: "The workflow was removed."}
    drawn = None if cell.preliminary is None else beebox_form(cell.preliminary, cell.form)
    error = cell.error if cell.status == 8 else None
    return {"tms": {"error": error, "info": info.get(cell.status), "pfdt": drawn}}
