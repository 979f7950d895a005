"""Lines of text in roles, and the cells in which two of them differ.

A `Line` is a tuple of spans; a span is text in a role. Widths are terminal cells, never characters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size

from wbtui.tui.toolkit.folding import folded

BRIDGE = 14
"""Up to so many equal cells between two changes are cheaper to send again than to skip."""


class Role(StrEnum):
    """What a span means; the style sheet gives each role a style."""

    PLAIN = "plain"
    QUIET = "quiet"
    STRONG = "strong"
    TITLE = "title"
    HEAD = "head"
    GOOD = "good"
    LIVE = "live"
    WARN = "warn"
    BAD = "bad"
    CURSOR = "cursor"
    CELL = "cell"
    TAB = "tab"
    ACTIVE = "active"
    ALERT = "alert"
    DEMO = "demo"
    READ_ONLY = "read-only"
    WRITING = "writing"
    PAUSED = "paused"
    KEY = "key"
    BADGE_BLACK = "badge-black"
    BADGE_RED = "badge-red"
    BADGE_GREEN = "badge-green"
    BADGE_YELLOW = "badge-yellow"
    BADGE_BLUE = "badge-blue"
    BADGE_MAGENTA = "badge-magenta"
    BADGE_CYAN = "badge-cyan"
    BADGE_WHITE = "badge-white"
    BAR = "bar"
    BAR_SECOND = "bar-second"
    BAR_REST = "bar-rest"
    RULE = "rule"
    FIELD = "field"


class Span(NamedTuple):
    """Text in one role."""

    text: str
    role: Role = Role.PLAIN


Line = tuple[Span, ...]


class Patch(NamedTuple):
    """A run of changed cells on one line."""

    x: int
    width: int


def line(*parts: str | Span) -> Line:
    """Return a line of the parts; bare text is plain."""
    return tuple(part if isinstance(part, Span) else Span(part) for part in parts)


def width_of(spans: Iterable[Span]) -> int:
    """Return the width of the spans in cells."""
    return sum(cell_len(span.text) for span in spans)


def text_of(spans: Iterable[Span]) -> str:
    """Return the text without roles."""
    return "".join(span.text for span in spans)


def cut(text: str, width: int, ellipsis: str = "…") -> str:
    """Return the text in at most `width` cells, cut at its end if it is too long."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    return _head(text, width) if room < 1 else _head(text, room) + ellipsis


