"""Turn what a terminal sends into Textual's events: keys, mouse, sizes, pastes. Ignore anything else.

Textual's parser (8.2) raises on invalid key codes, takes an unknown sequence for typed keys, and ends a paste
at the first ESC in it. So the bytes are split here, and the parser is given whole sequences only.
"""

from __future__ import annotations

import codecs
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

from textual import constants, events
from textual.message import Message

from wbtui.tui.toolkit.textual_internals import KeyParser, tells_size

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


PASTE_BEGINS: Final = b"\x1b[200~"
PASTE_ENDS: Final = b"\x1b[201~"
LARGEST_PASTE: Final = 1024 * 1024
"""Bytes; a larger paste is refused as a whole."""
UNFINISHED: Final = 1.0
"""Seconds of silence after which an unfinished paste or sequence is dropped."""
PAUSE: Final = 0.3
"""Seconds of silence after which esc or ctrl+c is not part of a paste."""
LEAVING: Final = frozenset((b"\x1b", b"\x03", b"\x1b[27u", b"\x1b[27;1u", b"\x1b[99;5u"))
"""The bytes of esc and ctrl+c, also in kitty's protocol."""
TYPED: Final = 64
"""At most so many bytes are taken for keys while the rest of a dropped paste may still come."""

WIDEST: Final = 1000
TALLEST: Final = 500
"""The largest size that is believed, in columns and lines; drawing more cells takes seconds."""

_PARSED: Final = 32
"""Characters of a sequence beyond which Textual's parser takes it for typed keys."""
_LONGEST: Final = 128
"""Bytes of a sequence beyond which it is ignored; a long text from an input method has about 100."""
_ENDLESS: Final = 64 * 1024
"""Bytes after which an unfinished sequence is dropped."""

# strings from the terminal: answers to what an earlier program asked
_STRING: Final = rb"\x1b(?:\][0-9]|P[0-9>!+$|]|_G)[\x08-\x0d\x20-\xff]*"
_WHOLE: Final = re.compile(
    rb"\x1b\[M[\x20-\xff]{3}"  # the mouse as X10 had it, with any bytes
    rb"|\x1b\[\[[A-E]"  # function keys of the Linux console
    rb"|\x1b\[<[-0-9;]*[Mm]"  # some terminals send places left of or above their first
    rb"|\x1b\[(?![M\[])[0-?]*[ -/]*[@-~]"
    rb"|\x1bO[0-9;]*[ -~]"
    rb"|" + _STRING + rb"(?:\x07|\x1b\\)"
)
_BEGUN: Final = re.compile(
    rb"\x1b(?:\[(?:M[\x20-\xff]{0,2}|\[|<[-0-9;]*|[0-?]*[ -/]*)|O[0-9;]*|[\]P_])?|" + _STRING + rb"\x1b?"
)
_BROKEN: Final = re.compile(
    rb"\x1b\[(?:<[-0-9;]+|[0-?]+[ -/]*)|\x1bO[0-9;]+|\x1b\[\[|\x1b\[M[\x20-\xff]*|" + _STRING
)
_WITH_ALT: Final = re.compile(rb"\x1b(?:[\xc2-\xf4][\x80-\xbf]{1,3}|[^\x1b])|\x1b")
_IN_BAND: Final = re.compile(r"\x1b\[48;(\d+)[:\d]*;(\d+)[:\d]*;(\d+)[:\d]*;(\d+)[:\d]*t")


class PasteRefused(Message):
    """A paste was refused; `why` is a sentence for the user."""

    def __init__(self, why: str) -> None:
        super().__init__()
        self.why = why


class UnknownKey(Message):
    """A key was pressed whose code is not known here."""


