"""The keys of items on a command line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from wbtui.domain.errors import SettingsError
from wbtui.domain.model import ItemKey, Service, operation_key, request_id
from wbtui.domain.sanitize import sanitize

KINDS: Final = {
    "op": Service.OPERATIONS,
    "bb": Service.BEEBOX,
    "it": Service.INSTANT,
    "fx": Service.FLEX,
}


def read_keys(words: Sequence[str]) -> tuple[ItemKey, ...]:
    """Return the keys that are meant, each once; raises `SettingsError` for what is none."""
    keys: list[ItemKey] = []
    for word in words:
        kind, _, rest = word.partition(":")
        number = request_id(word)
        if number is not None:
            keys.append(operation_key(number))
        elif kind in KINDS and rest:
            keys.append(ItemKey(word))
        else:
            raise SettingsError(
                f"not a key: {sanitize(word, 80)}",
                advice="Keys look like op:5001, bb:fr:path, it:39, fx:1000:fr:component.",
            )
    return tuple(dict.fromkeys(keys))


def service_of(key: ItemKey) -> Service:
    """Return the service that an item belongs to."""
    return KINDS[key.partition(":")[0]]