def cut_middle(text: str, width: int, ellipsis: str = "…") -> str:
    """Return the text in at most `width` cells, cut in its middle: of a path both ends matter."""
    if cell_len(text) <= width:
        return text
    room = width - cell_len(ellipsis)
    if room < 2:
        return _head(text, width)
    head = _head(text, room // 2)
    return head + ellipsis + _tail(text, room - cell_len(head))


def _head(text: str, width: int) -> str:
    """Return the longest start of the text that fits; a wide character is never halved."""
    used = 0
    for index, character in enumerate(text):
        used += cell_len(character)
        if used > width:
            return text[:index]
    return text


def _tail(text: str, width: int) -> str:
    used = 0
    for index in range(len(text) - 1, -1, -1):
        used += cell_len(text[index])
        if used > width:
            return text[index + 1 :]
    return text


def pad(spans: Line, width: int, *, right: bool = False) -> Line:
    """Return the line in exactly `width` cells: blanks added, or cut at its end."""
    missing = width - width_of(spans)
    if missing < 0:
        return crop(spans, width)
    if missing == 0:
        return spans
    blank = Span(" " * missing)
    return (blank, *spans) if right else (*spans, blank)


def crop(spans: Line, width: int) -> Line:
    """Return the first `width` cells of the line."""
    kept: list[Span] = []
    room = max(0, width)
    for span in spans:
        size = cell_len(span.text)
        if size > room:
            kept.append(Span(set_cell_size(span.text, room), span.role))
            break
        kept.append(span)
        room -= size
    return tuple(span for span in kept if span.text)


def behind(spans: Line, width: int) -> Line:
    """Return the line without its first `width` cells."""
    kept: list[Span] = []
    for span in spans:
        size = cell_len(span.text)
        if width < size:
            kept.append(Span(_tail(span.text, size - width), span.role))
        width = max(0, width - size)
    return tuple(kept)


def ends(left: Line, right: Line, width: int) -> Line:
    """Return the line with one part at each end; the left part is cut if both do not fit."""
    size = width_of(right)
    if size >= width:
        return crop(right, width)
    return (*pad(left, width - size), *right)


def in_role(spans: Line, role: Role) -> Line:
    """Return the line as one span in one role."""
    return (Span(text_of(spans), role),)


def merged(spans: Iterable[Span]) -> Line:
    """Return the line with as few spans as possible: blanks take the role of their neighbour.

    Each span costs some 40 bytes of colour codes on the wire. Roles with a background keep their blanks.
    """
    kept: list[Span] = []
    for span in spans:
        if not span.text:
            continue
        role = _joint_role(kept[-1], span) if kept else None
        if role is None:
            kept.append(span)
        else:
            kept[-1] = Span(kept[-1].text + span.text, role)
    return tuple(kept)


def _joint_role(before: Span, span: Span) -> Role | None:
    """Return the role in which both spans can be sent as one, or None."""
    if span.role is before.role:
        return span.role
    if _invisible(span) and before.role not in _FILLED:
        return before.role
    return span.role if _invisible(before) and span.role not in _FILLED else None


_FILLED = frozenset({
    Role.CURSOR, Role.CELL, Role.ACTIVE, Role.FIELD, Role.PAUSED, Role.DEMO, Role.READ_ONLY, Role.WRITING,
    *(role for role in Role if role.startswith("badge-")),
})  # fmt: skip


def _invisible(span: Span) -> bool:
    return span.role is Role.PLAIN and not span.text.strip(" ")


Cell = tuple[str, Role]


def _cells(spans: Line, width: int) -> tuple[Cell, ...]:
    """Return one entry per terminal cell; the second half of a wide character is an empty text."""
    found: list[Cell] = []
    for text, role in pad(spans, width):
        if text.isascii():
            found.extend((character, role) for character in text)
            continue
        for character in text:
            size = cell_len(character)
            if size == 0 and found:
                found[-1] = (found[-1][0] + character, found[-1][1])
                continue
            found.append((character, role))
            found.extend(("", role) for _ in range(size - 1))
    return tuple(found)


def changes(old: Line, new: Line, width: int) -> list[Patch]:
    """Return the runs of cells that differ, near ones joined."""
    if old == new or width < 1:
        return []
    before, after = _cells(old, width), _cells(new, width)
    if len(before) != width or len(after) != width:
        return [Patch(0, width)]  # joined characters: their parts do not add up to their width
    patches: list[Patch] = []
    for x, (a, b) in enumerate(zip(before, after, strict=True)):
        if a != b:
            _extend(patches, *_whole(before, after, x))
    return patches


def _whole(before: Sequence[Cell], after: Sequence[Cell], x: int) -> tuple[int, int]:
    """Return the cells from..to (exclusive) that hold the characters at x in both lines whole."""
    start, end = x, x + 1
    while start > 0 and (before[start][0] == "" or after[start][0] == ""):
        start -= 1
    while end < len(before) and (before[end][0] == "" or after[end][0] == ""):
        end += 1
    return start, end


def _extend(patches: list[Patch], start: int, end: int) -> None:
    if patches and start - (patches[-1].x + patches[-1].width) <= BRIDGE:
        first = patches[-1].x
        patches[-1] = Patch(first, max(end, first + patches[-1].width) - first)
    else:
        patches.append(Patch(start, end - start))


def wrap(text: str, width: int) -> list[str]:
    """Return the text broken at blanks into pieces of at most `width` cells; long words are broken hard."""
    if width < 1:
        return []
    pieces: list[str] = []
    current = ""
    for word in text.split():
        joined = f"{current} {word}" if current else word
        if cell_len(joined) <= width:
            current = joined
            continue
        if current:
            pieces.append(current)
        current = _broken(word, width, pieces)
    return [*pieces, current] if current else pieces


def _broken(word: str, width: int, pieces: list[str]) -> str:
    """Append full pieces of a long word to `pieces`, and return the rest."""
    while cell_len(word) > width:
        head = _head(word, width) or word[:1]
        pieces.append(head)
        word = word[len(head) :]
    return word


def hits(lines: Sequence[Line], needle: str) -> list[int]:
    """Return the numbers of the lines that contain the text, upper and lower case alike."""
    wanted = folded(needle)
    if not wanted:
        return []
    return [number for number, spans in enumerate(lines) if wanted in folded(text_of(spans))]


def following(found: Sequence[int], present: int, step: int) -> int | None:
    """Return the hit after the present line, or before it with step -1, wrapping around. None: no hits."""
    if not found:
        return None
    if step > 0:
        return next((number for number in found if number > present), found[0])
    return next((number for number in reversed(found) if number < present), found[-1])


def lit(spans: Line, needle: str) -> Line:
    """Return the line with every occurrence of the text highlighted."""
    text, wanted = text_of(spans).lower(), needle.lower()
    if not wanted or wanted not in text or len(text) != len(text_of(spans)):
        return spans
    roles = [span.role for span in spans for _ in span.text]
    place = text.find(wanted)
    while place >= 0:
        roles[place : place + len(wanted)] = [Role.CURSOR] * len(wanted)
        place = text.find(wanted, place + len(wanted))
    return tuple(Span(character, role) for character, role in zip(text_of(spans), roles, strict=True))
