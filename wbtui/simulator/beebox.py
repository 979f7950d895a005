"""The Beebox: source files by target locale, processed by automatic runs, which an open session prevents."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, Literal

from wbtui.simulator.http_messages import NEVER, beebox_form, minutes, parsed
from wbtui.simulator.media import filled
from wbtui.simulator.plan import Plan
from wbtui.simulator.sample_names import BEEBOX_ERRORS, file_names, targets, title
from wbtui.simulator.sessions import Sessions

ENDING: Final = ".beebox"
"""The ending of an instructions file, added to the name of its source. Source: instruction-format."""
SANDBOX: Final = "sandbox"


@dataclass(frozen=True, slots=True)
class Source:
    """A file of "in"; `content` is None for one of the initial state."""

    saved: datetime
    content: bytes | None = None


@dataclass(slots=True)
class Inbox:
    """Sources and instructions by path, and what changed since the last scan."""

    sources: dict[str, Source]
    instructions: dict[str, bytes]
    """By the path of the source, without the ending."""
    sandbox: dict[str, bytes] = field(default_factory=dict)
    changed: dict[str, None] = field(default_factory=dict)
    removed: dict[str, None] = field(default_factory=dict)

    def put(self, path: str, content: bytes, now: datetime) -> None:
        """Save a source or its instructions. The scan compares dates, so the same bytes count as new."""
        if path.endswith(ENDING):
            self.instructions[path.removesuffix(ENDING)] = content
            return
        self.sources[path] = Source(now, content)
        self.removed.pop(path, None)
        self.changed[path] = None

    def delete(self, path: str) -> bool:
        """Delete a source or its instructions, and return whether it was there."""
        if path.endswith(ENDING):
            return self.instructions.pop(path.removesuffix(ENDING), None) is not None
        if self.sources.pop(path, None) is None:
            return False
        self.changed.pop(path, None)
        self.removed[path] = None
        return True

    def below(self, directory: str) -> list[str]:
        """Return the paths of the sources and instructions in a directory and in those below it."""
        known = [*self.sources, *(f"{path}{ENDING}" for path in self.instructions)]
        return [path for path in known if path.startswith(f"{directory}\\")]

    def take(self) -> tuple[list[str], list[str]]:
        """Return the sources that changed and those that were removed since the last scan."""
        changed, removed = list(self.changed), list(self.removed)
        self.changed.clear()
        self.removed.clear()
        return changed, removed

    def wanted(self, path: str, locales: tuple[str, ...]) -> tuple[str, ...]:
        """Return the target locales of a source, in the order of the project.

        Without instructions, or with unreadable ones, these are all; with `translate` false none.
        """
        told = _instructions(self.instructions.get(path, b""))
        if told.get("translate") is False:
            return ()
        listed = told.get("locales")
        return tuple(code for code in locales if code in listed) if isinstance(listed, list) else locales


def inbox_at_start(files: Mapping[str, datetime], chance: random.Random) -> Inbox:
    """Return the directory with these files by date, about half of them with instructions."""
    told = {path: b'{"translate": true}' for path in files if chance.random() < 0.5}
    return Inbox({path: Source(saved) for path, saved in files.items()}, told)


def _instructions(content: bytes) -> dict[str, Any]:
    try:
        told = parsed(content.decode("utf-8-sig"))
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


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
EXTENSIONS: Final = (".docx", ".html", ".xlsx", ".pptx", ".xml", ".md", ".json", ".htm", ".resx", ".dita")
"""The file types that the project accepts."""
ENDED: Final = frozenset({1, 8, 10})
"""Statuses that no automatic run changes."""
AT_START: Final = {
    "pass-through": {1: 40, 4: 14, 5: 10, 6: 22, 7: 5, 8: 5, 10: 4},
    "regular": {1: 45, 6: 43, 7: 8, 10: 4},
}
"""How the records are spread over the statuses at the start, by weight."""


@dataclass(slots=True)
class BeeboxCell:
    """One file in one target locale.

    `fate` says how its workflow will end, `form` how its dates are written.
    """

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
    """Whether it gets a preliminary file half-way."""
    made: datetime | None = None
    preliminary: datetime | None = None
    error: str | None = None

    def enter(self, status: int, at: datetime) -> None:
        """Set a status."""
        self.status, self.entered = status, at


@dataclass(slots=True)
class SourceFile:
    """A file of the "in" directory with its records by target locale, in the order of the project."""

    path: str
    saved: datetime
    cells: dict[str, BeeboxCell]
    content: bytes | None = None
    """What a client sent, or None for a file of the initial state."""


class Beebox:
    """The files of one project, its sessions, and its automatic runs on a grid of `autorun_seconds`.

    A run is due at its point of the grid and starts as soon as no session is open. During a run, log-ins are
    refused; its changes show when it ends.
    """

    def __init__(self, plan: Plan, now: datetime) -> None:
        self._plan = plan
        self._born = now
        self.locales = targets(plan.locales)
        self.sessions = Sessions(IDLE, _minting(plan), now)
        self.runs = 0
        self.files = _files(plan, now)
        saved = {path: file.saved for path, file in self.files.items()}
        self.inbox: Inbox = inbox_at_start(saved, plan.chance("beebox instructions"))
        self.ragged = False
        """Whether there are files that lack records, since their instructions name fewer locales."""
        self._active = [cell for cell in self.cells() if unfinished(cell)]
        self._number = 1
        self._due = self._grid(1)
        self._ends: datetime | None = None

    @property
    def busy(self) -> bool:
        """Return whether an automatic run is in progress."""
        return self._ends is not None

    def cells(self) -> Iterator[BeeboxCell]:
        """Yield the records, file by file."""
        for file in self.files.values():
            yield from file.cells.values()

    def next_event(self) -> datetime | None:
        """Return when the current run ends, or when the next one can start."""
        return self._ends or max(self._due, self.sessions.quiet_from)

    def step(self, at: datetime) -> None:
        """Start a run, or end the current one."""
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
            line, source = f"[{locale}] {path}\n".encode(), self.files[path].content
            return filled(self._plan, f"{locale}/{path}", line * 40 if source is None else line + source)
        draft = self._draft(path, locale)
        if draft is None:
            return None
        line = f"[{locale}, draft] {path}\n".encode()
        return filled(self._plan, f"{locale}/{path}", line * 20)

    def made(self, path: str, locale: str) -> datetime | None:
        """Return when the file that `content` gives was made."""
        cell, draft = self._cell(path, locale), self._draft(path, locale)
        if cell is not None and cell.status == 1:
            return cell.made
        return draft.preliminary if draft is not None else None

    def discard(self, path: str, locale: str, now: datetime) -> bool:
        """Delete a translated or preliminary file; return whether it existed. A run translates it again."""
        cell, draft = self._cell(path, locale), self._draft(path, locale)
        if cell is not None and cell.status == 1:
            cell.enter(7, now)
            cell.made = None
            self._active.append(cell)
            return True
        if draft is not None:
            draft.preliminary = None
        return draft is not None

    def translated(self, locale: str) -> list[str]:
        """Return the paths of the files that are ready in a locale."""
        cells = [(path, file.cells.get(locale)) for path, file in self.files.items()]
        return [path for path, cell in cells if cell is not None and cell.status == 1]

    def _draft(self, path: str, locale: str) -> BeeboxCell | None:
        cell = self._cell(path.removesuffix(".prelim"), locale) if path.endswith(".prelim") else None
        return cell if cell is not None and cell.preliminary is not None else None

    def _cell(self, path: str, locale: str) -> BeeboxCell | None:
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
        changed, removed = self.inbox.take()
        for path in removed:
            self._remove(path, at)
        for path in changed:
            self._start(path, at)
        if changed or removed:
            self._active = list(self.cells())
        self._active = [cell for cell in self._active if unfinished(cell)]

    def _remove(self, path: str, at: datetime) -> None:
        """Cancel the workflows of a deleted source, or remove their records, as the plan says."""
        if self._plan.deleted_records == "vanish":
            self.files.pop(path, None)
            return
        file = self.files.get(path)
        for cell in file.cells.values() if file is not None else ():
            cell.enter(10, at)
            cell.made = cell.preliminary = None

    def _start(self, path: str, at: datetime) -> None:
        """Start workflows for a new or changed source, in all locales or those of its instructions."""
        source = self.inbox.sources[path]
        chance = self._plan.chance(f"workflow/{path}/{source.saved.isoformat()}")
        known = self.files[path].cells if path in self.files else {}
        file = SourceFile(path, source.saved, {}, source.content)
        wanted = self.inbox.wanted(path, self.locales)
        for code in self.locales:
            if code in wanted:
                file.cells[code] = _fresh(self._plan, code, file, at, chance)
            elif code in known:
                file.cells[code] = known[code]
        if file.cells:
            self.files[path] = file
            self.ragged = self.ragged or len(file.cells) < len(self.locales)


def unfinished(cell: BeeboxCell) -> bool:
    """Return whether automatic runs still change the record."""
    return cell.status not in ENDED


def _move_on(cell: BeeboxCell, at: datetime) -> None:
    """Apply one automatic run to one record."""
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


def _record(plan: Plan, locale: str, saved: datetime, now: datetime, chance: random.Random) -> BeeboxCell:
    spread = AT_START[plan.project_kind]
    status = chance.choices(list(spread), list(spread.values()))[0]
    passes = plan.project_kind == "pass-through"
    made = saved + (now - saved) * chance.uniform(0.3, 0.9) if status == 1 else None
    words = chance.randint(20, 9000)
    cell = BeeboxCell(
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


def _fresh(plan: Plan, locale: str, file: SourceFile, at: datetime, chance: random.Random) -> BeeboxCell:
    """Return the record of a new workflow. A file that cannot be processed will end in status 8."""
    passes = plan.project_kind == "pass-through"
    content = file.content or b""
    words = len(content.split())
    ending = f".{file.path.rpartition('.')[2]}"
    error = None if content.strip() else BEEBOX_ERRORS[0]
    if ending.lower() not in EXTENSIONS:
        error = f"File type '{ending}' is not configured in the project."
    return BeeboxCell(
        locale=locale,
        status=4 if passes else 6,
        entered=at,
        prepare=plan.work(chance.uniform(0, 150)),
        work=plan.work(chance.expovariate(1 / 400)),
        fate="error" if passes and error is not None else "ready",
        words=words,
        segments=words // 9 + 1,
        form=chance.randrange(5),
        early=passes and chance.random() < 0.3,
        error=error,
    )


def record(file: SourceFile, cell: BeeboxCell, plan: Plan, now: datetime) -> dict[str, Any]:
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


def _deliverable(cell: BeeboxCell, now: datetime, age: str) -> dict[str, Any]:
    if cell.made is not None:
        return {"tfdate": beebox_form(cell.made, cell.form), age: minutes(cell.made, now)}
    match cell.form:
        case 0:
            return {"tfdate": None, age: None}
        case 1:
            return {"tfdate": NEVER}
        case _:
            return {}


def _tms(cell: BeeboxCell) -> dict[str, Any]:
    if cell.status == 4:
        return {"tms": None} if cell.form % 2 else {}
    info = {5: "Sent to Wordbee Translator, waiting for the project.", 10: "The workflow was removed."}
    drawn = None if cell.preliminary is None else beebox_form(cell.preliminary, cell.form)
    error = cell.error if cell.status == 8 else None
    return {"tms": {"error": error, "info": info.get(cell.status), "pfdt": drawn}}
