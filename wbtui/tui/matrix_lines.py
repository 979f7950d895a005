"""The matrix as lines: heads, a bar per locale, one glyph per cell, and what the glyphs mean. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from rich.cells import cell_len

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.domain.model import ItemKey, State
from wbtui.tui.matrix import NAME, STATE, FolderRow, Group, LocaleTotal, Matrix, urgency, urgent
from wbtui.tui.matrix import Line as Row
from wbtui.tui.tabs.column import GUTTER, Context, gutter_of
from wbtui.tui.tabs.glyphs import STATE_STYLES, StateStyle, style_of
from wbtui.tui.tabs.row import Cell
from wbtui.tui.tabs.tab_spec import Grouping, ViewMode
from wbtui.tui.toolkit.lines import Line, Role, Span, crop, cut, cut_middle, in_role, line, pad, width_of

LEAD = GUTTER + 2
"""Cells before the name: cursor and mark, then the glyph of the worst state."""

GLYPH_LEAST, GLYPH_MOST = 3, 10
TALLY_LEAST, TALLY_MOST = 9, 12
NAME_LEAST = 10
FIGURE = 8
"""From this width on a locale's bar has its percentage beside it, below it under it."""

LEGEND_FROM = 12
"""Lines of the table from which on the last one says what the glyphs mean."""

LEGEND_MOST = 2

FIGURES_FROM = 16


@dataclass(frozen=True, slots=True)
class MatrixLayout:
    """How a table's width is shared out; widths in cells."""

    name: int
    widths: tuple[int, ...]
    """One per locale that is shown, without the blank before it."""

    @property
    def roomy(self) -> bool:
        """Return whether every percentage fits beside its bar."""
        return min(self.widths, default=0) >= FIGURE

    def locale_at(self, x: int) -> int | None:
        """Return the number of the shown locale at cell `x`, or None before the first and after the last."""
        position = LEAD + self.name
        for place, width in enumerate(self.widths):
            if position <= x <= position + width:
                return place
            position += width + 1
        return None


