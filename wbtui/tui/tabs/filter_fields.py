"""What the filter can ask of the rows of each tab: the columns by their ids. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final

from wbtui.domain.model import PROBLEM, BeeboxFile, Event, Item, Level, Operation, State
from wbtui.domain.states import ASKED_WORDS, BEEBOX_STATUSES, FLEX_WORDS, STATE_WORDS
from wbtui.tui.tabs import values
from wbtui.tui.tabs.base import Tab
from wbtui.tui.tabs.column import Context
from wbtui.tui.tabs.filter_language import FilterField, ValueKind
from wbtui.tui.tabs.glyphs import sign
from wbtui.tui.toolkit import times
from wbtui.tui.toolkit.folding import folded


def _states(row: Item) -> tuple[str, ...]:
    """Return the word that is shown, and the names of the state in wbtui and on the wire."""
    found: tuple[str, ...] = (sign(row).word, row.state.value)
    if isinstance(row, BeeboxFile):
        return (*found, row.status_name, "" if row.status is None else str(row.status))
    return (*found, row.reading.status) if isinstance(row, Operation) else found


def _word(id: str, get: Callable[[Any], str], *others: str) -> FilterField:
    return FilterField(id, ValueKind.WORD, lambda row: (get(row),), others=others)


def _text(id: str, get: Callable[[Any], str], *others: str) -> FilterField:
    return FilterField(id, ValueKind.TEXT, lambda row: (get(row),), others=others)


def _number(id: str, get: Callable[[Any], float | None], *others: str) -> FilterField:
    def shown(row: Any) -> tuple[str, ...]:
        found = get(row)
        return () if found is None else (f"{found:g}",)

    return FilterField(id, ValueKind.NUMBER, shown, lambda row, _: get(row), others)


def _age(id: str, get: Callable[[Any, Context], float | None], *others: str) -> FilterField:
    return FilterField(id, ValueKind.AGE, figure=get, others=("age", *others))


def _since(row: Operation, context: Context) -> float | None:
    return times.seconds_since(values.operation_since(row), context.at)


_STATE_WORDS: Final = (
    *(each.word for each in STATE_WORDS.values()),
    *(state.value for state in State),
    *(each.word for each in (*FLEX_WORDS.values(), *ASKED_WORDS.values())),
    *(word for status in BEEBOX_STATUSES.values() for word in (status.name, status.words.word)),
    *map(str, BEEBOX_STATUSES),
    *("Executing", "Finished", "Success"),  # what operations are called on the wire (trm/status)
)
_STATE: Final = FilterField(
    "state", ValueKind.WORD, _states, known=tuple(dict.fromkeys(map(folded, _STATE_WORDS)))
)

_FIELDS: Final[dict[Tab, tuple[FilterField, ...]]] = {
    Tab.OPERATIONS: (
        _STATE,
        FilterField("id", ValueKind.ID, lambda row: (str(row.request_id or row.key),)),
        _word("kind", lambda row: row.kind),
        _text("label", values.label_of),
        _text("text", lambda row: row.reading.status_text),
        _age("since", _since),
        FilterField("place", ValueKind.NUMBER, figure=lambda row, context: context.places.get(row.key),
              others=("queue",)),
        _number("looks", lambda row: row.looks),
        _word("project", values.project),
        _text("result", values.operation_result),
    ),
    Tab.BEEBOX: (
        _STATE,
        _text("file", lambda row: row.path, "path"),
        _word("locale", lambda row: row.locale),
        _number("words", lambda row: row.words),
        _age("changed", lambda row, context: values.beebox_age(row, context.at)),
        _text("message", values.beebox_message),
    ),
    Tab.INSTANT: (
        _STATE,
        FilterField("id", ValueKind.ID, lambda row: (str(row.request_id),)),
        _text("file", lambda row: row.name, "name"),
        _word("source", lambda row: row.source),
        _word("target", lambda row: row.target, "locale"),
        _number("words", lambda row: row.words),
        _age("sent", lambda row, context: times.seconds_since(row.sent_at, context.at)),
        _text("post", lambda row: row.post_edit or ""),
    ),
    Tab.FLEX: (
        _STATE,
        _text("component", lambda row: row.component),
        _word("locale", lambda row: row.locale),
        _number("segments", lambda row: row.segments),
        _number("matching", lambda row: row.matching),
        _word("document", lambda row: row.document),
    ),
    Tab.ACTIVITY: (
        _age("time", lambda row, context: times.seconds_since(row.until or row.at, context.at)),
        FilterField("level", ValueKind.WORD, lambda row: (row.level,), known=tuple(map(str, Level))),
        _word("source", lambda row: row.source),
        _text("text", lambda row: row.text),
        _number("count", lambda row: row.count),
        _word("about", lambda row: row.key or ""),
    ),
}  # fmt: skip


def fields_of(tab: Tab) -> Sequence[FilterField]:
    """Return the columns of a tab that can be filtered by."""
    return _FIELDS[tab]


def is_problem(row: Item | Event) -> bool:
    """Return whether `!` shows a row: what failed, wholly or in part, and warnings."""
    return row.level is not Level.INFO if isinstance(row, Event) else row.state in PROBLEM
