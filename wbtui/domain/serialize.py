"""Items as JSON, wherever it is written: one flat object each, with names that scripts rely on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from wbtui.domain.model import FlexComponent, Item, Operation, flex_kind
from wbtui.domain.snapshot import Event, Health

_INTERNAL = frozenset({"wire_path", "wire_component", "reading", "request", "known"})


def item_to_json(item: Item) -> dict[str, Any]:
    """Return `key`, `state`, `label`, `seen_at` and the item's own fields."""
    head = {
        "key": item.key,
        "state": item.state.value,
        "label": item.title,
        "seen_at": value_to_json(item.seen_at),
    }
    own = {f.name: value_to_json(getattr(item, f.name)) for f in fields(item) if f.name not in _INTERNAL}
    if isinstance(item, Operation):
        own |= _operation_shape(item)
    if isinstance(item, FlexComponent):
        own["asked_of"] = flex_kind(item.document)
    return head | {name: value for name, value in own.items() if name not in head}


def _operation_shape(item: Operation) -> dict[str, Any]:
    reading = item.reading
    return {
        "status": reading.status,
        "status_text": reading.status_text,
        "status_info": reading.status_info,
        "reason": item.reason,
        "file_name": reading.file_name,
        "has_file": bool(reading.file_token),
        "counts": dict(reading.counts),
        "files": value_to_json(reading.files),
        "request_known": item.request is not None,
    }


def event_to_json(event: Event) -> dict[str, Any]:
    """Return a line of Activity with all its fields."""
    found: dict[str, Any] = value_to_json(event)
    return found


def health_to_json(health: Health, at: datetime) -> dict[str, Any]:
    """Return state and message of a service, when it was asked, how old that is, and what is `partial`."""
    return {
        "state": health.word.value,
        "message": message_of(health),
        "read_at": value_to_json(health.read_at),
        "age_seconds": age_seconds(health, at),
        "partial": value_to_json(health.part),
    }


def message_of(health: Health) -> str:
    """Return what is said of a service's condition: its own words, and how much was read if not all was."""
    part = "" if health.part is None else health.part.words()
    parts = (health.message, "" if part in health.message else part)
    return "; ".join(each for each in parts if each)


def age_seconds(health: Health, at: datetime) -> int | None:
    """Return how many seconds ago the service was asked for what is shown; None if it never was."""
    return None if health.read_at is None else max(0, round((at - health.read_at).total_seconds()))


def value_to_json(value: object) -> Any:
    """Return the value as JSON can write it; times in ISO 8601 with Z."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Mapping):
        return {str(name): value_to_json(each) for name, each in value.items()}
    if is_dataclass(value):
        return {each.name: value_to_json(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple | list):
        return [value_to_json(each) for each in value]
    return value
