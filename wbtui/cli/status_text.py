"""The table of `wbtui status`: a line per service, then a line per item, aligned by cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len

from wbtui.cli.news import age_words, counts
from wbtui.domain.model import BeeboxFile, FlexComponent, InstantRequest, Item, Operation, Service
from wbtui.domain.notices import remark
from wbtui.domain.serialize import message_of
from wbtui.domain.snapshot import Snapshot
from wbtui.domain.states import state_words


def table(snapshot: Snapshot) -> str:
    """Return the whole table as text, without a newline at its end."""
    parts = [_aligned(_services(snapshot))]
    for service in Service:
        items = snapshot.items(service)
        if items:
            parts.append(f"{service.label}\n{_aligned(_row(item) for item in items)}")
    return "\n\n".join(parts)


def _services(snapshot: Snapshot) -> Iterable[Sequence[str]]:
    for service in Service:
        health, items = snapshot.health[service], snapshot.items(service)
        items_words = counts(items, so_far=health.part is not None) if items else ""
        said = "; ".join(filter(None, (message_of(health), age_words(health, snapshot.at))))
        yield service.label, health.word.value, items_words, said


def _row(item: Item) -> Sequence[str]:
    words = state_words(item)
    state = f"{words.glyph} {words.word}"
    if isinstance(item, Operation):
        return state, item.key, item.kind, item.label, remark(item) or item.reading.status_text
    if isinstance(item, BeeboxFile):
        return state, item.path, item.locale, _number(item.words), item.error
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
    return state, item.component, item.locale, _number(item.segments), item.document


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
