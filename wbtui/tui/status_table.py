"""The table: draws the lines that are visible, from rows by key, and repaints the cells that changed.

Not a `DataTable` (that one repaints itself for one cell, and costs time per row) and not a `ScrollView`:
the row model alone holds the scroll, so that it can be bound to keys.
"""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.message import Message

from wbtui.domain.lazy_dataclass import dataclass
from wbtui.tui.matrix import NAME, STATE
from wbtui.tui.matrix_lines import (
    LEAD,
    LEGEND_FROM,
    LEGEND_MOST,
    MatrixLayout,
    Sheet,
    heading,
    legend,
    matrix_layout,
    row_line,
)
from wbtui.tui.tab_view import TabView
from wbtui.tui.tabs import column as columns
from wbtui.tui.tabs.column import GAP, GUTTER, Context, Placed, fit, gutter_of, head_line
from wbtui.tui.tabs.row import row_key
from wbtui.tui.tabs.tab_spec import ViewMode
from wbtui.tui.toolkit.line_view import LineView
from wbtui.tui.toolkit.lines import Line, Role, Span, in_role, line, pad, wrap

HEAD = 1
"""Lines of the head."""


class StatusTable(LineView):
    """The rows of one tab below a fixed line of heads."""

    class Moved(Message):
        """The cursor stands on another row, or may."""

    @dataclass
    class HeadClicked(Message):
        """The user wants the table sorted by this column."""

        column: str

    def __init__(self, id: str) -> None:
        super().__init__(id, can_focus=True)
        self._view: TabView | None = None
        self._reading: Context | None = None
        self._empty: Sequence[str] = ()
        self._placed: tuple[Placed, ...] = ()
        self._hidden = 0
        self._layout: MatrixLayout | None = None
        self._heading = HEAD

    def show(self, view: TabView, context: Context | None, empty: Sequence[str]) -> None:
        """Show a tab's rows, or the paragraphs of `empty` where there are none."""
        self._view, self._reading, self._empty = view, context, empty
        self._draw()

    def _draw(self) -> None:
        view, context = self._view, self._reading
        width, height = self.size
        if view is None or width < 1:
            return
        if context is None or not view.selection.lines:
            self._placed, self._layout = (), None
            self.put(_paragraphs(self._empty, width))
            return
        if view.mode is ViewMode.LIST:
            self._draw_list(view, context, width, height)
        else:
            self._draw_matrix(view, context, width, height)

    def _draw_list(self, view: TabView, context: Context, width: int, height: int) -> None:
        self._layout, self._heading = None, HEAD
        view.rows.resize(height - HEAD)
        offered = view.tab.columns_for(width - 1, context.times, wide=view.list.wide)
        if not view.list.skip:
            offered = tuple(each for each in offered if not each.empty(context))
        self._placed = fit(offered, width - 1, view.list.skip)
        self._hidden = len(offered) - len(self._placed)
        self.put([self._head(view, width), *self._body(view, context, width)])

    def _draw_matrix(self, view: TabView, context: Context, width: int, height: int) -> None:
        matrix = view.matrix
        self._placed = ()
        self._layout = plan = matrix_layout(matrix, view.mode, width - 1)
        sheet = sheet_of(view, context, plan)
        heads = heading(sheet, height)
        foot = legend(sheet, width - 1, LEGEND_MOST) if height >= LEGEND_FROM else []
        self._heading = len(heads)
        rows = matrix.rows
        rows.resize(height - len(heads) - len(foot))
        thumb = _thumb(rows.top, rows.height, len(rows))
        body = [
            _sided(row_line(row, sheet, at_cursor=rows.top + y == rows.cursor), y in thumb, context, width)
            for y, row in enumerate(rows.visible())
        ]
        more = matrix.first + len(plan.widths) < len(matrix.locales)
        heads[0] = (*pad(heads[0], width - 1), Span(">" if more else " ", Role.HEAD))
        self.put([*heads, *body, *[()] * (rows.height - len(body)), *foot])

    def _head(self, view: TabView, width: int) -> Line:
        """Return the heads; `<` and `>` at the ends tell that there are more columns."""
        heads = pad(head_line(self._placed, view.list.sort, view.list.reverse), width - 1)
        text = "".join(span.text for span in heads)
        left = "<" if view.list.skip else text[:1]
        return (Span(left + text[1:] + (">" if self._hidden else " "), Role.HEAD),)

    def _body(self, view: TabView, context: Context, width: int) -> list[Line]:
        rows = view.rows
        thumb = _thumb(rows.top, rows.height, len(rows))
        lines = []
        for y, row in enumerate(rows.visible()):
            at_cursor = rows.top + y == rows.cursor
            gutter = gutter_of(cursor=at_cursor, marked=row_key(row) in view.selection.marks)
            spans = pad(columns.row_line(row, self._placed, context, gutter), width - 1)
            if at_cursor:
                spans = in_role(spans, Role.CURSOR)
            lines.append(_sided(spans, y in thumb, context, width))
        return lines

    def move(self, distance: int) -> None:
        """Move the cursor by so many rows."""
        if self._view is not None:
            self._view.selection.lines.move(distance)
            self._moved()

    def page(self, pages: float) -> None:
        """Move by so many windows."""
        if self._view is not None:
            self._view.selection.lines.page(pages)
            self._moved()

    def sideways(self, distance: int) -> None:
        """Move to the next cell of the matrix, or scroll the list by a column; the first ones stay."""
        view = self._view
        if view is None or (view.mode is ViewMode.LIST and not view.list.skip and not self._hidden):
            return
        view.columns.sideways(distance)
        self._moved()

    def _moved(self) -> None:
        self._draw()
        self.post_message(self.Moved())

    def on_resize(self) -> None:
        """Show as much as there is room for now."""
        self._draw()

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the click was, or sort by the head that was clicked."""
        view = self._view
        if view is None or not view.selection.lines:
            return
        if event.y == 0:
            found = self._head_at(view, event.x)
            if found:
                self.post_message(self.HeadClicked(found))
            return
        line = event.y - self._heading
        if 0 <= line < len(view.selection.lines.visible()):
            view.selection.lines.point(view.selection.lines.top + line)
            if self._layout is not None:
                view.matrix.point(self._locale_at(view, event.x))
            self._moved()

    def _head_at(self, view: TabView, x: int) -> str:
        """Return what the head at cell `x` sorts by, or nothing."""
        if self._layout is None:
            return _column_at(self._placed, x)
        return self._locale_at(view, x) or (NAME if x >= LEAD else STATE)

    def _locale_at(self, view: TabView, x: int) -> str | None:
        place = None if self._layout is None else self._layout.locale_at(x)
        return None if place is None else view.matrix.visible_locales[place]

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll three rows down; the cursor stays on its item."""
        event.stop()
        self._scroll(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll three rows up; the cursor stays on its item."""
        event.stop()
        self._scroll(-3)

    def _scroll(self, distance: int) -> None:
        if self._view is not None:
            self._view.selection.lines.scroll(distance)
            self._moved()


def sheet_of(view: TabView, context: Context, plan: MatrixLayout) -> Sheet:
    """Return what a tab's matrix is drawn from."""
    grouping = view.tab.grouping
    assert grouping is not None
    return Sheet(
        view.matrix,
        view.mode,
        view.totals,
        view.selection.marks,
        context,
        plan,
        grouping,
        samples=view.counts.shown.samples,
        filtered=view.narrowed,
        partial=view.part is not None,
    )


def _column_at(placed: Sequence[Placed], x: int) -> str:
    """Return the id of the column at cell x, or nothing."""
    position = GUTTER
    for each in placed:
        if position <= x < position + each.width:
            return each.column.id
        position += each.width + GAP
    return ""


def _sided(spans: Line, thumb: bool, context: Context, width: int) -> Line:
    """Return the line with the scroll sign in its last cell."""
    return (*pad(spans, width - 1), Span(context.drawing.down, Role.RULE) if thumb else Span(" "))


def _thumb(top: int, height: int, total: int) -> range:
    """Return the screen rows that the scroll sign covers; none while everything is visible."""
    if total <= height:
        return range(0)
    size = max(1, height * height // total)
    start = (height - size) * top // (total - height)
    return range(start, start + size)


def _paragraphs(texts: Sequence[str], width: int) -> list[Line]:
    """Return words for an empty table: a blank line, the first paragraph plain, the others quiet."""
    lines: list[Line] = [()]
    for index, text in enumerate(texts):
        role = Role.QUIET if index else Role.PLAIN
        lines += [line(Span(f"  {piece}", role)) for piece in wrap(text, min(96, width - 4))]
        lines.append(())
    return lines
