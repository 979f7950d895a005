"""The state of an item as every tab has it: its column, its filter field, its line in the details."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from wbtui.domain.model import PROBLEM, Item, State
from wbtui.domain.states import ASKED_WORDS, BEEBOX_STATUSES, FLEX_WORDS, STATE_WORDS
from wbtui.tui.tabs.column import Column, Context
from wbtui.tui.tabs.detail_fields import DetailField
from wbtui.tui.tabs.filter_language import FilterField, ValueKind
from wbtui.tui.tabs.glyphs import style_of
from wbtui.tui.toolkit.folding import folded
from wbtui.tui.toolkit.lines import Line, Span, cut

_URGENCY: Final = (
    State.FAILED, State.PARTIAL, State.UNKNOWN, State.READY, State.RUNNING,
    State.WAITING, State.DONE, State.CANCELLED, State.REMOVED,
)  # fmt: skip
RANK: Final = {state: rank for rank, state in enumerate(_URGENCY)}
"""How soon an item of a state is to be looked at, the lowest first."""

_WORDS: Final = (
    *(each.word for each in STATE_WORDS.values()),
    *(state.value for state in State),
    *(each.word for each in (*FLEX_WORDS.values(), *ASKED_WORDS.values())),
    *(word for status in BEEBOX_STATUSES.values() for word in (status.name, status.words.word)),
    *map(str, BEEBOX_STATUSES),
    *("Executing", "Finished", "Success"),  # what operations are called on the wire (trm/status)
)


def state_column(order: Callable[[Any, Context], Any], width: int) -> Column:
    """Return the column of the state, the first of a tab."""
    return Column("state", "State", _cell, order, width, fixed=True)


def _cell(row: Any, _: Context, width: int) -> Line:
    style = style_of(row)
    return (Span(style.glyph if width < 4 else cut(style.span.text, width), style.role),)


def state_field(more: Callable[[Any], Sequence[str]] = lambda _: ()) -> FilterField:
    """Return the filter field of the state; `more` gives further names of it, such as those on the wire."""

    def words(row: Any) -> tuple[str, ...]:
        return (style_of(row).word, row.state.value, *more(row))

    return FilterField("state", ValueKind.WORD, words, known=tuple(dict.fromkeys(map(folded, _WORDS))))


def state_detail(row: Item, *more: Span) -> DetailField:
    """Return the line of the details."""
    return DetailField("State", line=(style_of(row).span, *more))


def has_problem(row: Any) -> bool:
    """Return whether an item failed, wholly or in part."""
    return row.state in PROBLEM
