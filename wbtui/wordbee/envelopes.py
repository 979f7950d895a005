"""Reads operations from a text: Wordbee's answers, request ids, wbtui's own keys. Pure.

Used for `wbtui track -`, for the file of the screen's `A` and for the text typed after `a`.
"""

from __future__ import annotations

import json
import re
from typing import Final

from wbtui.domain.errors import BadAnswer
from wbtui.domain.item_keys import LARGEST_ID, operation_id
from wbtui.domain.model import Service
from wbtui.domain.records import ReadOperations, Tracked
from wbtui.domain.sanitize import sanitize
from wbtui.wordbee.translator_answers import decode_envelope

MAX_FAULTS: Final = 20
"""Faults that are listed one by one: a page of HTML has hundreds of lines with the same fault."""

_MARKS: Final = (
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)
_BLANK: Final = re.compile(r"[\s,;\x1e\ufeff]+")
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_NEXT_VALUE: Final = re.compile(r"(?:\r\n|\r|\n)(?=[{\[0-9]|op:)")
"""Where a new value may begin after one that was cut off: at the start of a line, not at an indented one."""


def read_operations(raw: bytes) -> ReadOperations:
    """Return the operations that a text names, in order, and a line for each part that names none.

    Accepted are answers with `trm`, alone, in sequence, or in lists; objects with `requestid`; numbers;
    strings of these; `op:5001`; and lines of wbtui's own output, whose first column is the key. UTF-8, UTF-16
    and UTF-32 are recognised. An unreadable value or line does not affect the others.
    """
    reader = _Reader()
    reader.read_all(_decode_text(raw))
    if not reader.found and not reader.faults:
        reader.faults.append("it is empty: expected Wordbee's JSON answers, or request ids")
    return ReadOperations(tuple(reader.found), _shortened(reader.faults))


def read_word(word: str) -> Tracked | str:
    """Return the operation that one word names, `5001` or `op:5001`, or what is wrong with the word."""
    number = operation_id(word)
    return (
        f"not a request id: {sanitize(word, 60)}; ids are whole numbers such as 5001"
        if number is None
        else Tracked(number)
    )


def _shortened(faults: list[str]) -> tuple[str, ...]:
    more = len(faults) - MAX_FAULTS
    return (*faults[:MAX_FAULTS], f"and {more} more of that kind") if more > 0 else tuple(faults)


def _decode_text(raw: bytes) -> str:
    """Decode UTF-8, UTF-16 or UTF-32: Windows PowerShell's `>` writes UTF-16 with a byte-order mark."""
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            return raw.decode(encoding, "replace")
    if raw[1:2] == b"\x00" != raw[:1]:
        return raw.decode("utf-16-le", "replace")
    if raw[:1] == b"\x00" and raw[1:2] != b"\x00":
        return raw.decode("utf-16-be", "replace")
    return raw.decode("utf-8", "replace")


class _Reader:
    def __init__(self) -> None:
        self.found: list[Tracked] = []
        self.faults: list[str] = []
        self._line = 1

    def read_all(self, text: str) -> None:
        """Read each value or line of a text."""
        position = 0
        while True:
            blank = _BLANK.match(text, position)
            begin = blank.end() if blank else position
            self._line += len(_LINE_END.findall(text, position, begin))
            if begin >= len(text):
                return
            position = self._read_next(text, begin)
            self._line += len(_LINE_END.findall(text, begin, position))

    def _read_next(self, text: str, begin: int) -> int:
        """Read the value or line that begins here; return where it ends."""
        if text.startswith(_OWN_KEY, begin):
            return self._read_first_column(text, begin)
        try:
            value, after = _decode_value(text, begin)
        except (ValueError, RecursionError):
            end = _line_end(text, begin)
            self._add_fault(f"not JSON, or cut off: {sanitize(text[begin:end], 60)}")
            following = _NEXT_VALUE.search(text, begin) if text[begin] in "{[" else None
            return following.start() if following else len(text) if text[begin] in "{[" else end
        if isinstance(value, int | float) and after < len(text) and not _BLANK.match(text, after):
            return self._read_first_column(text, begin)
        self._read_value(value)
        return after

    def _read_first_column(self, text: str, begin: int) -> int:
        end = _line_end(text, begin)
        self._read_words(text[begin:end].split("\t", maxsplit=1)[0].strip())
        return end

    def _read_words(self, line: str) -> None:
        for word in filter(None, _BLANK.split(line)):
            self._read_word(word)

    def _read_word(self, word: str) -> None:
        read = read_word(word)
        if isinstance(read, Tracked):
            self.found.append(read)
        else:
            self._add_fault(read)

    def _read_value(self, value: object) -> None:
        if isinstance(value, list):
            for each in value:
                self._read_value(each)
        elif isinstance(value, str):
            self._read_word(value)
        else:
            self._read_envelope(value)

    def _read_envelope(self, value: object) -> None:
        bare = isinstance(value, int) and not isinstance(value, bool)
        flat = isinstance(value, dict) and "trm" not in value and "requestid" in value
        try:
            reading = decode_envelope(json.dumps({"trm": value} if flat else value).encode())
        except BadAnswer as error:
            self._add_fault(error.message)
            return
        if reading.request_id > LARGEST_ID:
            self._add_fault("its request id is larger than any that there are")
            return
        self.found.append(Tracked(reading.request_id, None if bare and reading.request_id else reading))

    def _add_fault(self, words: str) -> None:
        self.faults.append(f"line {self._line}: {words}")


_DECODER: Final = json.JSONDecoder()
_OWN_KEY: Final = f"{Service.OPERATIONS.prefix}:"
_WINDOW: Final = 512
_LITERAL: Final = 16
"""More characters than any part of a value has whose end may be cut off, but for strings."""


def _decode_value(text: str, begin: int) -> tuple[object, int]:
    """Return the JSON value that begins here, and where it ends; raises `ValueError` or `RecursionError`.

    It is looked for in a window: to say where a fault is, Python counts the lines from the beginning.
    """
    size = _WINDOW
    while True:
        window, last = text[begin : begin + size], begin + size >= len(text)
        try:
            value, after = _DECODER.raw_decode(window)
        except json.JSONDecodeError as error:
            cut_off = error.pos > len(window) - _LITERAL or error.msg.startswith("Unterminated string")
            if last or not cut_off:
                raise
        else:
            if last or after < len(window):
                return value, begin + after
        size *= 4


def _line_end(text: str, begin: int) -> int:
    ends = _LINE_END.search(text, begin)
    return ends.start() if ends else len(text)
