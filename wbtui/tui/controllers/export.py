"""The rows in view as text for a file: CSV or JSON, by the ending of its name. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from typing import Any, Final

from wbtui.domain.model import Event
from wbtui.domain.serialize import event_shape, item_shape
from wbtui.tui.tabs.base import Row

ENDINGS: Final = (".csv", ".json")

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


def shape(row: Row) -> dict[str, Any]:
    """Return a row as `wbtui status --json` has it; a line of Activity with all its fields."""
    return event_shape(row) if isinstance(row, Event) else item_shape(row)


def as_json(rows: Sequence[Row]) -> str:
    """Return the rows as one JSON list."""
    return json.dumps([shape(row) for row in rows], ensure_ascii=False, indent=1) + "\n"


def as_line(row: Row) -> str:
    """Return one row as JSON on one line, as `Y` copies it."""
    return json.dumps(shape(row), ensure_ascii=False)


def as_csv(rows: Sequence[Row]) -> str:
    """Return the rows as CSV below its heads; what a spreadsheet would reckon with gets a `'` before it."""
    shapes = [shape(row) for row in rows]
    heads = list(dict.fromkeys(name for each in shapes for name in each))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(heads)
    writer.writerows([_cell(each.get(name)) for name in heads] for each in shapes)
    return out.getvalue()


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return f"'{value}" if value.startswith(_FORMULA) else value
    return json.dumps(value, ensure_ascii=False)


def text_for(name: str, rows: Sequence[Row]) -> str:
    """Return the rows in the form that the ending of a file's name asks for."""
    return as_json(rows) if name.lower().endswith(".json") else as_csv(rows)
