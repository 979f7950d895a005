r"""The keys of items: how they are made, read and told apart; scripts rely on how they look.

`op:5001`, `op:local-1`, `bb:fr:batch-7\intro.docx`, `it:39`, `fx:1000:fr:app.login`.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

from wbtui.domain.model import ItemKey, Service

LARGEST_ID: Final = 2**63 - 1
"""The largest request id that the store can hold; Wordbee names none."""
_SERVICES: Final = {service.prefix: service for service in Service}


def request_id(digits: str) -> int | None:
    """Return the request id that these digits are, or None."""
    number = int(digits) if re.fullmatch(r"[0-9]{1,19}", digits) else 0
    return number if 0 < number <= LARGEST_ID else None


def plain_key(service: Service, id: int | str) -> ItemKey:
    """Return the key of an item that has an id of its own."""
    return ItemKey(f"{service.prefix}:{id}")


def operation_key(request_id: int | str) -> ItemKey:
    """Return the key of an operation by its request id."""
    return plain_key(Service.OPERATIONS, request_id)


def local_operation_key(number: int) -> ItemKey:
    """Return the key of an operation that never had an id, by the number that the store gave it."""
    return operation_key(f"local-{number}")


def beebox_key(locale: str, path: str, wire_path: str = "") -> ItemKey:
    """Return the key of one file in one target locale; unsafe names stay apart by a short digest."""
    return ItemKey(f"{Service.BEEBOX.prefix}:{locale}:{path}{_digest(wire_path)}")


def instant_key(request_id: int) -> ItemKey:
    """Return the key of an Instant Translation request."""
    return plain_key(Service.INSTANT, request_id)


def flex_key(document: str, locale: str, component: str, wire_component: str = "") -> ItemKey:
    """Return the key of one component in one locale; unsafe names stay apart by a short digest."""
    return ItemKey(f"{Service.FLEX.prefix}:{document}:{locale}:{component}{_digest(wire_component)}")


def _digest(wire: str) -> str:
    if not wire:
        return ""
    return "#" + hashlib.sha256(wire.encode("utf-8", "surrogatepass")).hexdigest()[:8]


def read_key(word: str) -> ItemKey | None:
    """Return the key that a word of a user is, None if it is none; a bare number is an operation's id."""
    if request_id(word) is not None:
        return operation_key(int(word))
    return ItemKey(word) if find_service(word) is not None and id_part(word) else None


def find_service(key: str) -> Service | None:
    """Return the service that an item of this key belongs to; None for what is no key of an item."""
    prefix, colon, _ = key.partition(":")
    return _SERVICES.get(prefix) if colon else None


def service_of(key: ItemKey) -> Service:
    """Return the service that an item belongs to."""
    return _SERVICES[key.partition(":")[0]]


def id_part(key: str) -> str:
    """Return what stands behind the prefix: of an operation or an Instant request its id."""
    return key.partition(":")[2]


def operation_id(word: str) -> int | None:
    """Return the request id that `5001` or `op:5001` names; None for anything else."""
    return request_id(word.removeprefix(f"{Service.OPERATIONS.prefix}:"))


def path_part(key: ItemKey) -> str:
    """Return the path in the key of a Beebox file: the same for all its locales."""
    return key.split(":", 2)[2]
