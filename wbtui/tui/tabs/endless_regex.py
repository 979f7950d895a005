"""Which regular expressions may take for ever; the one user of private names of the module `re`. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from importlib import import_module
from typing import Any, Final, NamedTuple

PARSER: Final = ("re._parser", "re._constants")
REPEATED_GROUP: Final = re.compile(r"\)[*+{]")


class Grammar(NamedTuple):
    """How Python's parser writes down an expression."""

    parse: Callable[[str], Any]
    sequences: tuple[Any, ...]
    repeats: tuple[object, ...]
    branch: object


def endless(pattern: str) -> bool:
    """Return whether something repeated can itself match in several ways: then the tries double per letter.

    `(a+)+`, `(a|ab)*` and `(a?){30}` do. Raises `re.error` for what is no regular expression. Where Python's
    own parser cannot be used, every group that is repeated counts as such.
    """
    try:
        grammar = _grammar()
        return _endless(grammar.parse(pattern), grammar, inside=False)
    except (ImportError, AttributeError, TypeError, ValueError):
        return REPEATED_GROUP.search(pattern) is not None


def _grammar() -> Grammar:
    reader, codes = map(import_module, PARSER)
    repeats = (codes.MAX_REPEAT, codes.MIN_REPEAT, codes.POSSESSIVE_REPEAT)
    return Grammar(reader.parse, (tuple, list, reader.SubPattern), repeats, codes.BRANCH)


def _endless(node: Any, grammar: Grammar, *, inside: bool) -> bool:
    """Look through a parsed expression; `inside`: within what is repeated."""
    if isinstance(node, tuple) and len(node) == 2 and node[0] in grammar.repeats:
        least, most, body = node[1]
        varies = least != most
        return (inside and varies) or _endless(body, grammar, inside=inside or most > 1)
    if isinstance(node, tuple) and len(node) == 2 and node[0] is grammar.branch and inside:
        return True
    if isinstance(node, grammar.sequences):
        return any(_endless(each, grammar, inside=inside) for each in node)
    return False
