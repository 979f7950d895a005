"""The table of `wbtui status`: a line per service, then a line per item, aligned by cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from wbtui.model import (
    FINISHED,
    BeeboxFile,
    FlexComponent,
    InstantRequest,
    Item,
    Operation,
    Service,
    Snapshot,
    State,
)
from wbtui.rules.notices import why

_GLYPHS = {
    State.FAILED: "!",
    State.PARTIAL: "!",
    State.READY: "+",
    State.DONE: "=",
    State.RUNNING: "~",
    State.WAITING: ".",
    State.CANCELLED: "x",
    State.REMOVED: "x",
    State.UNKNOWN: "?",
}
_WORDS = {State.RUNNING: "in progress", State.PARTIAL: "partly failed"}
_TITLES = {
    Service.OPERATIONS: "Operations",
    Service.BEEBOX: "Beebox",
    Service.INSTANT: "Instant",
    Service.FLEX: "Flex",
}


def table(snapshot: Snapshot) -> str:
    """Return the whole table as text, without a newline at its end."""
    parts = [_aligned(_services(snapshot))]
    for service in Service:
        items = snapshot.items(service)
        if items:
            parts.append(f"{_TITLES[service]}\n{_aligned(_row(item) for item in items)}")
    return "\n\n".join(parts)


def _services(snapshot: Snapshot) -> Iterable[Sequence[str]]:
    for service in Service:
        health = snapshot.health[service]
        items = snapshot.items(service)
        states = [item.state for item in items]
        counts = f"{len(items)} items" if items else ""
        if any(state not in FINISHED for state in states):
            counts += f", {sum(state not in FINISHED for state in states)} open"
        if State.FAILED in states or State.PARTIAL in states:
            counts += f", {states.count(State.FAILED) + states.count(State.PARTIAL)} with problems"
        yield _TITLES[service], health.word.value, counts, health.message


def _row(item: Item) -> Sequence[str]:
    state = f"{_GLYPHS[item.state]} {_WORDS.get(item.state, item.state.value)}"
    if isinstance(item, Operation):
        return state, item.key, item.kind, item.label, why(item) or item.reading.status_text
    if isinstance(item, BeeboxFile):
        return _beebox_state(item, state), item.path, item.locale, _number(item.words), item.error
    if isinstance(item, InstantRequest):
        return (
            state,
            item.key,
            item.name,
            f"{item.source} > {item.target}",
            _number(item.words),
            item.post_edit or "",
        )
    assert isinstance(item, FlexComponent)
    return _flex_state(item), item.component, item.locale, _number(item.segments), item.document


def _beebox_state(item: BeeboxFile, state: str) -> str:
    if item.state is State.UNKNOWN:
        return f"? {item.status_name or f'status {item.status}'}"
    return state


def _flex_state(item: FlexComponent) -> str:
    return "+ complete" if item.state is State.READY else "~ open"


def _number(value: int | None) -> str:
    return "" if value is None else str(value)


def _aligned(rows: Iterable[Sequence[str]]) -> str:
    """Return the rows with columns of equal width in terminal cells."""
    lines = list(rows)
    columns = max(len(line) for line in lines)
    widths = [max(cell_len(line[i]) for line in lines if i < len(line)) for i in range(columns)]
    return "\n".join(
        "  ".join(text + " " * (widths[i] - cell_len(text)) for i, text in enumerate(line)).rstrip()
        for line in lines
    )
