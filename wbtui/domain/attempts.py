"""Which items came of which, by the tries that made them; pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from wbtui.domain.model import ItemKey, Operation


def children(operations: Iterable[Operation]) -> dict[ItemKey, list[ItemKey]]:
    """Return by each forerunner the operations that repeat it."""
    found: dict[ItemKey, list[ItemKey]] = {}
    for operation in operations:
        if operation.forerunner is not None:
            found.setdefault(operation.forerunner, []).append(operation.key)
    return found


def grown_from(key: ItemKey, born: Mapping[ItemKey, Sequence[ItemKey]]) -> Iterator[ItemKey]:
    """Yield all that came of an item, and of that again; each once, whatever a server's ids do."""
    seen = {key}
    waiting = [key]
    while waiting:
        for child in born.get(waiting.pop(), ()):
            if child not in seen:
                seen.add(child)
                waiting.append(child)
                yield child


def next_attempt(before: Operation, operations: Mapping[ItemKey, Operation]) -> int:
    """Return the number of the next try: one more than the last of all that began with the same operation."""
    first, seen = before, {before.key}
    while (key := first.forerunner) is not None and key in operations and key not in seen:
        first = operations[key]
        seen.add(key)
    born = children(operations.values())
    family = (operations[key] for key in grown_from(first.key, born) if key in operations)
    return 1 + max((each.attempt for each in family), default=before.attempt)
