"""How much was read of each list, kept in the store: what was half read stays so over a restart."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

from wbtui.domain.model import Part, Service
from wbtui.domain.ports import Store

PARTS: Final = "parts"


def leave_parts(store: Store, parts: Mapping[Service, Part]) -> None:
    """Keep how much of which lists was read."""
    store.remember(PARTS, json.dumps({service.value: asdict(part) for service, part in parts.items()}))


def parts_left(store: Store) -> dict[Service, Part]:
    """Return what was kept; nothing where it cannot be read."""
    try:
        found = json.loads(store.recall(PARTS) or "{}")
        return {Service(name): _part_from(each) for name, each in found.items()}
    except (ValueError, TypeError, AttributeError, KeyError):
        return {}


def _part_from(found: Any) -> Part:
    total = found["total"]
    return Part(
        int(found["read"]), None if total is None else int(total), str(found["what"]), str(found["why"])
    )
