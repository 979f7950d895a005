"""The rows in view as text for a file: CSV or JSON, by the ending of its name. Pure."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final

from wbtui.model import Event, Operation
from wbtui.ui.tabs import Row

ENDINGS: Final = (".csv", ".json")

_INTERNAL: Final = frozenset({"wire_path", "wire_component", "request", "known"})
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would take for a formula."""


def shape(row: Row) -> dict[str, Any]:
    """Return a row as JSON has it; the readings of an operation stand beside its own fields."""
    if isinstance(row, Event):
        return _own(row)
    found = {"key": row.key, "state": row.state.value} | _own(row)
    if isinstance(row, Operation):
        reading = found.pop("reading")
        found |= {name: value for name, value in reading.items() if name not in {"file_token", *found}}
        found["has_file"] = bool(row.reading.file_token)
    return found


def _own(value: Any) -> dict[str, Any]:
    names = [each.name for each in fields(value) if each.name not in _INTERNAL]
    return {name: plain(getattr(value, name)) for name in names}


def plain(value: Any) -> Any:
    """Return a value as JSON can write it; times in ISO 8601 with Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if hasattr(value, "__dataclass_fields__"):
        return _own(value)
    if isinstance(value, dict):
        return {str(name): plain(each) for name, each in value.items()}
    if isinstance(value, tuple | list):
        return [plain(each) for each in value]
    return value


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
