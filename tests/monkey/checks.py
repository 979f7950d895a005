"""What the program may do, judged from outside: by the screen, what was typed, and what the servers got."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from tests.cli.pseudo import Picture
from tests.monkey.inputs import Does, Event
from tests.wordbee.scripted_server import Asked
from wbtui.simulator.api import SERVICES, Service

TITLES: Final = {"Cancel on the server": "DELETE", "Send to the server again": "PUT or POST"}
READS: Final = (
    *(r"GET /.*", r"POST /auth/token", r"DELETE /auth/token", r"POST /connect", r"PUT /disconnect"),
    *(r"POST /workprogress/translatedfiles", r"POST /trm/list", r"POST /apps/wbflex/list"),
    *(
        r"POST /apps/wbflex/documents/[^/]+/components/status",
        r"POST /apps/wbflex/documents/[^/]+/contents/pull",
    ),
)
"""What is asked without changing anything that a customer has on the server."""
_READ: Final = re.compile("|".join(f"(?:{each})" for each in READS))
_GLYPH: Final = re.compile(r"^[!+~/.=x?^-] (?=\S)|(?<=\S)(?: [!+~/.=x?^-]|\[[!+~/.=x?^-]\])+$")
_WHICH: Final = re.compile(r"^[A-Z][a-z]+(?: [a-z]+)? (?:op:)?(?:local-)?\d+ ")
"""Kind and id before the name."""
_CELLS: Final = re.compile(r"\s{2,}|(?=\[)| (?=\d+/\d)")
"""Where one cell of a row ends: a cell that the cursor frames, or a count, may follow at once."""
_TRY: Final = re.compile(r"t \d+\)$")
_CUT_KEY: Final = re.compile(r"Operation op:[^ ]*…")
_ID: Final = re.compile(r"(?<!\d)\d{4,}(?!\d)")
WIDE: Final = 80
"""The least width at which names are cut so little that they can be compared."""
SEEN: Final = (50, 15)
"""The least terminal on which a question can be read whole enough to be judged."""


class Found(Exception):
    """Something that must not be; the text says what."""


@dataclass(frozen=True, slots=True)
class Question:
    """What a dialog that asks for a change on a server says."""

    verb: str
    text: str
    name: str
    """The first item that it names."""
    count: int
    under_cursor: bool


@dataclass
class Consent:
    """A yes that was typed while a question stood on the screen, and what has come of it."""

    question: Question | None
    """None where the terminal was too small to tell what was asked."""
    used: Counter[tuple[str, str]] = field(default_factory=Counter)


def question_on(picture: Picture) -> Question | None:
    """Return the question that stands on the screen, if one does."""
    lines = picture.text().split("\n")
    title = next((title for title in TITLES if any(f"│ {title}" in line for line in lines)), "")
    if not title:
        return None
    top = next(number for number, line in enumerate(lines) if f"│ {title}" in line)
    cells = picture.rows[top]  # by cell, since characters of two cells move what is right of them
    bars = [x for x, cell in enumerate(cells) if cell == "│"]
    left = next(x for x in bars if "".join(cells[x:]).startswith(f"│ {title}"))
    right = next((x for x in bars if x > left), None)
    inner = ["".join(row[left + 1 : right]) for row in picture.rows[top:]]
    end = next((number for number, line in enumerate(inner) if line.startswith("─")), len(inner))
    inner = inner[:end]
    whose = next(
        (n for n, line in enumerate(inner) if re.search(r"under the cursor:|What is marked:", line)), -1
    )
    named = inner[whose + 1].strip() if 0 <= whose < len(inner) - 1 else ""
    count = re.search(r"Yes, \w+ (\d+)", " ".join(inner))
    return Question(
        TITLES[title],
        re.sub(r"\s+", " ", " ".join(inner)),
        re.split(r"\s{2,}", named)[0],
        int(count[1]) if count else 0,
        "The one under the cursor:" in " ".join(inner),
    )


def cursor_row(picture: Picture) -> str:
    """Return the row under the cursor as it stands on the screen; empty if there is none in sight."""
    for line in picture.text().split("\n")[3:]:
        if re.match(r">[ *]", line):
            return line
    return ""


def fits(name: str, row: str) -> bool:
    """Return whether a row can be that of a name, either of which may be cut in its middle."""
    cells = [_GLYPH.sub("", cell.strip()) for cell in _CELLS.split(row[2:].partition("│")[0])]
    number = _ID.search(name)
    if number is not None and number[0] in " ".join(cells).split():
        return True
    # in the view of folders the row is that of the first folder; without its column an id is not in the row
    folder, _, _ = name.rpartition("\\")
    could_be = {name, folder.partition("\\")[0] or "(no folder)", _WHICH.sub("", name)}
    return any(_same(each, cell) for cell in cells if cell for each in could_be)


def begins(name: str, row: str) -> bool:
    """Return whether a row of which a dialog hides the rest can be that of a name."""
    shown = _GLYPH.sub("", row[2:].partition("│")[0].strip()).partition("…")[0]
    head = name.partition("…")[0]
    length = min(len(shown), len(head))
    return length > 2 and shown[:length] == head[:length]


def _same(one: str, other: str) -> bool:
    if _TRY.search(other):  # a row says which try it is, a question does not
        # where the question cuts the name within the key, nothing is left that the row shows, too
        return bool(_CUT_KEY.match(one)) or one.startswith(other.partition("…")[0].partition(" (attempt")[0])
    if "…" not in one + other:
        return one == other
    begins, ends = _parts(one), _parts(other)
    first, last = min(len(begins[0]), len(ends[0])), min(len(begins[1]), len(ends[1]))
    alike = (
        begins[0][:first] == ends[0][:first]
        and begins[1][len(begins[1]) - last :] == ends[1][len(ends[1]) - last :]
    )
    return alike and first + last >= 3


def _parts(text: str) -> tuple[str, str]:
    before, cut, behind = text.partition("…")
    return (before, behind) if cut else (text, text)


class Judge:
    """Watches one life of the program: is told of each event before it is sent, and looks at what came."""

    def __init__(self, asked: dict[Service, list[Asked]]) -> None:
        self._asked = asked
        self._looked = {service: len(asked[service]) for service in SERVICES}
        self._consents: list[Consent] = []
        self._downloads: list[str] | None = []
        """The rows of which a download was asked for; None once it may be any."""
        self.changes = self.rows = 0
        """How many changes, and how many rows, were judged."""

    def before(self, event: Event, picture: Picture, *, rests: bool) -> None:
        """Take note of what an event may bring about; `rests` if the program has nothing to do."""
        if event.does not in {Does.KEYS, Does.ANSWER}:
            return
        if set(event.data) & set(b"y\r"):
            small = len(picture.rows) < SEEN[1] or len(picture.rows[0]) < SEEN[0]
            question = question_on(picture)
            if question is not None or small:
                self._consents.append(Consent(None if small else question))
        self._note_download(event.data, picture, rests=rests)

    def _note_download(self, data: bytes, picture: Picture, *, rests: bool) -> None:
        row = cursor_row(picture)
        if data == b"d" and rests and row and row[1] == " " and self._downloads is not None:
            self._downloads.append(row)
        elif set(data) & set(b"dDWP *v:0\x10"):
            self._downloads = None

    def row_asked(self, row: str, picture: Picture) -> None:
        """Look whether a question is about the row that was under the cursor when its key was pressed."""
        question = question_on(picture)
        wide = len(picture.rows[0]) >= WIDE
        if question is None or not question.under_cursor or not question.name or not row or not wide:
            return
        self.rows += 1
        behind = cursor_row(picture)  # keys before it may have been on their way still
        if (
            not fits(question.name, row)
            and not fits(question.name, behind)
            and not begins(question.name, behind)
        ):
            raise Found(f"the question is about {question.name!r}, the cursor stood on {row.rstrip()!r}")

    def look(self, *, faults: bool) -> None:
        """Judge what the servers have been asked since the last time; `faults` if they were in trouble."""
        for service in SERVICES:
            asked = self._asked[service]
            for one in asked[self._looked[service] :]:
                self._judge(service, one, faults=faults)
            self._looked[service] = len(asked)

    def _judge(self, service: Service, asked: Asked, *, faults: bool) -> None:
        path = asked.target.split("?")[0].removeprefix("/api")
        if _READ.fullmatch(f"{asked.method} {path}"):
            self._judge_download(service, path, asked)
            return
        self.changes += 1
        act = (asked.method, asked.target.replace(asked.query.get("token", "\0"), ""))
        for consent in self._consents:
            times = _times(consent.question, asked)
            if times and (consent.used[act] < times or faults):
                consent.used[act] += 1
                return
        told = [each.question.text[:200] if each.question else "small" for each in self._consents]
        raise Found(
            f"{asked.method} {path} {asked.query.get('filename', '')} without its confirmation; {told}"
        )

    def _judge_download(self, service: Service, path: str, asked: Asked) -> None:
        if service != "beebox" or path != "/files/file" or self._downloads is None:
            return
        self.rows += 1
        name = asked.query["filename"]
        if not any(fits(name, row) or fits(name.rpartition("\\")[2], row) for row in self._downloads):
            raise Found(f"{name!r} was downloaded, the cursor stood on {self._downloads}")


def _times(question: Question | None, asked: Asked) -> int:
    """Return how often a yes to a question allows this change: two tries of one request are sent twice."""
    if question is None:
        return 1
    if (asked.method == "DELETE") is not (question.verb == "DELETE"):
        return 0
    if question.count > 1 and "more items" in question.text:
        return question.count
    if re.search(r"of (?:[2-9]|\d\d+) files", question.text):  # of a folder; not all of them are in sight
        return 1
    named = re.sub(r"\s", "", question.text).count(re.sub(r"\s", "", _subject(asked)))
    return named or (max(1, question.count) if _within(_subject(asked), question.text) else 0)


def _subject(asked: Asked) -> str:
    """Return by which words a dialog names what a request is about: a file, or method and path."""
    name = asked.query.get("filename", "").removesuffix(".beebox")
    return name or f"{asked.method} {asked.target.removeprefix('/api')}"


def _within(subject: str, text: str) -> bool:
    """Return whether a dialog names something, perhaps wrapped, or cut in the middle."""
    plain, squeezed = re.sub(r"\s", "", subject), re.sub(r"\s", "", text)
    parts = squeezed.split("…")
    lengths = range(4, len(plain))
    return plain in squeezed or any(
        any(before.endswith(plain[:length]) for length in lengths)
        and any(behind.startswith(plain[-length:]) for length in lengths)
        for before, behind in pairwise(parts)
    )
