"""Keys that wbtui cannot use: of another alphabet, or with an unknown code. Pure."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BEYOND_LATIN: Final = 0x370
"""Below it lie Latin letters, their accents, and signs of Latin keyboards."""
_PUNCTUATION: Final = range(0x2000, 0x2070)
"""Dashes and quotes, which Latin keyboards have as well."""
_KEY_CODE: Final = re.compile(rb"\x1b(?:\[[@-`a-z{|}~]|\[[0-9]+(?:;[0-9]+)*~|O[ -~]|\[\[[ -~]?)")


def of_another_layout(key: str, character: str | None) -> str:
    """Return the character of a key if no Latin layout has it, else an empty text.

    `key` is Textual's name: a key with ctrl has no character, but its letter is part of the name.
    """
    sign = character or _named(key.rpartition("+")[2])
    if len(sign) != 1 or ord(sign) < _BEYOND_LATIN or ord(sign) in _PUNCTUATION:
        return ""
    letter = unicodedata.category(sign)[0] in "LMNP"
    return sign if letter and not unicodedata.name(sign, "").startswith("LATIN") else ""


def _named(name: str) -> str:
    try:
        return unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""


def is_key_code(sequence: bytes) -> bool:
    """Return whether a sequence from a terminal is a key, and not an answer to a query.

    For example PuTTY's function keys in SCO mode: ESC [ M for F1 to ESC [ X for F12 (its manual, 4.4.3).
    """
    return _KEY_CODE.fullmatch(sequence) is not None


def layout_words(sign: str, help_key: str) -> str:
    """Return what to do about a key of another layout."""
    return f"{sign}: keys need a Latin keyboard layout: switch to one. {help_key} lists the keys."


def code_words(help_key: str) -> str:
    """Return what to do about a key with an unknown code."""
    return f"Unknown key code. In PuTTY set function keys to Xterm R6. {help_key} lists the keys."
