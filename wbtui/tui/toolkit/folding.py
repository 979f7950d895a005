"""Normalize texts for comparing: without case, with composed accents. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return a form in which two texts are equal if a reader would call them the same.

    A Mac stores a letter and its accent as two characters, which no keyboard does.
    """
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
