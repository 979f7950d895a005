"""Whether a regular expression may try for ever, which would hold the loop. Pure."""

from __future__ import annotations

import re._constants as codes  # type: ignore[import-not-found]  # no stubs; there since Python 3.11
import re._parser as reader  # type: ignore[import-not-found]
from typing import Any, Final

_REPEATS: Final = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)


def endless(pattern: str) -> bool:
    """Tell whether something repeated can itself match in several ways: then the tries double per letter.

    `(a+)+`, `(a|ab)*` and `(a?){30}` do. Raises `re.error` for what is no regular expression.
    """
    return _endless(reader.parse(pattern), inside=False)


def _endless(node: Any, *, inside: bool) -> bool:
    """Look through a parsed expression; `inside`: within what is repeated."""
    if isinstance(node, tuple) and len(node) == 2 and node[0] in _REPEATS:
        least, most, body = node[1]
        varies = least != most
        return (inside and varies) or _endless(body, inside=inside or most > 1)
    if isinstance(node, tuple) and len(node) == 2 and node[0] is codes.BRANCH and inside:
        return True
    if isinstance(node, tuple | list | reader.SubPattern):
        return any(_endless(each, inside=inside) for each in node)
    return False
