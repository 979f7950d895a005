"""Texts as they are compared: in any case, and with accents composed, however a machine stored them. Pure."""

from __future__ import annotations

import unicodedata


def folded(text: str) -> str:
    """Return a form in which two texts are equal if a reader would call them the same.

    A Mac stores a letter and its accent apart, and no keyboard types them so.
    """
    return text.casefold() if text.isascii() else unicodedata.normalize("NFC", text).casefold()
