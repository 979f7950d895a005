"""Operations and Beebox files as the store is given them, and a hand from outside."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from wbtui.domain.item_keys import beebox_key, operation_key
from wbtui.domain.model import BeeboxFile, Operation, OperationReading, State

NOW = datetime(2026, 3, 1, 10, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def operation(number: int, state: State = State.WAITING, **fields: object) -> Operation:
    made = Operation(operation_key(number), number, OperationReading(state), tracked_at=NOW)
    return replace(made, **fields)  # type: ignore[arg-type]


def file(number: int, **fields: object) -> BeeboxFile:
    name = f"batch-{number % 100}\\folder\\intro {number}.docx"
    made = BeeboxFile(
        beebox_key("fr", name),
        name,
        "fr",
        State.READY,
        1,
        "Available",
        "French",
        120,
        20,
        NOW,
        20.0,
        NOW,
        3.0,
    )
    return replace(made, **fields)  # type: ignore[arg-type]


@contextmanager
def outside(path: Path) -> Iterator[sqlite3.Connection]:
    """Change the file as another program would."""
    connection = sqlite3.connect(path)
    try:
        yield connection
        connection.commit()
    finally:
        connection.close()