class TerminalInput:
    """Splits what a terminal sends. Pure: `take` is given its bytes, `quiet` the seconds without any."""

    def __init__(self) -> None:
        self._parser = KeyParser()
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._rest = b""
        """An unfinished sequence, or the beginning of the end of a paste."""
        self._paste: bytearray | None = None
        self._too_large = False
        self._dropped_paste = False
        """Whether the rest of a dropped paste may still come."""
        self._silence = 0.0
        self._sized_in_band = False

    def take(self, data: bytes) -> Iterator[Message]:
        """Yield the events of these bytes, together with those that came before."""
        if self._paste is not None and self._silence >= PAUSE and data in LEAVING:
            yield self._drop_paste()
        self._silence = 0.0
        if self._dropped_paste and (PASTE_ENDS in data or len(data) > TYPED):
            _, end, data = data.partition(PASTE_ENDS)
            self._dropped_paste = not end
        self._rest += data
        more = True
        while self._rest and more:
            before = len(self._rest)
            yield from self._typed() if self._paste is None else self._pasted(self._paste)
            more = len(self._rest) != before

    def quiet(self, seconds: float) -> Iterator[Message]:
        """Yield the events that are certain once nothing has come for so many seconds more."""
        self._silence += seconds
        if self._paste is not None:
            if self._silence >= UNFINISHED:
                yield self._drop_paste()
            return
        if self._silence < constants.ESCAPE_DELAY:
            return
        yield from self._characters(b"", final=True)
        if 0 < len(self._rest) <= 2:  # esc, or a key with alt
            rest, self._rest = self._rest, b""
            yield from self._feed(rest.decode("ascii", "replace"))
        elif self._silence >= UNFINISHED:
            rest, self._rest = self._rest, b""
            if is_key_code(rest):
                yield UnknownKey()

    def _typed(self) -> Iterator[Message]:
        """Take characters or one sequence from the front of the buffer."""
        rest = self._rest
        plain = len(rest) if b"\x1b" not in rest else rest.index(b"\x1b")
        if plain:
            self._rest = rest[plain:]
            yield from self._characters(rest[:plain], final=False)
        elif whole := _WHOLE.match(rest):
            self._rest = rest[whole.end() :]
            yield from self._characters(b"", final=True)
            yield from self._sequence(whole[0])
        elif not _BEGUN.fullmatch(rest) or len(rest) > _ENDLESS:
            yield from self._characters(b"", final=True)
            yield from self._broken(rest)

    def _characters(self, data: bytes, *, final: bool) -> Iterator[Message]:
        """Yield the keys of characters; a byte that is part of none is U+FFFD."""
        text = self._decoder.decode(data, final)
        if text:
            yield from self._feed(text)

    def _feed(self, text: str) -> Iterator[Message]:
        yield from self._parser.feed(text)
        if not self._parser.at_rest:
            yield from self._parser.settle()

    def _sequence(self, whole: bytes) -> Iterator[Message]:
        """Yield the events of a whole sequence; one that Textual does not know is at most an unknown key."""
        if whole == PASTE_BEGINS:
            self._paste = bytearray()
            self._too_large = self._dropped_paste = False
            return
        if whole == PASTE_ENDS:
            self._dropped_paste = False
            return
        if whole[1:2] not in b"[O" or len(whole) > _LONGEST:
            return
        text = whole.decode("ascii", "replace")
        if size := _IN_BAND.fullmatch(text):
            if (event := self._size(text, *map(int, size.groups()))) is not None:
                yield event
        elif len(text) > _PARSED:
            yield from self._parser.keys_of(text)
        else:
            yield from self._known(text)

    def _known(self, text: str) -> Iterator[Message]:
        for message in self._parser.feed(text):
            if tells_size(message):
                self._sized_in_band = True
            yield message
        if not self._parser.at_rest:
            for _ in self._parser.settle():
                pass  # Textual would have its characters typed
            if is_key_code(text.encode()):
                yield UnknownKey()

    def _size(self, text: str, lines: int, columns: int, height: int, width: int) -> Message | None:
        """Return the event of a reported size; None if reports are off or the size is impossible."""
        if not self._sized_in_band or not (0 < columns <= WIDEST and 0 < lines <= TALLEST):
            return None
        if not height or not width or len(text) > _PARSED:
            return events.Resize.from_dimensions((columns, lines), None)
        return next(iter([*self._parser.feed(text)]), None)

    def _broken(self, rest: bytes) -> Iterator[Message]:
        """Drop a sequence that broke off; a single character behind ESC is a key with alt."""
        if broken := _BROKEN.match(rest):
            self._rest = rest[broken.end() :]
            return
        key = _WITH_ALT.match(rest)
        assert key is not None
        self._rest = rest[key.end() :]
        yield from self._feed(key[0].decode("utf-8", "replace"))

    def _pasted(self, paste: bytearray) -> Iterator[Message]:
        """Take bytes into the paste, up to its end."""
        whole, end, rest = self._rest.partition(PASTE_ENDS)
        if not end:
            begun = next((n for n in range(len(PASTE_ENDS) - 1, 0, -1) if whole.endswith(PASTE_ENDS[:n])), 0)
            whole, rest = whole[: len(whole) - begun], whole[len(whole) - begun :]
        self._rest = rest
        self._too_large = self._too_large or len(paste) + len(whole) > LARGEST_PASTE
        if self._too_large:
            paste.clear()
        else:
            paste += whole
        if end:
            self._paste = None
            yield self._ended(paste)

    def _ended(self, paste: bytearray) -> Message:
        if self._too_large:
            return PasteRefused("The paste has more than 1 MiB: nothing of it was taken.")
        return events.Paste(paste.decode("utf-8", "replace").replace("\0", ""))

    def _drop_paste(self) -> Message:
        self._paste = None
        self._rest = b""
        self._dropped_paste = True
        return PasteRefused("The paste broke off: nothing of it was taken.")
