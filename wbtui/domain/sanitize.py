"""The one function through which text of servers, files and settings passes before it may be shown.

A terminal obeys control characters, and widgets pass them on; so what cannot be printed is replaced here by
a visible sign. The text is still data: it is never to be read as markup.
"""

from __future__ import annotations

import re
import unicodedata

LIMIT = 512
LINES_LIMIT = 200

_REPLACEMENT = "\ufffd"
_MARKS_KEPT = 2
# Hangul fillers count as letters but leave an empty cell, so that two names could look the same.
_INVISIBLE = re.compile("[\u115f\u1160\u3164\uffa0]")
# Of these terminals think differently how many cells they fill, and a row would end elsewhere than drawn.
_LOOKS = re.compile("[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff]")
_FLAGS = str.maketrans({0x1F1E6 + number: chr(ord("A") + number) for number in range(26)})
_LINE_ENDS = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")


def sanitize(text: str, limit: int = LIMIT) -> str:
    """Return one printable line of at most `limit` characters; what was cut off ends in an ellipsis.

    C0 controls become their pictures (U+2400 and on), other spaces a space, and every other character that
    cannot be printed (C1, bidirectional and zero-width signs, surrogates, private use) becomes U+FFFD. More
    than two combining marks in a row are dropped, and what only tells how an emoji looks; a flag becomes the
    letters of its country.
    """
    if len(text) > limit:
        text = text[: max(0, limit - 1)] + "…"
    if text.isascii() and text.isprintable():
        return text
    if not text.isprintable():
        text = "".join(character if character.isprintable() else _shown(character) for character in text)
    return _few_marks(_INVISIBLE.sub(_REPLACEMENT, _LOOKS.sub("", text).translate(_FLAGS))) or _REPLACEMENT


def safe_lines(text: str, limit: int = LIMIT, lines: int = LINES_LIMIT) -> tuple[str, ...]:
    """Return each line of a text made safe, at most `lines` of them; what was cut off ends in an ellipsis."""
    found = _LINE_ENDS.split(text, maxsplit=lines)
    shown = [sanitize(line, limit) for line in found[:lines]]
    return (*shown, "…") if len(found) > lines else tuple(shown)


def _shown(character: str) -> str:
    code = ord(character)
    if character == "\t":
        return " "
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    return " " if unicodedata.category(character) == "Zs" else _REPLACEMENT


def _few_marks(text: str) -> str:
    kept: list[str] = []
    run = 0
    for character in text:
        run = run + 1 if unicodedata.category(character) in {"Mn", "Me"} else 0
        if run <= _MARKS_KEPT:
            kept.append(character)
    return "".join(kept)
