"""Makes safe local names from names of servers. Pure; no result leads out of the download folder.

A changed name ends in a digest of the original one, so that two names of a server never become one file:
`a:b.txt` is stored as `a_b~1f2e3d4c.txt`. A name that already looks like that gets a digest too, so that no
server name can address the file of another.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

PART_ENDING: Final = ".part"
MOST_BYTES: Final = 200
"""Bytes of one part of a path: file systems allow 255, and `.part` and a number must still fit."""
MOST_PARTS: Final = 32
_NOT_IN_NAMES: Final = re.compile(r'[<>:"|?*/\\]')
_RESERVED: Final = re.compile(r"(con|prn|aux|nul|conin\$|conout\$|com[0-9¹²³]|lpt[0-9¹²³])", re.IGNORECASE)
_DIGEST: Final = re.compile(r"~(?:[0-9a-f]{8}|doubtful|\d{8}T\d{6}Z?(?:-\d+)?)(?=\.|$)")
"""The marks that wbtui puts into names."""
_ENDING: Final = re.compile(r"\.[A-Za-z0-9]{1,12}")


def safe_path(own: Sequence[str], wire: str, *, folders: bool = True) -> tuple[str, ...]:
    """Return the parts of a path below the download folder.

    `own` are parts that wbtui chooses, such as `beebox` and a locale. `wire` is the name from the server, in
    which slashes of both kinds separate folders unless `folders` is False.
    """
    pieces = re.split(r"[/\\]", wire) if folders else [wire]
    kept = [piece for piece in pieces if piece.strip() not in {"", ".", ".."} and not _drive(piece)]
    # servers use the backslash, so a path with the other slash may be another file of the same local name
    changed = len(kept) != len(pieces) or len(kept) > MOST_PARTS or (folders and "/" in wire)
    kept = (kept or ["unnamed"])[-MOST_PARTS:]
    names = [safe_name(piece) for piece in kept]
    if changed:
        names[-1] = _with_digest(names[-1], wire)
    return (*(safe_name(part) for part in own), *names)


def _drive(piece: str) -> bool:
    return len(piece) == 2 and piece[0].isalpha() and piece[1] == ":"


def safe_name(text: str) -> str:
    """Return one part of a path: a name that every file system accepts and that can be shown."""
    name = "".join(_plain(character) for character in unicodedata.normalize("NFC", text))
    name = _NOT_IN_NAMES.sub("_", name).strip(" ").rstrip(". ")
    name = _no_leading_dots(name) or "_"
    stem = name.split(".", 1)[0].rstrip()
    if _RESERVED.fullmatch(stem):
        name = f"_{name}"
    if name.lower().endswith(PART_ENDING):
        name += "_"
    if name == text and not _DIGEST.search(name) and len(name.encode()) <= MOST_BYTES:
        return name
    return _with_digest(name, text)


def distinguished(path: Sequence[str], by: str) -> tuple[str, ...]:
    """Return the path with a digest of `by` in its last part, if another item has the same name."""
    return (*path[:-1], _with_digest(path[-1], by))


def marked(name: str, mark: str) -> str:
    """Return a name with a mark before its ending, such as `a~doubtful.docx`."""
    stem, dot, ending = name.rpartition(".")
    if not stem or not _ENDING.fullmatch(dot + ending):
        stem, dot, ending = name, "", ""
    tail = f"~{mark}{dot}{ending}"
    most = MOST_BYTES - len(tail.encode())
    return stem.encode()[:most].decode("utf-8", "ignore").rstrip(". ") + tail


def folded(path: Sequence[str]) -> str:
    """Return a form that is equal for paths that some file systems treat as the same file."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", "/".join(path)).casefold())


def _plain(character: str) -> str:
    """Replace characters that cannot be shown: controls, bidirectional, zero-width, lone surrogates."""
    if character == " ":
        return character
    return character if character.isprintable() else "_"


def _no_leading_dots(name: str) -> str:
    # a leading dot hides a file, and a translation is never meant to be hidden
    bare = name.lstrip(".")
    return name if bare == name else f"_{bare}"


def _with_digest(name: str, of: str) -> str:
    return marked(name, hashlib.sha256(of.encode("utf-8", "surrogatepass")).hexdigest()[:8])
