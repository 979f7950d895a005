"""The keys of items on a command line."""

from __future__ import annotations

from collections.abc import Sequence

from wbtui.domain.errors import SettingsError
from wbtui.domain.item_keys import read_key
from wbtui.domain.model import ItemKey
from wbtui.domain.sanitize import sanitize


def read_keys(words: Sequence[str]) -> tuple[ItemKey, ...]:
    """Return the keys that are meant, each once; raises `SettingsError` for what is none."""
    return tuple(dict.fromkeys(map(_read, words)))


def _read(word: str) -> ItemKey:
    key = read_key(word)
    if key is None:
        raise SettingsError(
            f"not a key: {sanitize(word, 80)}",
            advice="Keys look like op:5001, bb:fr:path, it:39, fx:1000:fr:component.",
        )
    return key