def matrix_layout(matrix: Matrix, mode: ViewMode, width: int) -> MatrixLayout:
    """Share out `width` cells: the name gives way before the locales do, and both grow with room."""
    least, most = (TALLY_LEAST, TALLY_MOST) if mode is ViewMode.JOBS else (GLYPH_LEAST, GLYPH_MOST)
    widths = [max(least, min(most, cell_len(locale))) for locale in matrix.locales]
    needed = sum(widths) + len(widths)
    room = max(0, width - LEAD)
    name = max(NAME_LEAST, min(matrix.widest, max(room * 2 // 5, room - needed)))
    shown = matrix.reveal([each + 1 for each in widths], max(1, room - name))
    chosen = widths[matrix.first : matrix.first + shown]
    if shown == len(widths):
        chosen = _grown(chosen, room - name - needed, most)
    return MatrixLayout(name, tuple(chosen))


def _grown(widths: Sequence[int], spare: int, most: int) -> list[int]:
    """Return the widths grown alike, as far as there is room."""
    grown = list(widths)
    while spare >= len(grown) > 0 and min(grown) < most:
        grown = [each + 1 for each in grown]
        spare -= len(grown)
    return grown


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a matrix is drawn from."""

    matrix: Matrix
    mode: ViewMode
    totals: Sequence[LocaleTotal]
    marks: Collection[ItemKey]
    context: Context
    layout: MatrixLayout
    grouping: Grouping
    samples: Sequence[Cell] = ()
    """One item for each sign that is there."""
    filtered: bool = False
    """Whether a filter hides some of the lines: then the bars are of what it leaves."""
    partial: bool = False
    """Whether only a part is known so far: then no share is told as one of the whole."""

    @property
    def columns(self) -> Iterable[tuple[str, int]]:
        """Return each locale that is shown, with its width."""
        return zip(self.matrix.visible_locales, self.layout.widths, strict=True)


def heading(sheet: Sheet, height: int) -> list[Line]:
    """Return the lines above the rows: heads, and how far each locale is."""
    lines = [_heads(sheet)]
    if height >= LEGEND_FROM:
        lines.append(_bars(sheet))
        if not sheet.layout.roomy and height >= FIGURES_FROM:
            lines.append(_figures(sheet))
    return lines


def _heads(sheet: Sheet) -> Line:
    matrix, plan = sheet.matrix, sheet.layout
    what = "Folder" if sheet.mode is ViewMode.JOBS else sheet.grouping.noun
    worst = _signed("", matrix, STATE, 1)
    left = "<" if matrix.first else " "
    spans = [Span(f"{left} {worst:<1} {_signed(what, matrix, NAME, plan.name):<{plan.name}}", Role.HEAD)]
    for locale, width in sheet.columns:
        text = _signed(locale, matrix, locale, width, sheet.context.drawing.ellipsis)
        role = Role.STRONG if locale == matrix.locale else Role.HEAD
        spans += [Span(" "), Span(text + " " * (width - cell_len(text)), role)]
    return tuple(spans)


def _signed(head: str, matrix: Matrix, by: str, width: int, ellipsis: str = "") -> str:
    """Return a head with the sign of the order if the lines are sorted by it."""
    if matrix.sort != by:
        return cut(head, width, ellipsis)
    arrow = "^" if matrix.reverse else "v"
    return f"{cut(head, max(0, width - 2), ellipsis)} {arrow}".strip()


def _total_of(sheet: Sheet) -> dict[str, LocaleTotal]:
    return {total.locale: total for total in sheet.totals}


def _bars(sheet: Sheet) -> Line:
    """Return one bar per locale: the share of words that is ready, of files where no words are known."""
    totals, plan = _total_of(sheet), sheet.layout
    label = cut(_label(sheet), plan.name, "")
    spans = [*pad(line(" " * LEAD, Span(label, Role.QUIET)), LEAD + plan.name)]
    for locale, width in sheet.columns:
        total = totals.get(locale, LocaleTotal(locale))
        size = width - 5 if plan.roomy else width
        if not total.files:
            spans.append(Span(" " * (width + 1)))
            continue
        percent = "" if sheet.partial else f" {total.percent}%"
        figure = (Span(percent.ljust(5)),) if plan.roomy else ()
        bar = sheet.context.drawing.bar(total.share, size, partial=sheet.partial)
        spans += [Span(" "), *bar, *figure]
    return tuple(spans)


def _label(sheet: Sheet) -> str:
    """Return what the bars are of, as long as there is room: a part is never told as the whole."""
    by = sheet.grouping.size_noun if any(total.words for total in sheet.totals) else "files"
    word = sheet.grouping.complete
    of = " ".join(each for each in ("of these" * sheet.filtered, "so far" * sheet.partial) if each)
    room = sheet.layout.name
    choices = (f"{word} {of}".rstrip() + f", by {by}", f"{word} {of}".rstrip(), of)
    return next((each for each in choices if len(each) <= room - (2 if "," in each else 0)), choices[-1])


def _figures(sheet: Sheet) -> Line:
    totals, plan = _total_of(sheet), sheet.layout
    label = "" if sheet.partial else "percent"
    spans = [*pad(line(" " * LEAD, Span(label, Role.QUIET)), LEAD + plan.name)]
    for locale, width in sheet.columns:
        figure = "" if sheet.partial else totals.get(locale, LocaleTotal(locale)).percent
        spans += [Span(" "), Span(f"{figure:<{width}}")]
    return tuple(spans)


def legend(sheet: Sheet, width: int, most: int = 1) -> list[Line]:
    """Return what the signs mean that there are, in at most so many lines; `...` if not all have room."""
    if sheet.mode is ViewMode.JOBS:
        of = "what is read so far" if sheet.partial else "all"
        return [crop((Span(f"    ready of {of}; ! some failed", Role.QUIET),), width)]
    lines: list[Line] = []
    spans: list[Span] = [Span("    ")]
    for each in _signs(sheet):
        entry = (Span(each.glyph, each.role), Span(f" {each.word}  ", Role.QUIET))
        if width_of(spans) + width_of(entry) > width + 2 and len(spans) > 1:
            if len(lines) + 1 == most:
                more = sheet.context.drawing.ellipsis
                spans = [*crop(tuple(spans), width - cell_len(more)), Span(more, Role.QUIET)]
                break
            lines.append(crop(tuple(spans), width))
            spans = [Span("    ")]
        spans += entry
    return [*lines, crop(tuple(spans), width)]


def _signs(sheet: Sheet) -> list[StateStyle]:
    """Return the signs that are there, the most urgent first; each once, with all words it stands for."""
    words: dict[str, list[str]] = {}
    roles: dict[str, Role] = {}
    for sample in sorted(sheet.samples, key=urgency):
        found = style_of(sample)
        roles[found.glyph] = found.role
        if found.word not in words.setdefault(found.glyph, []):
            words[found.glyph].append(found.word)
    signs = [StateStyle(glyph, ", ".join(found), roles[glyph]) for glyph, found in words.items()]
    if sheet.partial:
        return [*signs, StateStyle("blank", "not read yet", Role.QUIET)]
    absent = sheet.grouping.absent
    return [*signs, StateStyle("blank", absent, Role.QUIET)] if absent else signs


def row_line(row: Row, sheet: Sheet, *, at_cursor: bool) -> Line:
    """Return one line of the matrix: the name is bright under the cursor, and so is the cell."""
    marked = _all_marked(row, sheet.marks)
    worst = _worst(row, sheet)
    lead = line(gutter_of(cursor=at_cursor, marked=marked), Span(worst.glyph, worst.role), " ")
    name = pad(_name(row, sheet), sheet.layout.name)
    spans: Line = (*lead, *name)
    if at_cursor:
        spans = in_role(spans, Role.CURSOR)
    columns = sheet.columns
    cells = [span for each, width in columns for span in _cell(row, each, width, sheet, at_cursor)]
    return (*spans, *cells)


def _all_marked(row: Row, marks: Collection[ItemKey]) -> bool:
    if not marks:
        return False
    items = row.files(None) if isinstance(row, FolderRow) else row.cells.values()
    return all(item.key in marks for item in items)


def _worst(row: Row, sheet: Sheet) -> StateStyle:
    """Return the style of a whole line; blank where what is known of it so far may not be all."""
    if isinstance(row, FolderRow):
        if any(total.problems for total in row.cells.values()):
            return STATE_STYLES[State.FAILED]
        if sheet.partial:
            return _UNTOLD
        ready = all(total.ready == total.files for total in row.cells.values())
        return STATE_STYLES[State.READY] if ready else STATE_STYLES[State.RUNNING]
    worst = urgent(row)
    missing = sheet.partial and len(row.cells) < len(sheet.matrix.locales)
    return _UNTOLD if missing and worst.state is State.READY else style_of(worst)


_UNTOLD = StateStyle(" ", "", Role.PLAIN)


def _name(row: Row, sheet: Sheet) -> Line:
    """Return the name, its folder quietly; cut in its middle, since folder and ending both matter."""
    whole = sheet.matrix.title(row)
    text = cut_middle(whole, sheet.layout.name, sheet.context.drawing.ellipsis)
    folder = row.folder if isinstance(row, Group) and sheet.matrix.foldered else ""
    at = len(folder) if text == whole else text.rfind("\\") + 1
    return (Span(text[:at], Role.QUIET), Span(text[at:]))


def _cell(row: Row, locale: str, width: int, sheet: Sheet, at_cursor: bool) -> Line:
    """Return a cell with the blank before it; `[ ]` shows the cursor where colours do not."""
    here = at_cursor and locale == sheet.matrix.locale
    found = row.cells.get(locale)
    text, role = _content(found, partial=sheet.partial)
    mark = isinstance(found, Cell) and found.key in sheet.marks
    after = "*" if mark else "]" if here else " "
    whole = ("[" if here else " ") + (text + after)[:width].ljust(width)
    if not here:
        return (Span(whole, role if text else Role.PLAIN),)
    body = whole.rstrip()
    return (Span(body, Role.CELL), Span(whole[len(body) :]))


def _content(found: Cell | LocaleTotal | None, *, partial: bool) -> tuple[str, Role]:
    if found is None:
        return " ", Role.PLAIN
    if isinstance(found, LocaleTotal):
        whole = found.ready == found.files and not partial
        role = Role.BAD if found.problems else Role.GOOD if whole else Role.PLAIN
        return f"{found.ready}/{found.files}{'!' if found.problems else ''}", role
    signed = style_of(found)
    return signed.glyph, signed.role
